"""English years."""

from __future__ import annotations

import pytest

from tests.text.written import written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("nineteen forty five", "1945"),
        ("twenty twenty six", "2026"),
        ("nineteen oh five", "1905"),
        ("the nineteen nineties", "the 1990s"),
        ("twenty thirty", "20 30"),
        ("by twenty thirty", "by 2030"),
        ("eleven twelve thirteen", "11 12 13"),
        ("nineteen twenty percent", "19 20%"),
    ],
)
def test_two_numbers_are_a_year_unless_they(heard: str, read: str) -> None:
    """Two numbers are a year, unless they are rather counted."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("in two thousand and eight", "in 2008"),
        ("since two thousand five", "since 2005"),
        ("year two thousand twenty six", "year 2026"),
        ("in nineteen hundred", "in 1900"),
        ("two thousand and eight", "2,008"),
        ("in two thousand words", "in 2,000 words"),
        ("of two thousand and fifty people", "of 2,050 people"),
        ("nineteen hundred people", "1,900 people"),
        ("the nineties", "the nineties"),
    ],
)
def test_thousands_are_a_year_where_one_is(heard: str, read: str) -> None:
    """Thousands are a year where one is expected."""
    assert written(heard) == read
