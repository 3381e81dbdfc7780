"""Digits said one by one, as in codes and telephone numbers, become one string. Pure.

Three single digits in a row make a string; groups that are written already join it, and a zero between two groups does
as well: 475 oh 2466. The groups around such a zero may be said as numbers too, ten oh five, for once these are written
they could not be told from written ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from stream_server.text.english.figures import Figure
from stream_server.text.english.groups import group, is_big
from stream_server.text.english.hours import meridiem
from stream_server.text.english.lexicon import DIGIT_WORDS, ZEROS
from stream_server.text.english.phones import grouped
from stream_server.text.runs import Run

LEAST_SINGLES = 3
MOST_ITEMS = 40
"""Of one string: more are read out for no code or number."""
MOST_GROUPS = 4
"""That are written in front of the first single digit."""
_TIMES = {"double": 2, "triple": 3}
_DASHED = re.compile(r"[0-9]+(-[0-9]+)+")
_YEAR_DIGITS = 4
_BIG = {"hundred", "thousand", "million", "billion", "trillion"}
_FREE_CODES = {"eight", "8", "nine", "9"}
"""Of numbers that cost the caller nothing, or more: one eight hundred."""


@dataclass(frozen=True, slots=True)
class _Item:
    """Some digits of a string: `singles` of them were said or written alone; a `spoken` group was said as a number."""

    digits: str
    behind: int
    singles: int = 0
    zero: bool = False
    spoken: bool = False


def digit_string(run: Run, at: int = 0) -> Figure | None:
    """Return the digits that begin there as one string, if they are one."""
    return run.once(_digit_string, at)


def _digit_string(run: Run, at: int) -> Figure | None:
    items = _together(_items(run, at))
    digits = "".join(item.digits for item in items)
    if not digits:
        return None
    return Figure(Decimal(digits), items[-1].behind, grouped(digits) or digits, coined=True)


def digits_in_a_row(run: Run, at: int) -> tuple[str, int]:
    """Return all digits that stand there in a row, one by one or in groups, and where they end."""
    items = _items(run, at)
    return "".join(item.digits for item in items), items[-1].behind if items else at


def _items(run: Run, at: int) -> list[_Item]:
    items: list[_Item] = []
    while len(items) < MOST_ITEMS and (item := _item(run, at, items)) is not None:
        if item.spoken and not (items and items[-1].zero) and run.key(item.behind) not in ZEROS:
            break
        if len(items) > MOST_GROUPS and not any(each.singles for each in items):
            return []
        items.append(item)
        at = item.behind
    while items and run.key(items[-1].behind - 1) in {"oh", "o"}:
        items.pop()
    return items


def _together(items: list[_Item]) -> list[_Item]:
    """Return how much of the items is one string: nothing, if they are only numbers side by side."""
    while items and items[-1].spoken and not (len(items) > 1 and items[-2].zero):
        items.pop()
    if items and items[0].spoken and not (len(items) > 2 and items[1].zero):
        return []
    longest = singles = 0
    for item in items:
        singles = singles + item.singles if item.singles else 0
        longest = max(longest, singles)
    between = any(item.zero for item in items[1:-1]) and sum(len(item.digits) for item in items) >= LEAST_SINGLES
    return items if longest >= LEAST_SINGLES or between else []


def _item(run: Run, at: int, items: list[_Item]) -> _Item | None:
    key = run.key(at)
    times = _TIMES.get(key, 0)
    if times and run.key(at + 1) in DIGIT_WORDS and meridiem(run, at + 2) is None and run.key(at + 2) not in _BIG:
        return _Item(DIGIT_WORDS[run.key(at + 1)] * times, at + 2, times)
    digit = DIGIT_WORDS.get(key)
    if (digit is not None or ("0" <= key[:1] <= "9" and "-" not in key)) and meridiem(run, at + 1) is not None:
        return None  # an hour
    if digit is not None:
        if run.key(at + 1) in _BIG or (run.key(at + 1) == "point" and run.key(at + 2) in DIGIT_WORDS):
            return _free_code(run, at, items) or _said(run, at)
        return _Item(digit, at + 1, 1, key in ZEROS)
    if _DASHED.fullmatch(key):
        return _dashed(key.split("-"), at + 1) if run.beside(at)[1] not in _BIG else None
    if key.isascii() and key.isdigit() and run.key(at + 1) not in _BIG:
        return _Item(key, at + 1)
    return _said(run, at)


def _dashed(groups: list[str], behind: int) -> _Item | None:
    """Return digits with dashes between them, if most of them stand alone; a date has dashes too."""
    singles = sum(len(group) == 1 for group in groups)
    if singles < 2 or (len(groups) == 3 and len(groups[-1]) == _YEAR_DIGITS):
        return None
    digits = "".join(groups)
    return _Item(digits, behind, singles if singles == len(groups) else max(singles, LEAST_SINGLES))


def _free_code(run: Run, at: int, items: list[_Item]) -> _Item | None:
    """Return the hundreds behind the one of a telephone number: one eight hundred, then seven digits."""
    if run.key(at) in _FREE_CODES and run.key(at + 1) == "hundred" and [item.digits for item in items] == ["1"]:
        return _Item(DIGIT_WORDS[run.key(at)] + "00", at + 2, 3) if _seven_follow(run, at + 2) else None
    return None


def _seven_follow(run: Run, at: int) -> bool:
    return all(run.key(at + ahead) in DIGIT_WORDS for ahead in range(7))


def _said(run: Run, at: int) -> _Item | None:
    """Return a number from ten to 999."""
    found = group(run, at)
    if found is None or not 10 <= found[0] < 1000 or found[0] != int(found[0]) or is_big(run, found[1]):
        return None
    return _Item(str(int(found[0])), found[1], spoken=True)
