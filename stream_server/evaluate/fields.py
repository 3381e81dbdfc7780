"""What the parsers share: where a complaint points to, and numbers that are times."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from stream_server.errors import InvalidConfiguration

LONGEST_SECONDS = 1e7
"""About four months; a time beyond it is a mistake, and what adds up so far keeps its milliseconds."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an input something stands: `source` is "the reference" or a file's name, `at` a line or an item."""

    source: str
    at: str = ""

    def line(self, number: int) -> Place:
        """Return the place of a line; the first is 1."""
        return Place(self.source, f"line {number}")

    def wrong(self, what: str) -> InvalidConfiguration:
        """Return the error that says what is wrong here. What stands there is not told: it may be spoken words."""
        return InvalidConfiguration(f"{self.source}, {self.at}: {what}" if self.at else f"{self.source}: {what}")


def read_seconds(value: Any, name: str, place: Place) -> float:
    """Return a time in seconds from a number or its decimal digits; raises `InvalidConfiguration`."""
    try:
        seconds = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        seconds = None
    if seconds is None or not isfinite(seconds) or not 0 <= seconds <= LONGEST_SECONDS:
        raise place.wrong(f"{name} must be a number of seconds from 0 to {LONGEST_SECONDS:.0f}")
    return seconds


def check_order(start: float, end: float, place: Place) -> None:
    """Raise `InvalidConfiguration` if a turn ends before it starts."""
    if end < start:
        raise place.wrong("the end is before the start")
