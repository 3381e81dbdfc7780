"""Digits said one by one, and telephone numbers."""

from __future__ import annotations

import pytest

from tests.text.indonesian.spoken import pairs, written

THREE_DIGITS_ARE_A_STRING = pairs("""
satu dua tiga empat → 1234
1 2 3 4 → 1234
1-1-1-9 → 1119
nol nol tujuh → 007
dobel lima tiga → 553
tripel tujuh → 777
empat nol satu tiga dua → 40132
dobel lima
satu dua
satu, dua, tiga
skor 2-3
2010-2015
""")


@pytest.mark.parametrize(("said", "read"), THREE_DIGITS_ARE_A_STRING)
def test_three_digits_are_a_string(said: str, read: str) -> None:
    """From three on digits are joined as they were said; two stay."""
    assert written(said) == read


A_ZERO_JOINS_GROUPS = pairs("""
1 kosong 8 → 108
2 kosong 1-2-2-4-5 → 2012245
475 kosong 2466 → 47502466
empat puluh kosong dua puluh → 40020
kosong dua satu → 021
rumah kosong
kosong satu
kosong 21 555 1234 → 0215551234
kursi kosong dua puluh lima → kursi kosong 25
""")


@pytest.mark.parametrize(("said", "read"), A_ZERO_JOINS_GROUPS)
def test_a_zero_joins_groups(said: str, read: str) -> None:
    """A zero that is called so joins what is around it, written or said."""
    assert written(said) == read


MOBILE_NUMBERS_ARE_IN_GROUPS = pairs("""
nol delapan satu dua tiga empat lima enam tujuh delapan sembilan nol → 0812-3456-7890
kosong delapan dua belas tiga empat lima enam tujuh delapan sembilan nol → 0812-3456-7890
0812 3456 7890 → 0812-3456-7890
081234567890. → 0812-3456-7890.
0812-3456-7890
081234678
nol dua satu lima lima lima satu dua tiga empat → 0215551234
""")


@pytest.mark.parametrize(("said", "read"), MOBILE_NUMBERS_ARE_IN_GROUPS)
def test_mobile_numbers_are_in_groups(said: str, read: str) -> None:
    """A mobile number is in groups however it was said."""
    assert written(said) == read


NUMBERS_OF_A_COUNTRY = pairs("""
plus enam dua delapan satu dua tiga empat lima enam tujuh delapan sembilan → +62 812-3456-789
plus 62 812 3456 7890 → +62 812-3456-7890
+6281234567890 → +62 812-3456-7890
+62 812-3456-7890
plus 65 9123 4567 → +6591234567
plus lima
nilai plus
""")


@pytest.mark.parametrize(("said", "read"), NUMBERS_OF_A_COUNTRY)
def test_numbers_of_a_country(said: str, read: str) -> None:
    """Behind a plus all digits belong to one number."""
    assert written(said) == read
