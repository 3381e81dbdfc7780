"""Times of day as they are said and written: hours, and minutes past or to them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from stream_server.text.indonesian.groups import read_group
from stream_server.text.indonesian.lexicon import MULTIPLIERS, ONE_TO_NINE, SCALES, ZERO
from stream_server.text.indonesian.numbers import read_number
from stream_server.text.indonesian.suffixes import read_suffix
from stream_server.text.runs import Run

_WRITTEN = re.compile(r"(\d{1,2})[.:](\d\d)", re.ASCII)
_PAST = frozenset({"lewat", "lebih"})
_HOUR_BEFORE = {hour: hour - 1 for hour in range(2, 25)} | {1: 12, 0: 23}

PARTS_OF_THE_DAY = {
    "pagi": {hour: hour for hour in range(12)},
    "siang": {10: 10, 11: 11, 12: 12, 1: 13, 2: 14, 3: 15, 13: 13, 14: 14, 15: 15},
    "sore": {hour: hour + 12 for hour in range(1, 7)} | {hour: hour for hour in range(13, 19)},
    "malam": {hour: hour + 12 for hour in range(6, 12)}
    | {hour: hour for hour in (0, 1, 2, 3, 4, *range(18, 24))}
    | {12: 0},
    "dini hari": {hour: hour for hour in range(6)} | {12: 0},
}
"""The hour of 24 that an hour is, in each part of the day."""


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day that ends before the token `behind`; `text` is how it is written.

    `exact` if it is more than a bare hour.
    """

    hour: int
    minute: int
    behind: int
    text: str
    exact: bool

    def in_part(self, part: str, behind: int) -> Time | None:
        """Return it in 24 hours; None if there is no such hour in that part of the day."""
        hour = PARTS_OF_THE_DAY[part].get(self.hour)
        if hour is None:
            return None
        return Time(hour, self.minute, behind, f"{hour:02}.{self.minute:02}", exact=True)


def part_of_the_day(run: Run, at: int) -> tuple[str, int] | None:
    """Return the part of the day that is said there, and where it ends."""
    key = run.key(at)
    if key == "dini" and run.key(at + 1) == "hari":
        return "dini hari", at + 2
    return (key, at + 1) if key in PARTS_OF_THE_DAY else None


def read_time(run: Run, at: int) -> Time | None:
    """Return the time that begins there, without regard to a part of the day behind it."""
    key = run.key(at)
    if key == "setengah":
        hour = _read_hour(run, at + 1)
        return None if hour is None or not 1 <= hour[0] <= 12 else _exact((hour[0] - 1) or 12, 30, hour[1])
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
    if len(key) <= 2 and key.isascii() and key.isdigit() and run.key(at + 1) not in MULTIPLIERS:
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
            return _exact(_HOUR_BEFORE[hour], 60 - minute, end) if key == "kurang" else _exact(hour, minute, end)
    text = run.key(at)
    if text in ZERO and behind > at + 1:
        text = f"0{hour}"
    elif not text.isdigit():
        text = str(hour)
    ones = _digit(run, behind + 1) if run.key(behind) in ZERO else None
    minutes = (ones, behind + 2) if ones is not None else _read_minutes(run, behind, least=10)
    if minutes is not None:
        return replace(_exact(hour, *minutes), text=f"{text}.{minutes[0]:02}")
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


def _exact(hour: int, minute: int, behind: int) -> Time:
    return Time(hour % 24, minute, behind, f"{hour}.{minute:02}", exact=True)
