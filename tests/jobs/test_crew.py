"""Whatever happens to those who work on a job, it ends once, and nobody's waits for ever.

Files are sounds in memory here; the queue is a real Redis, the store of jobs a real SQLite.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from stream_server.audio.media import MediaInfo
from stream_server.errors import EngineFailed, NotFound, QuotaExceeded, StoreUnavailable
from stream_server.events import Samples
from stream_server.jobs import crew as crew_module
from stream_server.jobs import transcriber as transcriber_module
from stream_server.jobs.crew import Crew, CrewLimits, Tools
from stream_server.jobs.job import Job, Submission
from stream_server.jobs.line import Line
from stream_server.jobs.runner import RecordingLimits
from stream_server.jobs.transcriber import FileTranscriber
from stream_server.metrics import Metrics
from stream_server.store.job_queue import Ticket
from stream_server.store.memory import MemoryStore
from stream_server.store.records import RecordFilter
from stream_server.store.redis import RedisStore
from stream_server.store.redis_job_queue import GROUP, RedisJobQueue
from stream_server.store.sql import Database
from stream_server.store.sql_jobs import SqlJobStore
from stream_server.store.sql_records import SqlRecordStore
from tests.jobs.house import RATE, House, talk
from tests.live import make_key

MEETING = talk((0.5, 3.0), (6.0, 9.5), (13.0, 14.0), seconds=17.0)
LEASE = 30.0


@dataclass
class Shelf:
    """Where media are: paths that name sounds. `away` says why none can be had."""

    away: Exception | None = None
    fetches: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        if self.away is not None:
            raise self.away
        yield Path(key)

    async def fetched(self, organisation: str, user: str | None, uri: str) -> tuple[str, str]:
        self.fetches.append(uri)
        return "meeting", "fetched.wav"


class Jobs(SqlJobStore):
    """A store of jobs that remembers who began when, and is away while `away` is set."""

    away = False
    begun: list[str]

    async def begin(self, job_id: str, worker: str, now: float, lease_seconds: float) -> Job | None:
        if self.away:
            raise StoreUnavailable("the database is away")
        job = await super().begin(job_id, worker, now, lease_seconds)
        if job is not None:
            self.begun.append(job_id)
        return job


class Queue(RedisJobQueue):
    """A queue that remembers in which order jobs were taken."""

    taken: list[str]

    async def take(self, worker: str, idle_seconds: float) -> Ticket | None:
        ticket = await super().take(worker, idle_seconds)
        if ticket is not None:
            self.taken.append(ticket.job_id)
        return ticket


@dataclass
class Place:
    """A crew, or several, and what they work with."""

    house: House
    jobs: Jobs
    records: SqlRecordStore
    queue: Queue
    shelf: Shelf
    redis: Any
    crews: list[Crew] = field(default_factory=list)
    told: list[Job] = field(default_factory=list)
    telling: asyncio.Event = field(default_factory=asyncio.Event)
    fails_to_tell: int = 0
    now: float = 1_000.0

    def crew(self, at_once: int = 2, **changes: Any) -> Crew:
        """Return a crew that has not begun."""
        transcriber = FileTranscriber(
            self.house.services,
            limits=RecordingLimits(),
            line=Line(1, most_waiting=1),
            records=None,
            longest_seconds=3_600.0,
        )
        usual: dict[str, Any] = {
            "jobs": self.jobs,
            "queue": self.queue,
            "transcriber": transcriber,
            "shelf": self.shelf,
            "authenticator": self.house.services.authenticator,
            "ended": self._hear,
            "limits": CrewLimits(at_once=at_once, attempts=2, lease_seconds=LEASE),
            "clock": lambda: self.now,
        }
        crew = Crew(Tools(**usual | changes))
        self.crews.append(crew)
        return crew

    async def _hear(self, job: Job) -> None:
        if self.fails_to_tell:
            self.fails_to_tell -= 1
            raise StoreUnavailable("nobody can be told")
        self.told.append(job)
        self.telling.set()

    async def add(self, name: str = "j1", organisation: str = "acme", **changes: Any) -> Job:
        """Hand in a job."""
        submission = changes.pop("submission", Submission(media="meeting", name="meeting.wav"))
        job = replace(
            Job(id=name, organisation=organisation, created_at=self.now, modified_at=self.now, submission=submission),
            **changes,
        )
        await self.jobs.add(job)
        await self.queue.put(organisation, name)
        return job

    async def ended(self, count: int = 1) -> list[Job]:
        """Wait until so many ends were told, and all deliveries are done."""
        while len(self.told) < count or await self.queue.waiting():
            self.telling.clear()
            for crew in self.crews:
                crew.nudge()
            await asyncio.sleep(0.001)
        return self.told

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so."""
        while True:
            if condition():
                return
            await asyncio.sleep(0.001)

    def forsake(self, organisation: str = "acme") -> None:
        """Let every delivery of an organisation look as if nobody had renewed it, and the lease be over."""
        line = f"ss:jobs:line:{organisation}"
        with self.redis.client as client:
            for entry in client.xpending_range(line, GROUP, "-", "+", 100):
                client.xclaim(line, GROUP, "nobody", 0, [entry["message_id"]], idle=round(LEASE * 1000), justid=True)
        self.now += LEASE

    async def texts(self, name: str = "j1", organisation: str = "acme") -> list[str]:
        """Return what is said in a record."""
        return [one.text for one in (await self.records.find_transcript(organisation, name)).segments]


