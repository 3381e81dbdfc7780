"""Clock times."""

from __future__ import annotations

import pytest

from tests.text.indonesian.spoken import pairs, written

HOURS_AND_MINUTES = pairs("""
jam tujuh → jam 7
Jam dua belas, → Jam 12,
jam setengah delapan → jam 7.30
jam setengah satu → jam 12.30
pukul empat belas tiga puluh → pukul 14.30
pukul sembilan belas nol nol → pukul 19.00
jam tujuh kosong lima → jam 7.05
jam tujuh lewat sepuluh → jam 7.10
jam tujuh lebih sepuluh menit → jam 7.10
jam tujuh kurang seperempat → jam 6.45
jam satu kurang lima → jam 12.55
jam tujuh lewat seperempat → jam 7.15
pukul 09:00 WIB → pukul 09.00 WIB
jam 3.30
jam tujuh ratus → jam 700
jam lima puluh → jam 50
jam lima ribu rupiah → jam Rp5.000
jam tangan
setengah jam dua orang
beberapa jam lagi
pukul nol tujuh tiga puluh → pukul 07.30
pukul nol nol tiga puluh → pukul 00.30
tanggal lima jam sepuluh → tanggal 5 jam 10
tahun dua ribu dua puluh enam jam tujuh → tahun 2026 jam 7
""")


@pytest.mark.parametrize(("said", "read"), HOURS_AND_MINUTES)
def test_hours_and_minutes(said: str, read: str) -> None:
    """A bare hour stays one, minutes stand behind a point."""
    assert written(said) == read


PARTS_OF_THE_DAY_MAKE_24_HOURS = pairs("""
jam tujuh pagi → jam 07.00
jam tujuh malam → jam 19.00
jam dua belas siang → jam 12.00
jam dua belas malam → jam 00.00
jam satu siang → jam 13.00
jam 3.30 sore → jam 15.30
jam setengah tiga sore → jam 14.30
jam tujuh lewat sepuluh menit malam → jam 19.10
jam dua malam → jam 02.00
jam 19.00 malam → jam 19.00
jam tujuh malam ini → jam 19.00 malam ini
jam lima siang → jam 5 siang
jam tujuh siang malam → jam 7 siang malam
jam dua dini hari → jam 02.00
jam dua belas dini hari → jam 00.00
jam setengah tiga dini hari → jam 02.30
pukul 03.30 dini hari → pukul 03.30
jam dua dini hari ini → jam 02.00 dini hari ini
jam tujuh dini hari → jam 7 dini hari
jam dua dini → jam 2 dini
""")


@pytest.mark.parametrize(("said", "read"), PARTS_OF_THE_DAY_MAKE_24_HOURS)
def test_parts_of_the_day_make_24_hours(said: str, read: str) -> None:
    """The part of the day goes into the hour, unless it says a date as well or has no such hour."""
    assert written(said) == read


FROM_ONE_TIME_TO_ANOTHER = pairs("""
jam sembilan sampai sebelas → jam 9–11
jam tujuh sampai sembilan malam → jam 19.00–21.00
jam 9.30 sampai 11 → jam 9.30–11
jam dua sampai empat → jam 2 sampai 4
dari jam sembilan sampai sebelas → dari jam 9 sampai 11
dari jam sembilan sampai jam sebelas → dari jam 9 sampai jam 11
jam sebelas pagi sampai dua siang → jam 11.00–14.00
jam tujuh pagi sampai sembilan → jam 07.00–09.00
jam 7-9 malam → jam 19.00–21.00
jam satu sampai tiga dini hari → jam 01.00–03.00
jam dua dini hari sampai empat → jam 02.00–04.00
""")


@pytest.mark.parametrize(("said", "read"), FROM_ONE_TIME_TO_ANOTHER)
def test_from_one_time_to_another(said: str, read: str) -> None:
    """Two times with a dash between, both in the same part of the day."""
    assert written(said) == read
