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
        ("id", "laptop RAM 16GB dengan SSD 512GB", "laptop RAM 16 GB dengan SSD 512 GB"),
        ("id", "jarak 5km dengan mobil", "jarak 5 km dengan mobil"),
        ("id", "jarak 5km sampai rumah", "jarak 5 km sampai rumah"),
        ("id", "5km sampai dengan 10km", "5 km sampai dengan 10 km"),
        ("en", "from 5km to 10km", "from 5 km to 10 km"),
        ("en", "100MB to 200MB", "100 MB to 200 MB"),
        ("en", "5km to ten kilometers", "5 km to 10 km"),
        ("en", "It weighs 5kg. To be clear", "It weighs 5 kg. To be clear"),
    ],
)
def test_they_stand_apart(language: str, heard: str, read: str) -> None:
    """As they do where they were said."""
    assert written(heard, language) == read
    assert stays(read, language)


@pytest.mark.parametrize(
    ("language", "heard"),
    [
        ("en", "4G and 5m"),
        ("en", "1000km"),
        ("en", "2 5km"),
        ("en", "5 to 10km"),
        ("en", "x64GB"),
        ("id", "2.5km"),
        ("id", "5km 300"),
        ("id", "5 sampai dengan 10km"),
    ],
)
def test_what_may_be_something_else_stays(language: str, heard: str) -> None:
    """One letter may be anything, and of numbers side by side nobody knows which is counted."""
    assert stays(heard, language)
