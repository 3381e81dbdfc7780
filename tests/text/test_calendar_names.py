"""Days and months have their capital."""

from __future__ import annotations

import pytest

from tests.text.written import written


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("on monday or the fridays of october", "on Monday or the Fridays of October"),
        ("(tuesday's call)", "(Tuesday's call)"),
        ("we may march in june", "we may march in June"),
        ("the sun and the august hall", "the sun and the August hall"),
        ("MONDAY", "MONDAY"),
    ],
)
def test_english(heard: str, read: str) -> None:
    """Their plurals and genitives too; May and March are words as well."""
    assert written(heard) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("rapat hari senin dan jumat bulan maret", "rapat hari Senin dan Jumat bulan Maret"),
        ("setiap hari minggu", "setiap hari Minggu"),
        ("minggu depan, hari ini", "minggu depan, hari ini"),
    ],
)
def test_indonesian(heard: str, read: str) -> None:
    """A week is a Sunday behind the word for day alone."""
    assert written(heard, "id") == read
