"""The contract of jobs, run over both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.errors import InternalError, NotFound
from stream_server.jobs.job import Job, JobFilter, Submission
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.store.job_rows import submission_as_text, submission_of_text
from stream_server.store.jobs import JobStore, MediaFacts
from stream_server.store.records import Append, Begin, Entry, Finish, Record, Segment
from stream_server.store.sql import Database
from stream_server.store.sql_jobs import SqlJobStore
from stream_server.store.sql_records import SqlRecordStore
from stream_server.text.formatting import SECRETS, Formatting, Replacement, Term

LEASE = 30.0
ACME = JobFilter(organisation="acme")
FACTS = MediaFacts(media="m2", mime_type="audio/flac", seconds=2.5, sample_rate=44_100, channels=2)


@pytest.fixture
def records(database: Database) -> SqlRecordStore:
    """Give the records of the same database."""
    return SqlRecordStore(database)


@pytest.fixture
def store(database: Database, records: SqlRecordStore) -> JobStore:
    """Give an empty store of each kind."""
    return SqlJobStore(database, records)


def job(name: str = "j1", at: float = 100.0, label: str | None = None, **changes: Any) -> Job:
    """Make a job that was handed in at `at`."""
    options = SessionOptions(label=label, meeting_id=changes.pop("meeting_id", None))
    usual = Job(
        id=name,
        organisation="acme",
        created_at=at,
        modified_at=at,
        submission=Submission(options=options, media=f"media-{name}"),
    )
    return replace(usual, **changes)


async def add(store: JobStore, *jobs: Job) -> None:
    """Add jobs."""
    for one in jobs:
        await store.add(one)


async def begun(store: JobStore, one: Job | None = None, worker: str = "w1", now: float = 110.0) -> Job:
    """Add a job and begin it."""
    one = one or job()
    await store.add(one)
    found = await store.begin(one.id, worker, now, LEASE)
    assert found is not None
    return found


def record(name: str = "j1", text: str = "what was said") -> list[Entry]:
    """Return a record of one utterance as changes."""
    head = Record(id=name, organisation="acme", kind="recording", started_at=100.0, clock_rate=16_000, model="m")
    said = Segment(sequence=1, utterance_id="u1", track=0, start=0, end=16_000, text=text)
    changes = (
        Begin(record=head, now=100.0),
        Append(segment=said),
        Finish(ended_at=120.0, end_sample=16_000, outcome="ok"),
    )
    return [Entry(organisation="acme", record_id=name, change=change) for change in changes]


async def ids(store: JobStore, wanted: JobFilter = ACME, **options: Any) -> list[str]:
    """Return the ids of the jobs that are wanted, in order; their number agrees."""
    usual: dict[str, Any] = {"offset": 0, "limit": 10, "sort_by": "time", "ascending": True}
    page = await store.page(wanted, **usual | options)
    assert page.total == await store.count(wanted)
    return [one.id for one in page.jobs]


# ── one job ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_job_comes_back_whole(store: JobStore) -> None:
    """Everything about a job comes back as it was given, to its organisation and to nobody's in particular."""
    whole = job(
        label='Über "alles" 😀', meeting_id="m/1", user="ann", key_id="k1", mime_type="audio/wav", seconds=1.5,
        sample_rate=8_000, channels=1, progress=0.25, attempts=3, error_code="e", error_message="why", archived=True,
    )  # fmt: skip
    await add(store, whole)
    assert await store.find("acme", "j1") == whole == await store.find(None, "j1")


