"""Numbers behind what they tell apart."""

from __future__ import annotations

import pytest

from tests.text.indonesian.spoken import pairs, written

LABELS_ASK_FOR_DIGITS = pairs("""
nomor lima → nomor 5
nomor satu → nomor 1
Nomor dua belas. → Nomor 12.
kelas satu → kelas 1
pasal tiga puluh tiga ayat dua → pasal 33 ayat 2
rt lima rw tiga → RT 5 RW 3
skor tiga satu → skor 3 1
versi dua titik nol → versi 2.0
versi dua titik lima titik satu → versi 2.5.1
nomor tiga lima persen → nomor 3 5%
tanggal lima belas bulan delapan → tanggal 15 bulan 8
nomor telepon
nomor, lima
rt nol lima → RT 05
bab dua titik satu → bab 2.1
smp negeri lima → smp negeri 5
""")


@pytest.mark.parametrize(("said", "read"), LABELS_ASK_FOR_DIGITS)
def test_labels_ask_for_digits(said: str, read: str) -> None:
    """Behind a label any number is in digits."""
    assert written(said) == read
