"""How long something is, in front of it."""

from __future__ import annotations

import pytest

from tests.text.written import stays, written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("a twenty-minute call", "a 20-minute call"),
        ("Twenty-five-minute calls.", "25-minute calls."),
        ("a five-day week", "a 5-day week"),
        ("a ten-year-old boy", "a 10-year-old boy"),
        ("two ten-year-olds", "two ten-year-olds"),
    ],
)
def test_its_number_is_in_digits_from_two_on(heard: str, read: str) -> None:
    """As it is where the words stand apart."""
    assert written(heard) == read
    assert stays(read)


@pytest.mark.parametrize(
    "heard", ["a one-minute call", "five to ten-minute walks", "a one-on-one", "second-hand", "a 20-minute call"]
)
def test_others_stay(heard: str) -> None:
    """One, what other numbers are in front of, and what is no stretch of time."""
    assert stays(heard)
