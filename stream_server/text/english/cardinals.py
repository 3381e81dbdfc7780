"""English cardinals, decimals included: words and digits of one number. Pure.

What was said is followed word by word, so that a number may begin in digits and go on in words. A step back is taken
where the words that follow make a number of their own: one hundred and two hundred.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from stream_server.text.english.decimals import decimal, half, shortened
from stream_server.text.english.figures import KEPT_SCALE, Figure
from stream_server.text.english.lexicon import SCALES, Kind, lexeme
from stream_server.text.numerals import ENGLISH
from stream_server.text.runs import Run

_Group: TypeAlias = tuple[Decimal, int]
"""A number below a scale, and where it ends."""

_HEADS = {Kind.UNIT, Kind.TEEN, Kind.TENS, Kind.DIGITS}
_HUNDREDS = range(100, 1000, 100)
_BIG = {Kind.HUNDRED, Kind.SCALE}


def cardinal(run: Run, at: int = 0, *, joined: bool = True) -> Figure | None:
    """Return the number that begins there; without `joined` none goes on behind an "and"."""
    first = lexeme(run.key(at))
    if first is not None and first.kind is Kind.ZERO:
        return decimal(run, Decimal(0), at + 1) or Figure(Decimal(0), at + 1, "0", plain=True)
    if first is None and run.key(at) == "point":
        return decimal(run, Decimal(0), at)
    group = _group(run, at, joined=joined)
    if group is None:
        return None
    return decimal(run, *group) or half(run, *group) or _scaled(run, at, group, joined=joined)


def two_digits(run: Run, at: int) -> _Group | None:
    """Return a number below a hundred, in words or digits, unless a hundred or a thousand are meant."""
    found = _below_hundred(run, at)
    return None if found is None or _is_big(run, found[1]) else found


def _scaled(run: Run, at: int, group: _Group, *, joined: bool) -> Figure:
    """Return a number with its thousands and millions, each smaller than the one in front."""
    total, place, parts, limit = Decimal(0), at, 0, Decimal(10**18)
    while group is not None:
        value, behind = group
        scale = lexeme(run.key(behind))
        if scale is not None and scale.kind is Kind.SCALE and scale.value < limit and (not parts or value < 1000):
            total, place, limit = total + value * scale.value, behind + 1, scale.value
        elif (scale is not None and scale.kind in _BIG and parts) or (parts and value >= min(limit, 1000)):
            break
        else:
            total, place, limit = total + value, behind, Decimal(0)
        parts += 1
        follows = _tail(run, place, joined=joined) if limit else None
        if follows is None:
            break
        group = follows
    return _figure(run, at, total, place, parts)


def _figure(run: Run, at: int, total: Decimal, behind: int, parts: int) -> Figure:
    last, only = run.key(behind - 1), lexeme(run.key(at))
    if parts == 1 and SCALES.get(last, 0) >= KEPT_SCALE:
        coefficient = total / SCALES[last]
        return Figure(
            total,
            behind,
            f"{_written(run, at, coefficient, behind - 1)} {last}",
            last,
            plain=behind == at + 2 and run.key(at) == "a",
        )
    if behind == at + 1 and only is not None and only.kind is Kind.DIGITS and "-" not in run.key(at):
        return Figure(total, behind, run.key(at), written=True)
    total = shortened(total)
    return Figure(total, behind, ENGLISH.write(total), plain=behind == at + 1 and total < 10)


def _written(run: Run, at: int, value: Decimal, behind: int) -> str:
    """Return a coefficient as it stands there, if it is written already."""
    return run.key(at) if behind == at + 1 and "0" <= run.key(at)[0] <= "9" else ENGLISH.write(value)


def _tail(run: Run, at: int, *, joined: bool) -> _Group | None:
    """Return what may go on with a number behind a scale."""
    if run.key(at) == "and":
        at += 1
        if not joined:
            return None
    group = _group(run, at, joined=joined)
    return None if group is None or group[0] != int(group[0]) or run.key(at) == "a" else group


def _group(run: Run, at: int, *, joined: bool) -> _Group | None:
    """Return a number up to its hundreds: five, twenty five, a hundred and five, twelve hundred, 17."""
    if run.key(at) == "a":
        head: _Group | None = (Decimal(1), at + 1) if _is_big(run, at + 1) else None
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


def _below_hundred(run: Run, at: int, most: int | None = 100) -> _Group | None:
    first = lexeme(run.key(at))
    if first is None or first.kind not in _HEADS or (most is not None and first.value >= most):
        return None
    if first.kind is Kind.TENS:
        unit = lexeme(run.key(at + 1))
        if unit is not None and unit.kind is Kind.UNIT:
            return first.value + unit.value, at + 2
    return first.value, at + 1


def _is_big(run: Run, at: int) -> bool:
    found = lexeme(run.key(at))
    return found is not None and found.kind in _BIG
