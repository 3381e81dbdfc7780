"""Prosa's REST client `gl-speech` against a running server: every method for speech to text, and every refusal."""

from __future__ import annotations

import asyncio
import base64
import io
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import av
import httpx
import numpy as np
import pytest
from gl_speech import SpeechClient
from gl_speech.models import ASRModel, JobStatus, STTResponse

from stream_server.sample import sample_meeting
from tests.live import LiveServer, LiveServerFactory

CLIPS = Path(__file__).parent / "audio" / "clips"
CLIP = CLIPS / "train.flac"

MEETING = sample_meeting().audio

MODEL = "stt-general"

T = TypeVar("T")


def mixed(path: Path, seconds: int) -> bytes:
    """Return the beginning of a recording as WAV, its channels added up."""
    with av.open(str(path)) as container:
        rate = container.streams.audio[0].rate
        frames = [frame.to_ndarray().reshape(-1, frame.layout.nb_channels) for frame in container.decode(audio=0)]
    samples = np.concatenate(frames)[: seconds * rate].astype(np.int32).sum(axis=1).clip(-32_768, 32_767)
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
    return target.getvalue()


class Caller:
    """`gl-speech`'s client, called from a thread, for it blocks."""

    def __init__(self, server: LiveServer, key: str) -> None:
        self.client = SpeechClient(api_key=key, base_url=f"{server.url}/v2/speech/")

    async def transcribe(self, **options: Any) -> STTResponse:
        """Submit the clip, or other audio."""
        if "uri" not in options:
            options = {"data": base64.b64encode(CLIP.read_bytes()).decode()} | options
        return await self.call(self.client.stt.transcribe, **{"model": MODEL} | options)

    async def call(self, method: Callable[..., T], *values: object, **options: Any) -> T:
        """Call a method."""
        return await asyncio.to_thread(method, *values, **options)

    async def refused(self, method: Callable[..., object], *values: object, **options: Any) -> tuple[int, str]:
        """Return the HTTP status and Prosa's word with which a call is refused."""
        with pytest.raises(httpx.HTTPStatusError) as caught:
            await self.call(method, *values, **options)
        body = caught.value.response.json()
        assert body["message"]
        return caught.value.response.status_code, body["status"]

    async def done(self, job_id: str) -> STTResponse:
        """Poll as the client's users do."""
        while True:
            job = await self.call(self.client.stt.get_job, job_id)
            if job.status not in (JobStatus.QUEUED, JobStatus.IN_PROGRESS):
                return job
            await asyncio.sleep(0.05)


@pytest.mark.recognition
async def test_a_clip_is_transcribed(live_server: LiveServerFactory) -> None:
    """Waited for or polled for: the words, their times, the audio's facts, and the options as they were given."""
    async with live_server(keys=True, engine="whisper", model="tiny.en", diarization=True) as server:
        caller = Caller(server, await server.create_key())
        waited = await caller.transcribe(wait=True, label="Kereta", include_filler=True)
        queued = await caller.transcribe(wait=False)
        polled = await caller.done(queued.job_id)
    assert waited.status == polled.status == JobStatus.COMPLETE
    assert waited.request is not None
    assert (waited.request.label, waited.request.mime_type, waited.request.channels) == ("Kereta", "audio/flac", 1)
    assert waited.request.duration == pytest.approx(6, abs=2)
    assert waited.job_config is not None
    assert (waited.job_config.speaker_count, waited.job_config.include_filler, waited.job_config.model) == (
        1,
        True,
        MODEL,
    )
    assert waited.result is not None
    assert waited.result.data
    assert "train" in " ".join(item.transcript for item in waited.result.data).lower()
    for item in waited.result.data:
        assert 0 <= item.time_start < item.time_end <= waited.request.duration + 0.1
        assert (item.final, item.channel, item.speaker_tag) == (True, 0, 1)
    assert polled.result is not None
    assert polled.result.data is not None
    assert [item.transcript for item in polled.result.data] == [item.transcript for item in waited.result.data]
    assert waited.result.latency is not None
    assert waited.result.latency > 0


@pytest.mark.recognition
async def test_a_meeting(live_server: LiveServerFactory) -> None:
    """Channels are transcribed each on its own; voices that share one are told apart."""
    async with live_server(keys=True, engine="whisper", model="tiny.en", diarization=True) as server:
        caller = Caller(server, await server.create_key())
        each = await caller.transcribe(data=base64.b64encode(MEETING.read_bytes()).decode())
        shared = await caller.transcribe(data=base64.b64encode(mixed(MEETING, seconds=25)).decode())
        apart, together = await caller.done(each.job_id), await caller.done(shared.job_id)
    assert apart.result is not None
    assert apart.result.data
    assert apart.request is not None
    assert apart.request.channels == 3
    said = {
        channel: " ".join(item.transcript for item in apart.result.data if item.channel == channel)
        for channel in range(3)
    }
    assert "third quarter" in said[0].lower()
    assert "customers" in said[1].lower()
    assert "revenue" in said[2].lower()
    assert len({(item.channel, item.speaker_tag) for item in apart.result.data}) == 3
    assert together.result is not None
    assert together.result.data
    assert {item.channel for item in together.result.data} == {0}
    quarter = next(item.speaker_tag for item in together.result.data if "third quarter" in item.transcript.lower())
    customers = next(item.speaker_tag for item in together.result.data if "customers" in item.transcript.lower())
    assert quarter != customers


