"""When events go out: at once, or, of a session with a journal, behind durable ones as soon as these are safe."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from stream_server.errors import StoreUnavailable
from stream_server.events import Acknowledged, Closed, Event, NothingSaid, Warned
from stream_server.journaling import Journal
from stream_server.session.transcript import Durable

UNSAFE = "what is said cannot be stored at the moment: only this server process can go on with the session"


MOST_RETRACTED = 100
"""Utterances without words that a client is told of again when it comes back: it may show their partials still."""


class Delivery:
    """Takes a session's events in order and gives them to `let_out` in that order.

    `told` is the sequence of the last durable event that went out, `acknowledged` what was last said to be safe,
    `retracted` are the last utterances that came to nothing.
    """

    def __init__(self, let_out: Callable[[Event], None], told: int) -> None:
        self.told = told
        self.acknowledged: Acknowledged | None = None
        self.retracted: deque[NothingSaid] = deque(maxlen=MOST_RETRACTED)
        self._let_out = let_out
        self._held: deque[Event] = deque()
        self._warned = False
        self.closed = asyncio.Event()
        """Set when all is said, and perhaps not out yet."""

    @property
    def is_waiting(self) -> bool:
        """Whether some event has not gone out."""
        return bool(self._held)

    def take(self, event: Event, journal: Journal | None) -> None:
        """Take an event; of a session that has a journal, durable ones and its end are written down there."""
        if isinstance(event, Closed):
            self.closed.set()
        if journal is not None:
            if isinstance(event, Durable):
                journal.note(event)
            elif isinstance(event, Closed):
                journal.end(event)
            if self._held or (isinstance(event, Durable) and not journal.away):
                self._held.append(event)
                return
        self._go(event)

    def kept(self, sequence: int, at: int | None) -> None:
        """Let out what is safe, events up to a sequence, and acknowledge audio before sample `at`, if that is news."""
        while self._held and not isinstance(self._held[0], Closed) and not self._is_behind(sequence):
            self._go(self._held.popleft())
        if at is not None:
            self.acknowledged = Acknowledged(at=at, sequence=sequence)
            if self._held or not self.closed.is_set():  # nothing goes out behind the end
                self._go(self.acknowledged)
        if self._held and not self._is_behind(sequence):
            self._go(self._held.popleft())

    def repeated(self, missed: Iterable[Event]) -> list[Event]:
        """Return what a client is told again that comes back and has `missed` these."""
        return [*self.retracted, *missed, *([self.acknowledged] if self.acknowledged else [])]

    def go_without(self) -> None:
        """Let everything out although it is not safe, and say so once."""
        self.let_all_out()
        if not self._warned and not self.closed.is_set():
            self._warned = True
            self._go(Warned(code=StoreUnavailable.code, message=UNSAFE))

    def let_all_out(self) -> None:
        """Let out what is held back."""
        while self._held:
            self._go(self._held.popleft())

    def drop(self) -> None:
        """Forget what is held back: somebody else will say it."""
        self._held.clear()

    def _is_behind(self, sequence: int) -> bool:
        first = self._held[0]
        return isinstance(first, Durable) and first.sequence > sequence

    def _go(self, event: Event) -> None:
        if isinstance(event, Durable):
            self.told = event.sequence
        elif isinstance(event, NothingSaid):
            self.retracted.append(event)
        self._let_out(event)
