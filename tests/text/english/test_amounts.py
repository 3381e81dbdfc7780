"""What English numbers are said of."""

from __future__ import annotations

import pytest

from tests.text.written import written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("five percent", "5%"),
        ("five per cent", "5%"),
        ("one percent", "1%"),
        ("zero point one percent", "0.1%"),
        ("50 %", "50%"),
        ("hundred percent", "100%"),
        ("a small percent of them", "a small percent of them"),
        ("half a percent", "half a percent"),
    ],
)
def test_percent_takes_any_number(heard: str, read: str) -> None:
    """Percent takes any number."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("five kilometers", "5 km"),
        ("five km", "5 km"),
        ("60 kilometers per hour", "60 km/h"),
        ("sixty miles per hour", "60 mph"),
        ("minus twelve degrees celsius", "-12°C"),
        ("two hundred square meters", "200 m²"),
        ("two kilos", "2 kg"),
        ("500 grams", "500 g"),
        ("six feet", "6 feet"),
        ("five tons", "5 tons"),
        ("one kilometer", "one kilometer"),
        ("two and a half million kilometers", "2.5 million km"),
    ],
)
def test_units_are_shortened_behind_digits_or_stay(heard: str, read: str) -> None:
    """Units are shortened behind digits, or stay words; one alone stays."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("two hours and thirty minutes", "2 hours and 30 minutes"),
        ("one hour and thirty minutes", "1 hour and 30 minutes"),
        ("one day and six hours", "1 day and 6 hours"),
        ("two and a half days", "2.5 days"),
        ("five second delay", "5 second delay"),
        ("one hour", "one hour"),
        ("one hour and a half", "one hour and a half"),
        ("an hour and a half", "an hour and a half"),
        ("half an hour", "half an hour"),
    ],
)
def test_durations_take_digits_from_two_on_and(heard: str, read: str) -> None:
    """Durations take digits from two on, and one where more of the same follows."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("number five", "number 5"),
        ("page twelve", "page 12"),
        ("room two oh five", "room 205"),
        ("step one of five", "step 1 of five"),
        ("version two", "version 2"),
        ("question one should be easy", "question one should be easy"),
        ("the number of people", "the number of people"),
        ("in line for five", "in line for five"),
    ],
)
def test_numbered_nouns_take_any_number(heard: str, read: str) -> None:
    """Numbered nouns take any number."""
    assert written(heard) == read
