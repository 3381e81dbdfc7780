"""Numbers in running text, with what they count. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.text.indonesian.dates import is_day, month_and_year
from stream_server.text.indonesian.figures import Figure
from stream_server.text.indonesian.fractions import fraction
from stream_server.text.indonesian.labels import is_labelled, two_digits, version
from stream_server.text.indonesian.lexicon import ONE_TO_NINE
from stream_server.text.indonesian.money import priced
from stream_server.text.indonesian.numbers import may_begin, read_number
from stream_server.text.indonesian.ranges import OPENERS, joined, read_range, written_range
from stream_server.text.indonesian.suffixes import Suffix, read_suffix
from stream_server.text.indonesian.written_numbers import is_foreign_decimal
from stream_server.text.indonesian.years import read_year
from stream_server.text.rewriting import Part, Reader
from stream_server.text.runs import Run

LEAST_IN_DIGITS = 10
"""Numbers from here on are in digits wherever they stand."""


def quantity(reader: Reader) -> Sequence[Part] | None:
    """Return the number that begins there, with what it counts; None where it stays in words."""
    if not may_begin(reader.key()):
        return None
    run = Run(reader)
    number = read_number(run)
    if number is None:
        return _written_range(run) or _foreign_percent(run)
    return fraction(run, number) or version(run, number) or _range(run, number) or _one_number(run, number)


def _written_range(run: Run) -> list[Part] | None:
    """*5-10 persen* has a dash that is too short; what counts nothing may be a score."""
    span = written_range(run)
    suffix = read_suffix(run, span.behind) if span is not None else None
    if span is None or (suffix is None and span.behind == 1):
        return None
    return span.parts(run) if suffix is None else _counted(run, span, suffix)


def _foreign_percent(run: Run) -> list[Part] | None:
    """*2.5%* is *2,5%*."""
    key = run.key(0)
    return [run.write(key.replace(".", ","), 1)] if key[-1] == "%" and is_foreign_decimal(key[:-1]) else None


def _range(run: Run, number: Figure) -> list[Part] | None:
    span = read_range(run, number)
    if span is None:
        return None
    labelled = is_labelled(run)
    opened = run.earlier() in OPENERS or (labelled and run.earlier(2) in OPENERS)
    high = span.high
    one = None if opened else joined(run, span)
    if one is not None:
        if is_day(number) and is_day(high) and (month := month_and_year(run, one.behind)):
            return [*one.parts(run), *month]
        suffix = read_suffix(run, one.behind)
        if suffix is not None:
            return _counted(run, one, suffix)
        if high.value is not None and high.value >= LEAST_IN_DIGITS:
            return one.parts(run)
    if not opened and not labelled:
        return None
    return [*number.parts(run), run.keep(span.high_at - number.behind), *_in_digits(run, high, span.high_at)]


def _in_digits(run: Run, number: Figure, at: int) -> list[Part]:
    """Return a number that is to be in digits, from the token `at` on, with what it counts."""
    if is_day(number) and (month := month_and_year(run, number.behind)):
        return [*number.parts(run, at), *month]
    suffix = read_suffix(run, number.behind)
    return (_counted(run, number, suffix, at=at) if suffix is not None else None) or number.parts(run, at)


def _one_number(run: Run, number: Figure) -> list[Part] | None:
    if is_day(number) and (month := month_and_year(run, number.behind)):
        return [*number.parts(run), *month]
    about = _about(run, number) or two_digits(run, number)
    if about is not None:
        return about
    labelled = is_labelled(run)
    if number.plain and number.scale and run.earlier() == "koma":
        return None
    suffix = _suffix(run, number)
    if suffix is not None:
        if not labelled and _is_one_alone(run, number, suffix):
            return [run.keep(suffix.behind)]
        parts = _counted(run, number, suffix)
        if parts is not None:
            return parts
    if number.plain and not labelled:
        return None
    return number.parts(run)


def _suffix(run: Run, number: Figure) -> Suffix | None:
    """Return what a number counts, but in dates: *bulan delapan tahun 2026*, *tanggal lima jam tujuh*."""
    key = run.key(number.behind)
    if (key == "tahun" and read_year(run, number.behind + 1)) or (key == "jam" and is_labelled(run)):
        return None
    return read_suffix(run, number.behind)


def _counted(run: Run, number: Figure, suffix: Suffix, *, at: int = 0) -> list[Part] | None:
    if suffix.mark:
        return [run.write(f"{number.in_full}{suffix.mark}", suffix.behind, at)]
    if suffix.sign:
        return priced(run, number, suffix.sign, suffix.behind, at=at)
    if suffix.unit:
        return [*number.parts(run, at), run.write(suffix.unit, suffix.behind, number.behind)]
    return [*number.parts(run, at), run.keep(suffix.behind - number.behind)]


def _is_one_alone(run: Run, number: Figure, suffix: Suffix) -> bool:
    """Tell whether it is *satu jam* without minutes behind it, or *satu kilometer*."""
    if not number.plain or number.value != 1 or suffix.mark or suffix.sign:
        return False
    if not suffix.time:
        return True
    behind = suffix.behind + (run.key(suffix.behind) == "dan")
    more = read_number(run, behind)
    unit = read_suffix(run, more.behind) if more is not None else None
    return unit is None or not unit.time


def _about(run: Run, number: Figure) -> list[Part] | None:
    """Return *dua tiga hari*, *lima enam ratus* as they are: they mean some number from the one to the other."""
    if not number.plain or number.value is None:
        return None
    next_key = run.key(number.behind)
    if next_key.isdigit() or ONE_TO_NINE.get(next_key) != number.value + 1:
        return None
    second = read_number(run, number.behind)
    if second is None:
        return None
    suffix = read_suffix(run, second.behind)
    if second.plain and suffix is None:
        return None
    return [run.keep(second.behind if suffix is None else suffix.behind)]
