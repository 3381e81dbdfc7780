"""A run: numbers in a row and what is said between them, with what is in front and behind. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from stream_server.text.redaction.counting import Number, numbers_of
from stream_server.text.redaction.readings import NUMERIC, WORD, Piece, Reading, Sort
from stream_server.text.rewriting import FURTHEST_AHEAD, Reader
from stream_server.text.tokens import Token

MOST_BETWEEN = 8
"""Words between two numbers of one run: "4111, ya, terus 1111"."""

FURTHEST_BACK = 8
"""Words in front of a run that may tell what it is."""


class Reads(Protocol):
    """Tells what a token says, word by word; hidden and replaced ones say what was heard as well."""

    def __call__(self, token: Token) -> list[Reading]:
        """Return the readings of its words."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """So many tokens from where it was read.

    `before` are the keys in front, the nearest first, `after` is the key behind and `counts` what sort of word that is.
    `leads`: nothing but gaps is in front of it in the utterance; `trails`: nothing but gaps behind. It is `open` if
    more words may come that belong to it.
    """

    count: int
    numbers: Sequence[Number]
    linked: bool
    plus: bool
    before: Sequence[str]
    after: str
    counts: Sort
    leads: bool
    trails: bool
    open: bool

    @property
    def digits(self) -> str:
        """Return all its digits."""
        return "".join(number.digits for number in self.numbers)


def read_run(reader: Reader, reads: Reads, *, ended: bool) -> Run | None:
    """Return the run that begins here; None if none does."""
    first = reader.peek()
    if first is None or not _begins(reader, first, reads):
        return None
    parts: list[tuple[tuple[Piece, ...], bool]] = []
    count, between, linked, waiting_link = 0, 0, False, False
    after: Token | None = None
    place = 0
    zeros: list[tuple[tuple[Piece, ...], bool]] = []
    """Said, but no digits unless a number follows."""
    while place < FURTHEST_AHEAD and (token := reader.peek(place)) is not None:
        readings = reads(token)
        if is_numeric(readings):
            parts += [*zeros, *((each.pieces, each.sort == "amount") for each in readings if each.sort in NUMERIC)]
            zeros = []
            linked, waiting_link = linked or waiting_link, False
            count, between = place + 1, 0
        elif between < MOST_BETWEEN and all(each.sort in _BETWEEN for each in readings):
            between += 1
            zeros += [(each.pieces, False) for each in readings if each.sort == "zero"]
            waiting_link = waiting_link or any(each.sort == "link" for each in readings)
        else:
            after = token
            break
        place += 1
    trails = after is None and place < FURTHEST_AHEAD
    before, leads = in_front(reader, reads)
    behind = reads(after) if after is not None else [WORD]
    return Run(
        count=count,
        numbers=numbers_of(parts),
        linked=linked,
        plus=first.text.startswith("+") or before[:1] == ["plus"],
        before=before,
        after=after.key if after is not None else "",
        counts=behind[0].sort,
        leads=leads,
        trails=trails and ended,
        open=trails and not ended,
    )


_BETWEEN = frozenset({"gap", "link", "zero"})


def is_numeric(readings: Sequence[Reading]) -> bool:
    """Tell whether a token says a number and nothing that makes it something else."""
    if len(readings) == 1:
        return readings[0].sort in NUMERIC
    return any(each.sort in NUMERIC for each in readings) and all(
        each.sort in NUMERIC or each.sort in _BETWEEN for each in readings
    )


def _begins(reader: Reader, first: Token, reads: Reads) -> bool:
    readings = reads(first)
    if is_numeric(readings):
        return True
    if len(readings) != 1 or readings[0].sort != "zero" or first.trail:
        return False
    following = reader.peek(1)
    return following is not None and is_numeric(reads(following))


def in_front(reader: Reader, reads: Reads) -> tuple[list[str], bool]:
    """Return the keys in front, the nearest first, gaps left out, and whether there are none."""
    keys: list[str] = []
    for back in range(1, FURTHEST_BACK + 1):
        token = reader.peek(-back)
        if token is None:
            return keys, not keys
        if not all(each.sort in _BETWEEN for each in reads(token)):
            keys += reversed(token.key.split() or token.text.casefold().split())
    return keys, not keys


def is_first(reader: Reader, reads: Reads) -> bool:
    """Tell whether nothing but gaps is in front, as far as is looked."""
    for back in range(1, FURTHEST_BACK + 1):
        token = reader.peek(-back)
        if token is None:
            return True
        if not _BETWEEN.issuperset([each.sort for each in reads(token)]):
            return False
    return True


def is_last(reader: Reader, count: int, reads: Reads) -> bool:
    """Tell whether nothing but gaps is behind so many tokens, or nothing that can be read."""
    for ahead in range(count, count + MOST_BETWEEN):
        token = reader.peek(ahead)
        if token is None:
            return True
        if not all(each.sort == "gap" for each in reads(token)):
            return False
    return False
