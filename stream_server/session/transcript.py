"""The order of durable events: one gapless sequence, finals in utterance order although they complete out of order."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from stream_server.events import Final, Flushed, NothingSaid, Revised, Usage
from stream_server.session.standing import TrackStanding

Durable: TypeAlias = Final | Revised | Flushed | Usage


@dataclass(slots=True, eq=False)
class Slot:
    """A place in the order; filled later with an event, or with nothing.

    That of an utterance knows its `track`, and how that stood `before` the utterance.
    """

    track: int | None = None
    before: TrackStanding | None = None
    done: bool = False
    event: Durable | NothingSaid | None = None

    def fill(self, event: Durable | NothingSaid | None) -> None:
        """Settle the slot: `event` goes out when its turn comes; None means that nothing is to be said here."""
        self.event, self.done = event, True


@dataclass(slots=True)
class Transcript:
    """Hands out slots in order and releases their events in that order, numbered from 1."""

    sequence: int = 0
    """Number of the last durable event released."""
    _slots: deque[Slot] = field(default_factory=deque)

    @property
    def is_settled(self) -> bool:
        """Whether every slot handed out has been released."""
        return not self._slots

    def unreleased(self, track: int) -> TrackStanding | None:
        """Return how a track stood before its first utterance that was not released; None if all were."""
        return next((slot.before for slot in self._slots if slot.track == track), None)

    def reserve(self, track: int | None = None, before: TrackStanding | None = None) -> Slot:
        """Return the next place in the order."""
        slot = Slot(track, before)
        self._slots.append(slot)
        return slot

    def release(self) -> list[Durable | NothingSaid]:
        """Return the events whose turn has come; durable ones are numbered."""
        released: list[Durable | NothingSaid] = []
        while self._slots and self._slots[0].done:
            event = self._slots.popleft().event
            if isinstance(event, NothingSaid):
                released.append(event)
            elif event is not None:
                self.sequence += 1
                released.append(replace(event, sequence=self.sequence))
        return released
