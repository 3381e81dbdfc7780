"""English dates."""

from __future__ import annotations

import pytest

from tests.text.written import hesitant, written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("october ninth twenty twenty six", "October 9, 2026"),
        ("October 9th", "October 9"),
        ("October 9th, 2026", "October 9, 2026"),
        ("october nine", "October 9"),
        ("december the twenty fifth", "December the 25th"),
        ("the ninth of october nineteen forty five", "the 9th of October 1945"),
        ("thirty first of december", "31st of December"),
        ("nine october", "9 October"),
        ("9th october", "9th October"),
        ("october twenty twenty six", "October 2026"),
        ("monday october ninth two zero two six", "Monday October 9, 2026"),
    ],
)
def test_month_and_day_in_the_order_in(heard: str, read: str) -> None:
    """Month and day, in the order in which they are said."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("may fifth", "May 5"),
        ("on may five", "on May 5"),
        ("march 5", "March 5"),
        ("the second of march", "the 2nd of March"),
        ("we may come, we march on", "we may come, we march on"),
        ("may five people come in", "may five people come in"),
        ("you may first want to see", "you may first want to see"),
        ("five may be enough", "five may be enough"),
    ],
)
def test_may_and_march_are_months_beside_a(heard: str, read: str) -> None:
    """May and March are months beside a day."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("in october five percent left", "in October 5% left"),
        ("in october five thousand came", "in October 5,000 came"),
        ("october five dollars", "October $5"),
    ],
)
def test_what_is_measured_is_no_day(heard: str, read: str) -> None:
    """What is measured is no day."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("The first may … be wrong.", "The first may be wrong."),
        ("Of those, twenty may … not be enough.", "Of those, 20 may not be enough."),
        ("only two may … enter", "only two may enter"),
        ("the ten march … past the gate", "the 10 march past the gate"),
        ("it begins on two may … at noon", "it begins on 2 May at noon"),
    ],
)
def test_a_hesitation_makes_no_month_of_a_verb(heard: str, read: str) -> None:
    """What comes behind a silence says what may is as well."""
    assert hesitant(heard) == read
