"""Digits that are written in one word with the scale behind them: *5jt*, *500rb*. Pure."""

from __future__ import annotations

import re

from stream_server.text.indonesian.figures import Figure, multiple
from stream_server.text.indonesian.lexicon import NUMBER_WORDS, SCALES
from stream_server.text.indonesian.written_numbers import is_foreign_decimal, written
from stream_server.text.runs import Run

GLUED_SCALES = "rb|ribu|jt|juta|miliar|milyar|triliun"
"""As a pattern; not *m*, which may be a million or a thousand of them."""

_SHAPE = re.compile(rf"(\d[\d.,]*)({GLUED_SCALES})", re.ASCII)
_MORE = NUMBER_WORDS | {"setengah", "koma", "minus"}
"""Beside it: what nobody knows how to read together."""


def glued_scale(run: Run, at: int, key: str) -> Figure | None:
    """Return the number that a token is with its scale, if it is a number by itself."""
    found = _SHAPE.fullmatch(key)
    if found is None:
        return None
    before, behind = run.beside(at)
    if _is_more(before) or _is_more(behind) or before == "per" or (behind == "per" and _is_more(run.beside(at + 1)[1])):
        return None
    return scaled(found[1], found[2], at)


def scaled(digits: str, scale: str, at: int) -> Figure | None:
    """Return the number that digits are with a scale, all in the token `at`."""
    value = written(digits.replace(".", ",") if is_foreign_decimal(digits) else digits)
    if value is None or not 0 < value < 1000:
        return None
    return multiple(value, SCALES[scale], at + 1, at)


def _is_more(key: str) -> bool:
    return key in _MORE or any(map(str.isdigit, key))
