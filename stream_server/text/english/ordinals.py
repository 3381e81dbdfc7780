"""English ordinals: twenty first, hundred and third, 9th; those below ten before some nouns alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from stream_server.text.english.cardinals import cardinal
from stream_server.text.english.lexicon import TENS
from stream_server.text.numerals import ENGLISH
from stream_server.text.rewriting import Part
from stream_server.text.runs import Run

UNITS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
}  # fmt: skip
_TEENS = {
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
    "seventeenth": 17, "eighteenth": 18, "nineteenth": 19,
}  # fmt: skip
_TENS = {word.removesuffix("y") + "ieth": value for word, value in TENS.items()}
BELOW_HUNDRED = UNITS | _TEENS | _TENS
HUNDREDTHS = {"hundredth": 100, "thousandth": 1000}
_WRITTEN = re.compile(r"([0-9]{1,3})(st|nd|rd|th)")
_COUNTED_NOUNS = {
    "floor", "grade", "century", "quarter", "street", "avenue", "edition", "place", "round", "chapter",
}  # fmt: skip
"""Before these the third to the ninth are digits too."""

Ordinal = tuple[int, int]
"""The number, and where it ends."""


def rule(run: Run) -> Sequence[Part] | None:
    """Write ordinals from the tenth on, and below it those of floors, centuries and the like."""
    found = ordinal(run, 0)
    if found is None or _WRITTEN.fullmatch(run.key(0)):
        return None
    value, behind = found
    if value < 10 and not (value > 2 and run.key(behind) in _COUNTED_NOUNS):
        return None
    if run.before() == "a" and (run.key(behind) == "of" or run.key(behind - 1) == "second"):
        return None  # a tenth of it, and a twenty second break
    return [run.write(nth(value), behind)]


def ordinal(run: Run, at: int) -> Ordinal | None:
    """Return the ordinal that begins there, in words or written."""
    key = run.key(at)
    if (simple := _simple(key)) is not None:
        return simple, at + 1
    if key in TENS:  # the fast and usual way
        unit = UNITS.get(run.key(at + 1))
        if unit:
            return TENS[key] + unit, at + 2
    number = cardinal(run, at)
    if number is None or number.written or number.value != int(number.value):
        return None
    return _ended(run, int(number.value), number.behind)


def _ended(run: Run, value: int, at: int) -> Ordinal | None:
    """Return the ordinal that a cardinal becomes by the word behind it."""
    key = run.key(at)
    if key in HUNDREDTHS and value < 100:
        return value * HUNDREDTHS[key], at + 1
    if value % 100 in TENS.values() and value > 100:
        unit = UNITS.get(key)
        return (value + unit, at + 1) if unit else None
    if value and value % 100 == 0:
        skip = key == "and"
        rest = _simple(run.key(at + skip))
        if rest is not None and not _WRITTEN.fullmatch(run.key(at + skip)):
            return value + rest, at + skip + 1
        tens = TENS.get(run.key(at + skip), 0)
        unit = UNITS.get(run.key(at + skip + 1), 0)
        return (value + tens + unit, at + skip + 2) if tens and unit else None
    return None


def nth(value: int) -> str:
    """Return an ordinal in digits."""
    ending = "th" if value % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{ENGLISH.write(Decimal(value))}{ending}"


@lru_cache(maxsize=1024)
def _simple(key: str) -> int | None:
    """Return the ordinal that one word is: ninth, twenty-first, 9th."""
    if key in BELOW_HUNDRED or key in HUNDREDTHS:
        return BELOW_HUNDRED.get(key) or HUNDREDTHS[key]
    tens, hyphen, unit = key.partition("-")
    if hyphen and tens in TENS and unit in UNITS:
        return TENS[tens] + UNITS[unit]
    written = _WRITTEN.fullmatch(key)
    return int(written[1]) if written else None
