"""Laws of `stream_server.recording`: sessions never wait for their record, and little of it is ever lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from stream_server import recording
from stream_server.errors import IdleTimeout, NotFound, StoreUnavailable
from stream_server.events import Closed, Final, Ready, Revised, Word
from stream_server.recording import RecordKeeper, size_of
from stream_server.store.records import ABANDONED, Embeddings, Entry, Finish, Forget, Record, RecordFilter
from stream_server.store.sql import Database
from stream_server.store.sql_records import SqlRecordStore

DAY = 86_400
RATE = 16_000


class Clock:
    """A wall clock that stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class LeavingRecords(SqlRecordStore):
    """Records in a database that may be away, that may break, and that tells when it was asked."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.away = False
        self.forgetful = False
        self.poison = ""
        self.batches: list[int] = []
        self.written = asyncio.Event()
        self.asked = asyncio.Event()
        self.purges: list[float] = []

    async def write(self, entries: Sequence[Entry]) -> None:
        if self.away:
            self.asked.set()
            raise StoreUnavailable("away")
        if any(entry.record_id == self.poison for entry in entries):
            raise ValueError("never in my life")
        await super().write(entries)
        self.batches.append(len(entries))
        if self.forgetful:
            self.forgetful = False
            raise StoreUnavailable("the answer was lost")
        self.written.set()

    async def purge(self, before: float, forget: Forget | None = None) -> int:
        self.purges.append(before)
        return await super().purge(before, forget)


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[LeavingRecords]:
    """Give an empty store."""
    database = await Database.open(tmp_path / "records.sqlite3")
    yield LeavingRecords(database)
    await database.close()


@pytest.fixture
def clock() -> Clock:
    """Give a clock."""
    return Clock()


@pytest.fixture
def keeper(store: LeavingRecords, clock: Clock) -> RecordKeeper:
    """Give a keeper that writes when it is told to."""
    return RecordKeeper(store, clock=clock)


def head(record_id: str = "s1", **changes: Any) -> Record:
    """Make the head of a session."""
    usual = Record(id=record_id, organisation="acme", started_at=1_800_000_000.0, clock_rate=RATE, model="base")
    return replace(usual, **changes)


def final(sequence: int, text: str = "hello") -> Final:
    """Make the final of a word."""
    return Final(
        sequence=sequence, track=0, speaker=None, utterance_id=f"u{sequence}", start=sequence * RATE,
        end=(sequence + 1) * RATE, text=text, language="en", lag_ms=1,
        words=(Word(text=text, spoken=text, start=sequence * RATE, end=(sequence + 1) * RATE, confidence=1.0),),
    )  # fmt: skip


async def texts(store: LeavingRecords, record_id: str = "s1") -> list[str]:
    """Return what is in the database of a session."""
    return [segment.text for segment in (await store.find_transcript("acme", record_id)).segments]


# ── what is kept ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_session_becomes_a_record(keeper: RecordKeeper, store: LeavingRecords, clock: Clock) -> None:
    """Finals, revisions, embeddings and the end are kept; other events are nothing to a record."""
    keeper.open(head())
    ready = Ready(session_id="s1", clock_rate=RATE, tracks=("a",), model="base", engine="whisper", language=None)
    keeper.event("s1", ready)
    keeper.event("s1", final(1))
    keeper.event("s1", Revised(sequence=2, reason="renamed", names=((1, "Ann"),)))
    clock.now += 5
    keeper.event("s1", Closed(error=None, at=4 * RATE))
    keeper.embeddings("s1", 0, "wespeaker", b"voice")
    clock.now += 5
    keeper.close("s1", "vanished", 9)
    assert await keeper.flush()
    found = await store.find_transcript("acme", "s1")
    assert (found.record.ended_at, found.record.end_sample, found.record.outcome) == (1_800_000_005, 4 * RATE, "ok")
    assert found.record.revision == 2
    assert found.speakers == {1: "Ann"}
    assert await texts(store) == ["hello"]
    assert await store.find_embeddings("acme", "s1") == [Embeddings(track=0, model="wespeaker", vectors=b"voice")]
    assert store.batches == [5]


async def test_a_session_that_failed_says_why(keeper: RecordKeeper, store: LeavingRecords) -> None:
    """The outcome is the error's code; without `Closed` it is what the runner says."""
    keeper.open(head("failed"))
    keeper.open(head("vanished"))
    keeper.event("failed", Closed(error=IdleTimeout("nothing came"), at=7))
    for session_id in ("failed", "vanished"):
        keeper.close(session_id, "vanished", 8)
        keeper.close(session_id, "again", 9)
    await keeper.flush()
    outcomes = {name: await store.find_record("acme", name) for name in ("failed", "vanished")}
    assert (outcomes["failed"].outcome, outcomes["failed"].end_sample) == ("idle_timeout", 7)
    assert (outcomes["vanished"].outcome, outcomes["vanished"].end_sample) == ("vanished", 8)


