"""Groups of a secret that look like money or shares, and money that is no secret."""

from __future__ import annotations

import pytest

from tests.text.redaction.test_redaction import redacted, shown


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("my card is $4111 $1111 $1111 $1111", "my card is [NUMBER] [NUMBER] [NUMBER] [NUMBER]"),
        ("nomor kartu 4111% 2222% 3333%", "nomor kartu [NUMBER] [NUMBER] [NUMBER]"),
        ("kartu saya Rp4111 1111 1111 1111", "kartu saya [NUMBER] [PHONE]"),
        ("kartu saya 4111 km 2222 km ya", "kartu saya [NUMBER] km [NUMBER] km ya"),
        ("itu $4111 eh 1111 ya", "itu [NUMBER] eh [NUMBER] ya"),
        ("harganya Rp1.750.000 dan Rp2.000.000 ya", "harganya Rp1.750.000 dan Rp2.000.000 ya"),
        ("itu $41 $11 eh $11 ya", "itu [NUMBER] [NUMBER] eh [NUMBER] ya"),
        ("naik 50% pada 2025 dan 5% 10% lagi", "naik 50% pada 2025 dan 5% 10% lagi"),
        ("$4111", "[NUMBER]"),
        ("harganya Rp1.750.000", "harganya Rp1.750.000"),
    ],
)
def test_groups_with_signs(said: str, read: str, numbers: bool) -> None:
    """One is masked where a secret is announced or another number is beside it."""
    assert shown(redacted(said, "card", "phone", numbers=numbers)) == read


def test_one_that_ends_a_partial_is_held() -> None:
    """The next word may be another group."""
    assert shown(redacted("harganya Rp4111", "card", numbers=False, ended=False)) == "harganya {Rp4111}"
    assert shown(redacted("harganya Rp4111 naik", "card", numbers=False, ended=False)) == "harganya Rp4111 naik"
