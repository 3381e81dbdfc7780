"""`/v2/speech/stt` over HTTP: jobs are taken in, told of, counted and taken away, each failure in Prosa's words."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from gl_speech.models import STTJobsListResponse, STTResponse

from stream_server.auth import Authenticator, Principal
from stream_server.compat.prosa.jobs import Models
from stream_server.errors import InvalidUrl, QuotaExceeded
from stream_server.jobs.desk import Desk
from stream_server.jobs.intake import Intake
from stream_server.receiving import ReceivingLimits
from stream_server.rest.application import make_application
from stream_server.rest.prosa import Prosa
from stream_server.store.local_media import LocalMedia
from stream_server.store.memory import MemoryStore
from stream_server.store.memory_job_queue import MemoryJobQueue
from stream_server.store.records import Append, Begin, Entry, Finish, Record, Segment
from stream_server.store.sql import Database
from stream_server.store.sql_jobs import SqlJobStore
from stream_server.store.sql_records import SqlRecordStore
from tests.live import make_key
from tests.uploading import open_uploads

PATH = "/v2/speech/stt"

MOST_JOBS = 12


def sound(seconds: float = 0.5, channels: int = 1) -> bytes:
    """Return a WAV file of silence."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(bytes(2 * channels * int(8_000 * seconds)))
    return target.getvalue()


def order(seconds: float = 0.5, **config: Any) -> dict[str, Any]:
    """Return the body of a submission."""
    data = base64.b64encode(sound(seconds)).decode()
    return {"config": {"engine": "stt-general", **config}, "request": {"data": data, "label": "Rapat"}}


@dataclass(frozen=True, slots=True)
class Place:
    """The routes, what is behind them, and somebody who does the work when told to."""

    client: TestClient[web.Request, web.Application]
    jobs: SqlJobStore
    keys: MemoryStore
    media: Path
    poor: set[str]
    """Organisations whose quota is used up."""
    taken: asyncio.Event
    """Set when a job has been taken in."""

    async def ask(
        self, method: str, path: str = "", *, key: str | None = None, status: int = 200, **options: Any
    ) -> Any:
        """Return the JSON of an answer, which must have this status."""
        headers = {**options.pop("headers", {}), **({"x-api-key": key} if key else {})}
        async with self.client.request(method, PATH + path, headers=headers, **options) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def submit(self, key: str, **config: Any) -> str:
        """Hand something in and return the job's id."""
        body = await self.ask("POST", key=key, json=order(**config))
        return str(body["job_id"])

    async def begin(self, job_id: str) -> None:
        """Begin to work on a job."""
        assert await self.jobs.begin(job_id, "w", 10.0, 30.0) is not None

    async def complete(self, job_id: str, text: str = "Halo semua.") -> None:
        """Do a job."""
        await self.begin(job_id)
        job = await self.jobs.find(None, job_id)
        record = Record(
            id=job_id, organisation=job.organisation, kind="recording", started_at=1.0, clock_rate=16_000, model="m"
        )
        said = Segment(sequence=1, utterance_id="u1", track=0, start=0, end=8_000, text=text)
        changes = [
            Begin(record=record, now=1.0),
            Append(segment=said),
            Finish(ended_at=2.0, end_sample=8_000, outcome="ok"),
        ]
        entries = [Entry(organisation=job.organisation, record_id=job_id, change=change) for change in changes]
        assert await self.jobs.complete(job_id, "w", entries, 12.0)

    async def fail(self, job_id: str) -> None:
        """Fail at a job."""
        await self.begin(job_id)
        assert await self.jobs.fail(job_id, "w", "quota_exceeded", "the quota is used up", 12.0)

    def kept(self) -> int:
        """Return how many media are kept."""
        return sum(path.is_file() for path in self.media.rglob("*"))


