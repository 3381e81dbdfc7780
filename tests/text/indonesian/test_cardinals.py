"""Cardinals and decimals, in words, digits and both."""

from __future__ import annotations

import pytest

from tests.text.indonesian.spoken import pairs, written

NUMBERS_FROM_TEN_ON_ARE_IN_DIGITS = pairs("""
tiga orang datang
Tiga orang datang.
3 orang datang
sepuluh → 10
sebelas orang → 11 orang
duapuluh lima kursi → 25 kursi
limabelas orang → 15 orang
seratus → 100
seratus lima → 105
seratus 25 → 125
2 ratus 50 → 250
2 puluh lima → 25
8 belas buku → 18 buku
sembilan ratus sembilan puluh sembilan → 999
20 lima orang → 25 orang
200 lima puluh → 250
200 5 puluh → 250
20 5 orang
20 30 40
10 lima
20 lima belas → 20 15
20 lima ratus → 20 500
salah satu dari kita
satu hari nanti
nol besar
""")


@pytest.mark.parametrize(("said", "read"), NUMBERS_FROM_TEN_ON_ARE_IN_DIGITS)
def test_numbers_from_ten_on_are_in_digits(said: str, read: str) -> None:
    """Numbers from ten on are in digits, those below stay in words, and digits stay digits."""
    assert written(said) == read


THOUSANDS_HAVE_MARKS = pairs("""
seribu dua ratus → 1.200
seratus lima puluh ribu → 150.000
dua puluh lima ribu lima ratus tujuh puluh lima → 25.575
17 ribu 500 → 17.500
25 rb → 25.000
5000 orang
1,250,000 orang → 1.250.000 orang
lima ribuan
puluhan ribu
""")


@pytest.mark.parametrize(("said", "read"), THOUSANDS_HAVE_MARKS)
def test_thousands_have_marks(said: str, read: str) -> None:
    """Thousands have a point between them, unless they were written without."""
    assert written(said) == read


A_MULTIPLE_OF_A_SCALE_KEEPS_ITS_WORD = pairs("""
lima juta orang → 5 juta orang
dua koma lima milyar → 2,5 miliar
satu setengah juta → 1,5 juta
satu juta setengah → 1,5 juta
2.5 juta → 2,5 juta
tiga ribu enam ratus triliun → 3.600 triliun
dua ribu triliun → 2.000 triliun
1.250 juta
sejuta dua ratus ribu → 1.200.000
satu miliar dua ratus juta → 1.200.000.000
1 juta 750 ribu → 1.750.000
setengah juta
sejuta umat
ratusan juta
""")


@pytest.mark.parametrize(("said", "read"), A_MULTIPLE_OF_A_SCALE_KEEPS_ITS_WORD)
def test_a_multiple_of_a_scale_keeps_its_word(said: str, read: str) -> None:
    """Millions and more keep their word where nothing is left over, else they are written out."""
    assert written(said) == read


DECIMALS_COME_DIGIT_BY_DIGIT_OR_AS_A_NUMBER = pairs("""
tiga koma lima → 3,5
tiga koma satu empat satu lima → 3,1415
nol koma dua lima → 0,25
dua koma dua puluh lima → 2,25
3 koma 5 → 3,5
dua setengah → 2,5
2 setengah → 2,5
dua koma lima ribu → 2.500
seribu koma lima → 1.000,5
lima koma lima koma lima → 5,5 koma lima
tanda koma di sini
koma lima
""")


@pytest.mark.parametrize(("said", "read"), DECIMALS_COME_DIGIT_BY_DIGIT_OR_AS_A_NUMBER)
def test_decimals_come_digit_by_digit_or_as_a_number(said: str, read: str) -> None:
    """Decimals come one by one or as a number; a comma that is only a word stays."""
    assert written(said) == read


TWO_NUMBERS_STAY_TWO = pairs("""
dua puluh tiga puluh → 20 30
dua puluh tiga ratus → 20 300
dua puluh, tiga → 20, tiga
dua puluh lima, tiga puluh. → 25, 30.
lima puluh lima puluh → 50 50
dua ratus ribu tiga ratus ribu → 200.000 300.000
satu juta dua juta → 1 juta 2 juta
dua puluh tiga ribu → 23.000
""")


@pytest.mark.parametrize(("said", "read"), TWO_NUMBERS_STAY_TWO)
def test_two_numbers_stay_two(said: str, read: str) -> None:
    """What makes no number side by side, or has a mark between, is several."""
    assert written(said) == read


BELOW_ZERO = pairs("""
minus lima → -5
minus dua koma lima → -2,5
-2,5
sepuluh minus tiga → 10 minus tiga
minus sekali
""")


@pytest.mark.parametrize(("said", "read"), BELOW_ZERO)
def test_below_zero(said: str, read: str) -> None:
    """A number below zero has its sign; a subtraction is none."""
    assert written(said) == read
