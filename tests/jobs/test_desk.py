"""Where recordings are handed in and asked about: whose they are, and which way they may go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from stream_server.auth import Principal
from stream_server.errors import JobRunning, NotFound, StoreUnavailable, TooManyJobs
from stream_server.jobs import desk as desk_module
from stream_server.jobs.desk import Desk
from stream_server.jobs.job import Job, JobFilter, Submission
from stream_server.session.options import SessionOptions
from stream_server.store.memory_job_queue import MemoryJobQueue
from stream_server.store.records import Begin, Entry, Finish, Record
from stream_server.store.sql import Database
from stream_server.store.sql_jobs import SqlJobStore
from stream_server.store.sql_records import SqlRecordStore

ANN = Principal(organisation="acme", key_id="k1", user="ann")
BO = Principal(organisation="acme", key_id="k2", user="bo")
HOUSE = Principal(organisation="acme", key_id="k3")
CHIEF = Principal(organisation="acme", key_id="k4", user="chief", scopes=frozenset({"transcribe", "admin"}))
STRANGER = Principal(organisation="other", key_id="k5")
ALL = JobFilter(organisation="acme")
FAILED = JobFilter(organisation="acme", status="failed")


class Forgetful(MemoryJobQueue):
    """A queue that is away while `away` is set."""

    away = False

    async def put(self, organisation: str, job_id: str) -> None:
        """Append the job, or not."""
        if self.away:
            raise StoreUnavailable("the queue is away")
        await super().put(organisation, job_id)


@dataclass
class Place:
    """A desk and what is behind it."""

    desk: Desk
    jobs: SqlJobStore
    queue: Forgetful
    discarded: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    nudges: list[None] = field(default_factory=list)

    async def submit(self, principal: Principal = ANN, label: str | None = None) -> Job:
        """Hand something in."""
        return await self.desk.submit(principal, Submission(options=SessionOptions(label=label), media="m"))

    async def begin(self, job: Job) -> None:
        """Begin to work on a job."""
        assert await self.jobs.begin(job.id, "w", 10.0, 30.0) is not None

    async def fail(self, job: Job) -> None:
        """Fail at a job."""
        await self.begin(job)
        assert await self.jobs.fail(job.id, "w", "engine_failed", "why", 11.0)

    async def complete(self, job: Job) -> None:
        """Do a job."""
        await self.begin(job)
        head = Record(id=job.id, organisation="acme", kind="recording", started_at=1.0, clock_rate=16_000, model="m")
        changes = (Begin(record=head, now=1.0), Finish(ended_at=2.0, end_sample=0, outcome="ok"))
        entries = [Entry(organisation="acme", record_id=job.id, change=change) for change in changes]
        assert await self.jobs.complete(job.id, "w", entries, 12.0)


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Give a desk that takes three jobs of an organisation."""
    database = await Database.open(tmp_path / "jobs.sqlite3")
    records = SqlRecordStore(database)
    jobs, queue = SqlJobStore(database, records), Forgetful()
    discarded, cancelled, nudges = list[str](), list[str](), list[None]()

    async def discard(key: str) -> None:
        discarded.append(key)

    desk = Desk(
        jobs,
        queue,
        records,
        discard=discard,
        most_waiting=3,
        nudge=lambda: nudges.append(None),
        cancelled=cancelled.append,
        clock=lambda: 5.0,
    )
    yield Place(desk, jobs, queue, discarded, cancelled, nudges)
    await database.close()


async def test_what_is_handed_in_is_queued(place: Place) -> None:
    """It is whoever's hands it in, waits in the line of the organisation, and the crew hears of it."""
    job = await place.submit()
    assert (job.organisation, job.user, job.key_id, job.status, job.created_at) == ("acme", "ann", "k1", "queued", 5.0)
    assert await place.desk.find(ANN, job.id) == job
    ticket = await place.queue.take("w", 30.0)
    assert ticket is not None
    assert (ticket.organisation, ticket.job_id) == ("acme", job.id)
    assert len(place.nudges) == 1


async def test_an_id_may_be_known_before(place: Place) -> None:
    """Where something was stored under it."""
    assert (await place.desk.submit(ANN, Submission(media="m"), job_id="j1")).id == "j1"


async def test_an_organisation_waits_with_so_many(place: Place) -> None:
    """One more is refused until one has ended; others' do not count."""
    for _ in range(3):
        job = await place.submit()
    with pytest.raises(TooManyJobs):
        await place.submit(BO)
    await place.submit(STRANGER)
    await place.desk.cancel(ANN, job.id)
    await place.submit()


async def test_a_queue_that_is_away_loses_nothing(place: Place) -> None:
    """The job is taken in: the crew finds what no queue knows."""
    place.queue.away = True
    job = await place.submit()
    assert (await place.desk.find(ANN, job.id)).status == "queued"
    assert [lost.id for lost in await place.jobs.lost(6.0, 10, 6.0)] == [job.id]