@pytest.fixture(autouse=True)
def _sounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file be the meeting."""
    info = MediaInfo(format="wav", mime_type="audio/wav", seconds=17.0, sample_rate=RATE, channels=1)

    def probe(path: Path, *_: Any, **__: Any) -> MediaInfo:
        return info

    def decode(path: Path, **_: Any) -> Iterator[Samples]:
        for start in range(0, len(MEETING), RATE):
            yield MEETING[start : start + RATE]

    monkeypatch.setattr(transcriber_module, "probe", probe)
    monkeypatch.setattr(transcriber_module, "decode", decode)
    monkeypatch.setattr(crew_module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(crew_module, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(crew_module, "KEEP_SECONDS", 0.01)


@pytest_asyncio.fixture
async def place(tmp_path: Path, redis_server: Any) -> AsyncIterator[Place]:
    """Give what crews work with."""
    database = await Database.open(tmp_path / "jobs.sqlite3")
    records = SqlRecordStore(database)
    jobs, store = Jobs(database, records), RedisStore(redis_server.url)
    jobs.begun = []
    queue = Queue(store)
    queue.taken = []
    place = Place(House(tmp_path, store=MemoryStore()), jobs, records, queue, Shelf(), redis_server)
    yield place
    for crew in place.crews:
        await crew.stop()
        await crew._tools.transcriber.stop()
    await store.close()
    await database.close()


async def test_a_job_is_worked_on_to_its_end(place: Place) -> None:
    """It is complete with a record under its id, what the file is was noted, and its end is told once."""
    await place.add()
    await place.crew().start()
    (job,) = await place.ended()
    assert (job.status, job.progress, job.attempts, job.error_code) == ("complete", 1.0, 1, None)
    assert (job.mime_type, job.seconds, job.sample_rate, job.channels) == ("audio/wav", 17.0, RATE, 1)
    record = await place.records.find_record("acme", "j1")
    assert (record.kind, record.outcome, record.end_sample) == ("recording", "ok", len(MEETING))
    assert len(await place.texts()) == 3
    assert await place.jobs.steps("j1") == {}


async def test_a_medium_is_fetched_when_its_turn_comes(place: Place) -> None:
    """And where it is from then on is noted with the job."""
    await place.add(submission=Submission(uri="https://example.com/a.wav"))
    await place.crew().start()
    (job,) = await place.ended()
    assert (job.status, job.submission.media) == ("complete", "meeting")
    assert place.shelf.fetches == ["https://example.com/a.wav"]


async def test_nothing_is_fetched_for_a_quota_that_is_used_up_since(place: Place) -> None:
    """However many addresses were handed in before: their media would be kept, and nobody could hear them."""
    await make_key(place.house.store, "acme", quota_seconds=7)
    (key,) = await place.house.store.list_keys("acme")
    await place.add(key_id=key.id)
    await place.add("j2", key_id=key.id, submission=Submission(uri="https://example.com/a.wav"))
    await place.crew(at_once=1).start()
    first, second = await place.ended(2)
    assert (first.error_code, second.error_code) == (QuotaExceeded.code, QuotaExceeded.code)
    assert (second.submission.media, place.shelf.fetches) == (None, [])


async def test_what_cannot_be_used_fails_at_once(place: Place) -> None:
    """A file that is gone is not tried again; the reason is told."""
    place.shelf.away = NotFound("there is no such medium")
    await place.add()
    await place.crew().start()
    (job,) = await place.ended()
    assert (job.status, job.error_code, job.attempts) == ("failed", "not_found", 1)


async def test_what_breaks_us_fails_alone(place: Place) -> None:
    """A job that raises what nobody thought of ends with an internal error that quotes nothing."""
    place.shelf.away = ZeroDivisionError("secret words")
    await place.add()
    await place.crew().start()
    (job,) = await place.ended()
    assert (job.status, job.error_code) == ("failed", "internal_error")
    assert "secret" not in (job.error_message or "")


async def test_a_quota_that_ends_on_the_way_fails_with_what_there_is(place: Place) -> None:
    """The record has what was said until then; the key is that which handed the job in."""
    await make_key(place.house.store, "acme", quota_seconds=7)
    (key,) = await place.house.store.list_keys("acme")
    await place.add(key_id=key.id)
    await place.crew().start()
    (job,) = await place.ended()
    assert (job.status, job.error_code) == ("failed", QuotaExceeded.code)
    record = await place.records.find_record("acme", "j1")
    assert (record.outcome, record.end_sample) == (QuotaExceeded.code, 7 * RATE)


async def test_tries_in_vain_come_to_an_end(place: Place) -> None:
    """A recording that takes its process with it every time fails in the end."""
    await place.add()
    for worker in ("w1", "w2"):
        assert await place.jobs.begin("j1", worker, place.now, LEASE) is not None
        place.now += LEASE
    await place.crew().start()
    (job,) = await place.ended()
    assert (job.status, job.error_code, job.attempts) == ("failed", EngineFailed.code, 3)
    assert place.house.asked == []


async def test_cancelling_stops_the_work(place: Place) -> None:
    """Here at once, and nothing is written or told any more; the crew goes on with others."""
    place.house.held = []
    await place.add()
    crew = place.crew(at_once=1)
    await crew.start()
    await place.house.holding.wait()
    await place.jobs.cancel("acme", "j1", place.now)
    crew.cancelled("j1")
    crew.cancelled("nobody")
    place.house.let_go()
    await place.add("j2")
    await place.until(lambda: "j2" in {job.id for job in place.told})
    await place.ended()
    assert {(job.id, job.status) for job in place.told} <= {("j1", "cancelled"), ("j2", "complete")}
    assert (await place.jobs.find(None, "j1")).status == "cancelled"
    assert [record.id for record in (await place.records.list_records(_all(), 10)).records] == ["j2"]
    assert place.house.registry.recordings == 0


async def test_cancelling_elsewhere_is_found_out(place: Place) -> None:
    """A crew that is not told stops when it next tells how far it is."""
    place.house.held = []
    await place.add()
    await place.crew().start()
    await place.house.holding.wait()
    await place.jobs.cancel("acme", "j1", place.now)
    await place.until(lambda: place.house.registry.recordings == 0)
    assert (await place.jobs.find(None, "j1")).status == "cancelled"


async def test_a_crew_that_stops_hands_its_job_on(place: Place) -> None:
    """The next one goes on with what was recognised, and no attempt is counted."""
    place.house.held = []
    await place.add()
    crew = place.crew()
    await crew.start()
    await place.house.holding.wait()
    await crew.stop()
    job = await place.jobs.find(None, "j1")
    assert (job.status, job.attempts) == ("queued", 0)
    place.house.held = None
    await place.crew().start()
    (job,) = await place.ended()
    assert (job.status, job.attempts) == ("complete", 1)
    assert len(await place.texts()) == 3


async def test_a_server_that_stops_hands_its_job_on(place: Place) -> None:
    """Whether the recording had begun or could not begin any more."""
    place.house.registry._stopping = True
    await place.add()
    crew = place.crew()
    await crew.start()
    await place.until(lambda: len(place.jobs.begun) > 2)
    await crew.stop()
    job = await place.jobs.find(None, "j1")
    assert (job.status, job.attempts) == ("queued", 0)
    assert place.told == []


async def test_what_was_recognised_is_kept_and_not_asked_for_again(place: Place) -> None:
    """A crew that takes over finds it, and the record is that of an undisturbed run."""
    await place.add("whole")
    await place.crew().start()
    await place.ended()
    wanted = await place.texts("whole")
    await place.crews.pop().stop()

    steps: dict[str, bytes] = {}
    place.house.asked.clear()
    submit = place.house.services.submit
    answered = 0

    def only_two(work: Any) -> None:
        nonlocal answered
        if type(work).__name__ == "Transcribe":
            answered += 1
            if answered > 2:
                return
        submit(work)

    place.house.services = replace(place.house.services, submit=only_two)
    await place.add()
    dead = place.crew()
    await dead.start()
    while len(steps) < 2:
        steps = await place.jobs.steps("j1")
        await asyncio.sleep(0.001)
    dead._stopping = True  # as a process does that is killed: it takes nothing and gives nothing back
    (task,) = dead._tasks.values()
    dead._give_back = _nothing  # type: ignore[method-assign]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    place.forsake()
    place.house.services = replace(place.house.services, submit=submit)
    place.house.asked.clear()
    await place.crew().start()
    await place.ended(2)
    assert (place.told[-1].status, place.told[-1].attempts) == ("complete", 2)
    assert await place.texts() == wanted
    assert len(place.house.asked) == 1


async def test_words_kept_before_secrets_were_masked_are_dropped(place: Place) -> None:
    """Whoever goes on with a job in a house that masks some has them recognised again."""
    place.house.services = replace(place.house.services, redact=("card",))
    await place.add()
    dropped: list[str] = []
    drop = place.jobs.drop_steps

    async def note(job_id: str, steps: Sequence[str]) -> None:
        await drop(job_id, steps)
        dropped.extend([*steps, *await place.jobs.steps(job_id)])

    place.jobs.drop_steps = note  # type: ignore[method-assign]
    await place.jobs.keep_steps("j1", {"words 0 0": b"not even readable"})
    await place.crew().start()
    await place.ended()
    assert place.told[-1].status == "complete"
    assert dropped == ["words 0 0"]


async def test_a_job_that_another_works_on_is_left_to_him(place: Place) -> None:
    """A delivery that comes twice is worked on once; it is forgotten when the job has ended."""
    await place.add()
    await place.queue.put("acme", "j1")
    assert await place.jobs.begin("j1", "other", place.now, LEASE) is not None
    await place.crew().start()
    for _ in range(3):
        place.forsake()
        place.now -= LEASE  # the other's lease lasts
        await asyncio.sleep(0.02)
    assert place.jobs.begun == ["j1"]
    assert place.told == []
    assert await place.jobs.fail("j1", "other", "e", "why", place.now)
    while await place.queue.waiting():
        place.forsake()
        await asyncio.sleep(0.02)
    assert {(job.id, job.status) for job in place.told} == {("j1", "failed")}


async def test_a_job_that_is_gone_is_forgotten(place: Place) -> None:
    """A delivery of nothing does no harm."""
    await place.queue.put("acme", "nobody")
    await place.crew().start()
    await place.ended(0)
    assert place.told == []


async def test_a_database_that_was_away_comes_back(place: Place) -> None:
    """The job stays in the queue meanwhile."""
    place.jobs.away = True
    await place.add()
    await place.crew().start()
    await place.until(lambda: not any(crew._tasks for crew in place.crews))
    place.jobs.away = False
    while await place.jobs.count_open("acme"):
        place.forsake()
        await asyncio.sleep(0.01)
    (job,) = await place.ended()
    assert (job.status, job.attempts) == ("complete", 1)


async def test_media_that_were_away_cost_no_attempt(place: Place) -> None:
    """However often it was tried meanwhile."""
    place.shelf.away = StoreUnavailable("the bucket is away")
    await place.add()
    await place.crew().start()
    while len(place.jobs.begun) < 5:
        place.forsake()
        await asyncio.sleep(0.01)
    place.shelf.away = None
    while await place.jobs.count_open("acme"):
        place.forsake()
        await asyncio.sleep(0.01)
    (job,) = await place.ended()
    assert (job.status, job.attempts) == ("complete", 1)


async def test_an_end_that_could_not_be_told_is_told_later(place: Place) -> None:
    """At least once, although the job had ended when its teller broke down, and again."""
    place.fails_to_tell = 2
    await place.add()
    await place.crew().start()
    while not place.told:
        place.forsake()
        await asyncio.sleep(0.01)
    (job,) = await place.ended()
    assert (job.status, job.attempts) == ("complete", 1)


async def test_a_queue_that_was_away_comes_back(place: Place, private_redis: Any) -> None:
    """The crew takes jobs again as soon as it can."""
    store = RedisStore(private_redis.url)
    place.queue = Queue(store)
    place.queue.taken = []
    private_redis.stop()
    await place.crew().start()
    with pytest.raises(StoreUnavailable):
        await place.queue.waiting()
    private_redis.start()
    await place.add()
    (job,) = await place.ended()
    assert job.status == "complete"
    await place.crews[0].stop()
    await store.close()


async def test_a_job_that_no_queue_knows_is_found(place: Place) -> None:
    """Its process died before it was queued, or Redis forgot it."""
    job = Job(
        id="j1", organisation="acme", created_at=0.0, modified_at=0.0, submission=Submission(media="meeting")
    )  # fmt: skip
    await place.jobs.add(job)
    await place.crew().start()
    (found,) = await place.ended()
    assert found.status == "complete"


async def test_fifty_at_once_finish_in_fair_order(place: Place) -> None:
    """Of two organisations, one with forty and one with ten: they take turns, and every job ends once."""
    for number in range(40):
        await place.add(f"f{number}", "flood")
    for number in range(10):
        await place.add(f"a{number}", "acme")
    for _ in range(2):  # two processes
        await place.crew(at_once=2).start()
    await place.ended(50)
    turns = [name[0] for name in place.queue.taken]
    assert turns[:20].count("a") >= 9  # an answer of Redis may be read a moment later than the next
    order = {letter: [int(name[1:]) for name in place.queue.taken if name[0] == letter] for letter in "fa"}
    for places in order.values():
        assert all(abs(number - index) < 3 for index, number in enumerate(places))
    assert len(place.jobs.begun) == 50
    assert sorted(job.id for job in place.told) == sorted(place.jobs.begun)
    assert {job.status for job in place.told} == {"complete"}
    assert {len(await place.texts(f"f{n}", "flood")) for n in range(40)} == {3}


def _all() -> RecordFilter:
    return RecordFilter(organisation="acme")


async def _nothing(*_: Any) -> None:
    """Do nothing, as the dead do."""


async def test_names_of_processes_that_are_gone_are_forgotten(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """By whoever looks after the queue, in lines too that are never empty; who has a job stays."""
    monkeypatch.setattr(crew_module, "LOST_SECONDS", 0.0)
    for name in ("j1", "j2"):
        await place.add(name)
    kept, done = await place.queue.take("busy", LEASE), await place.queue.take("gone", LEASE)
    assert kept is not None
    assert done is not None
    await place.queue.done(done)
    await place.crew(at_once=0).start()

    def names() -> list[str]:
        with place.redis.client as client:
            return [each["name"] for each in client.xinfo_consumers("ss:jobs:line:acme", GROUP)]

    await place.until(lambda: names() == ["busy"])


async def test_ends_are_counted_by_how_they_came(place: Place) -> None:
    """Once each, by whoever worked on the job, or cancelled it."""
    metrics = Metrics()
    crew = place.crew(observer=metrics)
    await crew.start()
    await place.add()
    await place.ended()
    place.shelf.away = NotFound("there is no such medium")
    await place.add("j2")
    await place.ended(2)
    crew.cancelled("j3")
    for outcome in ("ok", "not_found", "cancelled"):
        labels = {"kind": "job", "outcome": outcome}
        assert metrics.registry.get_sample_value("stream_server_recordings_total", labels) == 1
