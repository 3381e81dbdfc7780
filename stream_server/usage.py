"""Write every session's usage down, soon and exactly once, whether or not the store is there.

Sessions mark how far they are; one task writes what changed every `interval_seconds`, all in one round trip. While the
store is away marks go to a file on disk instead and quota is granted from thin air; both are told when it is back.
Marks are high-water marks, so whatever is written twice counts once.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from stream_server.auth import Principal
from stream_server.durations import MICROSECONDS, samples_within
from stream_server.errors import QuotaExceeded, StoreUnavailable
from stream_server.patience import patience
from stream_server.session.meter import UsageSnapshot
from stream_server.store.base import Kind, LeaseRequest, Store, UsageMark
from stream_server.store.buffer import MarkBuffer

STORE_PATIENCE_SECONDS = 2.0
"""How long a write may hang before it goes to disk: with the interval before it, usage is never 5 s behind."""

RENEW_SECONDS = 20.0
"""A session with a quota that hears nothing is renewed so often; see `DEAD_AFTER_SECONDS`."""

LOOK_MICROSECONDS = 1_000
"""What must be left of a quota for anything to begin."""

DELIVERED_AT_ONCE = 500
"""Marks from disk per round trip."""

_log = logging.getLogger(__name__)


class UsageAccount:
    """One session's running account; `UsageRecorder.open` makes it.

    `granted_until` counts samples of the session clock that the quota allows so far; None: the key has no quota.
    """

    def __init__(self, recorder: UsageRecorder, principal: Principal, blank: UsageMark) -> None:
        self._recorder = recorder
        self._principal = principal
        self._blank = blank
        self._latest = UsageSnapshot(blank.clock_rate, blank.session, blank.tracks, blank.speech)
        self._pending: dict[str, UsageSnapshot] = {}
        self._granted_microseconds = blank.microseconds
        self._written_at = recorder.now()
        self._closed = False
        self.granted_until = blank.granted

    def mark(self, snapshot: UsageSnapshot) -> None:
        """Note what is used; cheap, written later."""
        if snapshot != self._latest:
            self._latest = snapshot
            self._pending[self._recorder.today()] = snapshot

    async def extend(self) -> int | None:
        """Lease one step more and return the new `granted_until`; unchanged means that nothing is left."""
        if self.granted_until is None or self._principal.quota_seconds is None or self._principal.key_id is None:
            return None
        request = LeaseRequest(
            session_id=self.session_id,
            key_id=self._principal.key_id,
            quota_seconds=self._principal.quota_seconds,
            quota_period=self._principal.quota_period,
            day=self._recorder.today(),
            granted_microseconds=self._granted_microseconds,
            step_microseconds=self._recorder.lease_seconds * MICROSECONDS,
        )
        self._granted_microseconds = max(self._granted_microseconds, await self._recorder.lease(request))
        self.granted_until = samples_within(self._granted_microseconds, self._latest.clock_rate)
        return self.granted_until

    async def close(self, snapshot: UsageSnapshot) -> Fraction | None:
        """Write the last mark and give back what of the lease is left; closing again does nothing.

        Returns the seconds that the key's quota has used in its period, None without a quota or store.
        """
        if self._closed:
            return None
        self.mark(snapshot)
        self._pending.setdefault(self._recorder.today(), self._latest)
        self._closed = True
        return await self._recorder.settle(self)

    async def leave(self, snapshot: UsageSnapshot) -> None:
        """Write what is used by now and let go: somebody else goes on with the session and its account."""
        self.mark(snapshot)
        await self._recorder.settle(self)

    @property
    def session_id(self) -> str:
        """Whose account this is."""
        return self._blank.session_id

    @property
    def settled(self) -> bool:
        """Whether it is closed and all is written."""
        return self._closed and not self._pending

    def unwritten(self, now: float) -> list[UsageMark]:
        """Return what changed since the last write, by day; with a quota also a sign of life now and then."""
        if self.granted_until is not None and now - self._written_at >= RENEW_SECONDS:
            self._pending.setdefault(self._recorder.today(), self._latest)
        last = max(self._pending, default="")
        return [self._as_mark(day, self._closed and day == last) for day in sorted(self._pending)]

    def written(self, mark: UsageMark, now: float) -> None:
        """Take note that a mark is safe; a newer one of that day still waits, and so does the news of the end."""
        self._written_at = now
        if self._closed and not mark.closed and mark.day == max(self._pending, default=""):
            return
        if self._pending.get(mark.day) == UsageSnapshot(mark.clock_rate, mark.session, mark.tracks, mark.speech):
            del self._pending[mark.day]

    def _as_mark(self, day: str, closed: bool) -> UsageMark:
        known = self._pending[day]
        return replace(
            self._blank,
            day=day,
            session=known.session,
            tracks=known.tracks,
            speech=known.speech,
            granted=self.granted_until,
            closed=closed,
        )


class UsageRecorder:
    """Keep the accounts of this process's sessions and write them down.

    `healthy` says whether the store took the last write, `buffered` how many marks wait for it on disk.
    """

    def __init__(
        self,
        store: Store,
        directory: Path,
        *,
        interval_seconds: float = 2.0,
        lease_seconds: int = 10,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._buffer = MarkBuffer(directory)
        self._interval = interval_seconds
        self.lease_seconds = lease_seconds
        self.now = clock
        self._accounts: dict[str, UsageAccount] = {}
        self._writing = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._day = (-1, "")
        self.healthy = True
        self.buffered = len(self._buffer)

    def today(self) -> str:
        """Return the UTC day."""
        number = int(self.now() // 86_400)
        if number != self._day[0]:
            self._day = (number, datetime.fromtimestamp(number * 86_400, UTC).date().isoformat())
        return self._day[1]

    async def start(self) -> None:
        """Deliver what an earlier process left behind, then write every `interval_seconds`."""
        with self._disk_may_fail():
            await self.flush()
        self._task = asyncio.create_task(self._run(), name="usage-recorder")

    async def stop(self) -> None:
        """Write everything once more and stop; accounts still open keep their lease until it dies."""
        self._stopping.set()
        if self._task is not None:
            await self._task
        with self._disk_may_fail():
            await self.flush()
        self._buffer.close()

    async def open(
        self,
        session_id: str,
        principal: Principal,
        kind: Kind,
        clock_rate: int,
        tracks: int,
        *,
        heard: UsageSnapshot | None = None,
    ) -> UsageAccount:
        """Open an account and lease the first step of its quota; raises `QuotaExceeded` when nothing is left.

        Of a session that somebody else began, `heard` is how far it is.
        """
        heard = heard or UsageSnapshot(clock_rate=clock_rate, session=0, tracks=(0,) * tracks, speech=0)
        has_quota = principal.quota_seconds is not None and principal.key_id is not None
        blank = UsageMark(
            session_id=session_id,
            organisation=principal.organisation,
            user=principal.user,
            key_id=principal.key_id,
            kind=kind,
            day=self.today(),
            clock_rate=clock_rate,
            session=heard.session,
            tracks=heard.tracks,
            speech=heard.speech,
            quota_period=principal.quota_period if has_quota else None,
            granted=0 if has_quota else None,
        )
        account = UsageAccount(self, principal, blank)
        if account.granted_until is not None and (await account.extend() or 0) <= heard.session:
            raise QuotaExceeded("the quota of this API key is used up")
        self._accounts[session_id] = account
        return account

    async def require_quota(self, principal: Principal, session_id: str) -> None:
        """Raise `QuotaExceeded` if nothing is left of a key's quota for a session that will open an account later.

        A millisecond is leased, which is the session's own then; without one the lease dies. Less is nothing: what is
        granted is used in whole samples, and leaves fractions of one behind.
        """
        if principal.quota_seconds is None or principal.key_id is None:
            return
        look = LeaseRequest(
            session_id=session_id,
            key_id=principal.key_id,
            quota_seconds=principal.quota_seconds,
            quota_period=principal.quota_period,
            day=self.today(),
            granted_microseconds=0,
            step_microseconds=LOOK_MICROSECONDS,
        )
        if await self.lease(look) < LOOK_MICROSECONDS:
            raise QuotaExceeded("the quota of this API key is used up")

    async def flush(self) -> None:
        """Write what changed, to the store or to disk; what can go to neither is kept and raises."""
        async with self._writing:
            now = self.now()
            accounts = list(self._accounts.values())
            marks = [(account, mark) for account in accounts for mark in account.unwritten(now)]
            await self._write([mark for _, mark in marks], deliver=True)
            for account, mark in marks:
                account.written(mark, now)
                if account.settled:
                    self._forget(account)

    async def settle(self, account: UsageAccount) -> Fraction | None:
        """Write a closed account for the last time; see `UsageAccount.close`."""
        async with self._writing:
            now = self.now()
            marks = account.unwritten(now)
            used: list[int | None] = []
            with self._disk_may_fail():  # the next flush tries again
                used = await self._write(marks, deliver=False)
                for mark in marks:
                    account.written(mark, now)
                self._forget(account)
        return None if not used or used[-1] is None else Fraction(used[-1], MICROSECONDS)

    def _forget(self, account: UsageAccount) -> None:
        """Let go of an account, not of one that was opened since for the same session."""
        if self._accounts.get(account.session_id) is account:
            del self._accounts[account.session_id]

    async def lease(self, request: LeaseRequest) -> int:
        """Return the microseconds granted in sum: by the store, or one step more from thin air while it is away."""
        with suppress(StoreUnavailable, TimeoutError):
            async with patience(STORE_PATIENCE_SECONDS):
                return await self._store.lease_quota(request, self.now())
        self._note_health(False)
        return request.granted_microseconds + request.step_microseconds

    async def _run(self) -> None:
        """Write at every interval until told to stop."""
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._interval)
            with self._disk_may_fail():
                await self.flush()

    @contextmanager
    def _disk_may_fail(self) -> Iterator[None]:
        """Go on when the disk is full or broken: marks stay in memory and are tried again."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            _log.error("usage cannot be buffered on disk: %s", type(error).__name__)

    async def _write(self, marks: list[UsageMark], *, deliver: bool) -> list[int | None]:
        """Bring marks to the store, or to disk behind those that already wait; `deliver` then tries those too."""
        if self.healthy and not self.buffered:
            used = await self._record(marks) if marks else []
            if used is not None:
                return used
            await self._put(marks)
            return []
        await self._put(marks)
        if deliver:
            await self._deliver()
        return []

    async def _record(self, marks: list[UsageMark]) -> list[int | None] | None:
        """Write to the store, or only look whether it is there; None if it is away."""
        try:
            async with patience(STORE_PATIENCE_SECONDS):
                if not marks:
                    await self._store.ping()
                used = await self._store.record_usage(marks, self.now())
        except (StoreUnavailable, TimeoutError):
            self._note_health(False)
            return None
        self._note_health(True)
        return used

    async def _put(self, marks: list[UsageMark]) -> None:
        """Write to disk; returns when it is safe there."""
        if marks:
            await asyncio.to_thread(self._buffer.put, marks)
            self.buffered = await asyncio.to_thread(len, self._buffer)

    async def _deliver(self) -> None:
        """Bring what waits on disk to the store, oldest days first, as far as it is there."""
        while True:
            waiting = await asyncio.to_thread(self._buffer.first, DELIVERED_AT_ONCE)
            if await self._record(waiting) is None:
                return
            if not waiting:
                return
            await asyncio.to_thread(self._buffer.drop, waiting)
            self.buffered = await asyncio.to_thread(len, self._buffer)

    def _note_health(self, healthy: bool) -> None:
        """Log the change, once each way."""
        if healthy != self.healthy:
            _log.warning("usage is %s", "delivered to the store again" if healthy else "buffered on disk, no store")
        self.healthy = healthy
