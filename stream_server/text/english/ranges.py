"""English ranges: ten to fifteen people, five to ten percent, from five to ten, pages ten through twelve. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from stream_server.text.english.amounts import amount, is_numbered
from stream_server.text.english.figures import Figure
from stream_server.text.english.hours import meridiem
from stream_server.text.english.lexicon import SCALES, lexeme
from stream_server.text.english.measures import Measure, measure
from stream_server.text.english.numbers import number
from stream_server.text.numerals import ENGLISH
from stream_server.text.rewriting import Part
from stream_server.text.runs import Run

_BETWEEN = {"to", "through"}
_LEAST_BARE = 10
"""Of a side of a range that nothing is said of."""
_MOST_UNMARKED = 5
"""Digits of an amount without marks."""
_MOVING = {
    "add", "added", "adding", "change", "changed", "compare", "compared", "drop", "dropped", "give", "gave", "increase",
    "increased", "lower", "lowered", "move", "moved", "raise", "raised", "reduce", "reduced", "send", "sent", "set",
}  # fmt: skip
"""What is done with one number to another is no range."""
_FACTORS = SCALES | {"hundred": 100}


def rule(run: Run) -> Sequence[Part] | None:
    """Write two numbers as a range; behind "from" and "between" the words stay."""
    before = run.before()
    left = _left(run, split=before == "between")
    if left is None or "-" in left.text[1:]:
        return None
    joint = run.key(left.behind)
    if joint not in _BETWEEN and not (joint == "and" and before == "between"):
        return None
    at = left.behind + 1
    right = number(run, at) or _percent(run, at)
    if right is None or "-" in right.text[1:] or run.key(0) == "a" or _is_code(left) or _is_code(right):
        return None
    if before in {"from", "between"}:
        return _apart(run, left, right, at)
    return None if before in _MOVING or joint == "and" else _dashed(run, left, right)


def _is_code(figure: Figure) -> bool:
    """Whether digits are too many for an amount that nobody marks."""
    return len(figure.text) > _MOST_UNMARKED and figure.text.isdigit()


def _left(run: Run, *, split: bool) -> Figure | None:
    """Return the number in front; where "and" stands between two, it is not within the first."""
    left = number(run)
    if left is None or not split:
        return left
    return left if run.key(left.behind) == "and" else number(run, joined=False)


def _apart(run: Run, left: Figure, right: Figure, at: int) -> Sequence[Part]:
    """Return both numbers in digits, and the word between them; each has its currency."""
    found = measure(run, right.behind)
    sign = found[0].front if found is not None else ""
    text = left.text if right.scale else _like(run, left, right).text
    if sign:
        own = f"{left.text} {right.scale}" if right.scale and not left.scale else _like(run, left, right).amount
        text = f"{sign}{left.text if left.scale else own}"
    first = run.keep(left.behind) if left.written and text == left.text else run.write(text, left.behind)
    behind = amount(run, right, at, digits=True)
    return [first, run.keep(), *(behind or [run.keep(right.behind - at)])]


def _dashed(run: Run, left: Figure, right: Figure) -> Sequence[Part] | None:
    """Return both numbers with a dash between them, if they are a range of something, or one is ten or more."""
    low = _like(run, left, right)
    if not 0 <= low.value < right.value:
        return None
    if run.key(right.behind - 1).endswith("%"):
        return [run.write(f"{low.text}–{right.text}%", right.behind)]
    half, found = meridiem(run, right.behind), measure(run, right.behind)
    if half is not None and right.value <= 12:
        return [run.write(f"{low.text}–{right.text} {half[0]}", half[1])]
    if found is not None and found[0].shown:
        return [_shown(run, low, right, *found)]
    if found is None and not right.scale and right.value < _LEAST_BARE and not is_numbered(run.before()):
        return None
    return [run.write(f"{low.text}–{right.text}", right.behind)]


def _shown(run: Run, low: Figure, right: Figure, what: Measure, behind: int) -> Part:
    if what.front:
        first = low.text if right.scale else low.amount
        return run.write(f"{what.front}{first}–{right.amount}", behind)
    return run.write(f"{low.text}–{right.text}{what.behind}", behind)


def _like(run: Run, left: Figure, right: Figure) -> Figure:
    """Return the lower side in the measure of the higher one: two to three million, five to ten thousand."""
    word = run.key(right.behind - 1)
    factor = _FACTORS.get(word)
    if factor is None or right.coined or run.key(left.behind + 1) == "a":
        return left
    same = right.scale and left.scale == right.scale
    if same:
        return replace(left, text=left.text.removesuffix(f" {left.scale}"), scale="")
    if left.scale or run.key(left.behind - 1) in _FACTORS or not left.value < right.value / factor:
        return left
    value = left.value * factor
    return replace(left, value=value) if right.scale else replace(left, value=value, text=ENGLISH.write(value))


def _percent(run: Run, at: int) -> Figure | None:
    """Return a number with its percent sign written already."""
    key = run.key(at)
    found = lexeme(key[:-1]) if key.endswith("%") else None
    return None if found is None else Figure(Decimal(found.value), at + 1, key[:-1], written=True)
