"""Groups of telephone numbers."""

from __future__ import annotations

from stream_server.text.indonesian.phones import grouped, international


def test_mobile_numbers() -> None:
    """Ten to thirteen digits that begin with 08 are in groups of four; nothing else is."""
    assert grouped("081234567890") == "0812-3456-7890"
    assert grouped("0812345678") == "0812-3456-78"
    assert grouped("081234567") == ""
    assert grouped("0215551234") == ""
    assert grouped("0812-3456-78") == ""


def test_numbers_with_a_country() -> None:
    """Indonesia's are in groups, others are a plus and digits."""
    assert international("6281234567890") == "+62 812-3456-7890"
    assert international("6591234567") == "+6591234567"
    assert international("6212345") == "+6212345"
