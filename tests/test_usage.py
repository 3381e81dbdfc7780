"""Laws of `stream_server.usage`: written soon, exactly once, with or without Redis."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from stream_server.auth import ANONYMOUS, Principal
from stream_server.errors import QuotaExceeded, StoreUnavailable
from stream_server.session.meter import UsageSnapshot
from stream_server.store.base import DEAD_AFTER_SECONDS, LeaseRequest, UsageFilter, UsageMark
from stream_server.store.memory import MemoryStore
from stream_server.store.redis import RedisStore
from stream_server.usage import UsageRecorder

RATE = 16_000
LIMITED = Principal(organisation="acme", key_id="k1", user="u1", quota_seconds=25)
UNLIMITED = replace(LIMITED, quota_seconds=None)
NOON = 1_795_521_600.0  # 2026-11-24 12:00 UTC


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now


class LeavingStore(MemoryStore):
    """A store that tests can take away, and that counts its writes."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.hangs = False
        self.lost_answers = 0
        self.writes: list[int] = []
        self.written = asyncio.Event()

    async def ping(self) -> None:
        await self._look()

    async def record_usage(self, marks: Any, now: float) -> list[int | None]:
        await self._look()
        self.writes.append(len(marks))
        used = await super().record_usage(marks, now)
        self.written.set()
        if self.lost_answers:
            self.lost_answers -= 1
            raise StoreUnavailable("the answer was lost on the way")
        return used

    async def lease_quota(self, request: LeaseRequest, now: float) -> int:
        await self._look()
        return await super().lease_quota(request, now)

    async def _look(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.away:
            raise StoreUnavailable("away")


@pytest.fixture
def clock() -> Clock:
    """Give a clock at noon."""
    return Clock()


@pytest.fixture
def store() -> LeavingStore:
    """Give an empty store."""
    return LeavingStore()


@pytest_asyncio.fixture
async def recorder(store: LeavingStore, clock: Clock, tmp_path: Path) -> AsyncIterator[UsageRecorder]:
    """Give a recorder that writes when the test says so."""
    recorder = UsageRecorder(store, tmp_path, clock=clock)
    yield recorder
    await recorder.stop()


def used(seconds: float, tracks: int = 1) -> UsageSnapshot:
    """Make a snapshot of so many seconds on every track, half of them speech."""
    samples = round(seconds * RATE)
    return UsageSnapshot(RATE, samples, (samples,) * tracks, samples // 2)


async def billed(store: Any) -> dict[str, int]:
    """Return the billable samples of each day."""
    rows = await store.query_usage(UsageFilter())
    return {row.day: row.billable_samples for row in rows}


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_usage_is_exact_to_the_sample(recorder: UsageRecorder, store: LeavingStore) -> None:
    """Clock, tracks and speech arrive as they were, under their owner and kind."""
    account = await recorder.open("s1", UNLIMITED, "recording", 44_100, 2)
    assert account.granted_until is None
    assert await account.extend() is None
    await account.close(UsageSnapshot(44_100, 441_001, (441_001, 440_000), 77))
    [row] = await store.query_usage(UsageFilter(organisation="acme", user="u1", key_id="k1", kind="recording"))
    assert (row.clock_rate, row.sessions) == (44_100, 1)
    assert (row.billable_samples, row.track_samples, row.speech_samples) == (441_001, 881_001, 77)


async def test_one_flush_writes_every_changed_session_in_one_round_trip(
    recorder: UsageRecorder, store: LeavingStore
) -> None:
    """Sessions that changed are written together; those that did not are not."""
    accounts = [await recorder.open(f"s{number}", ANONYMOUS, "live", RATE, 1) for number in range(20)]
    for account in accounts[:5]:
        account.mark(used(1))
        account.mark(used(2))
    await recorder.flush()
    await recorder.flush()
    assert store.writes == [5]
    assert await billed(store) == {"2026-11-24": 5 * 2 * RATE}


async def test_the_task_writes_by_itself(store: LeavingStore, clock: Clock, tmp_path: Path) -> None:
    """Between start and stop marks are written at every interval, without anybody asking."""
    recorder = UsageRecorder(store, tmp_path, interval_seconds=0.01, clock=clock)
    await recorder.start()
    account = await recorder.open("s1", ANONYMOUS, "live", RATE, 1)
    account.mark(used(3))
    await store.written.wait()
    assert await billed(store) == {"2026-11-24": 3 * RATE}
    await recorder.stop()


async def test_stop_writes_what_is_left(store: LeavingStore, tmp_path: Path) -> None:
    """Stopping loses nothing of sessions that are still open."""
    recorder = UsageRecorder(store, tmp_path, clock=Clock())
    await recorder.start()
    (await recorder.open("s1", ANONYMOUS, "live", RATE, 1)).mark(used(3))
    await recorder.stop()
    assert await billed(store) == {"2026-11-24": 3 * RATE}


async def test_midnight_divides_a_session(recorder: UsageRecorder, store: LeavingStore, clock: Clock) -> None:
    """Each UTC day has what was used on it, unwritten marks of both included."""
    account = await recorder.open("s1", ANONYMOUS, "live", RATE, 1)
    account.mark(used(4))
    clock.now += 86_400
    account.mark(used(5))
    await account.close(used(6))
    assert await billed(store) == {"2026-11-24": 4 * RATE, "2026-11-25": 2 * RATE}


async def test_closing_twice_counts_once(recorder: UsageRecorder, store: LeavingStore) -> None:
    """The second closing does nothing."""
    account = await recorder.open("s1", ANONYMOUS, "live", RATE, 1)
    await account.close(used(1))
    assert await account.close(used(2)) is None
    await recorder.flush()
    assert await billed(store) == {"2026-11-24": RATE}


# ── quota ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_end_is_told_although_its_mark_was_on_its_way(recorder: UsageRecorder, store: LeavingStore) -> None:
    """A session that closes while its last mark is being written still gives its lease back."""
    account = await recorder.open("s1", LIMITED, "live", RATE, 1)
    account.mark(used(2))
    [on_its_way] = account.unwritten(NOON)
    closing = asyncio.create_task(account.close(used(2)))
    async with recorder._writing:
        await asyncio.sleep(0)
        await store.record_usage([on_its_way], NOON)
        account.written(on_its_way, NOON)
    await closing
    other = await recorder.open("s2", LIMITED, "live", RATE, 1)
    await other.extend()
    assert await other.extend() == 23 * RATE


async def test_quota_is_leased_in_steps_and_settled_at_the_end(recorder: UsageRecorder) -> None:
    """Ten seconds at open, ten more each time, the rest last; what was not used is given back."""
    account = await recorder.open("s1", LIMITED, "live", RATE, 1)
    granted = [account.granted_until] + [await account.extend() for _ in range(3)]
    assert granted == [10 * RATE, 20 * RATE, 25 * RATE, 25 * RATE]
    with pytest.raises(QuotaExceeded):
        await recorder.open("s2", LIMITED, "live", RATE, 1)
    assert await account.close(used(7)) == Fraction(7)
    again = await recorder.open("s3", LIMITED, "live", RATE, 1)
    assert [again.granted_until, await again.extend(), await again.extend()] == [10 * RATE, 18 * RATE, 18 * RATE]
    assert await again.close(used(18)) == Fraction(25)
    with pytest.raises(QuotaExceeded):
        await recorder.open("s4", LIMITED, "live", RATE, 1)


async def test_a_session_goes_on_elsewhere_and_counts_once(
    recorder: UsageRecorder, store: LeavingStore, clock: Clock, tmp_path: Path
) -> None:
    """Whoever goes on behind a crash, or after a leave, charges what was not charged; long after, too."""
    for patience in (1.0, DEAD_AFTER_SECONDS + 1):
        session_id = f"s{patience}"
        account = await recorder.open(session_id, replace(LIMITED, quota_seconds=100), "live", RATE, 1)
        account.mark(used(9))
        await recorder.flush()
        await account.leave(used(9.5))
        clock.now += patience
        other = UsageRecorder(store, tmp_path / session_id, clock=clock)
        principal = replace(LIMITED, quota_seconds=100)
        goes_on = await other.open(session_id, principal, "live", RATE, 1, heard=used(7))
        assert goes_on.granted_until is not None
        assert 10 * RATE <= goes_on.granted_until <= 17 * RATE
        goes_on.mark(used(8))
        await other.flush()
        assert await goes_on.extend() > 10 * RATE  # type: ignore[operator]
        await goes_on.close(used(20))
        await other.stop()
    assert sum((await billed(store)).values()) == 2 * 20 * RATE


async def test_a_session_does_not_go_on_without_quota(recorder: UsageRecorder, tmp_path: Path) -> None:
    """What it used before counts."""
    account = await recorder.open("s1", replace(LIMITED, quota_seconds=10), "live", RATE, 1)
    await account.leave(used(10))
    with pytest.raises(QuotaExceeded):
        await recorder.open("s1", replace(LIMITED, quota_seconds=10), "live", RATE, 1, heard=used(10))


async def test_who_lost_a_session_settles_its_own_account(recorder: UsageRecorder, store: LeavingStore) -> None:
    """What is heard by whoever goes on with it in the same process is still written."""
    lost = await recorder.open("s1", UNLIMITED, "live", RATE, 1)
    goes_on = await recorder.open("s1", UNLIMITED, "live", RATE, 1, heard=used(7))
    await lost.leave(used(9))
    goes_on.mark(used(20))
    await recorder.flush()
    assert sum((await billed(store)).values()) == 20 * RATE


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 48_000])
async def test_grants_are_whole_samples_at_any_rate(recorder: UsageRecorder, rate: int) -> None:
    """The quota ends at the same second whatever the clock."""
    account = await recorder.open("s1", LIMITED, "live", rate, 1)
    await account.extend()
    assert await account.extend() == 25 * rate


