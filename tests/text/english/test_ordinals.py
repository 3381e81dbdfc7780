"""English ordinals."""

from __future__ import annotations

import pytest

from tests.text.written import written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("twenty first", "21st"),
        ("the twenty-first century", "the 21st century"),
        ("tenth of all", "10th of all"),
        ("two hundred and first", "201st"),
        ("one hundredth", "100th"),
        ("the hundredth time", "the 100th time"),
        ("the thirtieth call", "the 30th call"),
    ],
)
def test_from_the_tenth_on_they_are_digits(heard: str, read: str) -> None:
    """From the tenth on they are digits."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("third floor and Fifth Avenue", "3rd floor and 5th Avenue"),
        ("the ninth grade", "the 9th grade"),
        ("first floor, second floor", "first floor, second floor"),
        ("the third time", "the third time"),
        ("just a second", "just a second"),
    ],
)
def test_below_the_tenth_only_before_what_is(heard: str, read: str) -> None:
    """Below the tenth only before what is counted so; first and second stay."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("a tenth of it", "a tenth of it"),
        ("a twenty second break", "a 20 second break"),
        ("the twenty second", "the 22nd"),
    ],
)
def test_a_tenth_of_something_is_a_part(heard: str, read: str) -> None:
    """A tenth of something is a part, and a twenty second break takes seconds."""
    assert written(heard) == read
