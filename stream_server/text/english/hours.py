"""Hours, minutes and halves of the day in English, said or written. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stream_server.text.english.lexicon import TEENS, TENS, UNITS, lexeme
from stream_server.text.english.measures import measure
from stream_server.text.runs import Run

HOURS = UNITS | {word: value for word, value in TEENS.items() if value <= 12}
_ALL_HOURS = UNITS | TEENS | {"twenty": 20}
_WRITTEN = re.compile(r"([0-9]{1,2})[.:]([0-5][0-9])")
_TOGETHER = re.compile(r"([0-9]{1,2})\.?([0-5][0-9])")
MERIDIEMS = {"am": "AM", "a.m": "AM", "pm": "PM", "p.m": "PM"}


@dataclass(frozen=True, slots=True)
class Time:
    """A time of the day, up to the token `behind`; `minute` is "" for a bare hour."""

    hour: int
    minute: str
    behind: int

    @property
    def text(self) -> str:
        """Return it as people write it."""
        return f"{self.hour}:{self.minute}" if self.minute else str(self.hour)


def time(run: Run, at: int = 0) -> Time | None:
    """Return the hour there and the minutes behind it: three thirty, nine oh five, 3.30, 3 30, seven."""
    key = run.key(at)
    written = _WRITTEN.fullmatch(key)
    if written:
        return Time(int(written[1]), written[2], at + 1) if written[1] != "0" and int(written[1]) < 24 else None
    hour = _ALL_HOURS.get(key)
    if hour is None:
        if not (key.isascii() and key.isdigit()) or int(key[:3]) > 23 or len(key) > 2:
            return None
        hour = int(key)
    found = _minute(run, at + 1)
    return Time(hour, found[0], found[1]) if found else Time(hour, "", at + 1)


def together(text: str, behind: int) -> Time | None:
    """Return a time whose digits stand together, up to the token `behind`: 330."""
    found = _TOGETHER.fullmatch(text)
    return Time(int(found[1]), found[2], behind) if found and 1 <= int(found[1]) <= 12 else None


def hour(run: Run, at: int) -> tuple[int, int] | None:
    """Return an hour of twelve, and where it ends, unless it begins or counts something else."""
    key = run.key(at)
    value = HOURS.get(key, int(key) if key.isascii() and key.isdigit() and len(key) < 3 else 0)
    return (value, at + 1) if 1 <= value <= 12 and not counts(run, at + 1) else None


def meridiem(run: Run, at: int) -> tuple[str, int] | None:
    """Return the half of the day there, and where it ends."""
    key = run.key(at)
    if key in MERIDIEMS:
        return MERIDIEMS[key], at + 1
    if key in {"a", "p"} and run.key(at + 1) == "m":
        return f"{key.upper()}M", at + 2
    return None


def counts(run: Run, at: int) -> bool:
    """Whether what stands there says that the number in front is no time: three thirty percent, three thousand."""
    key = run.key(at)
    return lexeme(key) is not None or key[:1].isdigit() or key == "point" or measure(run, at) is not None


def _minute(run: Run, at: int) -> tuple[str, int] | None:
    key = run.key(at)
    if key in {"oh", "o", "zero"} and run.key(at + 1) in UNITS:
        return f"0{UNITS[run.key(at + 1)]}", at + 2
    if key in TENS and TENS[key] < 60:
        unit = UNITS.get(run.key(at + 1), 0)
        return f"{TENS[key] + unit}", at + 1 + bool(unit)
    if key in TEENS:
        return str(TEENS[key]), at + 1
    joined = lexeme(key) if "-" in key else None
    if joined is not None and joined.value < 60:
        return str(joined.value), at + 1
    return (key, at + 1) if len(key) == 2 and key.isascii() and key.isdigit() and key < "60" else None
