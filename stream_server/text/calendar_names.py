"""Days and months with their capital, where they stand alone: those in dates are written with the date. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from stream_server.text.english.calendar_words import AMBIGUOUS_MONTHS, MONTHS, WEEKDAYS
from stream_server.text.rewriting import Part, Reader, Rule

_INDONESIAN = (
    "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Jum'at", "Sabtu", "Januari", "Februari", "Maret", "April", "Mei",
    "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
_ENGLISH = [*WEEKDAYS.values(), *(name for month, name in MONTHS.items() if month not in AMBIGUOUS_MONTHS)]

NAMES: dict[str, dict[str, str]] = {
    "id": {name.casefold(): name for name in _INDONESIAN},
    "en": {name.casefold() + ending: name + ending for name in _ENGLISH for ending in ("", "s", "'s")},
}
"""By ISO 639-1 code; May and March are words as well, and left to dates."""

_BEHIND: dict[str, dict[str, tuple[str, str]]] = {"id": {"minggu": ("hari", "Minggu")}, "en": {}}
"""Those that are words as well, but not behind this one: a week, and the day of it."""


def calendar_names(language: str) -> Rule:
    """Return a rule that gives the days and months of a language their capital."""
    return partial(_name, names=NAMES[language], behind=_BEHIND[language])


def _name(reader: Reader, *, names: Mapping[str, str], behind: Mapping[str, tuple[str, str]]) -> Sequence[Part] | None:
    key = reader.key()
    name = names.get(key)
    if name is None and key in behind:
        before, name = behind[key]
        name = name if reader.key(-1) == before else None
    token = reader.peek()
    if name is None or token is None or token.core[:1].isupper():
        return None
    return [Part(1, f"{token.lead}{name}{token.trail}")]
