"""Cardinals, decimals and what is mixed of words and digits."""

from __future__ import annotations

import pytest

from tests.text.written import written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("twenty five people came", "25 people came"),
        ("we have twenty-five rows and one-hundred columns", "we have 25 rows and 100 columns"),
        ("a hundred and five of the three hundred", "105 of the 300"),
        ("nineteen thousand nine hundred and ninety nine", "19,999"),
        ("twelve hundred seats", "1,200 seats"),
        ("twenty five hundred", "2,500"),
        ("one hundred and two thousand votes", "102,000 votes"),
        ("a thousand times", "1,000 times"),
    ],
)
def test_from_ten_on_a_number_is_digits(heard: str, read: str) -> None:
    """From ten on a number is digits; thousands get their marks."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("we have three of them and zero doubts", "we have three of them and zero doubts"),
        ("one of them knows that no one won", "one of them knows that no one won"),
        ("hundreds of people, a few thousand votes", "hundreds of people, a few thousand votes"),
        ("a couple hundred, thanks a million", "a couple hundred, thanks a million"),
        ("one by one, two by two", "one by one, two by two"),
    ],
)
def test_zero_to_nine_alone_and_what_only(heard: str, read: str) -> None:
    """Zero to nine alone, and what only looks like a number, stay."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("five million people", "5 million people"),
        ("a hundred million", "100 million"),
        ("half a million", "half a million"),
        ("two and a half million users", "2.5 million users"),
        ("one point two five billion", "1.25 billion"),
        ("one million two hundred fifty thousand", "1,250,000"),
        ("two million five hundred thousand and one", "2,500,001"),
    ],
)
def test_one_multiple_of_a_scale_from_a(heard: str, read: str) -> None:
    """One multiple of a scale from a million on keeps its word; a remainder is written out."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("17 thousand 500", "17,500"),
        ("1 million 750 thousand", "1,750,000"),
        ("2 hundred", "200"),
        ("1.5 thousand", "1,500"),
        ("2.5 million", "2.5 million"),
    ],
)
def test_words_and_digits_of_one_number_are(heard: str, read: str) -> None:
    """Words and digits of one number are one number."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("one hundred and two hundred", "100 and 200"),
        ("one thousand and two thousand", "1,000 and 2,000"),
        ("five million six million", "5 million 6 million"),
        ("five hundred twenty hundred", "500 2,000"),
        ("twenty, three", "20, three"),
        ("fifty fifty", "50 50"),
    ],
)
def test_two_numbers_that_make_none_together_stay(heard: str, read: str) -> None:
    """Two numbers that make none together stay two."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("5,551,234 and 1100 and 3.5", "5,551,234 and 1100 and 3.5"),
        ("we sold 2.50 and 007", "we sold 2.50 and 007"),
    ],
)
def test_what_is_written_well_is_not_touched(heard: str, read: str) -> None:
    """What is written well is not touched."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("three point five", "3.5"),
        ("zero point two five", "0.25"),
        ("two point twenty five", "2.25"),
        ("three point one four one five nine", "3.14159"),
        ("3 point 14", "3.14"),
        ("version two point five point one", "version 2.5.1"),
        ("six and a half", "6.5"),
        ("two and a quarter", "2.25"),
        ("nine thousand point five", "9,000.5"),
    ],
)
def test_decimals_are_read_digit_by_digit_or(heard: str, read: str) -> None:
    """Decimals are read digit by digit or as a number."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("the point is clear", "the point is clear"),
        ("at this point five people left", "at this point five people left"),
        ("point five on the agenda", "point five on the agenda"),
        ("by point five", "by 0.5"),
        ("an average of point nine", "an average of 0.9"),
        ("The value of point four on the list is high.", "The value of point four on the list is high."),
        ("the ratio of point five to point six", "the ratio of point five to point six"),
        ("the mean of point four and five", "the mean of point four and five"),
        ("the mean of point four and point five", "the mean of 0.4 and 0.5"),
        ("an average of point nine and rising", "an average of 0.9 and rising"),
        ("in front of point nine", "in front of point nine"),
        ("in spite of point nine percent", "in spite of 0.9%"),
    ],
)
def test_a_point_without_a_number_around_it(heard: str, read: str) -> None:
    """A point without a number around it is a remark."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("minus five", "-5"),
        ("minus two point five", "-2.5"),
        ("ten minus five", "10 minus five"),
        ("negative five degrees", "-5 degrees"),
        ("negative feedback", "negative feedback"),
    ],
)
def test_a_minus_belongs_to_a_number_unless(heard: str, read: str) -> None:
    """A minus belongs to a number, unless something is taken from another."""
    assert written(heard) == read
