"""Recordings of two organisations handed in at once, with real recognition and a real Redis.

Six of them; `benchmarks/fifty_recordings.py` does it with fifty.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import wave
from typing import Any

import aiohttp
import jiwer
import pytest
from whisper_normalizer.english import EnglishTextNormalizer

from stream_server.sample import sample_meeting
from tests.child_server import RATE, meeting
from tests.live import LiveServer, LiveServerFactory

pytestmark = [pytest.mark.recognition, pytest.mark.timeout(300)]

EACH = 3
LOOK_SECONDS = 0.2

Message = dict[str, Any]


def recording() -> bytes:
    """Return the sample meeting, a minute, as WAV."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(meeting().tobytes())
    return file.getvalue()


class Customer:
    """An organisation with a key of its own."""

    def __init__(self, name: str, server: LiveServer, key: str) -> None:
        self.name = name
        self._url, self._headers = server.url, {"x-api-key": key}

    async def ask(self, method: str, path: str, **options: Any) -> Message:
        """Return what is answered."""
        async with (
            aiohttp.ClientSession(self._url, headers=self._headers) as client,
            client.request(method, path, **options) as answer,
        ):
            assert answer.ok
            return dict(await answer.json())

    async def hand_in(self) -> str:
        """Hand in a recording; return its id."""
        form = aiohttp.FormData({"language": "en"})
        form.add_field("file", io.BytesIO(recording()), filename="meeting.wav")
        return str((await self.ask("POST", "/v1/recordings", data=form))["id"])

    async def ended(self) -> list[Message]:
        """Return all recordings once they have ended."""
        while True:
            page = await self.ask("GET", "/v1/recordings")
            if all(job["status"] in ("complete", "failed", "cancelled") for job in page["recordings"]):
                return list(page["recordings"])
            await asyncio.sleep(LOOK_SECONDS)

    async def text(self, job_id: str) -> str:
        """Return what was heard."""
        return " ".join(segment["text"] for segment in (await self.ask("GET", f"/v1/records/{job_id}"))["segments"])


async def test_recordings_of_two_organisations_take_turns(live_server: LiveServerFactory, redis_url: str) -> None:
    """The first hands in all of its own before the second: all end well, billed once, and nobody waits for the rest."""
    async with live_server(
        engine="whisper", model="tiny.en", redis_url=redis_url, keys=False, max_active_recordings=1
    ) as server:
        keys = {name: await server.create_key(name, scopes=("transcribe", "usage")) for name in ("first", "second")}
        customers = [Customer(name, server, key) for name, key in keys.items()]
        ids = {customer.name: [await customer.hand_in() for _ in range(EACH)] for customer in customers}
        jobs = [(job, one.name) for one in customers for job in await one.ended()]
        assert [job["status"] for job, _ in jobs] == ["complete"] * 2 * EACH
        all_were_there_at = max(job["created_at"] for job, _ in jobs)
        ends = sorted((job["modified_at"], name) for job, name in jobs)
        begun_then = [name for ended_at, name in ends if ended_at > all_were_there_at][1:]  # the first had its turn
        in_turns = begun_then[: 2 * min(begun_then.count(customer.name) for customer in customers)]
        assert in_turns
        assert all(one != other for one, other in itertools.pairwise(in_turns))
        normalise = EnglishTextNormalizer()
        for customer in customers:
            usage = await customer.ask("GET", "/v1/usage?kind=recording")
            assert usage["total"]["billable_seconds"] == pytest.approx(EACH * len(meeting()) / RATE, abs=0.02)
            for job_id in ids[customer.name]:
                heard = await customer.text(job_id)
                assert jiwer.wer(normalise(sample_meeting().reference), normalise(heard)) <= 0.15
