"""Dates: days and years beside the names of months, behind *tanggal* and *tahun*. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.text.indonesian.calendar import ALL_MONTHS, ENGLISH_MONTHS
from stream_server.text.indonesian.figures import Figure
from stream_server.text.indonesian.lexicon import DENOMINATORS
from stream_server.text.indonesian.numbers import read_number
from stream_server.text.indonesian.ranges import connector
from stream_server.text.indonesian.suffixes import read_suffix
from stream_server.text.indonesian.years import read_year
from stream_server.text.rewriting import Part, Reader
from stream_server.text.runs import Run

DAYS = range(1, 32)
_YEARLY = frozenset({"per", "tiap", "setiap", "beberapa"})


def is_day(number: Figure | None) -> bool:
    """Tell whether a number may be a day of a month."""
    return number is not None and number.small in DAYS


def month_and_year(run: Run, at: int) -> list[Part] | None:
    """Return the month that is named there, and the year behind it."""
    name = ALL_MONTHS.get(run.key(at))
    if name is None:
        return None
    year = read_year(run, at + 1)
    parts = [run.write(name, at + 1, at)]
    return parts if year is None else [*parts, run.write(str(year.value), year.behind, at + 1)]


def month(reader: Reader) -> Sequence[Part] | None:
    """Return a month and the year behind it; one in English beside a day too."""
    key = reader.key()
    if key not in ALL_MONTHS:
        return None
    run = Run(reader)
    parts = month_and_year(run, 0)
    if parts is not None and len(parts) > 1:
        return parts
    day = read_number(run, 1) if key in ENGLISH_MONTHS else None
    if day is None or not is_day(day) or _is_taken(run, day.behind):
        return None
    return [run.write(ENGLISH_MONTHS[key], 1), run.write(day.text, day.behind, 1)]


def _is_taken(run: Run, at: int) -> bool:
    """Tell whether the number in front belongs to what is there."""
    key = run.key(at)
    if key in ALL_MONTHS or key in DENOMINATORS or key == "per":
        return True
    return connector(run, at) is not None or read_suffix(run, at) is not None


def year(reader: Reader) -> Sequence[Part] | None:
    """Return *tahun*, *sejak* or *angkatan* and the year behind it, or the years from one to another."""
    if reader.key() not in {"tahun", "sejak", "angkatan"}:
        return None
    run = Run(reader)
    if run.earlier() in _YEARLY or "/" in run.earlier():
        return None
    first = read_year(run, 1)
    if first is None:
        return None
    second_at = connector(run, first.behind) if run.earlier() not in {"dari", "antara"} else None
    second = read_year(run, second_at) if second_at is not None else None
    if second is not None and first.value < second.value:
        return [run.keep(), run.write(f"{first.value}–{second.value}", second.behind, 1)]
    return [run.keep(), run.write(str(first.value), first.behind, 1)]