async def test_fifty_sessions_share_a_quota_without_overshoot(recorder: UsageRecorder, store: LeavingStore) -> None:
    """Fifty sessions on one key use a hundred seconds together, and no lease more than that."""
    principal = replace(LIMITED, quota_seconds=100)
    spent = []

    async def stream(number: int) -> None:
        try:
            account = await recorder.open(f"s{number}", principal, "live", RATE, 1)
        except QuotaExceeded:
            return
        end = 0
        while account.granted_until is not None and account.granted_until > end:
            end = account.granted_until
            account.mark(UsageSnapshot(RATE, end, (end,), 0))
            await asyncio.sleep(0)
            await account.extend()
        spent.append(end)
        await account.close(UsageSnapshot(RATE, end, (end,), 0))

    await asyncio.gather(*(stream(number) for number in range(50)))
    assert 100 * RATE <= sum(spent) <= 110 * RATE
    assert await billed(store) == {"2026-11-24": sum(spent)}


async def test_a_quiet_session_keeps_its_lease(recorder: UsageRecorder, clock: Clock) -> None:
    """A session that hears nothing for minutes still holds what it was granted, as long as its process lives."""
    await recorder.open("s1", replace(LIMITED, quota_seconds=10), "live", RATE, 1)
    for _ in range(6):
        clock.now += 25
        await recorder.flush()
    with pytest.raises(QuotaExceeded):
        await recorder.open("s2", replace(LIMITED, quota_seconds=10), "live", RATE, 1)


