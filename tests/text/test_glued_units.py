"""Digits in one word with their unit."""

from __future__ import annotations

import pytest

from tests.text.written import stays, written


@pytest.mark.parametrize(
    ("language", "heard", "read"),
    [
        ("en", "64GB of memory", "64 GB of memory"),
        ("en", "2.5km away", "2.5 km away"),
        ("en", '"12mm,"', '"12 mm,"'),
        ("id", "memori 64GB", "memori 64 GB"),
        ("id", "2,5km lagi", "2,5 km lagi"),
    ],
)
def test_they_stand_apart(language: str, heard: str, read: str) -> None:
    """As they do where they were said."""
    assert written(heard, language) == read
    assert stays(read, language)


@pytest.mark.parametrize(
    ("language", "heard"),
    [("en", "4G and 5m"), ("en", "1000km"), ("en", "2 5km"), ("id", "2.5km"), ("id", "5km 300"), ("en", "x64GB")],
)
def test_what_may_be_something_else_stays(language: str, heard: str) -> None:
    """One letter may be anything, and of numbers side by side nobody knows which is counted."""
    assert stays(heard, language)
