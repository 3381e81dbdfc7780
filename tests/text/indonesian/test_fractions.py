"""Fractions."""

from __future__ import annotations

import pytest

from tests.text.indonesian.spoken import pairs, written

PARTS = pairs("""
dua pertiga → 2/3
2 pertiga → 2/3
tiga perempat → 3/4
satu per empat → 1/4
seratus dua puluh per delapan puluh → 120/80
2/3 anggota
seperempat
di perempat final
satu per satu
lima per jam
""")


@pytest.mark.parametrize(("said", "read"), PARTS)
def test_parts(said: str, read: str) -> None:
    """A small number over a part is a fraction."""
    assert written(said) == read
