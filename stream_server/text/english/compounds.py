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
_JOINED = {"and", "to", "or", "through", "point", *UNITS}
"""In front of it: its number may be but the end of one."""


def rule(run: Run) -> Sequence[Part] | None:
    """Write the number in digits, from two on; one that other numbers are in front of stays."""
    found = _SHAPE.fullmatch(run.key(0))
    number = lexeme(found[1]) if found is not None else None
    if found is None or number is None or number.kind not in _KINDS or number.value < 2:
        return None
    before, _ = run.beside()
    if lexeme(before) is not None or before in _JOINED or any(map(str.isdigit, before)):
        return None
    return [run.write(f"{number.value}-{found[2]}", 1)]
