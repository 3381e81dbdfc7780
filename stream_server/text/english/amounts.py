"""English numbers in what is said of them: percent, money, units, durations, page numbers; else from ten on. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.text.english import money
from stream_server.text.english.clock import with_meridiem
from stream_server.text.english.figures import Figure
from stream_server.text.english.groups import is_big
from stream_server.text.english.hours import meridiem, together
from stream_server.text.english.measures import Measure, measure
from stream_server.text.english.numbers import number
from stream_server.text.rewriting import Part
from stream_server.text.runs import Run

NUMBERED = {
    "number", "page", "chapter", "room", "gate", "version", "step", "level", "line", "figure", "question",
}  # fmt: skip
"""Nouns behind which any number is digits."""
_MODALS = {
    "should", "could", "would", "can", "cannot", "may", "might", "must", "has", "will", "who", "that", "asks",
}  # fmt: skip
"""Behind question one: these say that somebody is meant."""


def rule(run: Run) -> Sequence[Part] | None:
    """Write a number and what it measures."""
    price = money.signed(run) or money.half_a_scale(run)
    if price is not None:
        return [run.write(*price)]
    if run.key(0) == "hundred":
        return [run.write("100%", 2)] if run.key(1) == "percent" else None
    figure = number(run)
    if figure is None:
        return None
    time = together(figure.text, figure.behind)
    if time is not None and meridiem(run, figure.behind) is not None:
        return [with_meridiem(run, time)]
    return amount(run, figure, 0)


def amount(run: Run, figure: Figure, first: int, *, digits: bool = False) -> Sequence[Part] | None:
    """Return the tokens of a number that begins at `first`, and of its measure; `digits`: whatever it is."""
    found = measure(run, figure.behind)
    if found is not None and found[0].front and is_big(run, found[1]):
        found = None  # nobody says a scale behind a currency
    if found is not None and found[0].shown and "-" not in figure.text[1:]:
        return _shown(run, figure, first, *found)
    needed = digits or not figure.plain or _is_measured(run, figure, found) or _is_numbered(run, figure, first)
    if not needed or figure.written:
        return None
    return [run.write(figure.text, figure.behind, first)]


def is_numbered(key: str) -> bool:
    """Whether a word is a noun of which there are numbered ones: page, pages."""
    return key in NUMBERED or key.removesuffix("s") in NUMBERED


def _shown(run: Run, figure: Figure, first: int, what: Measure, behind: int) -> Sequence[Part] | None:
    """Return a number with a sign in place of its measure; one kilometer stays."""
    if what.front:
        return [run.write(*money.priced(run, figure, what.front, behind), first)]
    if figure.one and what.behind != "%":
        return None
    return [run.write(f"{figure.text}{what.behind}", behind, first)]


def _is_measured(run: Run, figure: Figure, found: tuple[Measure, int] | None) -> bool:
    if found is None or figure.scale:
        return False
    what, behind = found
    return not figure.one or what.cents or (what.lasting and _goes_on(run, behind))


def _goes_on(run: Run, at: int) -> bool:
    """Whether a duration goes on there: one hour and thirty minutes."""
    more = number(run, at + (run.key(at) == "and"))
    found = measure(run, more.behind) if more is not None else None
    return found is not None and found[0].lasting


def _is_numbered(run: Run, figure: Figure, first: int) -> bool:
    before = run.before() if first == 0 else run.key(first - 1)
    return is_numbered(before) and not (figure.one and run.key(figure.behind) in _MODALS)
