"""An organisation's vocabulary in everything of its own that opens: sessions of every dialect, requests and jobs."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from faster_whisper import decode_audio
from websockets.asyncio.client import connect

from stream_server.asr.scripted import ScriptedEngine
from stream_server.work import Hypothesis, Transcribe
from tests.live import LiveServer, LiveServerFactory

CLIP = Path(__file__).resolve().parent / "audio" / "clips" / "train.flac"
OURS = {"vocabulary": [{"text": "Brafo", "sounds_like": ["bravo"]}], "replace": [{"find": "delta", "replace": "Ana"}]}
START = {"type": "start", "language": "en", "audio": {"encoding": "pcm_s16le"}}


def speech() -> bytes:
    """Return a clip as its samples."""
    return (decode_audio(str(CLIP), sampling_rate=16_000) * 32_767).astype("<i2").tobytes()


class AttentiveEngine(ScriptedEngine):
    """Remembers what it was told to listen for."""

    def __init__(self) -> None:
        super().__init__()
        self.hotwords = set[str]()

    def run(self, batch: Sequence[Transcribe]) -> list[Hypothesis | Exception]:
        """Note the hotwords and make up words."""
        self.hotwords |= {item.hotwords for item in batch}
        return super().run(batch)


@pytest.fixture
def engine() -> AttentiveEngine:
    """Give the engine."""
    return AttentiveEngine()


@pytest.fixture
async def server(live_server: LiveServerFactory, engine: AttentiveEngine) -> AsyncIterator[LiveServer]:
    """Give a server of an organisation with a vocabulary, and access for everybody."""
    async with live_server(engine_object=engine) as server:
        await ask(server, "PUT", "/v1/vocabulary", json=OURS)
        yield server


async def ask(server: LiveServer, method: str, path: str, **more: Any) -> str:
    """Ask over HTTP; return the answer."""
    async with aiohttp.ClientSession() as client, client.request(method, server.url + path, **more) as answer:
        assert answer.ok
        return await answer.text()


async def heard(server: LiveServer, path: str, messages: Sequence[bytes | str]) -> str:
    """Stream a session; return all that is said to the client."""
    async with connect(server.ws_url + path, max_size=None) as socket:
        for message in messages:
            await socket.send(message)
        return "".join([str(message) async for message in socket])


async def test_sessions_have_it(server: LiveServer, engine: AttentiveEngine) -> None:
    """Words are corrected and replaced, and engines told to listen for the terms, behind the session's own."""
    start = json.dumps({**START, "hotwords": "rapat"})
    told = await heard(server, "/v1/stream", [start, speech(), json.dumps({"type": "finish"})])
    assert "Brafo" in told
    assert "Ana" in told
    assert "bravo charlie" not in told
    assert engine.hotwords == {"rapat, Brafo"}


async def test_an_open_session_keeps_what_it_had(server: LiveServer) -> None:
    """What changes meanwhile holds for those that open from then on."""
    async with connect(f"{server.ws_url}/v1/stream") as socket:
        await socket.send(json.dumps(START))
        await socket.recv()
        await ask(server, "DELETE", "/v1/vocabulary")
        await socket.send(speech())
        await socket.send(json.dumps({"type": "finish"}))
        assert "Brafo" in "".join([str(message) async for message in socket])
    assert "Brafo" not in await heard(
        server, "/v1/stream", [json.dumps(START), speech(), json.dumps({"type": "finish"})]
    )


async def test_other_dialects_have_it(server: LiveServer) -> None:
    """Nobody asks by what wire the words come."""
    path = "/v1/listen?encoding=linear16&sample_rate=16000&language=en&punctuate=true"
    assert "Brafo" in await heard(server, path, [speech(), json.dumps({"type": "CloseStream"})])


async def test_recordings_have_it(server: LiveServer) -> None:
    """Those that wait in a request, and jobs."""
    form = aiohttp.FormData({"file": io.BytesIO(CLIP.read_bytes()), "model": "whisper-1", "language": "en"})
    assert "Brafo" in await ask(server, "POST", "/v1/audio/transcriptions", data=form)
    form = aiohttp.FormData({"file": io.BytesIO(CLIP.read_bytes()), "language": "en"})
    job = json.loads(await ask(server, "POST", "/v1/recordings", data=form))
    await ask(server, "GET", f"/v1/recordings/{job['id']}/events")
    assert "Brafo" in await ask(server, "GET", f"/v1/records/{job['id']}")