async def test_strangers_are_nothing_to_it(keeper: RecordKeeper, store: LeavingRecords) -> None:
    """Sessions that were not opened, or are closed, leave no trace and do no harm."""
    keeper.event("unknown", final(1))
    keeper.embeddings("unknown", 0, "m", b"1")
    keeper.close("unknown", "ok", 1)
    keeper.open(head())
    keeper.close("s1", "ok", 1)
    keeper.event("s1", final(1))
    await keeper.flush()
    assert await texts(store) == []
    assert [each.id for each in (await store.list_records(RecordFilter(organisation="acme"), 9)).records] == ["s1"]


async def test_who_wants_no_records_gets_none(store: LeavingRecords, clock: Clock) -> None:
    """Without `keep` nothing is written, but what is old is still deleted."""
    await store.write([])
    keeper = RecordKeeper(store, keep=False, retention_days=1, clock=clock)
    keeper.open(head())
    keeper.event("s1", final(1))
    keeper.close("s1", "ok", 1)
    await keeper.look_after()
    await keeper.flush()
    assert store.purges == [clock.now - DAY]
    with pytest.raises(NotFound):
        await store.find_record("acme", "s1")


# ── in the background ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_final_is_written_without_anybody_asking(
    keeper: RecordKeeper, store: LeavingRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a session tells is soon in the database, while the session runs."""
    monkeypatch.setattr(recording, "GATHER_SECONDS", 0)
    await keeper.start()
    keeper.open(head())
    for sequence in (1, 2):
        keeper.event("s1", final(sequence))
        store.written.clear()
        await store.written.wait()
        assert len(await texts(store)) == sequence
    await keeper.stop()


async def test_stopping_writes_what_waits(keeper: RecordKeeper, store: LeavingRecords) -> None:
    """Nothing that was told before the stop is lost."""
    await keeper.start()
    keeper.open(head())
    keeper.event("s1", final(1))
    await keeper.stop()
    assert await texts(store) == ["hello"]
    assert keeper.waiting_bytes == 0


async def test_it_goes_on_trying_by_itself(
    keeper: RecordKeeper, store: LeavingRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an outage what waited is written, in order, without a new event."""
    monkeypatch.setattr(recording, "GATHER_SECONDS", 0)
    monkeypatch.setattr(recording, "RETRY_SECONDS", 0)
    await keeper.start()
    store.away = True
    keeper.open(head())
    keeper.event("s1", final(1))
    await store.asked.wait()
    keeper.event("s1", final(2, "again"))
    store.away = False
    await store.written.wait()
    assert await texts(store) == ["hello", "again"]
    await keeper.stop()


# ── when the database is away ───────────────────────────────────────────────────────────────────────────────────────


async def test_an_outage_loses_nothing(
    keeper: RecordKeeper, store: LeavingRecords, caplog: pytest.LogCaptureFixture
) -> None:
    """What was told during an outage is written after it; the log says so once each way, without a word spoken."""
    store.away = True
    keeper.open(head())
    keeper.event("s1", final(1, "secret"))
    for _ in range(3):
        assert not await keeper.flush()
    keeper.event("s1", Closed(error=None, at=RATE))
    store.away = False
    assert await keeper.flush()
    assert await texts(store) == ["secret"]
    assert (await store.find_record("acme", "s1")).outcome == "ok"
    assert [line.levelno for line in caplog.records] == [logging.WARNING] * 2
    assert "secret" not in caplog.text


async def test_an_answer_that_was_lost_writes_nothing_twice(keeper: RecordKeeper, store: LeavingRecords) -> None:
    """A batch that arrived although it seemed not to is written again without harm."""
    store.forgetful = True
    keeper.open(head())
    keeper.event("s1", final(1))
    assert not await keeper.flush()
    assert await keeper.flush()
    assert await texts(store) == ["hello"]
    assert store.batches == [2, 2]


