"""Ordinals."""

from __future__ import annotations

import pytest

from tests.text.indonesian.spoken import pairs, written

FROM_THE_TENTH_ON = pairs("""
ke dua puluh lima → ke-25
kedua puluh lima → ke-25
ke-25
ketujuh belas → ke-17
Kesepuluh → Ke-10
keduapuluh → ke-20
ke tiga → ke-3
ke-tiga → ke-3
ke 17 → ke-17
keseratus → ke-100
yang pertama dan kedua
ketiga orang itu
kedua belah pihak
""")


@pytest.mark.parametrize(("said", "read"), FROM_THE_TENTH_ON)
def test_from_the_tenth_on(said: str, read: str) -> None:
    """Ordinals are in digits from the tenth on, and where ke stands alone."""
    assert written(said) == read


NOUNS_ASK_FOR_THEM = pairs("""
lantai ketiga → lantai ke-3
kali ketiga → kali ke-3
untuk ketiga kalinya → untuk ke-3 kalinya
juara kedua. → juara ke-2.
bab pertama
kedua anak itu
""")


@pytest.mark.parametrize(("said", "read"), NOUNS_ASK_FOR_THEM)
def test_nouns_ask_for_them(said: str, read: str) -> None:
    """Behind some nouns, and before kali, an ordinal below ten is one."""
    assert written(said) == read


WAYS_ARE_NO_ORDINALS = pairs("""
dari sepuluh ke dua puluh → dari 10 ke 20
naik ke lima puluh persen → naik ke 50%
ke 2019
ke kantor
ke tiga kota
""")


@pytest.mark.parametrize(("said", "read"), WAYS_ARE_NO_ORDINALS)
def test_ways_are_no_ordinals(said: str, read: str) -> None:
    """Behind a number, or before an amount, ke is the way to something."""
    assert written(said) == read
