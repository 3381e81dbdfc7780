"""Turn samples into exact seconds, seconds into whole microseconds and clock faces.

Samples are the truth; a quota sums sessions of different clock rates, so it counts whole microseconds, each session
rounded up once.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

MICROSECONDS = 1_000_000


def exact_seconds(samples: int, clock_rate: int) -> Fraction:
    """Return the exact duration of `samples` at `clock_rate` Hz."""
    return Fraction(samples, clock_rate)


def microseconds_used(samples: int, clock_rate: int) -> int:
    """Return the duration in whole microseconds, rounded up: what is heard is never charged short."""
    return -(-samples * MICROSECONDS // clock_rate)


def samples_within(microseconds: int, clock_rate: int) -> int:
    """Return how many whole samples fit into `microseconds`."""
    return microseconds * clock_rate // MICROSECONDS


def clock_face(seconds: Fraction | float) -> str:
    """Format a duration as H:MM:SS; started seconds count whole, hours never roll into days.

    102072.60 s is 28:21:13, as on the admin page this server replaces.
    """
    whole = ceil(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