async def test_a_new_month_grants_anew_within_a_session(recorder: UsageRecorder, clock: Clock) -> None:
    """A session that lives past the end of the month goes on with the new month's quota."""
    account = await recorder.open("s1", replace(LIMITED, quota_seconds=10), "live", RATE, 1)
    account.mark(used(10))
    assert await account.extend() == 10 * RATE
    await recorder.flush()
    clock.now += 7 * 86_400
    assert await account.extend() == 20 * RATE


# ── without the store ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_sessions_go_on_while_the_store_is_away(
    recorder: UsageRecorder, store: LeavingStore, clock: Clock
) -> None:
    """Marks wait on disk, seconds are granted from thin air, and both are charged when the store is back."""
    account = await recorder.open("s1", LIMITED, "live", RATE, 1)
    store.away = True
    account.mark(used(8))
    await recorder.flush()
    assert (recorder.healthy, recorder.buffered) == (False, 1)
    assert await account.extend() == 20 * RATE
    other = await recorder.open("s2", LIMITED, "live", RATE, 1)
    assert await other.close(used(3)) is None
    account.mark(used(15))
    await recorder.flush()
    assert recorder.buffered == 2
    store.away = False
    await recorder.flush()
    assert (recorder.healthy, recorder.buffered) == (True, 0)
    assert await billed(store) == {"2026-11-24": 18 * RATE}
    assert await account.extend() == 22 * RATE
    assert await account.close(used(20)) == Fraction(23)


