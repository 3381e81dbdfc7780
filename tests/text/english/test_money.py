"""English amounts of money."""

from __future__ import annotations

import pytest

from tests.text.written import written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("five dollars", "$5"),
        ("one dollar", "$1"),
        ("five dollars and fifty cents", "$5.50"),
        ("two dollars fifty", "$2.50"),
        ("$5 and fifty cents", "$5.50"),
        ("two and a half dollars", "$2.50"),
        ("1,250,000 dollars", "$1,250,000"),
        ("20 euros", "€20"),
        ("ten pounds sterling", "£10"),
        ("five thousand rupiah", "Rp5,000"),
        ("rp 5000", "Rp5,000"),
        ("$ 5", "$5"),
        ("a five dollar bill", "a $5 bill"),
        ("minus five dollars", "-$5"),
    ],
)
def test_the_sign_stands_in_front_cents_are(heard: str, read: str) -> None:
    """The sign stands in front; cents are decimals."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("five million dollars", "$5 million"),
        ("a million dollars", "$1 million"),
        ("half a million dollars", "$500,000"),
        ("two and a half million rupiah", "Rp2.5 million"),
        ("one million two hundred fifty thousand dollars", "$1,250,000"),
        ("$1 million 750 thousand", "$1,750,000"),
        ("$5 million", "$5 million"),
    ],
)
def test_from_a_million_on_one_multiple_of(heard: str, read: str) -> None:
    """From a million on one multiple of a scale keeps its word."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("a dollar is a dollar", "a dollar is a dollar"),
        ("fifty cents", "50 cents"),
        ("ten pounds", "10 pounds"),
        ("ten bucks", "10 bucks"),
        ("$5 to $10", "$5 to $10"),
        ("$1,250,000", "$1,250,000"),
    ],
)
def test_without_a_currency_that_is_written_so(heard: str, read: str) -> None:
    """Without a currency that is written so, there is no sign."""
    assert written(heard) == read
