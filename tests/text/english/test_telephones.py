"""Telephone numbers."""

from __future__ import annotations

import pytest

from tests.text.written import written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("five five five one two three four five six seven", "555-123-4567"),
        ("5551234567", "555-123-4567"),
        ("555 123 4567", "555-123-4567"),
        ("one eight hundred five five five one two three four", "1-800-555-1234"),
        ("1-800-5551234", "1-800-555-1234"),
        ("1 800 555 1234", "1-800-555-1234"),
        ("one two one two five five five zero one nine nine", "1-212-555-0199"),
    ],
)
def test_ten_digits_are_grouped_and_eleven_with(heard: str, read: str) -> None:
    """Ten digits are grouped, and eleven with a 1 in front."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("five five five one two three four", "5551234"),
        ("555-123-567", "555-123-567"),
        ("212-555-0199", "212-555-0199"),
        ("(555) 123-4567", "(555) 123-4567"),
        ("415552671", "415552671"),
        ("1795778600", "1795778600"),
    ],
)
def test_others_stay_joined_or_as_they_are(heard: str, read: str) -> None:
    """Others stay joined, or as they are written."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("plus one five five five one two three four five six seven", "+15551234567"),
        ("plus 44 20 7946 0958", "+442079460958"),
        ("two plus two", "two plus two"),
        ("plus five", "plus five"),
    ],
)
def test_behind_a_plus_all_digits_are_joined(heard: str, read: str) -> None:
    """Behind a plus all digits are joined."""
    assert written(heard) == read
