"""English fractions: two thirds, three quarters, one fifth. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

from stream_server.text.english.calendar_words import MONTHS
from stream_server.text.english.lexicon import UNITS
from stream_server.text.english.ordinals import BELOW_HUNDRED
from stream_server.text.rewriting import Part
from stream_server.text.runs import Run

_PARTS = {word: value for word, value in BELOW_HUNDRED.items() if 3 <= value <= 10} | {"quarter": 4}
_SEVERAL = {f"{word}s": value for word, value in _PARTS.items()}
_WRITTEN = {str(value): value for value in UNITS.values()}
_COUNTING = {*MONTHS, "last", "first", "next", "past", "previous", "these", "those", "other"}
"""In front of three quarters of a year."""


def rule(run: Run) -> Sequence[Part] | None:
    """Write a small number over a part. One half stays, as do two quarters: these are counted."""
    key = run.key(0)
    count, behind = UNITS.get(key) or _WRITTEN.get(key), 2
    if count:
        word = run.key(1)
        part = _SEVERAL.get(word) if count > 1 else None
        if part is None and (count == 1 or run.key(2) == "of"):
            part = _PARTS.get(word)
    else:
        number, _, word = key.partition("-")
        count, behind = UNITS.get(number), 1
        part = (_PARTS if count == 1 else _SEVERAL).get(word)
    if not (count and part) or count >= part or gcd(count, part) > 1 or run.before() in _COUNTING:
        return None
    if count == 1 and run.key(behind) in _COUNTED:
        return None
    return [run.write(f"{count}/{part}", behind)]


_COUNTED = {"floor", "place", "party", "person", "time", "day", "option", "attempt"}
"""Behind one third they say that it is one, and a third: no part of anything."""
