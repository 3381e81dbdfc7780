"""How long something is, in front of it: a twenty-minute call, a ten-year-old. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stream_server.text.english.lexicon import Kind, lexeme
from stream_server.text.glued_units import UNITS
from stream_server.text.rewriting import Part
from stream_server.text.runs import Run

_SHAPE = re.compile(r"([a-z]+(?:-[a-z]+)?)-((?:second|minute|hour|day|week|month|year|decade)(?:-(?:long|olds?))?)")
_KINDS = {Kind.UNIT, Kind.TEEN, Kind.TENS}
_JOINING = {"and", "to", "or", "through", *UNITS}
"""Behind a number these go on with it: its number may be but the end of one, or of a range."""
_BEFORE_DURATIONS = {"a", "an", "every", "per"}
"""Behind anything else *twenty-second* is the 22nd."""


def rule(run: Run) -> Sequence[Part] | None:
    """Write the number in digits, from two on; one that other numbers are in front of stays."""
    found = _SHAPE.fullmatch(run.key(0))
    number = lexeme(found[1]) if found is not None else None
    if found is None or number is None or number.kind not in _KINDS or number.value < 2:
        return None
    before, _ = run.beside()
    if number.kind is Kind.TENS and found[2] == "second" and before not in _BEFORE_DURATIONS:
        return None
    if lexeme(before) is not None or before == "point" or any(map(str.isdigit, before)):
        return None
    if before in _JOINING and _is_bare_number(run.beside(-1)[0]):
        return None
    return [run.write(f"{number.value}-{found[2]}", 1)]


def _is_bare_number(key: str) -> bool:
    """Tell whether a word is a number and says nothing of what it counts, as 10-minute does."""
    return lexeme(key.rstrip("-")) is not None or (any(map(str.isdigit, key)) and not key[-1].isalpha())
