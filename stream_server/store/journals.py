"""The contract of journals: what another process needs to go on with a session whose process or connection is gone.

A journal holds a session's durable events, by sequence, and how the session stood when the last of them was written;
both are texts to it. One process owns it: whoever takes it over raises its fence, and whoever lost it can write nothing
more. One that the store lost is begun anew by its owner, behind the events that are lost with it; so is one whose fence
is lower than its owner's, for the store has lost the take-over, or somebody from before it began the journal anew: of
all who believe that they have a session, it belongs to the one with the highest fence. It is forgotten `keep_seconds`
after it was last written. Every operation is safe to repeat and raises `StoreUnavailable` when the store cannot be
reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

Outcome = Literal["kept", "taken", "lost"]
"""Of a write: it is safe · somebody else has the session · the journal, its end or our fence is not there any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHead:
    """Whose session it is and how it began; never changes. `digest` is that of the token that opens it."""

    session_id: str
    organisation: str
    key_id: str | None
    digest: str = field(repr=False)
    started_at: float
    options: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptJournal:
    """A journal as it was found: how the session stood, how its voices sound (sealed), its end.

    It has the events behind the sequence `behind`, up to `sequence`.
    """

    head: JournalHead
    fence: int
    behind: int = 0
    sequence: int
    standing: str
    voices: str | None = None
    ended: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalPage:
    """What is new of a session: events from sequence `first` on, and how it stands behind them; None: as before.

    With `keep_seconds` 0 the journal is forgotten at once.
    """

    session_id: str
    fence: int
    first: int
    events: tuple[str, ...] = ()
    standing: str | None = None
    voices: str | None = None
    ended: str | None = None
    keep_seconds: float


class JournalStore(Protocol):
    """Journals of every process of an installation."""

    async def begin(
        self, head: JournalHead, standing: str, keep_seconds: float, *, fence: int = 1, behind: int = 0
    ) -> Outcome:
        """Begin a journal, for events behind a sequence, unless there is one that somebody else has taken over."""

    async def write(self, pages: Sequence[JournalPage]) -> list[Outcome]:
        """Write each page whole or not at all, in order; events that are there already stay as they are."""

    async def find(self, session_id: str) -> KeptJournal | None:
        """Return a journal."""

    async def take_over(self, session_id: str, keep_seconds: float) -> KeptJournal | None:
        """Return a journal that is the caller's from now on, by its fence; one that has ended stays as it is."""

    async def events(self, session_id: str, after: int, limit: int) -> list[str]:
        """Return events behind the sequence `after`; none if some of these are not there."""
