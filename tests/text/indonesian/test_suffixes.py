"""What numbers count."""

from __future__ import annotations

import pytest

from tests.text.indonesian.spoken import pairs, written

PERCENT = pairs("""
lima persen → 5%
satu persen → 1%
nol persen → 0%
seratus persen → 100%
dua koma lima persen → 2,5%
2.5 persen → 2,5%
2.5% → 2,5%
50 % → 50%
minus tiga persen → -3%
lima juta persen → 5.000.000%
beberapa persen
""")


@pytest.mark.parametrize(("said", "read"), PERCENT)
def test_percent(said: str, read: str) -> None:
    """Percent is a sign behind any number."""
    assert written(said) == read


UNITS_ARE_SHORT = pairs("""
lima kilometer → 5 km
dua kilo → 2 kg
5 kilo meter → 5 km
tiga ratus meter persegi → 300 m²
50 m persegi → 50 m²
enam puluh kilometer per jam → 60 km/jam
dua puluh lima derajat celsius → 25°C
30 derajat selsius. → 30°C.
minus dua koma lima derajat → -2,5 derajat
lima puluh megabyte → 50 MB
lima liter → 5 liter
2.5 kg → 2,5 kg
20 cm
satu kilometer
beberapa kilometer
setengah kilo
""")


@pytest.mark.parametrize(("said", "read"), UNITS_ARE_SHORT)
def test_units_are_short(said: str, read: str) -> None:
    """Units are short behind digits, and some stay words."""
    assert written(said) == read


DURATIONS_ARE_IN_DIGITS = pairs("""
lima menit → 5 menit
dua jam tiga puluh menit → 2 jam 30 menit
satu jam tiga puluh menit → 1 jam 30 menit
satu jam dan tiga puluh menit → 1 jam dan 30 menit
satu tahun enam bulan → 1 tahun 6 bulan
dua setengah jam → 2,5 jam
tiga perempat jam → 3/4 jam
satu jam
satu minggu dua kali
dua tiga hari
setengah jam
""")


@pytest.mark.parametrize(("said", "read"), DURATIONS_ARE_IN_DIGITS)
def test_durations_are_in_digits(said: str, read: str) -> None:
    """Lengths of time are in digits from two on; one hour stays unless minutes follow."""
    assert written(said) == read
