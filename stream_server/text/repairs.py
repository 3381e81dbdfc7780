"""Hide what people say once more or break off: "I I think", "to the to the", "th- the". Pure.

Of what is said twice the first saying is shown, with the mark of the last. So a word waits for others only where a
comma may have to go, or while somebody is repeating.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from stream_server.text.marks import ends_sentence
from stream_server.text.repetitions import Repetitions
from stream_server.text.rewriting import Part, Reader, rewrite
from stream_server.text.tokens import Passage, Token, with_capital

LONGEST_SAYING = 3
"""Words that are said once more together."""

MOST_SAYINGS = 8
"""In a row that one word looks over for the last one's mark."""

_BREAKS = "-–—"


def hide_repairs(passage: Passage, repetitions: Repetitions) -> Passage:
    """Return the passage without them, until there are none: what is hidden may have stood between two sayings."""
    rule = partial(_repaired, repetitions=repetitions)
    while True:
        repaired = rewrite(passage, rule)
        if repaired == passage:
            return passage
        passage = repaired


def _repaired(reader: Reader, repetitions: Repetitions) -> Sequence[Part] | None:
    token = reader.peek()
    if token is None:
        return None
    if _breaks_off(token, reader):
        return [Part(1, "")]
    for words in range(LONGEST_SAYING, 0, -1):
        before = reader.peek(-words)  # most first words are another, which is seen at once
        if before is not None and before.key == token.key and _said_again(reader, 0, words, repetitions):
            return [Part(1, "")] * words
    text = token.text
    if token.trail == "," and (mark := _last_mark(reader, repetitions)) is not None:
        text = text[:-1] + mark
    if _is_behind_its_beginning(token, reader.peek(-1)):
        text = with_capital(text)
    return None if text == token.text else [Part(1, text)]


# ── sayings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _said_again(reader: Reader, at: int, words: int, repetitions: Repetitions) -> bool:
    """Tell whether so many words from `at` on say by mistake what those just before have said.

    What was said is judged first, for nothing is read ahead that need not be.
    """
    first = [token for place in range(at - words, at) if (token := reader.peek(place)) is not None]
    if len(first) < words or not _may_be_slip(first, repetitions):
        return False
    again = list[Token]()
    for token in first:
        next_one = reader.peek(at + len(again))
        if next_one is None or next_one.key != token.key or (again and again[-1].trail):
            return False
        again.append(next_one)
    if any(token.turn for token in (*first[1:], *again)):
        return False  # nobody repairs what somebody else has said
    if ends_sentence(again[-1]):
        return False  # the word that would have to take the stop may have been shown without
    is_name = again[0].core[:1].isupper() and repetitions.function.isdisjoint(token.key for token in again)
    return words > 1 or not is_name


def _may_be_slip(said: Sequence[Token], repetitions: Repetitions) -> bool:
    """Tell whether words that are said once more are so by mistake."""
    keys, apart = [token.key for token in said], said[-1].trail == ","
    if any(token.trail for token in said[:-1]) or said[-1].trail not in {"", ","}:
        return False
    if any(key in repetitions.numbers or not _is_word(key, repetitions) for key in keys):
        return False
    is_known = not repetitions.function.isdisjoint(keys)
    if len(keys) > 1:
        return len(set(keys)) > 1 and (is_known or not apart)
    return keys[0] not in repetitions.meant and (is_known or not (apart or repetitions.doubling))


def _is_word(key: str, repetitions: Repetitions) -> bool:
    """Tell whether it is a word, not a letter that is spelled or a number."""
    return key in repetitions.function or (len(key) > 1 and key.replace("'", "").replace("-", "").isalpha())


def _last_mark(reader: Reader, repetitions: Repetitions) -> str | None:
    """Return the mark behind the last saying of what a token with a comma ends; None if it is said once."""
    for words in range(LONGEST_SAYING, 0, -1):
        sayings = 0
        while sayings < MOST_SAYINGS and _said_again(reader, 1 + sayings * words, words, repetitions):
            sayings += 1
        if sayings:
            last = reader.peek(sayings * words)
            return "" if last is None else last.trail
    return None


# ── beginnings ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _breaks_off(token: Token, reader: Reader) -> bool:
    """Tell whether a token is the beginning of the next word, broken off."""
    return _is_broken(token) and reader.key(1).startswith(_stem(token))


def _is_behind_its_beginning(token: Token, before: Token | None) -> bool:
    """Tell whether a token was broken off just before, in a capital."""
    if before is None or not (_is_broken(before) and before.core[0].isupper() and token.text.islower()):
        return False
    return token.key.startswith(_stem(before))


def _is_broken(token: Token) -> bool:
    return token.key[-1:] in _BREAKS and _stem(token).isalpha()


def _stem(token: Token) -> str:
    return token.key.rstrip(_BREAKS)
