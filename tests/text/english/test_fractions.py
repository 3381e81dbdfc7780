"""English fractions."""

from __future__ import annotations

import pytest

from tests.text.written import written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("two thirds of them", "2/3 of them"),
        ("two-thirds", "2/3"),
        ("three quarters of an hour", "3/4 of an hour"),
        ("one fifth", "1/5"),
        ("2 thirds and 3 quarters", "2/3 and 3/4"),
        ("About 1-5th of the customers", "About 1/5 of the customers"),
        ("two third of the team", "2/3 of the team"),
    ],
)
def test_a_small_number_over_a_part_is(heard: str, read: str) -> None:
    """A small number over a part is a fraction."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("one half", "one half"),
        ("a third of it, a quarter", "a third of it, a quarter"),
        ("the last three quarters", "the last three quarters"),
        ("two quarters", "two quarters"),
        ("in the first three quarters", "in the first three quarters"),
        ("one third party", "one third party"),
    ],
)
def test_halves_parts_alone_and_what_is_counted(heard: str, read: str) -> None:
    """Halves, parts alone and what is counted stay."""
    assert written(heard) == read