@asynccontextmanager
async def opened(tmp_path: Path, *, wait_seconds: float) -> AsyncIterator[Place]:
    """Give the routes on a database of their own; one address may be fetched."""
    database = await Database.open(tmp_path / "jobs.sqlite3")
    keys, records = MemoryStore(), SqlRecordStore(database)
    jobs, media = SqlJobStore(database, records), LocalMedia(tmp_path / "media")
    (tmp_path / "uploads").mkdir()
    limits = ReceivingLimits(max_bytes=100_000, stall_seconds=5.0, reserve_bytes=0)
    poor, taken = set[str](), asyncio.Event()

    async def require_quota(principal: Principal, job_id: str) -> None:
        assert job_id
        if principal.organisation in poor:
            raise QuotaExceeded("no seconds are left")

    uploads = open_uploads(tmp_path / "uploads", limits, require_quota=require_quota)

    def check_url(url: str) -> None:
        if url != "https://example.com/a.mp3":
            raise InvalidUrl("this server does not fetch from there")

    desk = Desk(
        jobs,
        MemoryJobQueue(),
        records,
        discard=media.delete,
        most_waiting=MOST_JOBS,
        nudge=taken.set,
        clock=lambda: 1.5,
    )
    routes = Prosa(
        authenticator=Authenticator(keys, open_access=False),
        desk=desk,
        intake=Intake(desk=desk, media=media, require_quota=require_quota, check_url=check_url, longest_seconds=5.0),
        uploads=uploads,
        models=Models(("stt-general", "stt-general-online"), "base", ("en", "id")),
        wait_seconds=wait_seconds,
    ).routes()
    async with TestClient(TestServer(make_application(routes, max_body_bytes=150_000))) as client:
        yield Place(client, jobs, keys, tmp_path / "media", poor, taken)
    await database.close()


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Give routes that keep nobody waiting."""
    async with opened(tmp_path, wait_seconds=0) as found:
        yield found


@pytest_asyncio.fixture
async def key(place: Place) -> str:
    """Give a usual key."""
    return await make_key(place.keys, "acme")


async def test_from_submission_to_transcript(place: Place, key: str) -> None:
    """A job is queued, has its result when it is done, and is told in the fullest form both times."""
    queued = await place.ask("POST", key=key, json=order(speaker_count=2))
    assert (queued["status"], queued["result"], queued["created_at"]) == (
        "queued",
        None,
        "1970-01-01T00:00:01.500000",
    )
    assert (queued["job_config"]["speaker_count"], queued["request"]["label"]) == (2, "Rapat")
    await place.complete(queued["job_id"])
    done = await place.ask("GET", f"/{queued['job_id']}", key=key)
    assert done["status"] == "complete"
    assert done["result"]["data"] == [
        {"transcript": "Halo semua.", "final": True, "time_start": 0.0, "time_end": 0.5, "channel": 0, "speaker_tag": 1}
    ]
    assert done["result"]["latency"] == 10.5
    assert set(done) == set(queued)
    assert STTResponse(**done).job_id == STTResponse(**queued).job_id


async def test_status(place: Place, key: str) -> None:
    """How far a job is, without anything else."""
    job_id = await place.submit(key)
    await place.begin(job_id)
    await place.jobs.note_progress(job_id, "w", 0.25, 11.0)
    body = await place.ask("GET", f"/{job_id}/status", key=key)
    assert set(body) == {"job_id", "status", "created_at", "modified_at", "progress"}
    assert (body["status"], body["progress"]["total"]) == ("in_progress", 25.0)


async def test_who_waits_gets_the_transcript(tmp_path: Path) -> None:
    """`wait` keeps the request until the job is done."""
    async with opened(tmp_path, wait_seconds=60) as place:
        key = await make_key(place.keys, "acme")

        async def work() -> None:
            await place.taken.wait()
            (job,) = await place.jobs.lost(float("inf"), 2, 1.0)
            await place.complete(job.id)

        done, _ = await asyncio.gather(place.ask("POST", key=key, json=order(wait="true")), work())
        assert (done["status"], done["result"]["data"][0]["transcript"]) == ("complete", "Halo semua.")


async def test_nobody_waits_for_ever(place: Place, key: str) -> None:
    """Then the job is told as it is; it goes on."""
    assert (await place.ask("POST", key=key, json=order(wait=True)))["status"] == "queued"


async def test_a_form_with_a_file(place: Place, key: str) -> None:
    """The audio may come as it is, its options as JSON or one by one."""
    form = aiohttp.FormData({"config": json.dumps({"model": "stt-general"}), "label": "x", "include_filler": "true"})
    form.add_field("file", sound(), filename="a.wav", content_type="audio/wav")
    body = await place.ask("POST", key=key, data=form)
    assert (body["request"]["label"], body["job_config"]["include_filler"]) == ("x", True)
    assert place.kept() == 1


async def test_an_address(place: Place, key: str) -> None:
    """What is to be fetched is queued as it is."""
    body = await place.ask(
        "POST", key=key, json={"config": {"model": "stt-general"}, "request": {"uri": "https://example.com/a.mp3"}}
    )
    assert (body["status"], body["request"]["uri"]) == ("queued", "https://example.com/a.mp3")
    assert (await place.jobs.find("acme", body["job_id"])).submission.per_channel


async def test_lists(place: Place, key: str) -> None:
    """Pages, newest first; days and words narrow; nothing that was said is in them."""
    ids = [await place.submit(key) for _ in range(3)]
    await place.complete(ids[1], "Selamat pagi.")
    first = await place.ask("GET", "?page=1&per_page=2", key=key)
    assert (first["length"], first["pagination"]) == (2, {"page": 1, "per_page": 2, "page_count": 2})
    assert {job["result"] for job in first["data"]} == {None}
    assert STTJobsListResponse(**first).length == 2
    found = await place.ask("GET", "?query_text=pagi&sort_by=label&sort_ascend=true&colour=red", key=key)
    assert [job["job_id"] for job in found["data"]] == [ids[1]]
    for query, number in (
        ("", 3),
        ("?query_text=pagi", 1),
        ("?from_date=1970-01-01&until_date=1970-01-01", 3),
        ("?from_date=1970-01-02", 0),
        ("?until_date=1969-12-31", 0),
    ):
        assert await place.ask("GET", f"/count{query}", key=key) == number


async def test_archiving(place: Place, key: str) -> None:
    """Archived jobs leave lists and lose their medium; one that is being worked on cannot be archived."""
    done, queued, busy = [await place.submit(key) for _ in range(3)]
    await place.complete(done)
    await place.begin(busy)
    for job_id in (done, queued):
        body = await place.ask("DELETE", f"/{job_id}", key=key)
        assert (body["job_id"], body["status"]) == (job_id, "archived")
    refused = await place.ask("DELETE", f"/{busy}", key=key, status=403)
    assert refused["status"] == "job_cancellation_failure"
    assert (await place.ask("GET", "/count", key=key), place.kept()) == (1, 1)
    assert (await place.ask("GET", f"/{done}", key=key))["request"] is None


async def test_a_failed_job_says_why(place: Place, key: str) -> None:
    """In the word that the request would have been refused with."""
    job_id = await place.submit(key)
    await place.fail(job_id)
    body = await place.ask("GET", f"/{job_id}", key=key)
    assert (body["status"], body["result"]["error"]) == ("failed", "quota_empty")


async def test_jobs_are_an_organisations_own(place: Place, key: str) -> None:
    """Others' jobs are not there; a user's key reaches that user's."""
    job_id = await place.submit(key)
    for other in (await make_key(place.keys, "other"), await make_key(place.keys, "acme", user="ann")):
        for method, path in (("GET", ""), ("GET", "/status"), ("DELETE", "")):
            body = await place.ask(method, f"/{job_id}{path}", key=other, status=404)
            assert body["status"] == "job_not_found"
        assert await place.ask("GET", "/count", key=other) == 0


