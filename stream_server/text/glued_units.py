"""Digits that are written in one word with their unit get a space between: *64GB* is 64 GB. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from stream_server.text.english.lexicon import lexeme
from stream_server.text.indonesian.lexicon import NUMBER_WORDS
from stream_server.text.rewriting import Part, Reader, Rule
from stream_server.text.runs import Run

UNITS = frozenset(["km/h", "km/jam", "mph", "km", "cm", "mm", "kg", "mg", "ml", "kb", "mb", "gb", "tb", "kw"])
"""Of one letter is none: 5m may be five million, and 4G what telephones speak."""

_SHAPES = {
    language: re.compile(rf"(\d{{1,3}}(?:{mark}\d{{1,2}})?)({'|'.join(UNITS)})", re.ASCII)
    for language, mark in {"en": r"\.", "id": ","}.items()
}
"""By ISO 639-1 code."""

_JOINING = frozenset(["to", "through", "sampai", "hingga", "dengan"])
"""Behind a number these make a range of it and what comes, which has one unit: 5 to 10km."""

_SIGNS = frozenset(
    {
        "rp",
        "idr",
        "usd",
        "$",
        "us$",
        "€",
        "£",
        "minus",
        "negative",
        "plus",
        "point",
        "koma",
    }
)


def glued_units(language: str) -> Rule:
    """Return a rule that writes numbers of a language and their units apart."""
    return partial(_apart, shape=_SHAPES[language])


def _apart(reader: Reader, *, shape: re.Pattern[str]) -> Sequence[Part] | None:
    key = reader.key()
    found = shape.fullmatch(key) if "0" <= key[:1] <= "9" and key[-1:].isalpha() else None
    token = reader.peek()
    if found is None or token is None or not _SIGNS.isdisjoint((reader.key(-1), reader.key(1))):
        return None
    run = Run(reader)
    if any(map(_is_counted, run.beside())) or _ends_range(run, shape):
        return None
    return [Part(1, f"{token.lead}{found[1]} {token.core[len(found[1]) :]}{token.trail}")]


def _ends_range(run: Run, shape: re.Pattern[str]) -> bool:
    """Tell whether a number without a unit of its own is in front, and what joins them."""
    place, (key, _) = 0, run.beside()
    if key not in _JOINING:
        return False
    while key in _JOINING:
        place -= 1
        key, _ = run.beside(place)
    return shape.fullmatch(key) is None and key not in UNITS and _is_counted(key)


def _is_counted(key: str) -> bool:
    """Tell whether a word is part of a number or amount, so that nobody knows what belongs to which."""
    if key in UNITS or key in NUMBER_WORDS or lexeme(key) is not None:
        return True
    return any(map(str.isdigit, key))
