"""English dates: October ninth twenty twenty six, the ninth of October, 9 October. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.text.english.calendar_words import AMBIGUOUS_MONTHS, MONTHS
from stream_server.text.english.figures import Figure
from stream_server.text.english.groups import is_big
from stream_server.text.english.hours import meridiem
from stream_server.text.english.lexicon import Kind, lexeme
from stream_server.text.english.measures import measure
from stream_server.text.english.numbers import number
from stream_server.text.english.ordinals import nth, ordinal
from stream_server.text.english.years import written_year, year
from stream_server.text.rewriting import Part
from stream_server.text.runs import Run

_DAYS = range(1, 32)
_SUBJECTS = {"i", "you", "he", "she", "it", "we", "they", "that", "this", "there", "which", "who", "one", "and", "to"}
"""In front of a verb that is written as a month."""
_FUNCTION_WORDS = {
    "", "and", "or", "at", "in", "on", "for", "to", "until", "from", "is", "was", "works", "we", "i", "the", "if",
    "because", "when", "as", "but", "so", "with", "by", "through",
}  # fmt: skip
"""Behind May five these say that it is a day: no noun is counted."""


def rule(run: Run) -> Sequence[Part] | None:
    """Write a date that begins with its month or with its day."""
    return _from_month(run) if run.key(0) in MONTHS else _from_day(run)


def _from_month(run: Run) -> Sequence[Part] | None:
    """Write October 9, 2026; of October the ninth the words stay in their order."""
    key, month = run.key(0), MONTHS[run.key(0)]
    if key in AMBIGUOUS_MONTHS and run.before() in _SUBJECTS:
        return None
    if run.key(1) == "the":
        named = ordinal(run, 2)
        return _parts(run, f"{month} the {nth(named[0])}", named[1]) if named and named[0] in _DAYS else None
    day = _day(run, 1)
    if day is not None:
        dated = _year(run, day[1])
        if dated is not None:
            return [run.write(f"{month} {day[0]}, {dated.text}", dated.behind)]
    named_year = year(run, 1, dated=True)
    if named_year is not None:
        return [run.write(f"{month} {named_year.text}", named_year.behind)]
    if day is None or (key in AMBIGUOUS_MONTHS and _is_counted(run, day[1])):
        return None
    return [run.write(f"{month} {day[0]}", day[1])]


def _is_counted(run: Run, behind: int) -> bool:
    """Whether a cardinal behind may rather counts the noun that comes."""
    day = ordinal(run, 1)
    if day is not None and day[1] == behind:
        return False
    following = run.beside(behind - 1)[1]
    return not (following in _FUNCTION_WORDS or following in MONTHS or _is_number(run, behind))


def _is_number(run: Run, at: int) -> bool:
    """Whether any number begins there, written or said, a fraction included."""
    key = run.key(at)
    if key[:1].isdigit() or lexeme(key.partition("-")[0]) is not None:
        return True
    return number(run, at) is not None or ordinal(run, at) is not None


def _from_day(run: Run) -> Sequence[Part] | None:
    """Write the 9th of October, and 9 October."""
    found = ordinal(run, 0)
    if found is not None and found[0] in _DAYS and run.key(found[1]) == "of" and run.key(found[1] + 1) in MONTHS:
        month = MONTHS[run.key(found[1] + 1)]
        return _parts(run, f"{nth(found[0])} of {month}", found[1] + 2)
    day = _day(run, 0)
    if day is None or run.key(day[1]) not in MONTHS:
        return None
    month = run.key(day[1])
    if month in AMBIGUOUS_MONTHS and _is_verb(run, day[1] + 1):
        return None
    return _parts(run, f"{day[0] if found is None else nth(day[0])} {MONTHS[month]}", day[1] + 1)


def _is_verb(run: Run, at: int) -> bool:
    """Whether five may, or march, rather than that this is a day in May."""
    return run.beside(at - 1)[1] not in _FUNCTION_WORDS and not _is_number(run, at)


def _parts(run: Run, text: str, behind: int) -> Sequence[Part]:
    """Return a date with the year that may stand behind it."""
    dated = _year(run, behind)
    return [run.write(f"{text} {dated.text}", dated.behind) if dated else run.write(text, behind)]


def _year(run: Run, at: int) -> Figure | None:
    found = year(run, at, dated=True) or written_year(run, at)
    return None if found is not None and measure(run, found.behind) is not None else found


def _day(run: Run, at: int) -> tuple[int, int] | None:
    """Return the day of a month that stands there, as an ordinal or a cardinal, and where it ends."""
    found = ordinal(run, at)
    if found is not None:
        what = measure(run, found[1])
        odd = (
            run.key(found[1]) == "point"
            or meridiem(run, found[1])
            or is_big(run, found[1])
            or (what is not None and what[0].shown)
        )
        return None if odd or found[0] not in _DAYS else found
    counted = _below_hundred(run, at)
    if counted is None or counted[0] not in _DAYS or _is_amount(run, counted[1]) or meridiem(run, counted[1]):
        return None
    return counted


def _is_amount(run: Run, at: int) -> bool:
    return is_big(run, at) or run.key(at) == "point" or measure(run, at) is not None


def _below_hundred(run: Run, at: int) -> tuple[int, int] | None:
    first = lexeme(run.key(at))
    if first is None or first.kind in {Kind.HUNDRED, Kind.SCALE, Kind.ZERO} or first.value != int(first.value):
        return None
    if first.kind is Kind.DIGITS and not (run.key(at).isdigit() and len(run.key(at)) < 3):
        return None
    if first.kind is Kind.TENS:
        unit = lexeme(run.key(at + 1))
        if unit is not None and unit.kind is Kind.UNIT:
            return int(first.value + unit.value), at + 2
    return int(first.value), at + 1
