"""Runs of digits are told apart by their shape."""

from __future__ import annotations

import pytest

from stream_server.text.formatting import Secret
from stream_server.text.redaction.kinds import kind_of, passes_luhn


@pytest.mark.parametrize(
    ("digits", "wanted", "kind"),
    [
        ("4111111111111111", ("card", "nik", "phone"), "card"),
        ("4111111111111112", ("card",), "card"),
        ("4111111111111112", ("card", "nik"), "nik"),
        ("3275012345678901", ("nik",), "nik"),
        ("378282246310005", ("card", "phone"), "card"),
        ("081234567890", ("card", "phone"), "phone"),
        ("0812345678901", ("card", "phone"), "phone"),
        ("6281234567890", ("phone",), "phone"),
        ("5551234", ("phone",), "phone"),
        ("4111", ("card",), "numbers"),
        ("4" * 40, ("card", "nik", "phone"), "numbers"),
    ],
)
def test_kinds(digits: str, wanted: tuple[Secret, ...], kind: Secret) -> None:
    """The check digit speaks for a card, the length for the others; what may be part of any is a number."""
    assert kind_of(digits, wanted) == kind


def test_the_check_digit() -> None:
    """The numbers that card schemes publish for tests pass; each with one digit changed does not."""
    for card in ("4111111111111111", "5555555555554444", "378282246310005"):
        assert passes_luhn(card)
        assert not passes_luhn(card[:-1] + str((int(card[-1]) + 1) % 10))