@pytest.mark.parametrize("stranger", [BO, STRANGER])
async def test_jobs_are_their_owners(place: Place, stranger: Principal) -> None:
    """A user's key reaches that user's alone, another organisation's none: whatever is tried, nothing is there."""
    job = await place.submit()
    for attempt in (
        place.desk.find(stranger, job.id),
        place.desk.cancel(stranger, job.id),
        place.desk.archive(stranger, job.id),
        place.desk.retry(stranger, job.id),
        place.desk.wait(stranger, job.id, 0),
        anext(place.desk.watch(stranger, job.id)),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await place.desk.count(stranger, ALL) == 0
    assert (await place.desk.page(stranger, ALL)).jobs == ()
    assert await place.desk.find(ANN, job.id) == job


@pytest.mark.parametrize("owner", [ANN, HOUSE, CHIEF])
async def test_the_house_and_admins_see_everybodys(place: Place, owner: Principal) -> None:
    """A key without a user, or of an administrator, reaches all of the organisation, and may ask for one user's."""
    job = await place.submit()
    await place.submit(BO)
    assert (await place.desk.find(owner, job.id)).id == job.id
    assert await place.desk.count(owner, ALL) == (1 if owner is ANN else 2)
    assert await place.desk.count(owner, JobFilter(organisation="other", user="ann")) == 1


async def test_pages_count_from_one(place: Place) -> None:
    """Newest first unless said otherwise."""
    for label in "bac":
        await place.submit(label=label)

    async def labels(page: int, per_page: int = 2, *, ascending: bool = True) -> list[str | None]:
        found = await place.desk.page(ANN, ALL, page=page, per_page=per_page, sort_by="label", ascending=ascending)
        assert found.total == 3
        return [job.submission.options.label for job in found.jobs]

    assert [await labels(1), await labels(2), await labels(3)] == [["a", "b"], ["c"], []]
    assert await labels(1, 3, ascending=False) == ["c", "b", "a"]


async def test_cancelling_tells_the_crew_once(place: Place) -> None:
    """One that has ended stays as it is, and nobody is told."""
    job = await place.submit()
    assert (await place.desk.cancel(ANN, job.id)).status == "cancelled"
    assert (await place.desk.cancel(ANN, job.id)).status == "cancelled"
    assert place.cancelled == [job.id]


async def test_archiving_hides_and_discards(place: Place) -> None:
    """A waiting one is cancelled first; one that is being worked on is not touched."""
    waiting, running = await place.submit(), await place.submit()
    archived = await place.desk.archive(ANN, waiting.id)
    assert (archived.status, archived.archived, archived.submission.media) == ("cancelled", True, None)
    assert place.discarded == ["m"]
    await place.begin(running)
    with pytest.raises(JobRunning):
        await place.desk.archive(ANN, running.id)
    assert place.discarded == ["m"]
    await place.desk.archive(ANN, waiting.id)
    assert place.discarded == ["m"]
    assert await place.desk.count(ANN, ALL) == 1


async def test_what_ended_badly_is_tried_again(place: Place) -> None:
    """Failed or cancelled, but neither complete, nor running, nor archived."""
    job = await place.submit()
    await place.queue.take("w", 30.0)
    with pytest.raises(JobRunning):
        await place.desk.retry(ANN, job.id)
    await place.fail(job)
    assert [dead.id for dead in (await place.desk.page(ANN, FAILED)).jobs] == [job.id]
    again = await place.desk.retry(ANN, job.id)
    assert (again.status, again.attempts) == ("queued", 0)
    assert await place.queue.waiting() == 2
    await place.complete(job)
    assert (await place.desk.retry(ANN, job.id)).status == "complete"
    assert not (await place.desk.page(ANN, FAILED)).jobs
    other = await place.submit()
    await place.desk.archive(ANN, other.id)
    with pytest.raises(NotFound):
        await place.desk.retry(ANN, other.id)


async def test_a_result_is_there_when_the_job_is_complete(place: Place) -> None:
    """And until its record is deleted."""
    job = await place.submit()
    assert await place.desk.result(ANN, job) is None
    await place.complete(job)
    job = await place.desk.find(ANN, job.id)
    found = await place.desk.result(ANN, job)
    assert found is not None
    assert found.record.id == job.id
    await place.desk._records.delete_record("acme", job.id)
    assert await place.desk.result(ANN, job) is None


async def test_waiting_ends_with_the_job_or_with_patience(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job is returned as it is then."""
    monkeypatch.setattr(desk_module, "LOOK_SECONDS", 0.001)
    job = await place.submit()
    assert (await place.desk.wait(ANN, job.id, 0)).status == "queued"
    waiting = asyncio.create_task(place.desk.wait(ANN, job.id, 60))
    await asyncio.sleep(0)
    await place.fail(job)
    assert (await waiting).status == "failed"


async def test_watching_tells_every_change_up_to_the_end(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, then whenever something is different."""
    monkeypatch.setattr(desk_module, "LOOK_SECONDS", 0.001)
    job = await place.submit()
    watch = place.desk.watch(ANN, job.id)
    assert (await anext(watch)).status == "queued"
    await place.begin(job)
    assert (await anext(watch)).status == "in_progress"
    await place.jobs.note_progress(job.id, "w", 0.5, 11.0)
    assert (await anext(watch)).progress == 0.5
    await place.jobs.fail(job.id, "w", "e", "why", 12.0)
    assert [each.status async for each in watch] == ["failed"]
