"""Any English number: a string of digits, a year, a cardinal or a decimal, below zero or not. Pure."""

from __future__ import annotations

from decimal import Decimal

from stream_server.text.english.cardinals import cardinal
from stream_server.text.english.decimals import decimal
from stream_server.text.english.digit_strings import digit_string
from stream_server.text.english.figures import Figure
from stream_server.text.english.hours import MERIDIEMS, meridiem
from stream_server.text.english.lexicon import lexeme, may_begin
from stream_server.text.english.measures import measure
from stream_server.text.english.phones import grouped
from stream_server.text.english.years import year
from stream_server.text.runs import Run

_BEFORE_POINT = {
    "", "by", "about", "is", "was", "are", "than", "around", "only", "nearly", "over", "under", "above", "below",
    "minus", "and", "or", "with", "just", "almost", "roughly", "approximately", "equals",
}  # fmt: skip
"""In front of point five; behind anything else a point is a remark."""
_BEHIND_POINT = {"on", "in", "is", "was", "of"}
"""Behind point five these say that it is the fifth remark."""
_FIGURES = {
    "average",
    "mean",
    "median",
    "share",
    "rate",
    "ratio",
    "factor",
    "probability",
    "value",
    "margin",
    "increase",
}
"""Of them a point is no remark: an average of point nine."""
_PLACES = {"on", "in", "of"}
"""Behind point five of a figure these say that it is a remark nevertheless."""
_LINKS = {"to", "and", "or", "by"}

_GROUPS = {"1": (3, 3, 4), "000": (3, 4)}
"""How long the groups are that go on a telephone number, by the first one."""


def number(run: Run, at: int = 0, *, joined: bool = True) -> Figure | None:
    """Return the number that begins there; without `joined` none goes on behind an "and"."""
    key = run.key(at)
    if not may_begin(key):
        return None
    if key in {"minus", "negative"}:
        return _below_zero(run, at, joined=joined)
    found = _one(run, at, joined=joined)
    if found is None or (key == "point" and not _is_number(run, at, found.behind)):
        return None
    return _telephone(run, found) or found


def _is_number(run: Run, at: int, behind: int) -> bool:
    """Tell whether what begins with a point is a number and no remark: what is measured is one in any case."""
    measured = measure(run, behind)
    if measured is not None and measured[0].shown:
        return True
    before, _ = run.beside(at)
    if before == "of" and at == 0:
        return run.before(2) in _FIGURES and run.key(behind) not in _PLACES and not _is_first_of_two(run, behind)
    return before in _BEFORE_POINT and run.key(behind) not in _BEHIND_POINT


def _is_first_of_two(run: Run, at: int) -> bool:
    """Tell whether a second number is linked there that stays in words: then so does the first."""
    link, following = run.key(at), run.key(at + 1)
    return link in _LINKS and may_begin(following) and not (following == "point" and link in _BEFORE_POINT)


def _one(run: Run, at: int, *, joined: bool = True) -> Figure | None:
    found = digit_string(run, at) or year(run, at)
    if found is None:
        return cardinal(run, at, joined=joined)
    return decimal(run, found.value, found.behind) or found


def _telephone(run: Run, first: Figure) -> Figure | None:
    """Return a telephone number whose groups stand or were said one by one: 555 123 4567, 1 800 555 1234."""
    groups = [first]
    for length in _GROUPS.get(first.text if len(first.text) == 1 else "0" * len(first.text), ()):
        following = _one(run, groups[-1].behind)
        if following is None or len(following.text) != length or not following.text.isdigit():
            return None
        groups.append(following)
    digits = "".join(group.text for group in groups)
    return Figure(Decimal(digits), groups[-1].behind, grouped(digits), coined=True) if len(groups) > 1 else None


def _below_zero(run: Run, at: int, *, joined: bool) -> Figure | None:
    """Return a number below zero; what is taken from another number is none, and a negative one is measured."""
    before = run.beside()[0] if at == 0 else ""
    if lexeme(before) is not None or before in MERIDIEMS or any(map(str.isdigit, before)):
        return None
    found = _one(run, at + 1, joined=joined)
    if found is None or "-" in found.text or meridiem(run, found.behind) is not None:
        return None
    if run.key(at) == "negative" and measure(run, found.behind) is None:
        return None
    return found.negated()
