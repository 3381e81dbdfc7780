"""Keep the journals of resumable sessions: what another process needs to go on with them, written at once.

One task writes for all sessions, in one round trip: as soon as a durable event waits, and else twice a second what has
moved. While the store is away events wait in memory, up to a bound, and nothing is acknowledged; a session never waits.
A journal that the store lost, or that has waited too long, is begun anew with how the session stands then, behind the
events that are lost with it: they are with the client, or nobody goes on from before them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from stream_server.errors import SessionUnknown, StoreUnavailable
from stream_server.events import Closed
from stream_server.session.standing import Standing
from stream_server.session.transcript import Durable
from stream_server.session.written import (
    pack_sounds,
    read_event,
    read_standing,
    write_end,
    write_event,
    write_standing,
)
from stream_server.store.base import DEAD_AFTER_SECONDS
from stream_server.store.journals import JournalHead, JournalPage, JournalStore, KeptJournal, Outcome
from stream_server.store.sealing import Seal, SealBroken

MOVE_SECONDS = 0.5
"""How often silence that was heard is acknowledged."""

RENEW_SECONDS = 20.0
"""A journal that has nothing new is renewed so often: twice missed is not yet forgotten."""

RETRY_SECONDS = 2.0
"""Between tries while the store is away."""

LAST_SECONDS = 3.0
"""For the end of a session to be written; its client has it already."""

MOST_WAITING = 10_000
"""Events of a session that wait while the store is away: hours of talk. Beyond, its journal begins anew."""

EVENTS_AT_ONCE = 200
"""Read in one round trip, so that nobody waits long for a long session's."""

_log = logging.getLogger(__name__)


class Journaled(Protocol):
    """The session whose journal it is, as its owner lets it be seen."""

    def standing(self) -> Standing:
        """Return how it stands."""
        ...

    @property
    def settled_until(self) -> int:
        """Where it stands."""
        ...


