"""From one number to another."""

from __future__ import annotations

import pytest

from tests.text.indonesian.spoken import pairs, written

A_DASH_BETWEEN_NUMBERS_OF_A_KIND = pairs("""
sepuluh sampai lima belas orang → 10–15 orang
5 sampai 10 orang → 5–10 orang
dua hingga tiga hari → 2–3 hari
lima sampai dengan sepuluh persen → 5–10%
5-10 persen → 5–10%
2-3 hari → 2–3 hari
satu sampai dua jam → 1–2 jam
lima sampai sepuluh juta rupiah → Rp5–10 juta
lima sampai sepuluh ribu → 5.000–10.000
seratus sampai dua ratus ribu rupiah → Rp100.000–200.000
seratus sampai seribu orang → 100–1.000 orang
lima belas sampai dua puluh mei → 15–20 Mei
halaman lima sampai dua belas → halaman 5–12
dua sampai tiga orang
2 sampai 3 orang
lima puluh sampai dua juta → 50 sampai 2 juta
sepuluh sampai lima → 10 sampai lima
sampai sepuluh orang → sampai 10 orang
5-10 juta rupiah → Rp5–10 juta
5-10 ribu → 5.000–10.000
skor 2-3
""")


@pytest.mark.parametrize(("said", "read"), A_DASH_BETWEEN_NUMBERS_OF_A_KIND)
def test_a_dash_between_numbers_of_a_kind(said: str, read: str) -> None:
    """A dash is between numbers of the same thing where they are large or count something."""
    assert written(said) == read


WORDS_IN_FRONT_STAY_WITH_THOSE_BETWEEN = pairs("""
dari lima sampai sepuluh → dari 5 sampai 10
dari satu sampai lima orang → dari 1 sampai 5 orang
antara sepuluh dan lima belas → antara 10 dan 15
antara dua sampai tiga minggu → antara 2 sampai 3 minggu
tiga dari dua belas tim → tiga dari 12 tim
dari tanggal 1 sampai 5 Mei
""")


@pytest.mark.parametrize(("said", "read"), WORDS_IN_FRONT_STAY_WITH_THOSE_BETWEEN)
def test_words_in_front_stay_with_those_between(said: str, read: str) -> None:
    """Behind dari and antara the words stay, and the numbers are in digits."""
    assert written(said) == read
