"""What is shown for words, and what it consists of."""

from __future__ import annotations

import pytest

from stream_server.text.tokens import with_capital


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("halo", "Halo"),
        ('"halo"', '"Halo"'),
        ("(«i'm", "(«I'm"),
        ("école", "École"),
        ("ßa", "ßa"),
        ("5a", "5a"),
        ("...", "..."),
        ("", ""),
    ],
)
def test_capitals(word: str, written: str) -> None:
    """The first letter gets one behind what opens the word; a letter that has none, or only as two, stays."""
    assert with_capital(word) == written
