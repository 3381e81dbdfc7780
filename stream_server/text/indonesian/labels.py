"""What a number behind it tells apart, and so is always in digits: *nomor lima*, *versi dua titik satu*. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.text.indonesian.calendar import ALL_MONTHS
from stream_server.text.indonesian.figures import Figure
from stream_server.text.indonesian.lexicon import CONNECTORS, DENOMINATORS, ONE_TO_NINE
from stream_server.text.indonesian.numbers import is_number_like, read_number
from stream_server.text.indonesian.suffixes import read_suffix
from stream_server.text.rewriting import Part, Reader
from stream_server.text.runs import Run

SCHOOLS = frozenset({"sd", "smp", "sma", "smk"})

LABELS = SCHOOLS | frozenset(
    {
        *("nomor", "nomer", "halaman", "bab", "pasal", "ayat", "lantai", "kamar", "gedung", "versi", "langkah"),
        *("kelas", "nilai", "skor", "jalur", "blok", "rt", "rw", "tanggal"),
    }
)
_IN_PARTS = LABELS - SCHOOLS - {"tanggal", "nilai", "skor", "rt", "rw"}
_NEIGHBOURHOODS = frozenset({"rt", "rw"})
_GOES_ON = frozenset({*(words[0] for words in CONNECTORS), *DENOMINATORS, *ALL_MONTHS, "per", "titik"})
"""Behind a digit that is part of something else."""

_FARTHEST_DAY = 6
"""Tokens between *bulan delapan* and the *tanggal* in front of it: *tanggal dua puluh lima bulan delapan*."""


def is_labelled(run: Run) -> bool:
    """Tell whether what stands in front of a number asks for digits."""
    before = run.before()
    if before in LABELS or (before == "negeri" and run.before(2) in SCHOOLS):
        return True
    if before != "bulan" or not is_number_like(run.before(2)):
        return False
    return any(run.before(back) == "tanggal" for back in range(3, _FARTHEST_DAY))


def two_digits(run: Run, number: Figure) -> list[Part] | None:
    """Return two digits behind a label as two, nobody knows whether they are one number; but *nol lima* is."""
    if run.before() not in LABELS or not number.plain:
        return None
    second = read_number(run, number.behind)
    if second is None or not (second.plain or second.text in ONE_TO_NINE) or run.key(second.behind) in _GOES_ON:
        return None
    if second.scale or read_suffix(run, second.behind) is not None:
        return None
    if number.text == "0":
        return [run.write(f"0{second.text}", second.behind)]
    return [run.write(number.text, number.behind), run.write(second.text, second.behind, number.behind)]


def version(run: Run, number: Figure) -> list[Part] | None:
    """Return the number of a version or a chapter, whose parts are parted by points."""
    if run.before() not in _IN_PARTS or number.whole is None or run.key(number.behind) != "titik":
        return None
    text, behind = number.text, number.behind
    while run.key(behind) == "titik":
        more = read_number(run, behind + 1)
        if more is None or more.whole is None or more.scale:
            break
        text, behind = f"{text}.{more.text}", more.behind
    if behind == number.behind or read_suffix(run, behind) is not None:
        return None
    return [run.write(text, behind)]


def neighbourhood(reader: Reader) -> Sequence[Part] | None:
    """Return *RT* and *RW* in capitals before a number."""
    if reader.key() not in _NEIGHBOURHOODS:
        return None
    run = Run(reader)
    number = read_number(run, 1)
    return None if number is None else [run.write(reader.key().upper(), 1)]
