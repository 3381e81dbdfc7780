"""English fractions: two thirds, three quarters, one fifth. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

from stream_server.text.english.calendar_words import MONTHS
from stream_server.text.english.lexicon import UNITS
from stream_server.text.english.ordinals import BELOW_HUNDRED, nth
from stream_server.text.rewriting import Part
from stream_server.text.runs import Run

_PARTS = (
    {word: value for word, value in BELOW_HUNDRED.items() if 3 <= value <= 10}
    | {nth(value): value for value in range(3, 11)}
    | {"quarter": 4}
)
_SEVERAL = {f"{word}s": value for word, value in _PARTS.items()}
_COUNTS = UNITS | {str(value): value for value in UNITS.values()}
_COUNTING = {*MONTHS, "last", "first", "next", "past", "previous", "these", "those", "other"}
"""In front of three quarters of a year."""


_COUNTED = {"floor", "place", "party", "person", "time", "day", "option", "attempt"}
"""Behind one third they say that it is one, and a third: no part of anything."""


def rule(run: Run) -> Sequence[Part] | None:
    """Write a small number over a part. One half stays, as do two quarters: these are counted."""
    number, hyphen, word = run.key(0).partition("-")
    behind = 1 if hyphen else 2
    count = _COUNTS.get(number, 0)
    if not count:
        return None
    word = word if hyphen else run.key(1)
    part = _SEVERAL.get(word, 0) if count > 1 else 0
    if not part and word in _PARTS and (count == 1 or run.key(behind) == "of"):
        part = _PARTS[word]
    if not part or count >= part or gcd(count, part) > 1 or run.before() in _COUNTING:
        return None
    if count == 1 and run.key(behind) in _COUNTED:
        return None
    return [run.write(f"{count}/{part}", behind)]