async def test_health_returns_without_anything_to_write(recorder: UsageRecorder, store: LeavingStore) -> None:
    """Readiness turns green again although no session changed."""
    store.away = True
    await recorder.open("s1", LIMITED, "live", RATE, 1)
    await recorder.flush()
    assert not recorder.healthy
    store.away = False
    await recorder.flush()
    assert recorder.healthy


async def test_a_lost_answer_counts_nothing_twice(recorder: UsageRecorder, store: LeavingStore) -> None:
    """What the store took but could not confirm is told again, and counts once."""
    account = await recorder.open("s1", LIMITED, "live", RATE, 1)
    account.mark(used(8))
    store.lost_answers = 1
    await recorder.flush()
    assert recorder.buffered == 1
    await recorder.flush()
    assert await account.close(used(9)) == Fraction(9)
    assert await billed(store) == {"2026-11-24": 9 * RATE}


async def test_a_hanging_store_is_not_waited_for(
    recorder: UsageRecorder, store: LeavingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that takes the question and never answers is away."""
    monkeypatch.setattr("stream_server.usage.STORE_PATIENCE_SECONDS", 0.01)
    account = await recorder.open("s1", UNLIMITED, "live", RATE, 1)
    account.mark(used(8))
    store.hangs = True
    await recorder.flush()
    assert recorder.buffered == 1
    store.hangs = False
    await recorder.flush()
    assert await billed(store) == {"2026-11-24": 8 * RATE}


async def test_days_keep_their_share_through_an_outage(
    recorder: UsageRecorder, store: LeavingStore, clock: Clock
) -> None:
    """What waited over midnight is delivered in order, each day with its own."""
    store.away = True
    account = await recorder.open("s1", ANONYMOUS, "live", RATE, 1)
    account.mark(used(4))
    await recorder.flush()
    clock.now += 86_400
    account.mark(used(6))
    await recorder.flush()
    store.away = False
    await account.close(used(7))
    await recorder.flush()
    assert await billed(store) == {"2026-11-24": 4 * RATE, "2026-11-25": 3 * RATE}


async def test_the_next_process_delivers_what_waits_on_disk(
    recorder: UsageRecorder, store: LeavingStore, tmp_path: Path
) -> None:
    """A process that ended while the store was away leaves its marks to the next one."""
    store.away = True
    (await recorder.open("s1", ANONYMOUS, "live", RATE, 1)).mark(used(4))
    await recorder.flush()
    store.away = False
    following = UsageRecorder(store, tmp_path, clock=Clock())
    assert following.buffered == 1
    await following.start()
    assert await billed(store) == {"2026-11-24": 4 * RATE}
    await following.stop()


async def test_a_full_disk_keeps_marks_in_memory(
    recorder: UsageRecorder, store: LeavingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With neither store nor disk sessions still end well, and what they used is written later."""

    def full(marks: list[UsageMark]) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    account = await recorder.open("s1", ANONYMOUS, "live", RATE, 1)
    with monkeypatch.context() as patched:
        patched.setattr(recorder._buffer, "put", full)
        store.away = True
        assert await account.close(used(5)) is None
    store.away = False
    await recorder.flush()
    await recorder.flush()
    assert await billed(store) == {"2026-11-24": 5 * RATE}


# ── with a real Redis ───────────────────────────────────────────────────────────────────────────────────────────────

KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from stream_server.auth import Principal
from stream_server.session.meter import UsageSnapshot
from stream_server.store.redis import RedisStore
from stream_server.usage import UsageRecorder

async def main(url, directory, written, unwritten):
    recorder = UsageRecorder(RedisStore(url), Path(directory))
    principal = Principal(organisation="acme", key_id="k1", quota_seconds=100)
    account = await recorder.open("s1", principal, "live", 16000, 1)
    for seconds in range(1, int(written) + 1):
        account.mark(UsageSnapshot(16000, seconds * 16000, (seconds * 16000,), 0))
        await recorder.flush()
    account.mark(UsageSnapshot(16000, int(unwritten) * 16000, (int(unwritten) * 16000,), 0))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main(*sys.argv[1:]))