async def test_models(place: Place, key: str) -> None:
    """The accepted names."""
    assert [model["name"] for model in await place.ask("GET", "/models", key=key)] == [
        "stt-general",
        "stt-general-online",
    ]


async def test_keys(place: Place) -> None:
    """A missing or unknown key is 401, one without the scope 403, everywhere."""
    usage = await make_key(place.keys, "acme", scopes=("usage",))
    for method, path in (
        ("GET", "/models"), ("POST", ""), ("GET", ""), ("GET", "/count"), ("GET", "/x"), ("GET", "/x/status"),
        ("DELETE", "/x"),
    ):  # fmt: skip
        for wrong in (None, "wrong"):
            body = await place.ask(method, path, key=wrong, status=401)
            assert body["status"] == "auth_invalid_api_key"
        assert (await place.ask(method, path, key=usage, status=403))["status"] == "forbidden"


def body_with(**changes: Any) -> dict[str, Any]:
    """Return a submission whose `request` is changed."""
    return {"config": {"model": "stt-general"}, "request": changes}


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"request": {"data": "QUJD"}}, 422, "request_validation_error"),
        ([1], 422, "request_validation_error"),
        ({"config": {"model": "x"}, "request": {"data": "QUJD"}}, 400, "asr_model_not_found"),
        (body_with(), 400, "asr_request_no_audio_data"),
        (body_with(data="no base64!"), 400, "asr_request_invalid_data"),
        (body_with(data=base64.b64encode(b"no audio at all").decode()), 400, "asr_request_unsupported_media_type"),
        (body_with(uri="http://169.254.169.254/"), 400, "asr_request_invalid_uri"),
        (order(seconds=6), 413, "asr_request_file_too_large"),
        (body_with(data="QUJD" * 40_000), 413, "asr_request_file_too_large"),
    ],
)
async def test_what_is_refused(place: Place, key: str, body: object, status: int, word: str) -> None:
    """Each fault has its word; nothing is kept of what is refused."""
    assert (await place.ask("POST", key=key, json=body, status=status))["status"] == word
    assert (place.kept(), await place.ask("GET", "/count", key=key)) == (0, 0)


