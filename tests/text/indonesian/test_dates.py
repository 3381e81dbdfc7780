"""Dates."""

from __future__ import annotations

import pytest

from tests.text.indonesian.spoken import pairs, written

A_DAY_BESIDE_A_MONTH = pairs("""
tujuh belas agustus dua ribu dua puluh enam → 17 Agustus 2026
satu mei → 1 Mei
3 belas November → 13 November
9 October → 9 Oktober
October 9 → Oktober 9
lima may → 5 Mei
tanggal lima mei → tanggal 5 Mei
mei dua ribu dua puluh enam → Mei 2026
may be
tiga puluh dua mei → 32 mei
""")


@pytest.mark.parametrize(("said", "read"), A_DAY_BESIDE_A_MONTH)
def test_a_day_beside_a_month(said: str, read: str) -> None:
    """A day beside a month is in digits, and the month has its Indonesian name."""
    assert written(said) == read


A_DAY_BY_ITSELF = pairs("""
tanggal dua puluh → tanggal 20
tanggal lima → tanggal 5
tanggal merah
""")


@pytest.mark.parametrize(("said", "read"), A_DAY_BY_ITSELF)
def test_a_day_by_itself(said: str, read: str) -> None:
    """Behind tanggal a day is in digits."""
    assert written(said) == read


YEARS_HAVE_NO_MARK = pairs("""
tahun dua ribu dua puluh enam → tahun 2026
tahun sembilan belas empat lima → tahun 1945
tahun sembilan belas sembilan puluh delapan → tahun 1998
tahun dua puluh dua puluh enam → tahun 2026
tahun seribu sembilan ratus empat puluh lima → tahun 1945
tahun dua ribu dua empat → tahun 2024
tahun satu sembilan empat lima → tahun 1945
tahun 2.026 → tahun 2026
tahun dua ribu sepuluh sampai dua ribu lima belas → tahun 2010–2015
sejak dua ribu sembilan belas → sejak 2019
bulan delapan tahun dua ribu dua puluh enam → bulan delapan tahun 2026
setiap tahun dua ribu orang → setiap tahun 2.000 orang
tahun dua ribu rupiah → tahun Rp2.000
dua ribu dua puluh enam nama → 2.026 nama
tahun lalu
""")


@pytest.mark.parametrize(("said", "read"), YEARS_HAVE_NO_MARK)
def test_years_have_no_mark(said: str, read: str) -> None:
    """Years have no mark between thousands, and may come in pairs."""
    assert written(said) == read
