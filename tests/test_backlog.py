"""What waits is known from a real database, asked seldom, and nobody waits long to hear it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from stream_server import backlog as backlog_module
from stream_server.backlog import FRESH_SECONDS, Backlog, BacklogWatch
from stream_server.errors import StoreUnavailable
from stream_server.jobs.job import Job, Submission
from stream_server.store.sealing import KEY_BYTES, Seal
from stream_server.store.sql import Database
from stream_server.store.sql_jobs import SqlJobStore
from stream_server.store.sql_records import SqlRecordStore
from stream_server.store.sql_webhooks import SqlWebhooks

NOTHING = Backlog(recordings=0, webhooks=0, webhooks_dead=0)


class Jobs(SqlJobStore):
    """Jobs whose database may be away, or hang until it is let go; `asked` tells how often it was asked."""

    away = False
    asked = 0
    hanging: asyncio.Event
    goes_on: asyncio.Event | None = None

    async def count_queued(self) -> int:
        self.asked += 1
        if self.goes_on is not None:
            self.hanging.set()
            await self.goes_on.wait()
        if self.away:
            raise StoreUnavailable("the database is away")
        return await super().count_queued()


@dataclass
class Place:
    """A watch over a database, and its clock."""

    jobs: Jobs
    watch: BacklogWatch
    now: float = 100.0

    async def add(self, name: str) -> None:
        """Hand a job in."""
        await self.jobs.add(
            Job(id=name, organisation="acme", created_at=1.0, modified_at=1.0, submission=Submission(media="m"))
        )


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whoever looks have the answer, however slow this machine is."""
    monkeypatch.setattr(backlog_module, "PATIENCE_SECONDS", 60.0)


@pytest.fixture
def place(database: Database) -> Place:
    """Give a watch over each empty database."""
    jobs = Jobs(database, SqlRecordStore(database))
    jobs.hanging = asyncio.Event()
    webhooks = SqlWebhooks(database, Seal(bytes(KEY_BYTES)))
    made = Place(jobs, BacklogWatch(jobs, webhooks, clock=lambda: made.now))
    return made


async def test_the_database_is_asked_now_and_then(place: Place) -> None:
    """However many look at once; what has come since is known a little later."""
    assert await asyncio.gather(*(place.watch.look() for _ in range(5))) == [NOTHING] * 5
    await place.add("j1")
    assert await place.watch.look() == NOTHING
    assert place.jobs.asked == 1
    place.now += FRESH_SECONDS
    found = await place.watch.look()
    assert found == place.watch.known == Backlog(recordings=1, webhooks=0, webhooks_dead=0)


@pytest.mark.parametrize("error", [StoreUnavailable("away"), RuntimeError("a fault of ours")])
async def test_nothing_is_known_while_the_database_is_away(
    place: Place, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Nor when it answers what nobody understands; afterwards it is known again."""

    async def fail() -> int:
        raise error

    await place.watch.look()
    place.now += FRESH_SECONDS
    with monkeypatch.context() as patch:
        patch.setattr(place.jobs, "count_queued", fail)
        assert await place.watch.look() is None
    place.now += FRESH_SECONDS
    assert await place.watch.look() == NOTHING


async def test_a_database_that_hangs_keeps_nobody_waiting(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was known is told meanwhile, and it is asked once; at last it is known to be away."""
    await place.watch.look()
    place.jobs.goes_on, place.jobs.away = asyncio.Event(), True
    place.now += FRESH_SECONDS
    with monkeypatch.context() as patch:
        patch.setattr(backlog_module, "PATIENCE_SECONDS", 0.0)
        assert await place.watch.look() == await place.watch.look() == NOTHING
    await place.jobs.hanging.wait()
    place.jobs.goes_on.set()
    assert await place.watch.look() is None
    assert place.jobs.asked == 2


async def test_a_watch_that_stops_asks_no_more(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gives up what hangs; stopping one that never looked, or has its answer, is nothing."""
    await place.watch.stop()
    await place.watch.look()
    await place.watch.stop()
    monkeypatch.setattr(backlog_module, "PATIENCE_SECONDS", 0.0)
    place.jobs.goes_on = asyncio.Event()
    place.now += FRESH_SECONDS
    await place.watch.look()
    await place.jobs.hanging.wait()
    await place.watch.stop()
    assert all(task.get_name() != "backlog" for task in asyncio.all_tasks())
