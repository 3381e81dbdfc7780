"""The OpenAI plugins of LiveKit and Pipecat, unchanged, against a server that recognises real speech."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import LiveServer, LiveServerFactory
from tests.sdks.environments import python_client, run_script
from tests.sdks.openai import assert_said, job, plain, write_pcm

pytestmark = [pytest.mark.sdks, pytest.mark.recognition, pytest.mark.timeout(300)]


@pytest.fixture
async def server(live_server: LiveServerFactory) -> AsyncIterator[LiveServer]:
    """Give a server that recognises English and wants keys."""
    async with live_server(engine="whisper", model="tiny.en", keys=True) as running:
        yield running


@pytest.fixture
def pcm(tmp_path: Path) -> Path:
    """Give a file of raw speech."""
    return write_pcm(tmp_path / "speech.raw")


async def livekit(mode: str, told: str) -> Any:
    """Run LiveKit's plugin."""
    return await run_script(await asyncio.to_thread(python_client, "livekit"), "openai_livekit.py", mode, told)


async def pipecat(mode: str, told: str) -> Any:
    """Run Pipecat's service."""
    return await run_script(await asyncio.to_thread(python_client, "pipecat"), "openai_pipecat.py", mode, told)


async def test_livekit_hears_a_turn(server: LiveServer, pcm: Path) -> None:
    """Start and end of speech, interim transcripts that grow, and the final in the language that was heard."""
    told = await livekit("turns", job(server, await server.create_key(), pcm=str(pcm)))
    kinds = [event["type"] for event in told]
    assert kinds[0] == "start_of_speech"
    assert "end_of_speech" in kinds
    interims = [event["text"] for event in told if event["type"] == "interim_transcript"]
    assert interims
    assert all(told[-1]["text"].startswith(text) for text in interims)
    assert_said(told[-1]["text"])
    assert told[-1]["language"] == "en"


async def test_livekit_commits_where_its_model_finds_no_turns(server: LiveServer, pcm: Path) -> None:
    """It names no turn detection then: its commit must not meet a buffer that was committed already."""
    told = await livekit("commits", job(server, await server.create_key(), pcm=str(pcm)))
    assert isinstance(told, list), told
    assert_said(told[-1]["text"])


async def test_livekit_recognises_a_recording(server: LiveServer, pcm: Path) -> None:
    """One buffer of speech, by the REST API."""
    told = await livekit("recorded", job(server, await server.create_key(), pcm=str(pcm)))
    assert told["type"] == "final_transcript"
    assert_said(told["text"])


@pytest.mark.parametrize(("mode", "raised"), [("turns", "WSServerHandshakeError"), ("recorded", "APIStatusError")])
async def test_livekit_is_told_why_not(server: LiveServer, pcm: Path, mode: str, raised: str) -> None:
    """A wrong key is an error with its status, of a stream and of a recording."""
    told = await livekit(mode, job(server, "wrong", pcm=str(pcm)))
    assert told == {"raised": raised, "status": 401}


@pytest.mark.parametrize("mode", ["commits", "turns", "recorded"])
async def test_pipecat_has_its_words(server: LiveServer, pcm: Path, mode: str) -> None:
    """By the pipeline's turns, by the server's, and by whole recordings; with no error on the way."""
    told = await pipecat(mode, job(server, await server.create_key(), pcm=str(pcm)))
    assert not [frame for frame in told if frame["frame"] == "ErrorFrame"]
    finals = [frame["text"] for frame in told if frame["frame"] == "TranscriptionFrame"]
    assert_said(" ".join(finals))
    interims = [frame["text"] for frame in told if frame["frame"] == "InterimTranscriptionFrame"]
    assert plain("".join(interims)) == (plain(" ".join(finals)) if mode != "recorded" else "")


async def test_pipecat_is_told_why_not(server: LiveServer, pcm: Path) -> None:
    """A wrong key is an error frame."""
    told = await pipecat("commits", job(server, "wrong", pcm=str(pcm), linger_seconds=0.5))
    assert [frame for frame in told if frame["frame"] == "ErrorFrame"]
