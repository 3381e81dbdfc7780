"""Write the terms of a vocabulary as they are given, wherever they or something they sound like was heard. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias
from weakref import WeakValueDictionary

from stream_server.text.formatter import tidy_text
from stream_server.text.formatting import Term
from stream_server.text.phrases import Phrases
from stream_server.text.rewriting import Part, Reader, rewrite
from stream_server.text.tokens import Passage, Token

ENDINGS = (("'s", 1), ("-nya", 1), ("nya", 3), ("s", 3))
"""What a term may have besides: whose it is, or that there are several."""

Stage: TypeAlias = Callable[[Passage], Passage]

_AT_HAND: WeakValueDictionary[tuple[Term, ...], Phrases[Token]] = WeakValueDictionary()
"""What those look in who write by a vocabulary now: it is made once for all of them, and goes with the last."""


def writing_terms(terms: tuple[Term, ...]) -> Stage:
    """Return the stage that writes these terms."""
    phrases = _AT_HAND.get(terms)
    if phrases is None:
        phrases = _AT_HAND[terms] = _phrases_of(terms)
    return partial(rewrite, rule=partial(_written, phrases=phrases))


def _phrases_of(terms: tuple[Term, ...]) -> Phrases[Token]:
    written = [(term, Token(text, 0, 1)) for term in terms if (text := tidy_text(term.text))]
    forms = [(term.text, token) for term, token in written]  # a term is never taken for what another sounds like
    forms += [(sound, token) for term, token in written for sound in term.sounds_like]
    return Phrases(forms, ENDINGS)


def _written(reader: Reader, phrases: Phrases[Token]) -> Sequence[Part] | None:
    found = phrases.find(reader.peek)
    if found is None:
        return None
    term = found.value
    first, last = reader.peek(), reader.peek(found.count - 1)
    if first is None or last is None:
        return None
    ending = found.ending_of(last)
    lead, trail = first.lead.removesuffix(term.lead), last.trail.removeprefix(term.trail)  # a term may have marks too
    return [Part(found.count, f"{lead}{term.text}{ending}{trail}", fixed=True)]