async def test_memory_is_bounded_and_gaps_are_told(
    store: LeavingRecords, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Beyond the bound finals are lost: one line in the log, a count in the record, and the end is kept."""
    keeper = RecordKeeper(store, buffer_bytes=5_000, clock=clock)
    store.away = True
    keeper.open(head())
    for sequence in range(1, 101):
        keeper.event("s1", final(sequence, "secret"))
    assert keeper.waiting_bytes < 5_000 + size_of(Finish(ended_at=0, end_sample=0, outcome="")) + 1_000
    keeper.open(head("s2"))
    keeper.event("s1", Closed(error=None, at=RATE))
    store.away = False
    await keeper.flush()
    kept = len(await texts(store))
    assert 0 < kept < 100
    assert (await store.find_record("acme", "s1")).lost == 100 - kept
    assert [line.levelno for line in caplog.records] == [logging.ERROR] * 2
    assert "secret" not in caplog.text
    with pytest.raises(NotFound):
        await store.find_record("acme", "s2")


async def test_what_the_database_refuses_costs_its_own_record(
    keeper: RecordKeeper, store: LeavingRecords, caplog: pytest.LogCaptureFixture
) -> None:
    """One bad record is left out and told of; the others of its batch are written, and the next ones too."""
    store.poison = "bad"
    for name in ("s1", "bad", "s2"):
        keeper.open(head(name))
        keeper.event(name, final(1, "secret"))
    assert await keeper.flush()
    assert await texts(store, "s1") == await texts(store, "s2") == ["secret"]
    assert "2 changes of the record of session bad" in caplog.text
    assert "secret" not in caplog.text


async def test_large_backlogs_go_in_pieces(keeper: RecordKeeper, store: LeavingRecords) -> None:
    """No transaction is so long that the event loop or other writers would notice."""
    keeper.open(head())
    for sequence in range(1, 451):
        keeper.event("s1", final(sequence))
    await keeper.flush()
    assert store.batches == [200, 200, 51]
    assert len(await texts(store)) == 450


async def test_a_stop_without_a_database_ends(
    keeper: RecordKeeper, store: LeavingRecords, caplog: pytest.LogCaptureFixture
) -> None:
    """A server stops although its records cannot be written, and says how much is lost."""
    await keeper.start()
    store.away = True
    keeper.open(head())
    keeper.event("s1", final(1))
    await keeper.stop()
    assert "2 changes of records are lost" in caplog.text


# ── looking after ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_start_ends_what_a_crash_left_open(
    keeper: RecordKeeper, store: LeavingRecords, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """The next server ends the record at its last final, once its own server has been silent for a minute."""
    keeper.open(head())
    keeper.event("s1", final(2))
    await keeper.flush()
    following = RecordKeeper(store, clock=clock)
    clock.now += 60
    await following.start()
    assert (await store.find_record("acme", "s1")).ended_at is None
    clock.now += 1
    await following.look_after()
    found = await store.find_record("acme", "s1")
    assert (found.ended_at, found.outcome) == (1_800_000_003, ABANDONED)
    assert "1 records" in caplog.text
    await following.stop()


async def test_a_running_session_is_kept_alive(keeper: RecordKeeper, store: LeavingRecords, clock: Clock) -> None:
    """A session that says nothing for hours is not taken for dead, by its own server or another."""
    keeper.open(head())
    await keeper.flush()
    for _ in range(5):
        clock.now += 50
        await keeper.look_after()
        await RecordKeeper(store, clock=clock).look_after()
    assert (await store.find_record("acme", "s1")).ended_at is None


async def test_old_records_are_deleted_once_a_day(store: LeavingRecords, clock: Clock) -> None:
    """Retention counts from a record's end; a start looks at once, then once a day."""
    keeper = RecordKeeper(store, retention_days=30, clock=clock)
    keeper.open(head())
    keeper.close("s1", "ok", 0)
    await keeper.flush()
    for days, purges in ((0, 1), (0.5, 1), (0.5, 2), (28.9, 3)):
        clock.now += days * DAY
        await keeper.look_after()
        assert len(store.purges) == purges
    assert (await store.find_record("acme", "s1")).outcome == "ok"
    clock.now += DAY
    await keeper.look_after()
    with pytest.raises(NotFound):
        await store.find_record("acme", "s1")


async def test_what_belongs_to_old_records_goes_first(store: LeavingRecords, clock: Clock) -> None:
    """What is kept elsewhere is deleted while the record is still there, so that nothing is left without its record."""
    forgotten: list[str] = []

    async def forget(record_ids: Sequence[str]) -> None:
        for record_id in record_ids:
            await store.find_record("acme", record_id)
            forgotten.append(record_id)

    keeper = RecordKeeper(store, retention_days=1, forget=forget, clock=clock)
    for name in ("s1", "s2"):
        keeper.open(head(name))
        keeper.close(name, "ok", 0)
    await keeper.flush()
    clock.now += 2 * DAY
    await keeper.look_after()
    assert sorted(forgotten) == ["s1", "s2"]
    assert (await store.list_records(RecordFilter(organisation="acme"), 9)).records == ()


async def test_records_are_kept_for_ever_unless_said_otherwise(
    keeper: RecordKeeper, store: LeavingRecords, clock: Clock
) -> None:
    """Nothing is deleted that nobody asked to delete."""
    clock.now += 10_000 * DAY
    await keeper.look_after()
    assert store.purges == []
