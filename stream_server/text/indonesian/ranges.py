"""From one number to another: *sepuluh sampai lima belas*. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from stream_server.text.indonesian.figures import Figure, plain_decimal
from stream_server.text.indonesian.lexicon import CONNECTORS, SCALE_NAMES, SCALES
from stream_server.text.indonesian.numbers import read_number
from stream_server.text.numerals import INDONESIAN
from stream_server.text.runs import Run

OPENERS = frozenset({"dari", "antara"})
"""In front of a range whose words stay."""

_WRITTEN = re.compile(r"(\d{1,3}(?:,\d+)?)[-–](\d{1,3}(?:,\d+)?)", re.ASCII)


class Range(NamedTuple):
    """The two ends, and where the second begins."""

    low: Figure
    high: Figure
    high_at: int


def connector(run: Run, at: int) -> int | None:
    """Return the place behind the words that connect the ends of a range, if they are there."""
    key = run.key(at)
    for words in CONNECTORS:
        if key == words[0] and (len(words) == 1 or run.key(at + 1) == words[1]):
            return at + len(words)
    return None


def read_range(run: Run, low: Figure) -> Range | None:
    """Return the range that begins with a number: both count, and the second is more."""
    if not low.is_positive_or_zero:
        return None
    high_at = connector(run, low.behind)
    if high_at is None and run.before() == "antara" and run.key(low.behind) == "dan":
        high_at = low.behind + 1
    high = read_number(run, high_at) if high_at is not None else None
    if high is None or high_at is None or low.value is None or high.value is None or low.value >= high.value:
        return None
    return Range(low, high, high_at)


def joined(run: Run, span: Range) -> Figure | None:
    """Return a range as one text with a dash; None where its ends are no numbers of the same size."""
    low, high = span.low, span.high
    assert low.value is not None
    assert high.value is not None
    text = low.text
    if low.scale != high.scale:
        if low.scale or low.value >= Decimal(high.text.replace(".", "").replace(",", ".")):
            return None
    elif not low.scale and run.key(high.behind - 1) in {"ribu", "rb"} and 1 <= low.value * 1000 < high.value:
        text = INDONESIAN.write(plain_decimal(low.value * 1000))  # *lima sampai sepuluh ribu*
    return Figure(
        value=high.value, behind=high.behind, text=f"{text}–{high.text}", scale=high.scale, scale_at=high.scale_at
    )


def written_range(run: Run) -> Figure | None:
    """Return the range that is one token already, with the scale behind it."""
    found = _WRITTEN.fullmatch(run.key(0))
    if found is None:
        return None
    low, high = found.groups()
    scale = SCALES.get(run.key(1))
    if scale is None:
        return Figure(value=None, behind=1, text=f"{low}–{high}")
    if scale in SCALE_NAMES:
        return Figure(value=None, behind=2, text=f"{low}–{high}", scale=SCALE_NAMES[scale], scale_at=1)
    ends = [INDONESIAN.write(plain_decimal(Decimal(end.replace(",", ".")) * scale)) for end in (low, high)]
    return Figure(value=None, behind=2, text="–".join(ends))
