"""Clock times behind *jam* and *pukul*, in 24 hours where the part of the day is said. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from stream_server.text.indonesian.groups import read_group
from stream_server.text.indonesian.lexicon import MULTIPLIERS, ONE_TO_NINE, SCALES, ZERO
from stream_server.text.indonesian.numbers import read_number
from stream_server.text.indonesian.ranges import OPENERS, connector
from stream_server.text.indonesian.suffixes import read_suffix
from stream_server.text.rewriting import Part, Reader
from stream_server.text.runs import Run

_WRITTEN = re.compile(r"(\d{1,2})[.:](\d\d)", re.ASCII)
_WRITTEN_RANGE = re.compile(r"(\d{1,2})[-–](\d{1,2})", re.ASCII)
_HOURS_NOT_OCLOCK = frozenset({"setengah", "seperempat", "beberapa", "berapa", "per", "tiap", "setiap"})
"""In front of *jam*: it is an hour long."""

_PAST = frozenset({"lewat", "lebih"})
_THIS = frozenset({"ini", "itu", "senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu", "tahun"})
"""Behind a part of the day, which then says a date as well: it stays."""

PARTS_OF_THE_DAY = {
    "pagi": {hour: hour for hour in range(12)},
    "siang": {10: 10, 11: 11, 12: 12, 1: 13, 2: 14, 3: 15, 13: 13, 14: 14, 15: 15},
    "sore": {hour: hour + 12 for hour in range(1, 7)} | {hour: hour for hour in range(13, 19)},
    "malam": {hour: hour + 12 for hour in range(6, 12)}
    | {hour: hour for hour in (0, 1, 2, 3, 4, *range(18, 24))}
    | {12: 0},
}
"""The hour of 24 that an hour is, in each part of the day."""


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day that ends before the token `behind`; `text` is how it is written without a part of the day."""

    hour: int
    minute: int
    behind: int
    text: str
    exact: bool
    """Whether minutes were said."""

    def in_part(self, part: str) -> Time | None:
        """Return it in 24 hours; None if there is no such hour in that part of the day."""
        hour = PARTS_OF_THE_DAY[part].get(self.hour)
        return None if hour is None else replace(self, text=f"{hour:02}.{self.minute:02}")


def clock(reader: Reader) -> Sequence[Part] | None:
    """Return a clock time, or two with a dash between, behind the word that stays."""
    if reader.key() not in {"jam", "pukul"}:
        return None
    run = Run(reader)
    before = run.earlier()
    if reader.key() == "jam" and (before in _HOURS_NOT_OCLOCK or "/" in before):
        return None
    time = _read_time(run, 1)
    if time is None:
        return _written_range(run)
    until_at = connector(run, time.behind)
    until = _read_time(run, until_at) if until_at is not None else None
    last = time if until is None else until
    part = run.key(last.behind)
    behind = last.behind
    if part in PARTS_OF_THE_DAY and run.key(last.behind + 1) not in PARTS_OF_THE_DAY:
        in_part, until_in_part = time.in_part(part), until.in_part(part) if until is not None else None
        if in_part is not None and (until is None or until_in_part is not None):
            time, until = in_part, until_in_part
            behind += run.key(last.behind + 1) not in _THIS
    if until is None or until_at is None:
        return [run.keep(), run.write(time.text, behind, 1)]
    if before not in OPENERS and (last.exact or time.exact or behind > last.behind or last.hour >= 10):
        return [run.keep(), run.write(f"{time.text}–{until.text}", behind, 1)]
    low = run.write(time.text, time.behind, 1)
    return [run.keep(), low, run.keep(until_at - time.behind), run.write(until.text, behind, until_at)]


def _written_range(run: Run) -> list[Part] | None:
    """*Jam 7-9 malam*: hours with a dash between, which the part of the day is said of."""
    found = _WRITTEN_RANGE.fullmatch(run.key(1))
    part = run.key(2)
    if found is None or part not in PARTS_OF_THE_DAY or run.key(3) in PARTS_OF_THE_DAY:
        return None
    first, last = (_time(int(hour), 0, 2).in_part(part) for hour in found.groups())
    if first is None or last is None:
        return None
    behind = 2 + (run.key(3) not in _THIS)
    return [run.keep(), run.write(f"{first.text}–{last.text}", behind, 1)]


def _read_time(run: Run, at: int) -> Time | None:
    key = run.key(at)
    if key == "setengah":
        hour = _read_hour(run, at + 1)
        return None if hour is None or not 1 <= hour[0] <= 12 else _time((hour[0] - 1) or 12, 30, hour[1])
    found = _WRITTEN.fullmatch(key)
    if found is not None:
        hour_of, minute = int(found[1]), int(found[2])
        if hour_of > 24 or minute > 59:
            return None
        return Time(hour_of % 24, minute, at + 1, f"{found[1]}.{found[2]}", exact=True)
    hour = _read_hour(run, at)
    return None if hour is None else _with_minutes(run, at, *hour)


def _read_hour(run: Run, at: int) -> tuple[int, int] | None:
    key = run.key(at)
    if len(key) <= 2 and key.isascii() and key.isdigit():
        value, behind = int(key), at + 1
    elif key in ZERO:
        if (one := _digit(run, at + 1)) is None:
            return None
        value, behind = one, at + 2  # *nol tujuh*
    else:
        group = read_group(run, at, key)
        if group is None:
            return None
        value, behind = group
    key, suffix = run.key(behind), read_suffix(run, behind)
    if value > 24 or key in SCALES or key in MULTIPLIERS or key == "koma" or (suffix is not None and not suffix.time):
        return None
    return value, behind


def _with_minutes(run: Run, at: int, hour: int, behind: int) -> Time:
    key = run.key(behind)
    if key in _PAST or key == "kurang":
        minutes = _read_minutes(run, behind + 1, least=1)
        if minutes is not None:
            minute, end = minutes
            if key == "kurang":
                return _time((hour - 1) if hour > 1 else 12 * hour or 23, 60 - minute, end)
            return _time(hour, minute, end)
    text = run.key(at)
    if text in ZERO and behind > at + 1:
        text = f"0{hour}"
    elif not text.isdigit():
        text = str(hour)
    minute = _digit(run, behind + 1) if run.key(behind) in ZERO else None
    minutes = (minute, behind + 2) if minute is not None else _read_minutes(run, behind, least=10)
    if minutes is not None:
        return replace(_time(hour, *minutes), text=f"{text}.{minutes[0]:02}")
    return Time(hour % 24, 0, behind, text, exact=False)


def _digit(run: Run, at: int) -> int | None:
    key = run.key(at)
    if run.key(at + 1) in MULTIPLIERS or run.key(at + 1) in SCALES:
        return None
    return 0 if key in ZERO else ONE_TO_NINE.get(key)


def _read_minutes(run: Run, at: int, least: int) -> tuple[int, int] | None:
    if run.key(at) == "seperempat":
        return 15, at + 1
    number = read_number(run, at)
    if number is None or number.small is None or not least <= number.small < 60:
        return None
    if run.key(number.behind) == "menit":
        return number.small, number.behind + 1
    return (number.small, number.behind) if read_suffix(run, number.behind) is None else None


def _time(hour: int, minute: int, behind: int) -> Time:
    return Time(hour % 24, minute, behind, f"{hour}.{minute:02}", exact=True)