async def test_a_recording_that_is_too_long_is_told_by_how_much(place: Place, key: str) -> None:
    """In strings, as Prosa does."""
    body = await place.ask("POST", key=key, json=order(seconds=6), status=413)
    assert body["context"] == {"duration": "6", "max_duration": "5"}


@pytest.mark.parametrize(
    "path", ["?page=0", "?per_page=x", "?sort_by=mood", "?sort_ascend=perhaps", "/count?from_date=x"]
)
async def test_bad_parameters(place: Place, key: str, path: str) -> None:
    """Named in a 422."""
    body = await place.ask("GET", path, key=key, status=422)
    assert body["status"] == "request_validation_error"
    assert any(name in body["message"] for name in ("page", "sort_by", "sort_ascend", "from_date"))


async def test_an_empty_quota_takes_no_jobs(place: Place, key: str) -> None:
    """Neither files nor addresses."""
    place.poor.add("acme")
    for body in (order(), body_with(uri="https://example.com/a.mp3")):
        assert (await place.ask("POST", key=key, json=body, status=402))["status"] == "quota_empty"
    assert place.kept() == 0


async def test_too_many_jobs(place: Place, key: str) -> None:
    """Who has enough waiting is told to wait, and nothing is kept of what is refused."""
    for _ in range(MOST_JOBS):
        await place.submit(key)
    assert (await place.ask("POST", key=key, json=order(), status=429))["status"] == "too_many_jobs"
    assert place.kept() == MOST_JOBS


async def test_who_may_hand_nothing_in_is_told_before_it_comes(place: Place, key: str) -> None:
    """A form that never ends is refused at once where there is no quota, or where enough jobs wait."""
    ended = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
        await ended.wait()

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    place.poor.add("acme")
    assert (await place.ask("POST", key=key, data=endless(), headers=headers, status=402))["status"] == "quota_empty"
    place.poor.clear()
    for _ in range(MOST_JOBS):
        await place.submit(key)
    told = await place.ask("POST", key=key, data=endless(), headers=headers, status=429)
    assert told["status"] == "too_many_jobs"
    ended.set()


async def test_broken_bodies(place: Place, key: str) -> None:
    """Bytes that are no text, and objects in objects without end."""
    for data in (b"\xff\xfe", b'{"a":' * 10_000):
        body = await place.ask("POST", key=key, data=data, status=422)
        assert body["status"] == "request_validation_error"
