"""Keep a record of every session, soon and without the session ever waiting for it.

What sessions tell waits in memory and is written in batches by one task: a final is in the database within about a
second, and whatever a crash leaves behind ends with the last final written. While the database is away more and more
waits, up to a bound; what is beyond it is lost, counted in the record and told in the log. A second task says that
sessions live, ends the records of servers that died, and deletes what is too old.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from stream_server.errors import StoreUnavailable
from stream_server.events import Closed, Event, Final, Revised
from stream_server.store.base import DEAD_AFTER_SECONDS
from stream_server.store.records import (
    Append,
    Begin,
    Change,
    Embeddings,
    Entry,
    Finish,
    Forget,
    KeepEmbeddings,
    Record,
    RecordStore,
    Revise,
    append_of,
)

GATHER_SECONDS = 0.3
"""Finals of many sessions that come within so long are written together: one wait for the disk."""

RETRY_SECONDS = 2.0
"""Between tries while the database is away."""

STOP_PATIENCE_SECONDS = 5.0
"""For what still waits when the server stops; orchestrators kill soon after."""

WRITTEN_AT_ONCE = 200
"""Changes in one transaction: some milliseconds of the event loop."""

SIGN_OF_LIFE_SECONDS = 20.0
"""How often sessions are said to live: twice missed is not yet dead."""

PURGE_SECONDS = 86_400.0
"""How often what is too old is looked for; retention counts days."""

WORD_BYTES = 600
"""What a waiting word takes in memory, its two strings and its speaker included."""

EVENT_BYTES = 1_000
"""What any other change takes, or a final besides its words."""

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class _Open:
    """A session whose record is being written."""

    organisation: str
    lost: int = 0
    finished: bool = False


class RecordKeeper:
    """Duties of the caller: `open` each session, hand on its events, and `close` it, however it ended.

    Without `keep` all of that does nothing, but old records are still deleted after `retention_days` (0: never), and
    before each of them what `forget` deletes.
    `healthy` says whether the database took the last write, `waiting_bytes` what waits for it, by estimate.
    """

    def __init__(
        self,
        store: RecordStore,
        *,
        keep: bool = True,
        retention_days: float = 0,
        buffer_bytes: int = 64 * 1024 * 1024,
        forget: Forget | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._keep = keep
        self._retention_days = retention_days
        self._buffer_bytes = buffer_bytes
        self._forget = forget
        self._clock = clock
        self._sessions: dict[str, _Open] = {}
        self._waiting: deque[Entry] = deque()
        self._something = asyncio.Event()
        self._stopping = asyncio.Event()
        self._writing = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._purge_at = float("-inf")
        self.healthy = True
        self.waiting_bytes = 0

    async def start(self) -> None:
        """End what earlier servers left open, delete what is too old, then write in the background."""
        await self.look_after()
        self._tasks = [
            asyncio.create_task(self._write_on(), name="records"),
            asyncio.create_task(self._look_on(), name="records-care"),
        ]

    async def stop(self) -> None:
        """Write what waits, with some patience, and stop."""
        self._stopping.set()
        self._something.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_PATIENCE_SECONDS):
                await asyncio.gather(*self._tasks)
                await self.flush()
        if self._waiting:
            _log.error("%d changes of records are lost: the database is away", len(self._waiting))

    # ── what sessions tell ──────────────────────────────────────────────────────────────────────────────────────────

    def open(self, record: Record) -> bool:
        """Begin a session's record; return whether there is one."""
        if not self._keep:
            return False
        if self.waiting_bytes >= self._buffer_bytes:
            _log.error("no record of session %s: too much waits for the database", record.id)
            return False
        self._sessions[record.id] = _Open(organisation=record.organisation)
        self._put(record.id, Begin(record=record, now=self._clock()))
        return True

    def event(self, session_id: str, event: Event) -> None:
        """Take what a record is made of; other events, and those of sessions without a record, are nothing to it."""
        match event:
            case Final():
                self._offer(session_id, append_of(event))
            case Revised():
                self._offer(session_id, Revise(revised=event))
            case Closed(error=error, at=at):
                self._finish(session_id, "ok" if error is None else error.code, at)

    def embeddings(self, session_id: str, track: int, model: str, blob: bytes) -> None:
        """Take the voice embeddings of a track; until `close`, after `Closed` too."""
        self._offer(session_id, KeepEmbeddings(embeddings=Embeddings(track=track, model=model, vectors=blob)))

    def close(self, session_id: str, outcome: str, end_sample: int) -> None:
        """Let go of a session; one that ended without `Closed`, as when the client vanished, ends here."""
        self._finish(session_id, outcome, end_sample)
        self._sessions.pop(session_id, None)

    def let_go(self, session_id: str) -> None:
        """Let go of a session that somebody else goes on with: its record does not end here."""
        self._sessions.pop(session_id, None)

    def _offer(self, session_id: str, change: Change) -> None:
        """Take a change if there is room; the first one without is told in the log."""
        session = self._sessions.get(session_id)
        if session is None:
            return
        if self.waiting_bytes >= self._buffer_bytes:
            if not session.lost:
                _log.error("the record of session %s has gaps: too much waits for the database", session_id)
            session.lost += 1
            return
        self._put(session_id, change)

    def _finish(self, session_id: str, outcome: str, end_sample: int) -> None:
        """End a record, once; that always has room."""
        session = self._sessions.get(session_id)
        if session is not None and not session.finished:
            session.finished = True
            finish = Finish(ended_at=self._clock(), end_sample=end_sample, outcome=outcome, lost=session.lost)
            self._put(session_id, finish)

    def _put(self, session_id: str, change: Change) -> None:
        entry = Entry(organisation=self._sessions[session_id].organisation, record_id=session_id, change=change)
        self._waiting.append(entry)
        self.waiting_bytes += size_of(change)
        self._something.set()

    # ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def flush(self) -> bool:
        """Write all that waits, oldest first; False if the database is away and some of it still waits."""
        async with self._writing:
            while self._waiting:
                batch = [self._waiting[number] for number in range(min(WRITTEN_AT_ONCE, len(self._waiting)))]
                self._note_health(await self._reach(lambda: self._write(batch)))  # noqa: B023 # awaited at once
                if not self.healthy:
                    return False
                for entry in batch:
                    self._waiting.popleft()
                    self.waiting_bytes -= size_of(entry.change)
            self._something.clear()
            return True

    async def _write(self, batch: Sequence[Entry]) -> None:
        """Write a batch, record by record if that fails: what the database refuses costs its own record alone."""
        try:
            await self._store.write(batch)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  # the boundary between one record and everybody else's
            _log.warning("a batch of records was refused (%s)", type(error).__name__)
            for record_id in dict.fromkeys(entry.record_id for entry in batch):
                await self._write_alone(record_id, [entry for entry in batch if entry.record_id == record_id])

    async def _write_alone(self, record_id: str, entries: Sequence[Entry]) -> None:
        try:
            await self._store.write(entries)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  # the same boundary
            count, kind = len(entries), type(error).__name__
            _log.error("%d changes of the record of session %s were refused (%s)", count, record_id, kind)

    async def _write_on(self) -> None:
        """Write soon after something has come, and go on trying."""
        while not self._stopping.is_set():
            await self._something.wait()
            await self._pause(GATHER_SECONDS)
            if not await self.flush():
                await self._pause(RETRY_SECONDS)

    async def _pause(self, seconds: float) -> None:
        """Wait, but not when the server stops."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _note_health(self, healthy: bool) -> None:
        """Log the change, once each way."""
        if healthy != self.healthy:
            _log.warning("records %s", "are written again" if healthy else "wait in memory: the database is away")
        self.healthy = healthy

    # ── looking after ───────────────────────────────────────────────────────────────────────────────────────────────

    async def look_after(self) -> None:
        """Say which sessions live, end the records of those that died, and once a day delete what is too old."""
        await self._reach(self._look_after)

    async def _look_after(self) -> None:
        now = self._clock()
        if running := [session_id for session_id, session in self._sessions.items() if not session.finished]:
            async with self._writing:  # two transactions about the same records would wait for each other
                await self._store.touch(running, now)
        if ended := await self._store.end_abandoned(now - DEAD_AFTER_SECONDS):
            _log.warning("%d records of sessions that died were ended at their last words", ended)
        if self._retention_days > 0 and now >= self._purge_at:
            if purged := await self._store.purge(now - self._retention_days * 86_400, self._forget):
                _log.info("%d records older than %g days were deleted", purged, self._retention_days)
            self._purge_at = now + PURGE_SECONDS

    async def _look_on(self) -> None:
        while True:
            await self._pause(SIGN_OF_LIFE_SECONDS)
            if self._stopping.is_set():
                return
            try:
                await self.look_after()
            except Exception as error:  # noqa: BLE001  # the boundary of a task nobody awaits
                _log.error("records could not be looked after (%s)", type(error).__name__)

    async def _reach(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do something with the store; False if it is away."""
        try:
            await work()
        except StoreUnavailable:
            return False
        return True


def size_of(change: Change) -> int:
    """Return about how many bytes a change takes while it waits."""
    match change:
        case Append(segment=segment):
            return EVENT_BYTES + WORD_BYTES * len(segment.words)
        case Revise(revised=revised):
            return EVENT_BYTES + 100 * len(revised.changes)
        case KeepEmbeddings(embeddings=embeddings):
            return EVENT_BYTES + len(embeddings.vectors)
    return EVENT_BYTES
