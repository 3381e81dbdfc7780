"""English cardinals, decimals included: words and digits of one number. Pure.

What was said is followed word by word, so that a number may begin in digits and go on in words. A step back is taken
where the words that follow make a number of their own: one thousand and two thousand.
"""

from __future__ import annotations

from decimal import Decimal

from stream_server.text.english.decimals import decimal, half, shortened
from stream_server.text.english.digit_strings import digit_string
from stream_server.text.english.figures import KEPT_SCALE, Figure
from stream_server.text.english.groups import Group, group, is_big
from stream_server.text.english.hours import meridiem
from stream_server.text.english.lexicon import SCALES, Kind, lexeme
from stream_server.text.numerals import ENGLISH
from stream_server.text.runs import Run

_BELOW_SCALE = 1000


def cardinal(run: Run, at: int = 0, *, joined: bool = True) -> Figure | None:
    """Return the number that begins there; without `joined` none goes on behind an "and"."""
    return run.once(_joined if joined else _split, at)


def _joined(run: Run, at: int) -> Figure | None:
    return _cardinal(run, at, joined=True)


def _split(run: Run, at: int) -> Figure | None:
    return _cardinal(run, at, joined=False)


def _cardinal(run: Run, at: int, *, joined: bool) -> Figure | None:
    first = lexeme(run.key(at))
    if first is not None and first.kind is Kind.ZERO:
        return decimal(run, Decimal(0), at + 1) or Figure(Decimal(0), at + 1, "0", plain=True)
    if first is None and run.key(at) == "point":
        return decimal(run, Decimal(0), at)
    found = group(run, at, joined=joined)
    if found is None:
        return None
    whole = decimal(run, *found) or half(run, *found) or _scaled(run, at, found, joined=joined)
    return whole if whole.scale else decimal(run, whole.value, whole.behind) or whole


def _scaled(run: Run, at: int, first: Group, *, joined: bool) -> Figure:
    """Return a number with its thousands and millions, each smaller than the one in front."""
    scale = _scale(run, first[1])
    if not scale or not 0 < first[0] < _BELOW_SCALE:
        return _figure(run, at, first[0], first[1], several=False)
    total, behind, several = first[0] * scale, first[1] + 1, False
    while scale and first[0] == int(first[0]) and (more := _tail(run, behind, joined=joined)) is not None:
        value, place = more
        smaller = _scale(run, place)
        if smaller >= scale or value >= min(scale, _BELOW_SCALE) or (not smaller and is_big(run, place)):
            break
        total, behind, several = total + value * (smaller or 1), place + bool(smaller), True
        scale = smaller
    return _figure(run, at, total, behind, several=several)


def _scale(run: Run, at: int) -> int:
    return SCALES.get(run.key(at), 0)


def _tail(run: Run, at: int, *, joined: bool) -> Group | None:
    """Return what may go on with a number behind a scale: five million three hundred, but not five million, 3 PM."""
    if run.key(at) == "and":
        if not joined:
            return None
        at += 1
    string = digit_string(run, at)
    if string is not None:
        return (string.value, string.behind) if string.value < _BELOW_SCALE else None
    found = group(run, at, joined=joined) if run.key(at) != "a" else None
    if found is None or not found[0] or found[0] != int(found[0]) or meridiem(run, found[1]) is not None:
        return None
    return found


def _figure(run: Run, at: int, total: Decimal, behind: int, *, several: bool) -> Figure:
    first, last = run.key(at), run.key(behind - 1)
    if behind == at + 1 and "0" <= first[0] <= "9":
        return Figure(total, behind, first, written=True)
    total = shortened(total)
    if several or SCALES.get(last, 0) < KEPT_SCALE:
        return Figure(total, behind, ENGLISH.write(total), plain=behind == at + 1 and total < 10)
    coefficient = ENGLISH.write(total / SCALES[last])
    if behind == at + 2 and "0" <= first[0] <= "9":
        coefficient = first  # as it is written
    return Figure(total, behind, f"{coefficient} {last}", last, plain=behind == at + 2 and first == "a")
