"""The Deepgram plugins of LiveKit and Pipecat, unchanged, against a server that recognises real speech."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from faster_whisper import decode_audio

from stream_server.sample import sample_meeting
from tests.live import LiveServer, LiveServerFactory
from tests.sdks.deepgram import SAID, job, write_pcm
from tests.sdks.environments import python_client, run_script

pytestmark = [pytest.mark.sdks, pytest.mark.recognition, pytest.mark.timeout(300)]

SPEECH_BYTES = 195_200
"""Of the sentence, before the silence behind it."""

MEETING_SECONDS = 36


@pytest.fixture
async def server(live_server: LiveServerFactory) -> AsyncIterator[LiveServer]:
    """Give a server that recognises English and wants keys."""
    async with live_server(engine="whisper", model="tiny.en", keys=True) as running:
        yield running


@pytest.fixture
def pcm(tmp_path: Path) -> Path:
    """Give a file of raw speech."""
    return write_pcm(tmp_path / "speech.raw")


@pytest.fixture
def meeting(tmp_path: Path) -> Path:
    """Give the sample meeting as one microphone hears it, raw."""
    samples = decode_audio(str(sample_meeting().audio), sampling_rate=16_000)[: MEETING_SECONDS * 16_000]
    path = tmp_path / "meeting.raw"
    path.write_bytes((np.clip(samples * 3, -1, 1) * 32_767).astype("<i2").tobytes())
    return path


async def livekit(mode: str, told: str) -> Any:
    """Run LiveKit's plugin."""
    return await run_script(await asyncio.to_thread(python_client, "livekit"), "deepgram_livekit.py", mode, told)


async def pipecat(told: str) -> Any:
    """Run Pipecat's service."""
    return await run_script(await asyncio.to_thread(python_client, "pipecat"), "deepgram_pipecat.py", "live", told)


async def test_livekit_sees_a_turn_begin_and_end(server: LiveServer, pcm: Path) -> None:
    """Start of speech, interim transcripts, finals with all words timed, end of speech."""
    options = {"utterance_end_ms": 1_000, "smart_format": True}
    told = await livekit("live", job(server, await server.create_key(), pcm=str(pcm), options=options))

    types = [event["type"] for event in told]
    assert types[0] == "start_of_speech"
    assert "interim_transcript" in types
    assert types.index("end_of_speech") > max(at for at, kind in enumerate(types) if kind == "final_transcript")
    finals = [event for event in told if event["type"] == "final_transcript"]
    words = [word.lower().strip(".,") for final in finals for word in final["words"]]
    assert tuple(words)[: len(SAID)] == SAID
    assert all(0 <= final["start"] < final["end"] < 7 and final["confidence"] > 0.5 for final in finals)


async def test_livekit_hears_who_speaks(live_server: LiveServerFactory, meeting: Path) -> None:
    """In a meeting of three people at least two speakers are told apart, by the labels that the plugin gives them."""
    options = {"enable_diarization": True, "punctuate": True}
    async with live_server(engine="whisper", model="tiny.en", keys=True, diarization=True) as server:
        told = await livekit("live", job(server, await server.create_key(), pcm=str(meeting), options=options))

    speakers = {event["speaker"] for event in told if event["type"] == "final_transcript"}
    assert {"S0", "S1"} <= speakers <= {"S0", "S1", "S2", "S3"}


async def test_livekit_recognises_a_buffer(server: LiveServer, pcm: Path) -> None:
    """Its other road is the REST API, with a WAV file."""
    event = await livekit("recorded", job(server, await server.create_key(), pcm=str(pcm), options={}))

    assert event["type"] == "final_transcript"
    assert event["text"].startswith("The next train to the airport")


async def test_livekit_is_told_of_a_wrong_key(server: LiveServer, pcm: Path) -> None:
    """An agent hears the status; the road of buffers, which looks at no status, fails all the same."""
    wrong = job(server, "wrong", pcm=str(pcm), options={})
    assert await livekit("live", wrong) == {"raised": "APIStatusError", "status": 401}
    assert (await livekit("recorded", wrong))["raised"] == "APIConnectionError"


async def test_pipecat_has_its_turn_when_it_asks(server: LiveServer, pcm: Path) -> None:
    """Its own detector ends the turn: what comes then is final and says that it answers."""
    told = await pipecat(job(server, await server.create_key(), pcm=str(pcm), options={}, spoken_bytes=SPEECH_BYTES))

    assert {frame["frame"] for frame in told} == {"InterimTranscriptionFrame", "TranscriptionFrame"}
    finals = [frame for frame in told if frame["frame"] == "TranscriptionFrame"]
    words = " ".join(frame["text"] for frame in finals).split()
    assert tuple(word.lower().strip(".,") for word in words)[: len(SAID)] == SAID
    assert finals[-1]["finalized"] == "True"


async def test_pipecat_gives_up_on_a_wrong_key(server: LiveServer, pcm: Path) -> None:
    """A status of 4xx is taken for permanent, so it tries once."""
    told = await pipecat(job(server, "wrong", pcm=str(pcm), options={}, spoken_bytes=SPEECH_BYTES))

    (error,) = told
    assert error["frame"] == "ErrorFrame"
    assert "401" in error["error"]


async def test_pipecat_waits_out_a_long_silence(server: LiveServer, tmp_path: Path) -> None:
    """Its keep-alives are enough: ten seconds without audio do not cost the connection."""
    quiet = tmp_path / "quiet.raw"
    quiet.write_bytes(bytes(3_200))
    told = await pipecat(
        job(server, await server.create_key(), pcm=str(quiet), options={}, spoken_bytes=0, linger_seconds=12)
    )

    assert told == []