async def test_another_organisation_finds_nothing(store: JobStore) -> None:
    """Reading and every change of what is not its own find nothing and leave the job as it is."""
    await add(store, job())
    for attempt in (
        store.find("other", "j1"),
        store.cancel("other", "j1", 200.0),
        store.archive("other", "j1", 200.0),
        store.requeue("other", "j1", 200.0),
        store.find("acme", "nobody"),
        store.find(None, "\0"),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await store.find("acme", "j1") == job()
    assert await ids(store, JobFilter(organisation="other")) == []
    assert await store.count_open("other") == 0


async def test_a_job_is_begun_by_one_at_a_time(store: JobStore) -> None:
    """Who comes while another gives signs of life gets nothing; who comes after the lease takes over."""
    found = await begun(store)
    assert (found.status, found.attempts, found.modified_at) == ("in_progress", 1, 110.0)
    assert await store.begin("j1", "w2", 110.0 + LEASE - 1, LEASE) is None
    assert await store.note_progress("j1", "w1", 0.5, 130.0)
    assert await store.begin("j1", "w2", 110.0 + LEASE, LEASE) is None
    taken = await store.begin("j1", "w2", 130.0 + LEASE, LEASE)
    assert taken is not None
    assert (taken.attempts, taken.progress) == (2, 0.5)


async def test_who_lost_a_job_changes_nothing(store: JobStore, records: SqlRecordStore) -> None:
    """After a take-over the first worker's progress, record, failure and giving back are refused."""
    await begun(store)
    await store.begin("j1", "w2", 200.0, LEASE)
    before = await store.find("acme", "j1")
    assert not await store.note_progress("j1", "w1", 0.9, 201.0)
    assert not await store.complete("j1", "w1", record(), 201.0)
    assert not await store.fail("j1", "w1", "e", "why", 201.0)
    assert not await store.give_back("j1", "w1", 201.0)
    assert await store.find("acme", "j1") == before
    with pytest.raises(NotFound):
        await records.find_record("acme", "j1")
    assert await store.complete("j1", "w2", record(), 202.0)


async def test_a_job_that_is_gone_or_has_ended_is_not_begun(store: JobStore) -> None:
    """Nobody gets it, however late he comes."""
    assert await store.begin("nobody", "w1", 1.0, LEASE) is None
    await begun(store)
    assert await store.fail("j1", "w1", "e", "why", 120.0)
    assert await store.begin("j1", "w1", 9_999.0, LEASE) is None


async def test_the_record_and_the_end_are_written_together_and_once(store: JobStore, records: SqlRecordStore) -> None:
    """A second try writes nothing; what was recognised on the way is gone."""
    await begun(store)
    await store.keep_steps("j1", {"words 0 0": b"\0\xff"})
    assert await store.complete("j1", "w1", record(), 120.0)
    assert not await store.complete("j1", "w1", record(text="something else"), 121.0)
    found = await store.find("acme", "j1")
    assert (found.status, found.progress, found.modified_at, found.error_code) == ("complete", 1.0, 120.0, None)
    assert [one.text for one in (await records.find_transcript("acme", "j1")).segments] == ["what was said"]
    assert await store.steps("j1") == {}


async def test_a_record_that_cannot_be_written_leaves_the_job_open(store: JobStore) -> None:
    """Both or neither: an error in the middle of the record undoes the end."""
    await begun(store)
    begin, append, _ = record()
    assert isinstance(append.change, Append)
    broken = replace(append, change=replace(append.change, names=((1, object()),)))  # type: ignore[arg-type]  # that is it
    with pytest.raises(InternalError):
        await store.complete("j1", "w1", [begin, broken], 120.0)
    assert (await store.find("acme", "j1")).status == "in_progress"
    assert await store.complete("j1", "w1", record(), 121.0)


async def test_a_record_that_ends_early_fails_its_job(store: JobStore, records: SqlRecordStore) -> None:
    """What there is is kept, and the job says why it is not all."""
    await begun(store)
    await store.note_progress("j1", "w1", 0.5, 115.0)
    assert await store.complete("j1", "w1", record(), 120.0, ("quota_exceeded", "used up"))
    found = await store.find("acme", "j1")
    assert (found.status, found.progress) == ("failed", 0.5)
    assert (found.error_code, found.error_message) == ("quota_exceeded", "used up")
    assert len((await records.find_transcript("acme", "j1")).segments) == 1


async def test_a_failure_keeps_what_was_recognised(store: JobStore) -> None:
    """Another try goes on from there."""
    await begun(store)
    await store.keep_steps("j1", {"a": b"1"})
    assert await store.fail("j1", "w1", "engine_failed", "why", 120.0)
    found = await store.find("acme", "j1")
    assert (found.status, found.error_code, found.error_message) == ("failed", "engine_failed", "why")
    assert await store.steps("j1") == {"a": b"1"}


async def test_progress_never_goes_back(store: JobStore) -> None:
    """Who begins anew shows no less than was done before."""
    await begun(store)
    for share in (0.5, 0.25):
        assert await store.note_progress("j1", "w1", share, 111.0)
    assert (await store.find("acme", "j1")).progress == 0.5


async def test_what_a_look_told_is_kept(store: JobStore) -> None:
    """Where the medium is now, and what it is."""
    await add(store, job())
    await store.note_media("j1", FACTS, 105.0)
    found = await store.find("acme", "j1")
    assert found.submission.media == "m2"
    assert (found.mime_type, found.seconds, found.sample_rate, found.channels) == ("audio/flac", 2.5, 44_100, 2)


async def test_who_gives_a_job_back_has_never_begun(store: JobStore) -> None:
    """It waits again, free for anybody at once, and no attempt is counted."""
    await begun(store)
    assert await store.give_back("j1", "w1", 111.0)
    found = await store.find("acme", "j1")
    assert (found.status, found.attempts) == ("queued", 0)
    assert await store.begin("j1", "w2", 111.0, LEASE) is not None


async def test_cancelling_ends_a_job_once(store: JobStore) -> None:
    """The worker hears of it, what was recognised is gone; one that has ended stays as it is."""
    await begun(store)
    await store.keep_steps("j1", {"a": b"1"})
    assert (await store.cancel("acme", "j1", 120.0)).status == "cancelled"
    assert not await store.note_progress("j1", "w1", 0.5, 121.0)
    assert await store.steps("j1") == {}
    await begun(store, job("j2"))
    await store.complete("j2", "w1", record("j2"), 120.0)
    assert (await store.cancel("acme", "j2", 130.0)).status == "complete"


async def test_archived_jobs_are_hidden(store: JobStore) -> None:
    """They are found by id and nowhere else, without a medium."""
    await add(store, job("j1"), job("j2"))
    archived = await store.archive("acme", "j1", 200.0)
    assert (archived.archived, archived.submission.media) == (True, None)
    assert await ids(store) == ["j2"]
    assert await store.find("acme", "j1") == archived


async def test_a_job_that_ended_badly_begins_anew(store: JobStore) -> None:
    """Its attempts and its error are forgotten; one that is complete or open stays as it is."""
    await begun(store)
    await store.fail("j1", "w1", "e", "why", 120.0)
    found = await store.requeue("acme", "j1", 130.0)
    assert (found.status, found.attempts, found.progress) == ("queued", 0, 0.0)
    assert (found.error_code, found.error_message) == (None, None)
    again = await store.begin("j1", "w2", 131.0, LEASE)
    assert again is not None
    assert (await store.requeue("acme", "j1", 132.0)) == again
    await store.complete("j1", "w2", record(), 133.0)
    assert (await store.requeue("acme", "j1", 134.0)).status == "complete"


async def test_lost_jobs_are_those_nobody_speaks_of(store: JobStore) -> None:
    """Waiting or begun, the oldest first, so many and no more; whoever has ended or was asked for is not lost."""
    await add(store, job("old", 10.0), job("new", 90.0))
    await begun(store, job("begun", 5.0), now=20.0)
    await begun(store, job("over", 1.0), now=2.0)
    await store.fail("over", "w1", "e", "why", 3.0)
    assert [one.id for one in await store.lost(50.0, 1, 60.0)] == ["old"]
    assert [one.id for one in await store.lost(50.0, 10, 60.0)] == ["begun"]  # the other was looked for just now
    assert await store.lost(50.0, 10, 60.0) == []


async def test_steps_are_kept_once(store: JobStore) -> None:
    """What is there stays, more than a statement holds is kept, and nothing of a job that has ended or is not there."""
    await begun(store)
    many = {f"words 0 {number}": bytes([number % 256]) for number in range(450)}
    await store.keep_steps("j1", many)
    await store.keep_steps("j1", {"words 0 0": b"other", "words 0 -1": b"more"})
    assert await store.steps("j1") == many | {"words 0 -1": b"more"}
    await store.keep_steps("j1", {})
    await store.keep_steps("nobody", {"a": b"1"})
    await store.complete("j1", "w1", record(), 120.0)
    await store.keep_steps("j1", {"late": b"1"})
    assert await store.steps("j1") == await store.steps("nobody") == {}


async def test_steps_are_dropped(store: JobStore) -> None:
    """Those that are named, of this job, more than a statement holds."""
    await begun(store)
    many = {f"words 0 {number}": b"1" for number in range(450)}
    await store.keep_steps("j1", many | {"voices 0 0": b"2"})
    await store.drop_steps("nobody", ["voices 0 0"])
    await store.drop_steps("j1", [*many, "unknown"])
    assert await store.steps("j1") == {"voices 0 0": b"2"}


# ── many ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_pages_follow_each_other(store: JobStore) -> None:
    """By time, equal times by id, in either direction, and the total is that of all."""
    await add(store, job("c", 1.0), job("b", 2.0), job("a", 2.0), job("z", 1.5, organisation="other"))
    assert await ids(store) == ["c", "a", "b"]
    assert await ids(store, ascending=False) == ["b", "a", "c"]
    assert await ids(store, offset=1, limit=1) == ["a"]
    assert await ids(store, offset=3) == []


async def test_pages_by_label(store: JobStore) -> None:
    """Those of one label follow their times; those without come first, on either database."""
    await add(store, job("d", 4.0, "beta"), job("b", 2.0), job("a", 1.0, "beta"), job("c", 3.0, "alpha"))
    assert await ids(store, sort_by="label") == ["b", "c", "a", "d"]
    assert await ids(store, sort_by="label", ascending=False) == ["d", "a", "c", "b"]


async def test_filters_narrow(store: JobStore) -> None:
    """By user, status, meeting and time of creation, the first included, the last not; all at once, too."""
    await add(store, job("a", 1.0, user="ann", meeting_id="m"), job("b", 2.0, user="bo"), job("c", 3.0, meeting_id="m"))
    await store.begin("b", "w1", 4.0, LEASE)
    assert await ids(store, replace(ACME, user="ann")) == ["a"]
    assert await ids(store, replace(ACME, status="in_progress")) == ["b"]
    assert await ids(store, replace(ACME, meeting_id="m")) == ["a", "c"]
    assert await ids(store, replace(ACME, first=2.0)) == ["b", "c"]
    assert await ids(store, replace(ACME, until=2.0)) == ["a"]
    assert await ids(store, replace(ACME, meeting_id="m", first=2.0, until=9.0, status="queued")) == ["c"]
    assert await ids(store, replace(ACME, meeting_id="\0")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MORNING", ["a"]), ("morn%", []), ("100%", ["b"]), ("a_b", ["b"]), ("axb", ["c"]), ("\\", ["d"]),
        ("fox", ["a"]), ("fo_", []), ("", ["a", "b", "c", "d"]), ("\0", []),
    ],
)  # fmt: skip
async def test_text_is_searched_for_literally(store: JobStore, text: str, found: list[str]) -> None:
    """In labels and in what was said, whatever the case; signs that mean something to the database mean themselves."""
    await begun(store, job("a", 1.0, "Good morning"))
    await store.complete("a", "w1", record("a", "The quick fox."), 120.0)
    await add(store, job("b", 2.0, "100% a_b"), job("c", 3.0, "axb"), job("d", 4.0, "back\\slash"))
    assert await ids(store, replace(ACME, text=text)) == found


