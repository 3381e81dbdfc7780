"""Amounts of money."""

from __future__ import annotations

import pytest

from tests.text.indonesian.spoken import pairs, written

THE_SIGN_GOES_IN_FRONT = pairs("""
lima ribu rupiah → Rp5.000
satu rupiah → Rp1
1 juta 750 ribu rupiah, → Rp1.750.000,
dua setengah juta rupiah → Rp2,5 juta
sejuta rupiah → Rp1 juta
setengah juta rupiah → Rp500.000
setengah miliar rupiah → Rp500 juta
tiga ribu enam ratus triliun rupiah → Rp3.600 triliun
3 ratus rupiah → Rp300
Rp5.000 rupiah → Rp5.000
minus lima ribu rupiah → -Rp5.000
lima dolar → $5
sepuluh dolar amerika serikat → $10
20 euro → €20
sepuluh dolar singapura → 10 dolar singapura
lima ringgit → 5 ringgit
lima puluh ribu → 50.000
uang rupiah
juta rupiah
""")


@pytest.mark.parametrize(("said", "read"), THE_SIGN_GOES_IN_FRONT)
def test_the_sign_goes_in_front(said: str, read: str) -> None:
    """The sign of the currency is in front, without a space."""
    assert written(said) == read


SMALL_COINS_ARE_DECIMALS = pairs("""
lima dolar lima puluh sen → $5,50
seribu rupiah lima sen → Rp1.000,05
lima puluh sen → 50 sen
""")


@pytest.mark.parametrize(("said", "read"), SMALL_COINS_ARE_DECIMALS)
def test_small_coins_are_decimals(said: str, read: str) -> None:
    """Cents and sen are decimals of the amount in front."""
    assert written(said) == read


SIGNS_THAT_STAND_IN_FRONT_ALREADY = pairs("""
rp 5000 → Rp5.000
Rp 5.000 → Rp5.000
Rp. 5.000, → Rp5.000,
Rp. lima ribu → Rp5.000
rp lima ratus ribu → Rp500.000
Rp 1,5 juta → Rp1,5 juta
Rp1.5 juta → Rp1,5 juta
Rp 50 ribu → Rp50.000
Rp1 juta 750 ribu → Rp1.750.000
Rp 1,750,000 → Rp1.750.000
Rp 50,000 → Rp50.000
Rp1.750.000.
IDR 5000 → Rp5.000
$20 juta
Rp5 juta dua ratus → Rp5 juta 200
rp saja
""")


@pytest.mark.parametrize(("said", "read"), SIGNS_THAT_STAND_IN_FRONT_ALREADY)
def test_signs_that_stand_in_front_already(said: str, read: str) -> None:
    """A sign in front joins its number, whose scale is worked in."""
    assert written(said) == read
