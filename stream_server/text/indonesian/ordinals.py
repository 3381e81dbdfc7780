"""Ordinals: *ke-25*, and *lantai ke-3* where a noun says that it is one. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.text.indonesian.calendar import ALL_MONTHS
from stream_server.text.indonesian.figures import Figure
from stream_server.text.indonesian.groups import read_group
from stream_server.text.indonesian.lexicon import HUNDREDS, ONE_TO_NINE, SCALES, TEENS, TENS
from stream_server.text.indonesian.numbers import is_number_like, read_number
from stream_server.text.indonesian.suffixes import read_suffix
from stream_server.text.rewriting import Part, Reader
from stream_server.text.runs import Run

NOUNS = frozenset(
    {
        *("lantai", "kali", "abad", "hari", "minggu", "bulan", "tahun", "bab", "bagian", "pasal", "ayat", "juara"),
        *("peringkat", "urutan", "babak", "anak", "edisi", "sesi", "tahap", "semester", "kuartal", "halaman"),
        *("gelombang",),
    }
)
_TIMES = frozenset({"kali", "kalinya"})
"""The noun that follows too; before any other *kedua* may be *both*."""

_MANY = frozenset(
    {
        *("orang", "kota", "tempat", "negara", "daerah", "lokasi", "rumah", "cabang", "toko", "arah", "provinsi"),
        *("kabupaten", "kantor", "pihak", "perusahaan", "sekolah"),
    }
)
"""What one may go to several of: *ke tiga kota*."""

_STEMS = {
    f"ke{dash}{word}": word
    for word in (*ONE_TO_NINE, *TEENS, *TENS, *HUNDREDS)
    for dash in ("", "-")
    if not word.isdigit()
}
_LEAST_ALONE = 10
_MOST_WRITTEN = 99
"""Of digits behind *ke*: more may be a year, a code, an amount."""


def ordinal(reader: Reader) -> Sequence[Part] | None:
    """Return an ordinal in digits."""
    key = reader.key()
    if key == "ke":
        return _apart(Run(reader))
    if key not in _STEMS:
        return None
    run = Run(reader)
    group = read_group(run, 0, _STEMS[key])
    if group is None:
        return None
    if run.key(group.behind) in SCALES:
        return [run.keep(group.behind + 1)]
    if group.value < _LEAST_ALONE and "-" not in key and not _is_asked_for(run, group.behind):
        return None
    return [_write(run, str(group.value), group.behind)]


def _is_asked_for(run: Run, behind: int) -> bool:
    return run.before() in NOUNS or run.key(behind) in _TIMES


def _apart(run: Run) -> list[Part] | None:
    """*Ke dua puluh lima*; before a unit, a month or behind another number *ke* is the way to something."""
    number = read_number(run, 1)
    if number is None or not number.small or is_number_like(run.earlier()):
        return None
    if number.written and number.small > _MOST_WRITTEN:
        return None
    if run.key(number.behind) in ALL_MONTHS or run.key(number.behind) in _MANY or _counts(run, number):
        return None
    return [_write(run, str(number.small), number.behind)]


def _counts(run: Run, number: Figure) -> bool:
    suffix = read_suffix(run, number.behind)
    return suffix is not None and not (suffix.time and run.before() in NOUNS)


def _write(run: Run, digits: str, behind: int) -> Part:
    token = run.token(0)
    begins = token.core[0] if token is not None else "k"
    return run.write(f"{begins}e-{digits}", behind)
