"""Laws of recordings on servers that are killed: every job ends once, as if nothing had happened.

Real server processes, a real Redis, a real engine; nothing here asserts how fast anything was.
"""

from __future__ import annotations

import asyncio
import json
import random
import wave
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.child_server import RATE, ChildServer, Pcm, Serve, billed, meeting, speech
from tests.receiver import receiver

pytestmark = [pytest.mark.durability, pytest.mark.recognition, pytest.mark.timeout(1_200)]

SECONDS = 150
KILLS = 10

Message = dict[str, Any]

OPTIONS = ("--engine", "whisper", "--model", "tiny.en")
TELLING_US = ("--webhook-allowed-hosts", "127.0.0.1", "--webhook-retry-seconds", "1,1,1")
WHO_DIES_OFTEN = ("--recording-lease-seconds", "1", "--recording-attempts", "50")


def write_wav(path: Path, audio: Pcm) -> Path:
    """Write a recording."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(audio.tobytes())
    return path


async def hand_in(server: ChildServer, path: Path, **fields: str) -> Message:
    """Submit a recording; return the job."""
    with path.open("rb") as file:
        form = aiohttp.FormData(fields)
        form.add_field("file", file, filename=path.name)
        async with aiohttp.ClientSession() as client, client.post(f"{server.url}/v1/recordings", data=form) as answer:
            job: Message = await answer.json()
            assert answer.status == 202, job
            return job


async def ended(server: ChildServer, job_id: str) -> Message:
    """Return a job when it has ended."""
    while True:
        _, job, _ = await server.get(f"/v1/recordings/{job_id}")
        if job["status"] in ("complete", "failed", "cancelled"):
            return dict(job)
        await asyncio.sleep(0.1)


async def begun(server: ChildServer, job_id: str) -> None:
    """Return when a job is being worked on."""
    while (await server.get(f"/v1/recordings/{job_id}"))[1]["status"] == "queued":  # noqa: ASYNC110  # tells nobody
        await asyncio.sleep(0.1)


async def said(server: ChildServer, job_id: str) -> list[tuple[Any, ...]]:
    """Return what a recording's record says: words, places, speakers."""
    _, record, _ = await server.get(f"/v1/records/{job_id}")
    return [
        (one["start_sample"], one["end_sample"], one["text"], one["speaker"], len(one["words"]))
        for one in record["segments"]
    ]


async def test_a_job_ends_once_however_often_its_process_is_killed(serve: Serve, tmp_path: Path) -> None:
    """Ten times `kill -9`: one record, the text of an undisturbed run, usage counted once, one webhook event."""
    path = write_wav(tmp_path / "meeting.wav", speech(SECONDS * RATE))
    dice = random.Random(6)
    async with receiver() as told:
        options = (*OPTIONS, *WHO_DIES_OFTEN, *TELLING_US)
        server = await serve(*options)
        undisturbed = await hand_in(server, path)
        assert (await ended(server, undisturbed["id"]))["status"] == "complete"
        wanted = await said(server, undisturbed["id"])
        assert len(wanted) > 3
        async with aiohttp.ClientSession() as client:
            await client.post(f"{server.url}/v1/webhooks/endpoints", json={"url": told.url, "ssl_verification": False})
        job = await hand_in(server, path)
        for _ in range(KILLS):
            await asyncio.sleep(dice.uniform(0.0, 2.5))
            await server.kill()
            server = await serve(*options)
        found = await ended(server, job["id"])
        assert found["status"] == "complete", found
        assert await said(server, job["id"]) == wanted
        heard = [await told.next()]
        while told.waiting:
            heard.append(await told.next())
        assert {json.loads(one.body)["job_id"] for one in heard} == {job["id"]}
        assert len({one.headers["X-Prosa-Event-UUID"] for one in heard}) == 1
        _, page, _ = await server.get("/v1/records")
        assert sorted(one["id"] for one in page["records"]) == sorted([undisturbed["id"], job["id"]])
        assert await billed(server.directory, at_last=2 * SECONDS * RATE, kind="recording") == 2 * SECONDS * RATE


async def test_a_stopped_server_hands_its_jobs_on(serve: Serve, tmp_path: Path) -> None:
    """SIGTERM in the middle of a job: the next process finishes it, and no attempt is counted."""
    path = write_wav(tmp_path / "meeting.wav", meeting())
    server = await serve(*OPTIONS)
    job = await hand_in(server, path)
    await begun(server, job["id"])
    await server.stop()
    server = await serve(*OPTIONS)
    found = await ended(server, job["id"])
    assert (found["status"], found["attempts"]) == ("complete", 1)
