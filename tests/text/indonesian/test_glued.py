"""Digits in one word with their scale."""

from __future__ import annotations

import pytest

from tests.text.indonesian.spoken import pairs, written

AS_IF_APART = pairs("""
harganya 5jt → harganya 5 juta
500rb orang → 500.000 orang
2,5jt → 2,5 juta
1.5jt, ya → 1,5 juta, ya
Rp5jt → Rp5 juta
Rp500rb → Rp500.000
Rp. 2,5jt → Rp2,5 juta
5jt rupiah → Rp5 juta
Gajinya 8jt per bulan. → Gajinya 8 juta per bulan.
Harga 10rb per kilo. → Harga 10.000 per kilo.
Tarifnya 50rb per jam. → Tarifnya 50.000 per jam.
5jt sampai 10jt → 5–10 juta
""")


@pytest.mark.parametrize(("said", "read"), AS_IF_APART)
def test_it_reads_as_if_they_stood_apart(said: str, read: str) -> None:
    """A scale that is written right behind its number is the same scale."""
    assert written(said) == read


LEFT = pairs("""
5jt 500rb
dua 5jt → dua 5jt
dua per 5jt → dua per 5jt
5jt per dua → 5jt per dua
5M
0rb
5000jt
5jtan
""")


@pytest.mark.parametrize(("said", "read"), LEFT)
def test_what_may_be_something_else_stays(said: str, read: str) -> None:
    """Beside other numbers nobody knows what belongs together, and M may be a million or a thousand of them."""
    assert written(said) == read