class Owner(Protocol):
    """Who hears what became of a journal. None of these raises."""

    def journal_kept(self, sequence: int, at: int | None) -> None:
        """Hear that events up to `sequence` are safe, and all before sample `at` with them, if that has moved."""
        ...

    def journal_taken(self) -> None:
        """Hear that somebody else has the session."""
        ...

    def journal_away(self) -> None:
        """Hear that nothing is safe for now: the store is away, or has lost the journal."""
        ...


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a session stood where its journal begins, behind which event, and under which fence."""

    standing: str
    fence: int = 1
    behind: int = 0


class Journal:
    """One session's journal; `JournalKeeper` makes it."""

    def __init__(self, keeper: JournalKeeper, head: JournalHead, session: Journaled, kept: KeptJournal | None) -> None:
        self._keeper = keeper
        self._head = head
        self._session = session
        self._owner: Owner | None = None
        self._beginning = None if kept else Beginning(write_standing(session.standing()))
        self._fence = kept.fence if kept else 1
        self._written = kept.sequence if kept else 0
        """Sequence of the last event that is safe."""
        self._waiting: deque[Durable] = deque()
        self._at = session.settled_until
        self._sounds: tuple[tuple[float, ...], ...] = ()
        self._offered: tuple[int, tuple[tuple[float, ...], ...]] = self._at, self._sounds
        self._dropped = kept.behind if kept else 0
        """Sequence of the last event that was given up."""
        self._is_lost = False
        """Whether events are given up until it is begun anew."""
        self._was_lost = False
        """Whether that was told in the log: a store that goes on losing it does not fill that."""
        self._ended: Closed | None = None
        self._renew_at = 0.0
        self.away = False
        """Whether the store took nothing the last time."""
        self.over = False
        """Whether nothing is written any more: it has ended, or is somebody else's."""

    def watch(self, owner: Owner) -> None:
        """Tell somebody what becomes of it from now on."""
        self._owner = owner

    def note(self, event: Durable) -> None:
        """Take a durable event, to be written at once."""
        if self.over or self._is_lost:
            self._dropped = event.sequence
            return
        self._waiting.append(event)
        if len(self._waiting) > MOST_WAITING:
            self._lose()
        self._keeper.wake()

    def end(self, closed: Closed) -> None:
        """Take how the session ended, to be written with the last events."""
        self._ended = closed
        self._keeper.wake()

    async def close(self) -> None:
        """Write what waits, with some patience, and let go."""
        with suppress(TimeoutError, StoreUnavailable):
            async with asyncio.timeout(LAST_SECONDS):
                await self._write()
        self._keeper.let_go(self)

    async def is_up_to_date(self) -> bool:
        """Write what is new; return whether all of it is safe."""
        with suppress(StoreUnavailable):
            await self._write()
        return not self.over and not self.away

    async def forget(self) -> None:
        """Let nobody go on with the session any more."""
        self.over = True
        self._keeper.let_go(self)
        with suppress(StoreUnavailable):
            page = JournalPage(session_id=self.session_id, fence=self._fence, first=1, keep_seconds=0)
            await self._keeper.forget(page)

    async def since(self, sequence: int) -> list[Durable]:
        """Return every event behind a sequence, safe or not; raises `SessionUnknown` if some cannot be had."""
        if sequence < self._dropped:
            raise SessionUnknown("the session cannot be gone on with: that part of its journal is lost")
        found: list[Durable] = []
        while sequence + len(found) < self._written:
            more = await self._keeper.events(self.session_id, sequence + len(found))
            if not more:
                raise SessionUnknown("the session is not known any more")
            found += more
        read_until = sequence + len(found)  # a write whose answer was lost is in the store, and waits here
        return [*found, *(event for event in self._waiting if event.sequence > read_until)]

    @property
    def session_id(self) -> str:
        """Whose journal it is."""
        return self._head.session_id

    # ── what the keeper calls ───────────────────────────────────────────────────────────────────────────────────────

    def beginning(self) -> Beginning | None:
        """Return what it begins with, until that is written; once it was lost, how the session stands now."""
        if self.over:
            return None
        if self._is_lost:
            standing = self._session.standing()
            self._is_lost = False
            self._written = self._dropped = standing.sequence
            self._sounds, self._renew_at = (), 0.0
            self._beginning = Beginning(write_standing(standing), self._fence, standing.sequence)
        return self._beginning

    @property
    def hurries(self) -> bool:
        """Whether something waits that is to be written at once."""
        return not self.over and bool(self._waiting or self._ended)

    def page(self, now: float, keep_seconds: float, seal: Seal | None) -> JournalPage | None:
        """Return what is to be written, if there is anything."""
        moved = self._session.settled_until > self._at
        if self.over or self._is_lost or not (self.hurries or moved or now >= self._renew_at):
            return None
        standing = self._session.standing()
        sounds = tuple(each.seconds for each in standing.speakers.voices.values())
        self._offered = standing.at, sounds
        return JournalPage(
            session_id=self.session_id,
            fence=self._fence,
            first=self._written + 1,
            events=tuple(write_event(event) for event in self._waiting),
            standing=write_standing(standing),
            voices=sealed_sounds(seal, self.session_id, standing) if sounds != self._sounds else None,
            ended=write_end(self._ended) if self._ended else None,
            keep_seconds=keep_seconds + (0.0 if self._ended else DEAD_AFTER_SECONDS),
        )

    @property
    def head(self) -> JournalHead:
        """Whose it is."""
        return self._head

    def begun(self, outcome: Outcome) -> None:
        """Hear whether the beginning is written, or somebody else has the session."""
        self._beginning = None
        if outcome == "taken":
            self._let_take()

    def take(self, page: JournalPage, outcome: Outcome, now: float) -> None:
        """Hear what became of the last page."""
        if self.over:
            return
        if outcome == "taken":
            self._let_take()
        elif outcome == "lost":
            self._lose()
        elif not self._is_lost:  # else it was given up while it was being written
            self._kept(page, now)

    def miss(self) -> None:
        """Hear that the store is away."""
        if not self.away:
            self.away = True
            self._tell(lambda owner: owner.journal_away())

    async def _write(self) -> None:
        """Write what is new; if the store turns out to have lost the journal, begin it anew at once."""
        await self._keeper.flush()
        if self._is_lost:
            await self._keeper.flush()

    def _kept(self, page: JournalPage, now: float) -> None:
        self.away, self._renew_at = False, now + RENEW_SECONDS
        for _ in page.events:
            self._waiting.popleft()
        self._written += len(page.events)
        if page.ended is not None:
            self.over = True
        moved = self._offered[0] > self._at
        self._at, self._sounds = max(self._offered[0], self._at), self._offered[1]
        self._tell(lambda owner: owner.journal_kept(self._written, self._at if moved else None))

    def _lose(self) -> None:
        """Give up what it has, which is gone or would take too much memory, and begin anew as soon as that can be."""
        if not self._was_lost:
            _log.error("the journal of session %s is lost and begins anew", self.session_id)
        self._is_lost = self._was_lost = True
        self._dropped = self._waiting[-1].sequence if self._waiting else max(self._dropped, self._written)
        self._waiting.clear()
        self.miss()

    def _let_take(self) -> None:
        """Write nothing more: it is somebody else's."""
        self.over = True
        self._tell(lambda owner: owner.journal_taken())

    def _tell(self, news: Callable[[Owner], None]) -> None:
        if self._owner is not None:
            news(self._owner)


