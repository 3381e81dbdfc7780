"""English amounts of money: five dollars and fifty cents, $1 million 750 thousand, half a million dollars. Pure."""

from __future__ import annotations

from stream_server.text.english.cardinals import cardinal
from stream_server.text.english.figures import Figure
from stream_server.text.english.groups import two_digits
from stream_server.text.english.hours import meridiem
from stream_server.text.english.lexicon import SCALES
from stream_server.text.english.measures import measure
from stream_server.text.english.numbers import number
from stream_server.text.numerals import ENGLISH
from stream_server.text.runs import Run

_SIGNS = {"$": "$", "€": "€", "£": "£", "rp": "Rp"}
_WHOLE = {"Rp"}
"""Currencies whose coins are all whole."""


_BEHIND_CENTS = {"", "and", "or", "each", "per", "for", "in", "on", "at", "is", "was", "a", "but", "which"}
"""Behind two dollars fifty these say that nothing else is counted."""
_ENDS = {"cents", "cent", "hundred", *SCALES}
"""Of what is joined to an amount that is written already: $1 million 750 thousand, $5 and fifty cents."""


_BELOW_MILLION = {"hundred", "thousand"}


def priced(run: Run, figure: Figure, sign: str, behind: int) -> tuple[str, int]:
    """Return an amount with its sign, and where it ends; the cents that come behind the currency are part of it."""
    text = figure.amount
    below, text = text.startswith("-"), text.removeprefix("-")
    whole = figure.value == int(figure.value)
    if not figure.scale and sign not in _WHOLE:
        cents = _cents(run, behind) if whole else None
        if cents is not None:
            text, behind = f"{text}.{cents[0]:02}", cents[1]
        elif figure.value.as_tuple().exponent == -1:
            text += "0"
    return f"{'-' * below}{sign}{text}", behind


def signed(run: Run) -> tuple[str, int] | None:
    """Return an amount whose sign is written already, if something is to be joined: $ 5, $1 million 750 thousand."""
    key = run.key(0)
    sign = _SIGNS.get(key)
    if sign is not None:
        figure = number(run, 1)
        if figure is None or "-" in figure.text or meridiem(run, figure.behind):
            return None
        return priced(run, figure, sign, figure.behind)
    sign = _SIGNS.get(key[:1])
    figure = cardinal(run.reread(key[1:]), 0) if sign else None
    if sign is None or figure is None or figure.scale:
        return None
    text, behind = priced(run, figure, sign, figure.behind)
    return (text, behind) if run.key(behind - 1) in _ENDS or run.key(1) in _BELOW_MILLION else None


def half_a_scale(run: Run) -> tuple[str, int] | None:
    """Return half a million dollars."""
    if run.key(0) != "half" or run.key(1) != "a":
        return None
    scale = cardinal(run, 1)
    currency = measure(run, scale.behind) if scale is not None and scale.plain else None
    if scale is None or currency is None or not currency[0].front:
        return None
    half = scale.value / 2
    return priced(run, Figure(half, scale.behind, ENGLISH.write(half)), currency[0].front, currency[1])


def _cents(run: Run, at: int) -> tuple[int, int] | None:
    """Return the cents there, with an "and" in front of them or without."""
    found = two_digits(run, at + (run.key(at) == "and"))
    if found is None or found[0] != int(found[0]):
        return None
    if run.key(found[1]) in {"cents", "cent"}:
        return int(found[0]), found[1] + 1
    bare = run.key(at) != "and" and found[0] >= 10 and run.key(found[1]) in _BEHIND_CENTS
    return (int(found[0]), found[1]) if bare else None
