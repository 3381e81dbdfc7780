"""The words in front of a rule, as far as no mark and no turn comes between: what may be one number or date. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from stream_server.text.rewriting import Part, Reader
from stream_server.text.sentences.phrasing import NOTICED_PAUSE
from stream_server.text.tokens import Token

T = TypeVar("T")


class Run:
    """Reads ahead from where a rule is asked, up to the first mark or turn: behind a comma something else begins."""

    __slots__ = ("_first", "_known", "_reader", "_stops", "_tokens")

    def __init__(self, reader: Reader, first: str | None = None) -> None:
        """Begin where the reader is; `first` is read in place of the key that is there."""
        self._reader = reader
        self._first = first
        self._known: dict[tuple[Callable[..., object], int], object] = {}
        self._tokens: list[Token] = []
        """Those that are known to hang together."""
        self._stops = False

    def token(self, ahead: int) -> Token | None:
        """Return the token so many places ahead; None behind the end of the run."""
        tokens = self._tokens
        while len(tokens) <= ahead and not self._stops:
            after = None if tokens and tokens[-1].trail else self._reader.peek(len(tokens))
            if after is None or (tokens and (after.lead or after.turn)):
                self._stops = True
            else:
                tokens.append(after)
        return tokens[ahead] if ahead < len(tokens) else None

    def key(self, ahead: int) -> str:
        """Return the key of the token so many places ahead; "" behind the end of the run."""
        if ahead == 0 and self._first is not None:
            return self._first
        token = self._tokens[ahead] if ahead < len(self._tokens) else self.token(ahead)
        return "" if token is None else token.key

    def once(self, read: Callable[[Run, int], T], at: int) -> T:
        """Return what a function reads there; asked again, it is not read again: several rules ask for a number."""
        known = (read, at)
        if known not in self._known:
            self._known[known] = read(self, at)
        return cast(T, self._known[known])

    def reread(self, first: str) -> Run:
        """Return the same words, the first of them read as another."""
        return Run(self._reader, first)

    def following(self, ahead: int) -> Token | None:
        """Return the token behind the one so many places ahead, whatever marks lie between."""
        return self._reader.peek(ahead + 1)

    def keys(self, ahead: int, count: int) -> tuple[str, ...]:
        """Return so many keys from there on; the read ends with the first that is not there."""
        found: list[str] = []
        while len(found) < count and (key := self.key(ahead + len(found))):
            found.append(key)
        return tuple(found)

    def before(self, back: int = 1) -> str:
        """Return the key of the token so many places in front, if no mark lies between; else ""."""
        after = self._reader.peek()
        for step in range(1, back + 1):
            token = self._reader.peek(-step)
            if token is None or token.trail or (after is not None and (after.lead or after.turn)):
                return ""
            after = token
        return "" if after is None else after.key

    def beside(self, at: int = 0) -> tuple[str, str]:
        """Return the keys right in front of a token and right behind it; "" where a mark is between.

        Behind a pause marks do not count: they may be put there afterwards, by which the answer must not change.
        """
        here, behind = self._reader.peek(at), self._reader.peek(at + 1)
        before = self._reader.peek(at - 1)
        return (
            "" if before is None or _are_parted(before, here) else before.key,
            "" if behind is None or _are_parted(here, behind) else behind.key,
        )

    def earlier(self, back: int = 1) -> str:
        """Return the key of the token so many places in front, whatever marks lie between; "" where there is none."""
        return self._reader.key(-back)

    def write(self, text: str, behind: int, first: int = 0) -> Part:
        """Return a text in place of the tokens from `first` up to `behind`, with the marks that are around them."""
        start, end = self.token(first), self.token(behind - 1)
        lead = start.lead if start is not None else ""
        return Part(behind - first, f"{lead}{text}{end.trail if end is not None else ''}")

    def keep(self, count: int = 1) -> Part:
        """Return that so many tokens stay as they are."""
        return Part(count, kept=True)


def _are_parted(before: Token | None, after: Token | None) -> bool:
    """Tell whether a mark or a turn is between two tokens, and no pause that may have been given the mark."""
    if before is None or after is None or after.turn:
        return True
    return bool(before.trail or after.lead) and (after.pause or 0.0) < NOTICED_PAUSE
