"""English numbers below a thousand, or hundreds of them: the groups that larger ones are made of. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from stream_server.text.english.lexicon import Kind, lexeme
from stream_server.text.runs import Run

Group: TypeAlias = tuple[Decimal, int]
"""A number below a scale, and where it ends."""

_HEADS = {Kind.UNIT, Kind.TEEN, Kind.TENS, Kind.DIGITS}
_BIG = {Kind.HUNDRED, Kind.SCALE}
_HUNDREDS = range(100, 1000, 100)


def group(run: Run, at: int, *, joined: bool = True) -> Group | None:
    """Return a number up to its hundreds: five, twenty five, a hundred and five, twelve hundred, 17."""
    if run.key(at) == "a":
        head: Group | None = (Decimal(1), at + 1) if is_big(run, at + 1) else None
    else:
        head = _below_hundred(run, at, most=None)
    if head is None:
        return None
    value, behind = head
    if "-" not in run.key(at) or value not in _HUNDREDS:  # one-hundred is whole already
        hundred = lexeme(run.key(behind))
        if hundred is None or hundred.kind is not Kind.HUNDRED or value >= 100:
            return head
        value, behind = value * 100, behind + 1
    skip = run.key(behind) == "and"
    if (skip and not joined) or value != int(value):
        return value, behind
    rest = _below_hundred(run, behind + skip)
    if rest is None:
        return value, behind
    after = lexeme(run.key(rest[1]))
    if after is not None and after.kind is Kind.HUNDRED:
        return value, behind
    return value + rest[0], rest[1]


def two_digits(run: Run, at: int) -> Group | None:
    """Return a number below a hundred, in words or digits, unless a hundred or a thousand are meant."""
    found = _below_hundred(run, at)
    return None if found is None or not found[0] or is_big(run, found[1]) else found


def _below_hundred(run: Run, at: int, most: int | None = 100) -> Group | None:
    first = lexeme(run.key(at))
    if first is None or first.kind not in _HEADS or (most is not None and first.value >= most):
        return None
    if first.kind is Kind.TENS:
        unit = lexeme(run.key(at + 1))
        if unit is not None and unit.kind is Kind.UNIT:
            return first.value + unit.value, at + 2
    return first.value, at + 1


def is_big(run: Run, at: int) -> bool:
    """Return whether a hundred or a scale stands there."""
    found = lexeme(run.key(at))
    return found is not None and found.kind in _BIG
