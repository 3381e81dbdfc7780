"""Any English number: a string of digits, a year, a cardinal or a decimal, below zero or not. Pure."""

from __future__ import annotations

from stream_server.text.english.cardinals import cardinal
from stream_server.text.english.digit_strings import digit_string
from stream_server.text.english.figures import Figure
from stream_server.text.english.lexicon import lexeme
from stream_server.text.english.measures import measure
from stream_server.text.english.years import year
from stream_server.text.runs import Run

_BEFORE_POINT = {
    "", "by", "about", "is", "was", "are", "than", "around", "only", "nearly", "over", "under", "above", "below",
    "minus", "and", "or", "with", "just", "almost", "roughly", "approximately", "equals",
}  # fmt: skip
"""In front of point five; behind anything else a point is a remark."""
_BEHIND_POINT = {"on", "in", "is", "was", "of"}
"""Behind point five these say that it is the fifth remark."""


def number(run: Run, at: int = 0, *, joined: bool = True) -> Figure | None:
    """Return the number that begins there; without `joined` none goes on behind an "and"."""
    key = run.key(at)
    if key in {"minus", "negative"}:
        return _below_zero(run, at, joined=joined)
    if key == "point" and (run.before() if at == 0 else run.key(at - 1)) not in _BEFORE_POINT:
        return None
    found = digit_string(run, at) or year(run, at) or cardinal(run, at, joined=joined)
    return None if found is not None and key == "point" and run.key(found.behind) in _BEHIND_POINT else found


def _below_zero(run: Run, at: int, *, joined: bool) -> Figure | None:
    """Return a number below zero; what is taken from another number is none, and a negative one is measured."""
    if at == 0 and lexeme(run.before()) is not None:
        return None
    found = cardinal(run, at + 1, joined=joined)
    if found is None or found.value < 0 or (run.key(at) == "negative" and measure(run, found.behind) is None):
        return None
    return found.negated()
