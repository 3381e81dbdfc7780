"""Numbers that are said otherwise than by counting."""

from __future__ import annotations

import pytest

from tests.text.redaction.test_redaction import redacted, shown


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("one two people and five six dogs", "[NUMBER] people and [NUMBER] dogs"),
        ("the forty-second one", "the [NUMBER] one"),
        ("the hundredth time", "the [NUMBER] time"),
        ("three quarters of it", "[NUMBER] of it"),
        ("at half past three we go", "at [NUMBER] we go"),
        ("the twenty first of august was", "the [NUMBER] of august was"),
        ("one hundred and first time", "[NUMBER] time"),
        ("two and a half of it", "[NUMBER] of it"),
        ("yang kedua belas itu", "yang [NUMBER] itu"),
        ("yang kesebelas itu", "yang [NUMBER] itu"),
        ("dua pertiga dari itu", "[NUMBER] dari itu"),
        ("jam setengah tiga kita", "jam [NUMBER] kita"),
        ("the second one and the third", "the second one and the third"),
        ("one and two of them", "one and two of them"),
        ("wait one second please", "wait one second please"),
        ("half an hour of it", "half an hour of it"),
    ],
)
def test_with_numbers_they_are_masked(said: str, read: str) -> None:
    """From the tenth on, parts and pairs too; what is no more than nine stays."""
    assert shown(redacted(said, "numbers", numbers=False, spelling=False, language="xx")) == read
