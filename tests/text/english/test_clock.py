"""English times of the day."""

from __future__ import annotations

import pytest

from tests.text.written import hesitant, written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("three thirty p m", "3:30 PM"),
        ("seven a m", "7 AM"),
        ("nine oh five a.m. on Monday", "9:05 AM on Monday"),
        ("3.30 pm", "3:30 PM"),
        ("3:30pm", "3:30 PM"),
        ("330 PM", "3:30 PM"),
        ("12 p.m.", "12 PM"),
        ("from nine a m to five p m", "from 9 AM to 5 PM"),
    ],
)
def test_with_a_half_of_the_day_they(heard: str, read: str) -> None:
    """With a half of the day they are times."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("3:30 p.m.", "3:30 PM"),
        ("Lunch is at 3.30 p.m.", "Lunch is at 3:30 PM."),
        ("We meet at 7 a.m. We leave at 8 a.m. on Friday.", "We meet at 7 AM. We leave at 8 AM on Friday."),
    ],
)
def test_the_point_of_an_abbreviation_goes_unless(heard: str, read: str) -> None:
    """The point of an abbreviation goes, unless it ends a sentence."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("half past three", "3:30"),
        ("a quarter past two", "2:15"),
        ("quarter to one", "12:45"),
        ("ten past two p m", "2:10 PM"),
        ("twenty to six", "5:40"),
        ("at ten to twelve", "at 11:50"),
        ("it's ten minutes to five", "it's 4:50"),
        ("10 past 2", "2:10"),
    ],
)
def test_counted_from_the_hour_they_are_times(heard: str, read: str) -> None:
    """Counted from the hour they are times."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("at three thirty", "at 3:30"),
        ("at nine oh five", "at 9:05"),
        ("from two thirty to three forty five", "from 2:30 to 3:45"),
        ("at 3.30", "at 3:30"),
        ("it is ten to one", "it is 12:50"),
        ("say ten thirty to eleven thirty", "say 10:30 to 11:30"),
        ("seven thirty in the morning", "7:30 in the morning"),
        ("at nineteen forty five", "at 19:45"),
    ],
)
def test_behind_a_word_that_leads_to_a(heard: str, read: str) -> None:
    """Behind a word that leads to a time, or before a part of the day, two numbers are one."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("at seven", "at seven"),
        ("five o'clock", "5 o'clock"),
        ("at three fifty percent", "at three 50%"),
        ("rose to 3.50 percent", "rose to 3.50%"),
        ("it was 3.30", "it was 3.30"),
        ("at 0.45 seconds", "at 0.45 seconds"),
        ("give twenty to six people", "give 20 to six people"),
        ("give ten minutes to five people", "give 10 minutes to five people"),
        ("about three fifty people", "about three 50 people"),
        ("ten to twelve", "10–12"),
        ("half of it past noon", "half of it past noon"),
        ("I am five", "I am five"),
        ("we lost five to three", "we lost five to three"),
        ("the ratio is ten to one", "the ratio is 10 to one"),
    ],
)
def test_a_bare_hour_stays_and_what_is(heard: str, read: str) -> None:
    """A bare hour stays, and what is counted is no time."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("We waited at one twenty … dollars.", "We waited at one $20."),
        ("from two ten … minutes later", "from two 10 minutes later"),
        ("we met at one twenty … everybody was there", "we met at 1:20 everybody was there"),
    ],
)
def test_a_hesitation_makes_no_time_of_an_amount(heard: str, read: str) -> None:
    """What is counted or paid is so behind a silence too."""
    assert hesitant(heard) == read
