"""English ranges."""

from __future__ import annotations

import pytest

from tests.text.written import written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("ten to fifteen people", "10–15 people"),
        ("five to ten percent", "5–10%"),
        ("two to three days", "2–3 days"),
        ("5 to 10%", "5–10%"),
        ("pages ten through fifteen", "pages 10–15"),
        ("pages five through nine", "pages 5–9"),
        ("five to ten km", "5–10 km"),
        ("five to ten thousand", "5,000–10,000"),
        ("five to six hundred", "500–600"),
        ("two to three million dollars", "$2–3 million"),
        ("five to ten dollars", "$5–10"),
        ("fifty to a hundred", "50–100"),
        ("nineteen ninety to nineteen ninety five", "1990–1995"),
        ("2 to 3 pm", "2–3 PM"),
    ],
)
def test_a_dash_stands_between_numbers_of_the(heard: str, read: str) -> None:
    """A dash stands between numbers of the same thing."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("from five to ten", "from 5 to 10"),
        ("from zero to nine", "from 0 to 9"),
        ("between ten and fifteen", "between 10 and 15"),
        ("between five and ten percent", "between 5 and 10%"),
        ("between five and six thousand dollars", "between $5,000 and $6,000"),
        ("from two to three million people", "from 2 to 3 million people"),
        ("between one hundred and two hundred", "between 100 and 200"),
        ("between two and three people", "between 2 and 3 people"),
        ("from 3.5 to 4.2", "from 3.5 to 4.2"),
    ],
)
def test_behind_from_and_between_the_words_stay(heard: str, read: str) -> None:
    """Behind from and between the words stay."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("two to three people", "two to three people"),
        ("one to one", "one to one"),
        ("ten to five people", "10 to five people"),
        ("add ten to twenty", "add 10 to 20"),
        ("one meeting to two others", "one meeting to two others"),
        ("6 to 8123456", "6 to 8123456"),
    ],
)
def test_small_numbers_of_nothing_in_particular_and(heard: str, read: str) -> None:
    """Small numbers of nothing in particular, and what goes down or is done, are no ranges."""
    assert written(heard) == read