"""


async def kill_in_mid_session(url: str, directory: Path, *, written: int, unwritten: int) -> None:
    """Run a recorder in a process of its own that dies by `kill -9` after its last mark."""
    arguments = [sys.executable, "-c", KILLED, url, str(directory), str(written), str(unwritten)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    finished = await asyncio.to_thread(subprocess.run, arguments, check=False, env=environment)
    assert finished.returncode == -9


async def test_a_look_at_the_quota_takes_nothing_of_it(redis_url: str, tmp_path: Path) -> None:
    """A session whose quota was looked at has all of it; when all is used a look says so."""
    for store in (MemoryStore(), RedisStore(redis_url)):
        directory = tmp_path / type(store).__name__
        directory.mkdir()
        recorder = UsageRecorder(store, directory)
        await recorder.require_quota(LIMITED, "s1")
        await recorder.require_quota(UNLIMITED, "s2")
        account = await recorder.open("s1", LIMITED, "recording", RATE, 1)
        for _ in range(3):
            await account.extend()
        assert account.granted_until == 25 * RATE
        await account.close(used(25))
        with pytest.raises(QuotaExceeded):
            await recorder.require_quota(LIMITED, "s3")
        await recorder.stop()
        await store.close()


async def test_kill_in_mid_session_loses_only_what_was_not_written(redis_url: str, tmp_path: Path) -> None:
    """After `kill -9` the last flush stands; the same session told again to its end counts once."""
    await kill_in_mid_session(redis_url, tmp_path, written=4, unwritten=5)
    store = RedisStore(redis_url)
    assert list((await billed(store)).values()) == [4 * RATE]
    recorder = UsageRecorder(store, tmp_path)
    await recorder.start()
    account = await recorder.open("s1", replace(LIMITED, user=None, quota_seconds=100), "live", RATE, 1)
    assert await account.close(used(9)) == Fraction(9)
    assert sum((await billed(store)).values()) == 9 * RATE
    await recorder.stop()
    await store.close()


async def test_kill_while_redis_is_away_loses_only_what_was_not_written(private_redis: Any, tmp_path: Path) -> None:
    """Marks on disk survive the process and reach the Redis that comes back."""
    private_redis.stop()
    await kill_in_mid_session(private_redis.url, tmp_path, written=3, unwritten=4)
    private_redis.start()
    store = RedisStore(private_redis.url)
    recorder = UsageRecorder(store, tmp_path)
    await recorder.start()
    assert (recorder.healthy, recorder.buffered) == (True, 0)
    assert list((await billed(store)).values()) == [3 * RATE]
    await recorder.stop()
    await store.close()


async def test_redis_stopped_and_started_loses_nothing(private_redis: Any, tmp_path: Path) -> None:
    """Marks before, during and after an outage add up to the session, to the sample and to the quota."""
    store = RedisStore(private_redis.url)
    recorder = UsageRecorder(store, tmp_path)
    account = await recorder.open("s1", replace(LIMITED, quota_seconds=100), "live", RATE, 1)
    account.mark(used(2))
    await recorder.flush()
    private_redis.stop()
    for seconds in (4, 6):
        account.mark(used(seconds))
        await recorder.flush()
    assert (recorder.healthy, recorder.buffered) == (False, 1)
    assert await account.extend() == 20 * RATE
    ended = await recorder.open("s2", replace(LIMITED, quota_seconds=100), "live", RATE, 1)
    assert await ended.close(used(1)) is None
    private_redis.start()
    account.mark(used(8))
    await recorder.flush()
    assert (recorder.healthy, recorder.buffered) == (True, 0)
    assert await account.close(used(9)) == Fraction(10)
    assert sum((await billed(store)).values()) == 10 * RATE
    await recorder.stop()
    await store.close()
