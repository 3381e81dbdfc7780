"""Indonesian numbers as they stand in addresses: digits alone. Pure."""

from __future__ import annotations

from stream_server.text.indonesian.lexicon import ONE_TO_NINE, ZERO
from stream_server.text.indonesian.numbers import read_number
from stream_server.text.runs import Run

_NO_NUMBERS = frozenset({"minus", "plus"})
"""Marks of an address."""


def spoken_digits(run: Run, at: int) -> tuple[str, int] | None:
    """Return the number there in digits without any marks, and where it ends; None for anything else."""
    key = run.key(at)
    if key in _NO_NUMBERS:
        return None
    if key in ZERO and not key.isdigit():
        found = read_number(run, at)
        return (found.text, found.behind) if found is not None and found.text.isdigit() else ("0", at + 1)
    number = read_number(run, at)
    if number is None or number.written or number.whole is None or number.scale:
        return (str(ONE_TO_NINE[key]), at + 1) if key in ONE_TO_NINE and key.isalpha() else None
    digits = str(number.whole)
    return (digits, number.behind) if number.text.replace(".", "") == digits else None
