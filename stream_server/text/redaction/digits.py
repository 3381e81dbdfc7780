"""Mask runs of digits that are, or may be part of, a card, a NIK or a telephone number; or every number. Pure.

A number that says what it counts, money, measures, times, dates and years stay. Of the rest too much is masked rather
than too little: four digits and more always, fewer where the utterance begins or ends with them, for a secret that is
read with pauses lies in several.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from stream_server.text.formatting import Secret
from stream_server.text.redaction.counting import Number
from stream_server.text.redaction.kinds import CARD_LENGTHS, MASKS, kind_of
from stream_server.text.redaction.lexicon import CLOCK_WORDS, CUES, CURRENCIES, MONTHS, PLACE_WORDS, YEAR_WORDS
from stream_server.text.redaction.runs import Run

MANY = 4
"""Digits that are masked wherever they are."""

MANY_AT_THE_END = 2

MANY_AT_THE_BEGINNING = 3
"""One digit at the end of an utterance and two at the beginning of the next are no four digits of a secret."""

_YEARS = range(1900, 2100)
_HOURS, _MINUTES = range(25), range(60)
_DAYS = range(1, 32)
_CENTURIES = range(11, 21)


def mask_of(run: Run, wanted: Collection[Secret]) -> str | None:
    """Return what is shown instead of a run that has ended; None if it is shown."""
    if is_secret(run):
        return MASKS[kind_of(run.digits, wanted)]
    return MASKS["numbers"] if "numbers" in wanted and not is_small(run) else None


def is_small(run: Run) -> bool:
    """Tell whether it is nothing but one of zero to nine, or two with a word between: "one and two"."""
    return len(run.numbers) <= 1 + run.linked and all(
        len(number.digits) == 1 and not number.amount for number in run.numbers
    )


def is_secret(run: Run) -> bool:
    """Tell whether a run may be part of a secret."""
    length = len(run.digits)
    if run.leads and run.trails:
        return True
    if length < CARD_LENGTHS[0] and _says_what_it_is(run):
        return False
    if length >= MANY or run.plus:
        return True
    return (run.trails and length >= MANY_AT_THE_END) or (run.leads and length >= MANY_AT_THE_BEGINNING)


def _says_what_it_is(run: Run) -> bool:
    in_front = run.before[0] if run.before else ""
    announced = any(key in CUES for key in run.before)
    short = len(run.digits) < MANY
    if len(run.numbers) == 1 and (short or not announced):
        measured = run.counts == "measure" and not run.digits.startswith("0")
        if measured or in_front in CURRENCIES or (run.counts == "counted" and short):
            return True
    if _is_date(run.numbers, in_front, run.after) or (short and in_front in PLACE_WORDS):
        return True
    if announced:
        return False
    if len(run.numbers) == 1:
        return run.numbers[0].amount or _is_year(run.digits, _month_or(in_front, run.before), run.after)
    return _is_pair(run, in_front)


def _month_or(in_front: str, before: Sequence[str]) -> str:
    """Return the month if a day stands between it and the run ("October 9, 2026"), else the word in front."""
    return before[1] if in_front.isdigit() and len(before) > 1 and before[1] in MONTHS else in_front


def _is_year(digits: str, in_front: str, behind: str) -> bool:
    said = in_front in YEAR_WORDS or in_front in MONTHS or behind in MONTHS
    return said and len(digits) == MANY and int(digits) in _YEARS


def _is_date(numbers: Sequence[Number], in_front: str, behind: str) -> bool:
    if any(len(number.digits) > MANY for number in numbers):
        return False
    known = [int(number.digits) for number in numbers]
    if in_front in MONTHS:
        return (len(known) == 1 and known[0] in {*_DAYS, *_YEARS}) or (
            len(known) == 2 and known[0] in _DAYS and known[1] in _YEARS
        )
    return behind in MONTHS and len(known) == 1 and known[0] in _DAYS


def _is_pair(run: Run, in_front: str) -> bool:
    """Tell whether two numbers are a time, a year in two halves ("nineteen forty five"), or just two numbers."""
    if len(run.numbers) != 2 or any(len(number.digits) > 2 for number in run.numbers):
        return False
    first, second = (int(number.digits) for number in run.numbers)
    if in_front in CLOCK_WORDS and first in _HOURS and second in _MINUTES:
        return True
    if first in _CENTURIES and second >= 10 and (in_front in YEAR_WORDS or in_front in MONTHS):
        return True
    return run.linked and not run.leads and not run.trails
