"""Fractions: *dua pertiga*, *tiga per empat*. Pure."""

from __future__ import annotations

from stream_server.text.indonesian.figures import Figure
from stream_server.text.indonesian.lexicon import DENOMINATORS
from stream_server.text.indonesian.numbers import read_number
from stream_server.text.indonesian.suffixes import read_suffix
from stream_server.text.rewriting import Part
from stream_server.text.runs import Run

LARGEST = 999


def fraction(run: Run, number: Figure) -> list[Part] | None:
    """Return the fraction whose numerator was read; *satu per satu* is none, nor what is counted by the two weeks."""
    numerator, key = number.whole, run.key(number.behind)
    if not numerator or numerator > LARGEST:
        return None
    if key in DENOMINATORS:
        return _written(run, numerator, DENOMINATORS[key], number.behind + 1)
    denominator = read_number(run, number.behind + 1) if key == "per" else None
    if denominator is None or not denominator.whole or denominator.whole in {1, numerator}:
        return None
    if denominator.whole > LARGEST or read_suffix(run, denominator.behind) is not None:
        return None
    return _written(run, numerator, denominator.whole, denominator.behind)


def _written(run: Run, numerator: int, denominator: int, behind: int) -> list[Part]:
    parts = [run.write(f"{numerator}/{denominator}", behind)]
    suffix = read_suffix(run, behind)
    if suffix is not None and suffix.time:
        parts.append(run.keep())  # so that no clock time begins with *jam*
    return parts
