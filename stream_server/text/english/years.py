"""English years: nineteen forty five, twenty twenty six, nineteen oh five, in two thousand and eight. Pure."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from stream_server.text.english.calendar_words import BEFORE_YEARS, MONTHS
from stream_server.text.english.cardinals import cardinal
from stream_server.text.english.digit_strings import digit_string
from stream_server.text.english.figures import Figure
from stream_server.text.english.hours import meridiem
from stream_server.text.english.lexicon import SCALES, TEENS, TENS, UNITS, Kind, lexeme
from stream_server.text.english.measures import is_counted, measure
from stream_server.text.runs import Run

YEARS = range(1000, 3000)
_DECADES = {word.removesuffix("y") + "ies": value for word, value in TENS.items()}
_CENTURIES = range(11, 21)
_COUNTED = 17
"""Below it two numbers that follow each other are counted: eleven twelve. From there on they are a year."""


def year(run: Run, at: int = 0, *, dated: bool = False) -> Figure | None:
    """Return the year that begins there, two numbers read as one; `dated`: a date needs one there, or may have one."""
    return run.once(_dated if dated or (at == 0 and _expected(run)) else _undated, at)


def _dated(run: Run, at: int) -> Figure | None:
    return _pair(run, at, dated=True) or _thousands(run, at)


def _undated(run: Run, at: int) -> Figure | None:
    return _pair(run, at, dated=False)


def written_year(run: Run, at: int) -> Figure | None:
    """Return a year that is written already, or said digit by digit."""
    found = digit_string(run, at) or cardinal(run, at)
    if found is None or not (found.written or found.coined):
        return None
    return replace(found, coined=True) if len(found.text) == 4 and found.value in YEARS else None


def _expected(run: Run) -> bool:
    """Whether what stands in front makes it likely that a year comes: in, the year, October, October 9th."""
    before = run.earlier()
    if before in BEFORE_YEARS or before in MONTHS:
        return run.before() != ""
    return run.earlier(2) in MONTHS and _is_day(before)


def _is_day(key: str) -> bool:
    number = key.removesuffix("st").removesuffix("nd").removesuffix("rd").removesuffix("th")
    return len(number) < 3 and number.isascii() and number.isdigit() and 1 <= int(number) <= 31


def _pair(run: Run, at: int, *, dated: bool) -> Figure | None:
    century = _plain(run, at)
    if century is None or century[0] not in _CENTURIES:
        return None
    first, place = century
    if run.key(place) in {"oh", "o"} and run.key(place + 1) in UNITS:
        return _coined(first * 100 + UNITS[run.key(place + 1)], place + 2)
    if run.key(place) in _DECADES:
        return _coined(first * 100 + _DECADES[run.key(place)], place + 1, "s")
    if run.key(place) == "hundred" and dated and not _goes_on(run, place + 1) and first != 20:
        return _coined(first * 100, place + 1)
    rest = _plain(run, place)
    if rest is None or rest[0] < 10 or _goes_on(run, rest[1]):
        return None
    second, behind = rest
    if not dated and _numbers_side_by_side(run, at, first, second):
        return None
    return _coined(first * 100 + second, behind)


def _numbers_side_by_side(run: Run, at: int, first: int, second: int) -> bool:
    """Whether two numbers are rather counted than a year: twenty thirty, eleven twelve thirteen."""
    if first == 20 and second % 10 == 0 and second > 20:
        return True
    return (first < _COUNTED and second == first + 1) or lexeme(run.key(at - 1) if at else run.before()) is not None


def _goes_on(run: Run, at: int) -> bool:
    """Whether the number in front of that place goes on there, so that it was no year."""
    key, found = run.key(at), lexeme(run.key(at))
    more = found is not None and found.kind is not Kind.DIGITS
    return more or key in {"point", "oh"} or measure(run, at) is not None or meridiem(run, at) is not None


def _thousands(run: Run, at: int) -> Figure | None:
    """Return two thousand and eight, of which the last part says that it is no count."""
    if run.key(at) not in {"one", "two"} or run.key(at + 1) != "thousand":
        return None
    found = cardinal(run, at)
    if found is None or found.value != int(found.value) or int(found.value) not in YEARS or found.scale:
        return None
    if (found.value % 1000 == 0 and run.key(found.behind)) or is_counted(run.key(found.behind)):
        return None
    return _coined(int(found.value), found.behind) if found.value % 1000 < 100 else None


def _plain(run: Run, at: int) -> tuple[int, int] | None:
    """Return a number from ten to ninety-nine in words, and where it ends."""
    key = run.key(at)
    if key in TEENS:
        return TEENS[key], at + 1
    if key in TENS:
        unit = UNITS.get(run.key(at + 1), 0)
        if unit and (run.key(at + 2) == "hundred" or run.key(at + 2) in SCALES):
            return None
        return TENS[key] + unit, at + 1 + bool(unit)
    joined = lexeme(key) if "-" in key else None
    return (int(joined.value), at + 1) if joined is not None and joined.value < 100 else None


def _coined(value: int, behind: int, ending: str = "") -> Figure:
    return Figure(Decimal(value), behind, f"{value}{ending}", coined=True)
