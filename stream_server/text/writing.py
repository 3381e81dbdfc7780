"""Words that are written otherwise than they are said: addresses, numbers, abbreviations, days and months. Pure.

One rewrite with all rules of a language, the first that has an answer first: an address may have numbers in it, and a
date begins with its month.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from stream_server.text import addresses, english, indonesian, spoken_marks
from stream_server.text.abbreviations import Abbreviated, abbreviations
from stream_server.text.calendar_names import calendar_names
from stream_server.text.english.abbreviated import ABBREVIATED as ENGLISH_ABBREVIATED
from stream_server.text.english.spoken_digits import spoken_digits as english_digits
from stream_server.text.formatting import Formatting
from stream_server.text.glued_units import glued_units
from stream_server.text.indonesian.abbreviated import ABBREVIATED as INDONESIAN_ABBREVIATED
from stream_server.text.indonesian.spoken_digits import spoken_digits as indonesian_digits
from stream_server.text.rewriting import Rule, first_of, rewrite
from stream_server.text.tokens import Passage
from stream_server.text.unbroken import unbroken


@dataclass(frozen=True, slots=True)
class _Language:
    """What is particular to a language."""

    numbers: Sequence[Rule]
    marks: spoken_marks.SpokenMarks
    digits: addresses.Digits
    abbreviated: Abbreviated


_LANGUAGES = {
    "en": _Language(english.RULES, spoken_marks.ENGLISH, english_digits, ENGLISH_ABBREVIATED),
    "id": _Language(indonesian.RULES, spoken_marks.INDONESIAN, indonesian_digits, INDONESIAN_ABBREVIATED),
}
"""By ISO 639-1 code."""

LANGUAGES = tuple(_LANGUAGES)


def writing(formatting: Formatting, language: str | None) -> Callable[[Passage], Passage] | None:
    """Return the stage for a language; None for one that we do not know, and if nothing is asked for."""
    known = _LANGUAGES.get(language or "")
    if known is None or language is None:
        return None
    rules: list[Rule] = []
    if formatting.numbers:
        rules += [addresses.spoken_addresses(known.marks, known.digits), *known.numbers, glued_units(language)]
    if formatting.spelling:
        rules.append(abbreviations(known.abbreviated))
    if formatting.capitals:
        rules.append(calendar_names(language))
    return partial(rewrite, rule=unbroken(first_of(rules))) if rules else None
