"""Months by the names that Indonesian, and recognition that heard it, has for them. Pure."""

from __future__ import annotations

_INDONESIAN = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
    "Desember",
)  # fmt: skip
_ENGLISH = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip

MONTHS = {name.casefold(): name for name in _INDONESIAN} | {"pebruari": "Februari", "nopember": "November"}

ENGLISH_MONTHS = {english: name for english, name in zip(_ENGLISH, _INDONESIAN, strict=True) if english not in MONTHS}
"""Written so by recognition; months only beside a day or a year, for *may* and *march* are words."""

ALL_MONTHS = MONTHS | ENGLISH_MONTHS
