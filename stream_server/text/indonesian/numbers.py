"""Whatever number begins at a token: a string of digits, a cardinal or a decimal, below zero too. Pure."""

from __future__ import annotations

from dataclasses import replace

from stream_server.text.indonesian.cardinals import read_cardinal
from stream_server.text.indonesian.decimals import with_decimals
from stream_server.text.indonesian.digit_strings import read_digits, read_international
from stream_server.text.indonesian.figures import Figure, multiple
from stream_server.text.indonesian.glued import glued_scale
from stream_server.text.indonesian.lexicon import NUMBER_WORDS, SCALES
from stream_server.text.runs import Run


def may_begin(key: str) -> bool:
    """Tell whether a number may begin with such a token."""
    return key in NUMBER_WORDS or key in {"minus", "plus"} or key[:1].isdigit() or key[:1] in {"-", "+"}


def is_number_like(key: str) -> bool:
    """Tell whether a token is part of a number or an amount, before it is formatted as after."""
    return key in NUMBER_WORDS or key in {"persen", "rupiah"} or any(map(str.isdigit, key))


def read_number(run: Run, at: int = 0) -> Figure | None:
    """Return the number that begins there."""
    key = run.key(at)
    if not key or not may_begin(key):
        return None
    if key == "minus":
        before = run.key(at - 1) if at else run.earlier()
        if is_number_like(before):
            return None  # a subtraction
        figure = _unsigned(run, at + 1, run.key(at + 1))
        return figure.negated() if figure is not None and figure.value and figure.value > 0 else None
    if key == "plus" or key[0] == "+":
        return read_international(run, at, key)
    return _unsigned(run, at, key)


def _unsigned(run: Run, at: int, key: str) -> Figure | None:
    figure = glued_scale(run, at, key)
    if figure is not None:
        return figure
    figure = read_digits(run, at, key)
    if figure is None:
        return read_cardinal(run, at, key) or _code(key, at)
    scale = SCALES.get(run.key(figure.behind))
    if scale is not None and figure.value is not None and (figure.value < 1000 or scale > 1000):
        return multiple(figure.value, scale, figure.behind + 1, figure.behind)
    extended = with_decimals(run, figure)
    return figure if extended is figure else replace(extended, coined=True)


def _code(key: str, at: int) -> Figure | None:
    """Return written digits that count nothing: too many, or with a zero in front."""
    if not (key.isascii() and key.isdigit()):
        return None
    return Figure(value=None, behind=at + 1, text=key, written=True, coined=True)