async def test_open_jobs_are_counted(store: JobStore) -> None:
    """Waiting and begun ones of the organisation alone."""
    await add(store, job("a"), job("b"), job("c", organisation="other"))
    await begun(store, job("d"))
    await store.cancel("acme", "b", 1.0)
    assert await store.count_open("acme") == 2


async def test_queued_jobs_are_counted_of_everybody(store: JobStore) -> None:
    """Those that nobody works on, whoever handed them in."""
    await add(store, job("a"), job("b"), job("c", organisation="other"))
    assert await store.count_queued() == 3
    await store.begin("a", "w1", 110.0, LEASE)
    await store.cancel("acme", "b", 110.0)
    assert await store.count_queued() == 1


# ── what was asked for ──────────────────────────────────────────────────────────────────────────────────────────────

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=5,
)
RAW = st.builds(
    AudioFormat, encoding=st.sampled_from(["pcm_s16le", "pcm_mulaw"]), sample_rate=st.integers(8_000, 48_000)
)
TERMS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)
FORMATTING = st.builds(
    Formatting,
    numbers=st.booleans(),
    vocabulary=st.lists(st.builds(Term, TERMS, st.lists(TERMS, max_size=2).map(tuple)), max_size=2).map(tuple),
    replace=st.lists(st.builds(Replacement, TERMS, TEXTS), max_size=2).map(tuple),
    redact=st.lists(st.sampled_from(SECRETS), max_size=2).map(tuple),
)
OPTIONS = st.builds(
    SessionOptions,
    label=st.none() | TEXTS,
    meeting_id=st.none() | TEXTS,
    language=st.none() | TEXTS,
    languages=st.lists(TEXTS, max_size=3).map(tuple),
    hotwords=TEXTS,
    context=TEXTS,
    translate=st.booleans(),
    formatting=FORMATTING,
    diarize=st.none() | st.booleans(),
    speaker_count=st.none() | st.integers(1, 20),
    tracks=st.just(()) | st.just(("Ada",)),
)
SUBMISSIONS = st.builds(
    Submission,
    options=OPTIONS,
    media=st.none() | TEXTS,
    uri=st.none() | TEXTS,
    name=TEXTS,
    raw=st.none() | RAW,
    per_channel=st.booleans(),
    config=st.dictionaries(TEXTS, JSON, max_size=3),
)


@given(SUBMISSIONS)
def test_submissions_come_back_whole(submission: Submission) -> None:
    """Whatever was asked for is read as it was written down."""
    assert submission_of_text(submission_as_text(submission), submission.media) == submission


def test_what_a_newer_version_asks_for_is_passed_over() -> None:
    """Fields that this version does not know do no harm, and what is missing is as usual."""
    text = '{"name": "a", "newer": 1, "options": {"label": "b", "newer": 2, "audio": {"newer": 3}}}'
    assert submission_of_text(text, "m") == Submission(name="a", options=SessionOptions(label="b"), media="m")


def test_fillers_that_an_older_version_left_out_stay_out() -> None:
    """They were an option of their own."""
    text = '{"options": {"include_filler": false, "formatting": {"numbers": false}}}'
    assert submission_of_text(text, "m").options.formatting == Formatting(fillers=False, numbers=False)
    assert submission_of_text('{"options": {"include_filler": true}}', "m").options == SessionOptions()
