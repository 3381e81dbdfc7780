"""Rewrite a passage by a rule that reads ahead, and know what a word that comes later could still change. Pure.

A rule is asked at each token in turn and reads as far as it needs. Where it read a token that is not settled, or looked
for one behind the last while more words may come, its answer may change, and with it all behind: what is in front is
settled. So the open span needs no bookkeeping of its own, and cannot be forgotten.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from stream_server.text.tokens import Passage, Token

FURTHEST_AHEAD = 64
"""Tokens that a rule may read ahead: more is no number, and a text of digits alone would take a day to read."""


@dataclass(frozen=True, slots=True)
class Part:
    """So many of the tokens read become one, with this text; it may be "" where nothing is to be shown.

    What stays as it is, is a part too: `kept` alone tells that its tokens are passed on untouched.
    """

    count: int
    text: str = ""
    kept: bool = False
    masked: bool = False
    fixed: bool = False


class Reader:
    """Reads the visible tokens around the place at which a rule is asked: `peek(0)` is there, `peek(-1)` before."""

    __slots__ = ("_ended", "_settled", "_tokens", "at", "is_open")

    def __init__(self, tokens: Sequence[Token], settled: int, *, ended: bool) -> None:
        self._tokens = tokens
        self._settled = settled
        self._ended = ended
        self.at = 0
        self.is_open = False
        """Whether something was read, since the rule was asked, that may still change."""

    def peek(self, ahead: int = 0) -> Token | None:
        """Return the token so many places ahead; None where there is none, or too far away."""
        if ahead >= FURTHEST_AHEAD:
            return None
        place = self.at + ahead
        if place >= self._settled:
            if not self._ended:
                self.is_open = True
            if place >= len(self._tokens):
                return None
        return self._tokens[place] if place >= 0 else None

    def key(self, ahead: int = 0) -> str:
        """Return the key of the token so many places ahead; "" where there is none."""
        place = self.at + ahead
        if 0 <= place < self._settled and ahead < FURTHEST_AHEAD:
            return self._tokens[place].key  # what is asked for most, at once
        token = self.peek(ahead)
        return "" if token is None else token.key


Rule: TypeAlias = Callable[[Reader], Sequence[Part] | None]
"""Says what becomes of the tokens from here on, as many as its parts count; None: nothing of this one."""


def rewrite(passage: Passage, rule: Rule) -> Passage:
    """Return the passage with a rule's answers in place. Tokens that show nothing are not read, and stay.

    Those in the midst of several that become one are part of it.
    """
    tokens = passage.tokens
    visible = [place for place, token in enumerate(tokens) if token.text]
    read = tokens if len(visible) == len(tokens) else [tokens[place] for place in visible]
    reader = Reader(read, bisect_left(visible, passage.settled), ended=passage.ended)
    out: list[Token] = []
    settled: int | None = None
    place = 0
    """Of the next token of the passage that is not in `out` yet."""
    while reader.at < len(read):
        reader.is_open = False
        parts = rule(reader)
        here = visible[reader.at]
        if settled is None and not passage.ended:
            reader.peek()  # a rule that does not even look at a token cannot settle it
            if reader.is_open:
                settled = len(out) + max(0, min(here, passage.settled) - place)
        if place < here:
            out += tokens[place:here]
            place = here
        if not parts or _joins_turns(read, reader.at, parts):
            out.append(tokens[here])
            place = here + 1
            reader.at += 1
            continue
        for part in parts:
            begin, stop = visible[reader.at], visible[reader.at + part.count - 1] + 1
            out += tokens[place:begin]
            out += tokens[begin:stop] if part.kept else [_joined(tokens[begin:stop], part)]
            place = stop
            reader.at += part.count
    if settled is None:
        settled = len(out) + max(0, passage.settled - place)
    out += tokens[place:]
    return Passage(tuple(out), len(out) if passage.ended else settled, passage.ended, passage.continues, passage.cut)


def _joined(tokens: Sequence[Token], part: Part) -> Token:
    first = tokens[0]
    return Token(
        part.text,
        first.first,
        tokens[-1].behind,
        first.pause,
        part.masked or any(token.masked for token in tokens),
        any(token.held for token in tokens),
        part.fixed or any(token.fixed for token in tokens),
        first.turn,
    )


def _joins_turns(tokens: Sequence[Token], place: int, parts: Sequence[Part]) -> bool:
    """Tell whether parts of the tokens from a place on make one of what two people say."""
    for part in parts:
        behind = place + part.count
        if (
            part.count > 1
            and not (part.kept or part.masked)
            and any(token.turn for token in tokens[place + 1 : behind])
        ):
            return True
        place = behind
    return False


def first_of(rules: Sequence[Rule]) -> Rule:
    """Return a rule that answers with the first of these that has an answer."""

    def answer(reader: Reader) -> Sequence[Part] | None:
        for rule in rules:
            parts = rule(reader)
            if parts:
                return parts
        return None

    return answer
