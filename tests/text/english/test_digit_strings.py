"""Digits said one by one."""

from __future__ import annotations

import pytest

from tests.text.written import written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("one two three four", "1234"),
        ("1 2 3 4", "1234"),
        ("1-1-1-9", "1119"),
        ("7-7-319", "77319"),
        ("double five three", "553"),
        ("triple seven", "777"),
        ("oh oh seven", "007"),
        ("1 oh 8", "108"),
        ("2 oh 1-2-2-4-5", "2012245"),
        ("475 oh 2466", "47502466"),
        ("ten oh five", "1005"),
        ("room one oh one", "room 101"),
        ("one two three percent", "123%"),
    ],
)
def test_three_and_more_are_one_string(heard: str, read: str) -> None:
    """Three and more are one string."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("one two", "one two"),
        ("double five", "double five"),
        ("double check", "double check"),
        ("oh I see", "oh I see"),
        ("ten one two", "10 one two"),
        ("one, two, three, four", "one, two, three, four"),
        ("20 30 40", "20 30 40"),
        ("one two thousand", "one 2,000"),
        ("five one two hundred", "five one 200"),
        ("9-10-2026", "9-10-2026"),
    ],
)
def test_fewer_and_numbers_side_by_side_stay(heard: str, read: str) -> None:
    """Fewer, and numbers side by side, stay."""
    assert written(heard) == read