class JournalKeeper:
    """Writes the journals of this process's sessions, and finds those of others.

    `resume_seconds` is how long a session is kept when nobody is there for it. Voices are sealed; without a `seal` it
    is not kept how they sound.
    """

    def __init__(
        self,
        store: JournalStore,
        *,
        resume_seconds: float,
        seal: Seal | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.resume_seconds = resume_seconds
        self._store = store
        self._seal = seal
        self._clock = clock
        self._journals: dict[str, Journal] = {}
        self._something = asyncio.Event()
        self._stopping = asyncio.Event()
        self._writing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Write in the background."""
        self._task = asyncio.create_task(self._write_on(), name="journals")

    async def stop(self) -> None:
        """Write what waits, if the store is there, and stop."""
        self._stopping.set()
        self.wake()
        if self._task is not None:
            await self._task
        with suppress(StoreUnavailable):
            await self.flush()

    def open(self, head: JournalHead, session: Journaled, kept: KeptJournal | None = None) -> Journal:
        """Begin a session's journal, or go on with one that was taken over."""
        journal = Journal(self, head, session, kept)
        self._journals[head.session_id] = journal
        return journal

    def let_go(self, journal: Journal) -> None:
        """Write no more of a session."""
        if self._journals.get(journal.session_id) is journal:
            del self._journals[journal.session_id]

    def wake(self) -> None:
        """Write soon."""
        self._something.set()

    async def flush(self) -> None:
        """Write what is new; raises `StoreUnavailable`, of which every session has been told."""
        async with self._writing:
            self._something.clear()
            now = self._clock()
            journals = list(self._journals.values())
            try:
                await self._write(journals, now)
            except StoreUnavailable:
                for journal in journals:
                    journal.miss()
                raise

    async def forget(self, page: JournalPage) -> None:
        """Delete a journal of ours."""
        async with self._writing:
            await self._store.write([page])

    async def find(self, session_id: str) -> KeptJournal | None:
        """Return anybody's journal."""
        return await self._store.find(session_id)

    async def take_over(self, session_id: str) -> KeptJournal | None:
        """Return a journal that is ours from now on, unless it has ended."""
        return await self._store.take_over(session_id, self.resume_seconds + DEAD_AFTER_SECONDS)

    async def events(self, session_id: str, after: int) -> list[Durable]:
        """Return some events behind a sequence; none if there are none."""
        return [read_event(text) for text in await self._store.events(session_id, after, EVENTS_AT_ONCE)]

    def standing_of(self, kept: KeptJournal) -> Standing:
        """Return how the session stood."""
        return read_standing(kept.standing, opened_sounds(self._seal, kept))

    async def _write(self, journals: list[Journal], now: float) -> None:
        for journal in journals:
            if (beginning := journal.beginning()) is not None:
                keep_seconds = self.resume_seconds + DEAD_AFTER_SECONDS
                outcome = await self._store.begin(
                    journal.head,
                    beginning.standing,
                    keep_seconds,
                    fence=beginning.fence,
                    behind=beginning.behind,
                )
                journal.begun(outcome)
        news = ((journal, journal.page(now, self.resume_seconds, self._seal)) for journal in journals)
        pages = [(journal, page) for journal, page in news if page is not None]
        if pages:
            outcomes = await self._store.write([page for _, page in pages])
            for (journal, page), outcome in zip(pages, outcomes, strict=True):
                journal.take(page, outcome, now)

    async def _write_on(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._something.wait(), MOVE_SECONDS)
            try:
                await self.flush()
            except StoreUnavailable:
                await self._pause()
            except Exception as error:  # noqa: BLE001  # the boundary of a task nobody awaits
                _log.error("journals could not be written (%s)", type(error).__name__)
                await self._pause()

    async def _pause(self) -> None:
        """Wait before the next try, but not when the server stops."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), RETRY_SECONDS)


def sealed_sounds(seal: Seal | None, session_id: str, standing: Standing) -> str | None:
    """Return how voices sound as a store may keep it."""
    if seal is None:
        return None
    return b64encode(seal.seal(pack_sounds(standing.speakers.voices), _row(session_id))).decode()


def opened_sounds(seal: Seal | None, kept: KeptJournal) -> bytes | None:
    """Return how voices sound; None if that was not kept, or not with our key."""
    if seal is None or kept.voices is None:
        return None
    with suppress(SealBroken):
        return seal.open(b64decode(kept.voices), _row(kept.head.session_id))
    return None


def _row(session_id: str) -> str:
    return f"session:{session_id}"
