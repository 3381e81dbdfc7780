"""Laws of `stream_server.durations`."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.durations import clock_face, exact_seconds, microseconds_used, samples_within

RATES = st.integers(8_000, 48_000)


@pytest.mark.parametrize(
    ("seconds", "face"),
    [
        (0, "0:00:00"),
        (Fraction(1, 48_000), "0:00:01"),
        (1, "0:00:01"),
        (59.01, "0:01:00"),
        (3599, "0:59:59"),
        (Fraction(10207260, 100), "28:21:13"),
        (360_000, "100:00:00"),
    ],
)
def test_clock_face_rounds_up_and_never_rolls_into_days(seconds: Fraction | float, face: str) -> None:
    """A started second counts whole; hours go on past 24."""
    assert clock_face(seconds) == face


@given(samples=st.integers(0, 10**12), rate=RATES)
def test_microseconds_round_up_by_less_than_one(samples: int, rate: int) -> None:
    """A quota is charged what was heard and less than a microsecond more."""
    excess = microseconds_used(samples, rate) - exact_seconds(samples, rate) * 1_000_000
    assert 0 <= excess < 1


@given(samples=st.integers(0, 10**12), rate=RATES)
def test_a_grant_of_what_samples_use_holds_these_samples(samples: int, rate: int) -> None:
    """Converting there and back loses no sample and invents none."""
    assert samples_within(microseconds_used(samples, rate), rate) == samples
