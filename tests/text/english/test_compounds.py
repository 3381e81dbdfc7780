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
        ("ten-year-old Tom and five-year-old Ann", "10-year-old Tom and 5-year-old Ann"),
        ("a two-minute, five-minute, and ten-minute break", "a 2-minute, 5-minute, and 10-minute break"),
        ("a five-minute or a ten-minute break", "a 5-minute or a 10-minute break"),
        ("the five-second rule", "the 5-second rule"),
    ],
)
def test_its_number_is_in_digits_from_two_on(heard: str, read: str) -> None:
    """As it is where the words stand apart."""
    assert written(heard) == read
    assert stays(read)


@pytest.mark.parametrize(
    "heard",
    [
        "a one-minute call",
        "five to ten-minute walks",
        "five- to ten-minute walks",
        "5 or ten-minute walks",
        "a one-on-one",
        "second-hand",
        "a 20-minute call",
    ],
)
def test_others_stay(heard: str) -> None:
    """One, what other numbers are in front of, and what is no stretch of time."""
    assert stays(heard)


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("The twenty-second of May.", "The 22nd of May."),
        ("May twenty-second", "May 22"),
        ("his forty-second birthday", "his 42nd birthday"),
        ("I was born on the twenty-second", "I was born on the 22nd"),
        ("He finished thirty-second out of fifty.", "He finished 32nd out of 50."),
        ("the twenty-second century", "the 22nd century"),
        ("it's the twenty-second today", "it's the 22nd today"),
        ("The twenty-third and the twenty-second floors", "The 23rd and the 22nd floors"),
        ("one hundred and twenty-second", "122nd"),
        ("a fifty-second timeout", "a 50-second timeout"),
        ("every thirty-second interval", "every 30-second interval"),
        ("the twenty-second-long break", "the 20-second-long break"),
        ("the twenty-five-second mark", "the 25-second mark"),
    ],
)
def test_the_twenty_second_is_a_number_in_order(heard: str, read: str) -> None:
    """So many seconds are told by the article in front."""
    assert written(heard) == read
    assert stays(read)
