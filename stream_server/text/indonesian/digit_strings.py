"""Digits said one by one, as in codes and telephone numbers, become one string. Pure.

Three single digits make a string, or a zero that is called so, between others. Numbers between them belong to
it, in words as in digits: once written, nobody could tell one from the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from stream_server.text.indonesian.figures import Figure
from stream_server.text.indonesian.groups import read_group
from stream_server.text.indonesian.lexicon import KEPT_SCALES, MULTIPLIERS, ONE_TO_NINE, REPEATED, SCALES, ZERO
from stream_server.text.indonesian.phones import grouped, international
from stream_server.text.indonesian.suffixes import read_suffix
from stream_server.text.indonesian.written_numbers import MOST_DIGITS
from stream_server.text.runs import Run

LEAST_SINGLES = 3
LEAST_BEHIND_ZERO = 9
"""Digits of a string with a zero in front of groups; of *kursi kosong dua puluh* nothing is a zero."""

LEAST_INTERNATIONAL = 8
"""Digits behind a plus."""

MOST_ITEMS = 40
"""Of one string: more are read out for no code or number."""

_DASHED = re.compile(r"[0-9]+(?:-[0-9]+)+")
_SPOKEN_ZERO = ZERO - {"0"}


class _Item(NamedTuple):
    """Some digits of a string; `singles` of them stood alone."""

    digits: str
    behind: int
    singles: int = 0
    called_zero: bool = False


def read_digits(run: Run, at: int, key: str) -> Figure | None:
    """Return the string of digits that begins there, if they are one."""
    items = [_Item(key.replace("-", ""), at + 1)] if grouped(key.replace("-", "")) else _items(run, at, key)
    digits = "".join(item.digits for item in items)
    if not _is_string(items, digits):
        return None
    before = run.earlier() if at == 0 else run.key(at - 1)
    if before == "koma" or (digits[0] != "0" and before in KEPT_SCALES):
        return None  # written, it would be the rest of that number
    counts = len(digits) <= MOST_DIGITS and digits[0] != "0"
    return Figure(
        value=Decimal(digits) if counts else None, behind=items[-1].behind, text=grouped(digits) or digits, coined=True
    )


def read_international(run: Run, at: int, key: str) -> Figure | None:
    """Return the telephone number whose plus is there, as a word or as a mark."""
    begins = key[1:]
    items = _items(run, at + 1, run.key(at + 1))
    if key != "plus":
        if not (begins.isascii() and begins.replace("-", "").isdigit()):
            return None
        items = [_Item(begins.replace("-", ""), at + 1), *items]
    digits = "".join(item.digits for item in items)
    if len(digits) < LEAST_INTERNATIONAL:
        return None
    return Figure(value=None, behind=items[-1].behind, text=international(digits), coined=True)


def _items(run: Run, at: int, key: str) -> list[_Item]:
    items: list[_Item] = []
    place = at
    while len(items) < MOST_ITEMS and (item := _read_item(run, place, key)) is not None:
        if run.key(item.behind) in SCALES and not item.called_zero:
            break
        items.append(item)
        place, key = item.behind, run.key(item.behind)
    return items


def _read_item(run: Run, at: int, key: str) -> _Item | None:
    if key in ZERO:
        return _Item("0", at + 1, 1, key in _SPOKEN_ZERO)
    if key in ONE_TO_NINE and run.key(at + 1) not in MULTIPLIERS:
        return _Item(str(ONE_TO_NINE[key]), at + 1, 1)
    if key in REPEATED:
        digit = run.key(at + 1)
        value = "0" if digit in ZERO else str(ONE_TO_NINE.get(digit, ""))
        return _Item(value * REPEATED[key], at + 2, REPEATED[key]) if value else None
    if key[:1].isdigit() and key.isascii() and key not in ONE_TO_NINE:
        if key.isdigit():
            return _Item(key, at + 1)
        if _DASHED.fullmatch(key) and (key.count("-") > 1 or read_suffix(run, at + 1) is None):
            return _Item(key.replace("-", ""), at + 1, sum(len(each) == 1 for each in key.split("-")))
        return None
    group = read_group(run, at, key)
    return None if group is None else _Item(str(group.value), group.behind)


def _is_string(items: Sequence[_Item], digits: str) -> bool:
    if len(digits) < LEAST_SINGLES:
        return False
    if len(items) == 1:
        return bool(grouped(digits)) or items[0].singles == len(digits)
    return (
        sum(item.singles for item in items) >= LEAST_SINGLES
        or any(item.called_zero for item in items[1:-1])
        or (items[0].called_zero and len(digits) >= LEAST_BEHIND_ZERO)
        or (digits[0] == "0" and bool(grouped(digits)))
    )