async def test_every_method(live_server: LiveServerFactory) -> None:
    """Models, status, lists, counts and archives: the client can read each answer."""
    async with live_server(keys=True) as server:
        caller = Caller(server, await server.create_key())
        stt = caller.client.stt
        models = [ASRModel(**model) for model in await caller.call(stt.list_models)]
        assert MODEL in [model.name for model in models]
        job = await caller.transcribe(wait=True, label="Pertama")
        await caller.transcribe(wait=True, label="Kedua")
        assert (await caller.call(stt.get_status, job.job_id)).status == JobStatus.COMPLETE
        listed = await caller.call(stt.list_jobs, page=1, per_page=1, sort_by="label", sort_ascend=False)
        assert [found.request and found.request.label for found in listed.data] == ["Pertama"]
        assert listed.pagination == {"page": 1, "per_page": 1, "page_count": 2}
        nothing = await caller.call(stt.list_jobs, until_date="2020-01-01", query_text="x")
        assert (nothing.length, nothing.data) == (0, [])
        assert (await caller.call(stt.archive, job.job_id)).status == "archived"
        assert (await caller.call(stt.list_jobs)).length == 1
        assert await count(server, caller.client.api_key) == 1


async def count(server: LiveServer, key: str | None) -> int:
    """Return how many jobs there are, for which the client has no method."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/v2/speech/stt/count", headers={"x-api-key": key or ""}) as answer,
    ):
        return int(await answer.json())


async def test_what_the_client_is_refused(live_server: LiveServerFactory) -> None:
    """Keys, models, audio, addresses and jobs: each with its own status and word."""
    async with live_server(keys=True) as server:
        caller = Caller(server, await server.create_key())
        stt = caller.client.stt
        audio = {"model": MODEL, "data": base64.b64encode(b"these bytes are no audio").decode()}
        for word, status, method, values in (
            ("asr_model_not_found", 400, stt.transcribe, audio | {"model": "x"}),
            ("asr_request_unsupported_media_type", 400, stt.transcribe, audio),
            ("asr_request_invalid_data", 400, stt.transcribe, audio | {"data": "%%%"}),
            ("asr_request_invalid_uri", 400, stt.transcribe, {"model": MODEL, "uri": "http://127.0.0.1/a.wav"}),
            (
                "asr_request_waiting_not_allowed",
                400,
                stt.transcribe,
                {"model": MODEL, "uri": "https://a/b", "wait": True},
            ),
            ("job_not_found", 404, stt.get_job, {"job_id": "x"}),
            ("job_not_found", 404, stt.get_status, {"job_id": "x"}),
            ("job_not_found", 404, stt.archive, {"job_id": "x"}),
            ("request_validation_error", 422, stt.list_jobs, {"sort_by": "mood"}),
        ):
            assert await caller.refused(method, **values) == (status, word)
        stranger = Caller(server, "no key of ours")
        assert await stranger.refused(stranger.client.stt.list_jobs) == (401, "auth_invalid_api_key")
        reader = Caller(server, await server.create_key(scopes=("usage",)))
        assert await reader.refused(reader.client.stt.list_jobs) == (403, "forbidden")


async def test_a_used_up_quota(live_server: LiveServerFactory) -> None:
    """The job that uses it up fails and says so; the next one is refused at once."""
    async with live_server(keys=True) as server:
        caller = Caller(server, await server.create_key(quota_seconds=1))
        job = await caller.transcribe(wait=True)
        assert job.status == JobStatus.FAILED
        assert job.result is not None
        assert job.result.error == "quota_empty"
        data = base64.b64encode(CLIP.read_bytes()).decode()
        assert await caller.refused(caller.client.stt.transcribe, model=MODEL, data=data) == (402, "quota_empty")


async def test_pages_may_call_it(live_server: LiveServerFactory) -> None:
    """A preflight is answered for the origins that the operator names, on the path that is a websocket too."""
    async with live_server(keys=True, allowed_origins=("https://app.example",)) as server:
        ask = {
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-api-key",
        }
        async with (
            aiohttp.ClientSession() as session,
            session.options(f"{server.url}/v2/speech/stt", headers=ask) as answer,
        ):
            assert (answer.status, answer.headers["Access-Control-Allow-Headers"]) == (204, "x-api-key")
