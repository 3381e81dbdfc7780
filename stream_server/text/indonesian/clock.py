"""Clock times behind *jam* and *pukul*, in 24 hours where the part of the day is said. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stream_server.text.indonesian.ranges import OPENERS, connector
from stream_server.text.indonesian.times import Time, part_of_the_day, read_time
from stream_server.text.rewriting import Part, Reader
from stream_server.text.runs import Run

LEAST_IN_RANGES = 10
"""Bare hours from here on have a dash between them."""

_WRITTEN_RANGE = re.compile(r"(\d{1,2})[-–](\d{1,2})", re.ASCII)
_HOURS_NOT_OCLOCK = frozenset({"setengah", "seperempat", "beberapa", "berapa", "per", "tiap", "setiap"})
"""In front of *jam*: it is an hour long."""

_THIS = frozenset({"ini", "itu", "senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu", "tahun"})
"""Behind a part of the day, which then says a date as well: it stays."""


def clock(reader: Reader) -> Sequence[Part] | None:
    """Return a clock time, or two with a dash between, behind the word that stays."""
    if reader.key() not in {"jam", "pukul"}:
        return None
    run = Run(reader)
    before = run.earlier()
    if reader.key() == "jam" and (before in _HOURS_NOT_OCLOCK or "/" in before):
        return None
    said = read_time(run, 1)
    if said is None:
        return _written_range(run)
    own = _in_part(run, said, said.behind)
    low = own or said
    high_at = connector(run, low.behind)
    high = read_time(run, high_at) if high_at is not None else None
    if high is None or high_at is None:
        return [run.keep(), run.write(low.text, low.behind, 1)]
    own_part = part_of_the_day(run, said.behind) if own is not None else None
    return _range(run, low, high, high_at, own_part=own_part[0] if own_part else "", dash=before not in OPENERS)


def _range(run: Run, low: Time, high: Time, high_at: int, *, own_part: str, dash: bool) -> list[Part]:
    """Return two times; a part of the day that is said behind one of them goes for the other too, if it can."""
    low_behind = low.behind
    in_part, part = _in_part(run, high, high.behind), part_of_the_day(run, high.behind)
    if in_part is not None and part is not None:
        if not own_part:
            low = low.in_part(part[0], low.behind) or low
        high = in_part
    elif own_part:
        later = high.in_part(own_part, high.behind)
        high = later if later is not None and later.hour > low.hour else high
    if dash and (low.exact or high.exact or high.hour >= LEAST_IN_RANGES):
        return [run.keep(), run.write(f"{low.text}–{high.text}", high.behind, 1)]
    connecting = run.keep(high_at - low_behind)
    return [run.keep(), run.write(low.text, low_behind, 1), connecting, run.write(high.text, high.behind, high_at)]


def _in_part(run: Run, time: Time, at: int) -> Time | None:
    """Return a time in the part of the day that is said there, if there is one; of two nobody knows which."""
    said = part_of_the_day(run, at)
    if said is None:
        return None
    part, behind = said
    if part_of_the_day(run, behind) is not None:
        return None
    return time.in_part(part, at if run.key(behind) in _THIS else behind)


def _written_range(run: Run) -> list[Part] | None:
    """*Jam 7-9 malam*: hours with a dash between, which the part of the day is said of."""
    found = _WRITTEN_RANGE.fullmatch(run.key(1))
    if found is None:
        return None
    low, high = (_in_part(run, Time(int(hour), 0, 2, hour, exact=False), 2) for hour in found.groups())
    if low is None or high is None:
        return None
    return [run.keep(), run.write(f"{low.text}–{high.text}", high.behind, 1)]
