"""Hide the sounds people make while they think: "eh", "um". Pure.

It comes before marks are brought to their words: of a sound that closed a sentence the mark is left, for the word in
front of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stream_server.text.marks import SENTENCE_END, ends_sentence
from stream_server.text.rewriting import Part, Reader, rewrite
from stream_server.text.tokens import Passage, Token, with_capital

LONGEST_RUN = 8
"""Of sounds in a row that one word looks over."""

_SOUND = re.compile(r"e+h+|e+h*m+|e+r|er{3,}|u+h+|u+h*m+|a+h+|h+m+|m{2,}|a+n+u+")
"""Each as long as somebody draws it out; "err" is a word."""

_CLOSING = SENTENCE_END - {"…"}
"""A sound that trails off closes nothing."""


def hide_fillers(passage: Passage) -> Passage:
    """Return the passage without them; the word behind takes the capital of its sentence."""
    return rewrite(passage, _hidden)


def is_filler(token: Token | None) -> bool:
    """Tell whether a token is but a sound; in capitals it is an abbreviation."""
    return token is not None and _SOUND.fullmatch(token.key) is not None and not token.core.isupper()


def _hidden(reader: Reader) -> Sequence[Part] | None:
    token = reader.peek()
    if token is None:
        return None
    if _is_sound(reader, 0):
        return [Part(1, _mark_left(token, reader.peek(-1)))]
    text = token.text
    if token.trail == "," and _nothing_follows(reader):
        text = text[:-1]
    if text.islower() and _begins_behind_sounds(reader):
        text = with_capital(text)
    return None if text == token.text else [Part(1, text)]


def _is_sound(reader: Reader, ahead: int) -> bool:
    """Tell whether a token is but a sound: millimetres behind a number are none."""
    token = reader.peek(ahead)
    if token is None or not is_filler(token):
        return False
    return not (token.key == "mm" and reader.key(ahead - 1)[-1:].isdigit())


def _mark_left(token: Token, before: Token | None) -> str:
    """Return the mark that a hidden sound leaves to the word before it: one that closes a sentence that is open."""
    closes = not _CLOSING.isdisjoint(token.trail) and "..." not in token.trail
    return token.trail if closes and before is not None and not ends_sentence(before) else ""


def _nothing_follows(reader: Reader) -> bool:
    """Tell whether but sounds follow, and then nothing."""
    ahead = 1
    while ahead <= LONGEST_RUN and _is_sound(reader, ahead):
        ahead += 1
    return ahead > 1 and reader.peek(ahead) is None


def _begins_behind_sounds(reader: Reader) -> bool:
    """Tell whether the token is the first word of a sentence that began with a sound, in a capital."""
    back = 1
    while back <= LONGEST_RUN and _is_sound(reader, -back):
        back += 1
    if back == 1:
        return False
    first, before = reader.peek(1 - back), reader.peek(-back)
    return first is not None and first.core[0].isupper() and (before is None or ends_sentence(before))
