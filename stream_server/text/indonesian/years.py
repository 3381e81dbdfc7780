"""Years, which have no mark between thousands, and are said in pairs too. Pure."""

from __future__ import annotations

from typing import NamedTuple

from stream_server.text.indonesian.groups import Group, read_group
from stream_server.text.indonesian.lexicon import MULTIPLIERS, ONE_TO_NINE, ZERO
from stream_server.text.indonesian.numbers import read_number
from stream_server.text.indonesian.suffixes import read_suffix
from stream_server.text.runs import Run

YEARS = range(1000, 2200)
CENTURIES = range(16, 22)


class Year(NamedTuple):
    """A year and the place behind its last token."""

    value: int
    behind: int


def read_year(run: Run, at: int) -> Year | None:
    """Return the year that begins there; what counts something is none."""
    key = run.key(at)
    if len(key) == 4 and key.isascii() and key.isdigit():
        year: Year | None = Year(int(key), at + 1)
    else:
        year = _in_pairs(run, at, key) or _as_number(run, at)
    if year is None or year.value not in YEARS:
        return None
    suffix = read_suffix(run, year.behind)
    return year if suffix is None or suffix.time else None


def _as_number(run: Run, at: int) -> Year | None:
    number = read_number(run, at)
    if number is None or number.whole is None or number.scale or "," in number.text:
        return None
    value, behind = number.whole, number.behind
    if 2001 <= value <= 2009 and not number.written and not number.coined:
        digit = _digit(run, behind)  # *dua ribu dua empat*
        if digit is not None:
            return Year(2000 + 10 * (value - 2000) + digit, behind + 1)
    return Year(value, behind)


def _in_pairs(run: Run, at: int, key: str) -> Year | None:
    """*Sembilan belas empat lima*, *dua puluh dua puluh enam*."""
    century = _two_digits(run, at, key)
    if century is None or century.value not in CENTURIES:
        return None
    tens, ones = _digit(run, century.behind), _digit(run, century.behind + 1)
    if tens is not None and ones is not None:
        return Year(100 * century.value + 10 * tens + ones, century.behind + 2)
    rest = _two_digits(run, century.behind, run.key(century.behind))
    return None if rest is None else Year(100 * century.value + rest.value, rest.behind)


def _two_digits(run: Run, at: int, key: str) -> Group | None:
    if len(key) == 2 and key.isascii() and key.isdigit():
        return Group(int(key), at + 1)
    group = read_group(run, at, key)
    return group if group is not None and 10 <= group.value < 100 else None


def _digit(run: Run, at: int) -> int | None:
    key = run.key(at)
    if run.key(at + 1) in MULTIPLIERS:
        return None
    return 0 if key in ZERO else ONE_TO_NINE.get(key)
