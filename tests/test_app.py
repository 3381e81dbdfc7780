"""The whole server in one process: start, keys, sessions, health, stop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from faster_whisper import decode_audio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from stream_server.app import App
from stream_server.asr.scripted import ScriptedEngine
from stream_server.errors import EngineFailed, ModelUnavailable, StartupError
from stream_server.open_stores import make_directory
from stream_server.settings import load_settings
from stream_server.store.base import UsageFilter
from stream_server.store.memory import MemoryStore
from stream_server.work import Hypothesis, Transcribe
from tests.asr.made_punctuator import punctuator
from tests.hostile import until
from tests.live import LiveServerFactory

CLIP = Path(__file__).parent / "audio" / "clips" / "weather.flac"
SILENCE = np.zeros(16_000, dtype="<i2").tobytes()


async def start(socket: ClientConnection, **options: object) -> dict[str, Any]:
    """Open a session and return its `ready`."""
    audio = {"encoding": "pcm_s16le", "sample_rate": 16_000}
    await socket.send(json.dumps({"type": "start", "audio": audio, **options}))
    ready: dict[str, Any] = json.loads(await socket.recv())
    assert ready["type"] == "ready"
    return ready


async def rest_of(socket: ClientConnection) -> tuple[list[dict[str, Any]], int]:
    """Return every further event and the close code."""
    events = []
    with suppress(ConnectionClosed):
        while True:
            events.append(json.loads(await socket.recv()))
    return events, socket.close_code or 0


async def ready_of(url: str) -> tuple[int, dict[str, Any]]:
    """Return the readiness."""
    async with aiohttp.ClientSession() as client, client.get(f"{url}/health/ready") as answer:
        return answer.status, await answer.json()


async def test_a_session_from_start_to_usage(live_server: LiveServerFactory) -> None:
    """Audio goes in, the session ends well, and every sample of it is in the ledger."""
    async with live_server() as server:
        async with connect(f"{server.ws_url}/v1/stream") as socket:
            assert (await start(socket))["model"] == "scripted"
            assert (await ready_of(server.url))[1]["sessions"] == 1
            for _ in range(3):
                await socket.send(SILENCE)
            await socket.send(json.dumps({"type": "finish"}))
            events, code = await rest_of(socket)
        assert code == 1000
        assert events[-1]["type"] == "closed"
        await until(lambda: not server.app.recorder._accounts)  # a session's end is told before it is written down
        async with aiohttp.ClientSession() as client, client.get(f"{server.url}/v1/usage") as answer:
            assert (await answer.json())["total"]["billable_seconds"] == 3
        async with aiohttp.ClientSession() as client, client.get(f"{server.url}/metrics") as answer:
            told = await answer.text()
        assert 'stream_server_audio_seconds_total{dialect="native"} 3.0' in told
        assert "stream_server_database_up 1.0" in told
        _, ready = await ready_of(server.url)
        waiting = [ready[name] for name in ("database", "recordings_waiting", "webhooks_waiting", "webhooks_dead")]
        assert waiting == ["up", 0, 0, 0]


async def test_keys_close_the_door(live_server: LiveServerFactory) -> None:
    """With a key in the store nobody without one gets in; Prosa's wire says so with 4000, the native one too."""
    async with live_server(keys=True) as server:
        key = await server.create_key()
        async with connect(f"{server.ws_url}/v1/stream", additional_headers={"x-api-key": key}) as socket:
            await start(socket)
        for path in ("/v1/stream", "/v2/speech/stt", "/v2/speech/stt/streaming"):
            async with connect(f"{server.ws_url}{path}", additional_headers={"x-api-key": "wrong"}) as socket:
                assert (await rest_of(socket))[1] == 4000


async def test_full_server(live_server: LiveServerFactory) -> None:
    """The session over the limit is refused at the handshake; Prosa's is closed with 4029 before `created`."""
    async with live_server(max_sessions=1) as server, connect(f"{server.ws_url}/v1/stream") as socket:
        await start(socket)
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{server.ws_url}/v1/stream")
        assert refused.value.response.status_code == 503
        async with connect(f"{server.ws_url}/v2/speech/stt") as prosa:
            events, code = await rest_of(prosa)
        assert code == 4029
        assert not [event for event in events if event.get("type") == "created"]


async def test_stop_finishes_live_sessions(live_server: LiveServerFactory) -> None:
    """A stopping server finishes what it heard, tells the client why, and writes the usage down."""
    store = MemoryStore()
    async with live_server(store=store) as server:
        socket = await connect(f"{server.ws_url}/v1/stream")
        await start(socket)
        await socket.send(SILENCE)
        await socket.send(json.dumps({"type": "flush", "id": "f"}))
        while json.loads(await socket.recv())["type"] != "flushed":
            pass
        listening = asyncio.ensure_future(rest_of(socket))
    events, code = await listening
    assert code == 1012
    assert [event["code"] for event in events if event["type"] == "error"] == ["server_stopping"]
    [row] = await store.query_usage(UsageFilter())
    assert (row.billable_samples, row.clock_rate) == (16_000, 16_000)


class Fragile(ScriptedEngine):
    """Dies when told to."""

    broken = False

    def warm_up(self) -> None:
        if self.broken:
            raise RuntimeError("the model is gone")

    def run(self, batch: Sequence[Transcribe]) -> list[Hypothesis | Exception]:
        if self.broken:
            raise RuntimeError("the model is gone")
        return super().run(batch)


async def test_a_dead_worker_ends_the_process(live_server: LiveServerFactory) -> None:
    """Readiness turns red, handshakes are refused, and whoever waits for the server hears of it."""
    engine = Fragile()
    async with live_server(engine_object=engine) as server:
        engine.broken = True
        audio = np.zeros(16_000, dtype=np.float32)
        waiting = asyncio.ensure_future(server.app.wait())
        number = 0
        while not waiting.done():
            number += 1
            item = Transcribe(
                session_id=f"s{number}", work_id=1, track=0, utterance_id="u", audio=audio, start=0, final=True
            )
            server.app.workers.submit(item)
            await asyncio.sleep(0.01)
        with pytest.raises(EngineFailed, match="worker thread died"):
            await waiting
        status, body = await ready_of(server.url)
        assert (status, body["workers"]["asr"]) == (503, "dead")
        with pytest.raises(InvalidStatus):
            await connect(f"{server.ws_url}/v1/stream")


async def test_wait_returns_when_asked(live_server: LiveServerFactory) -> None:
    """Whoever asks the server to stop makes `wait` return."""
    async with live_server() as server:
        server.app.ask_to_stop()
        await server.app.wait()


async def test_no_keys_on_a_public_address(tmp_path: Path) -> None:
    """A server that would serve strangers does not start, and leaves nothing running."""
    settings = load_settings({"host": "0.0.0.0", "port": 0, "data_directory": tmp_path, "engine": "scripted"})
    with pytest.raises(StartupError, match="no API keys exist"):
        await App(settings, store=MemoryStore()).start()


async def test_redis_out_of_reach(tmp_path: Path) -> None:
    """A Redis that does not answer at the start is named by its setting, not by its URL."""
    url = f"unix://{tmp_path}/none.sock"
    settings = load_settings({"port": 0, "data_directory": tmp_path, "engine": "scripted", "redis_url": url})
    with pytest.raises(StartupError, match="redis_url") as refused:
        await App(settings).start()
    assert str(tmp_path) not in refused.value.message


class Noting(ScriptedEngine):
    """Notes which windows were finals."""

    def __init__(self) -> None:
        super().__init__()
        self.finals: list[bool] = []

    def run(self, batch: Sequence[Transcribe]) -> list[Hypothesis | Exception]:
        """Note and recognise."""
        self.finals += [item.final for item in batch]
        return super().run(batch)


async def test_a_partial_model_takes_the_partials(live_server: LiveServerFactory) -> None:
    """The big model is asked for finals alone; its finals go on from the small one's committed words."""
    big = Noting()
    speech = (decode_audio(str(CLIP)) * 32_767).astype("<i2").tobytes()
    server_with_both = live_server(engine_object=big, partial_model="small")
    async with server_with_both as server, connect(f"{server.ws_url}/v1/stream") as socket:
        await start(socket)
        for at in range(0, len(speech), 6_400):
            await socket.send(speech[at : at + 6_400])
            await asyncio.sleep(0.02)
        await socket.send(json.dumps({"type": "finish"}))
        events, _ = await rest_of(socket)

    assert {"partial", "final"} <= {event["type"] for event in events}
    assert set(big.finals) == {True}


async def test_a_partial_model_of_another_vocabulary_is_refused(tmp_path: Path) -> None:
    """What an English model commits is no token of a multilingual one."""
    settings = load_settings({"data_directory": tmp_path, "port": 0, "partial_model": "tiny.en"})
    with pytest.raises(StartupError, match="partial_model"):
        async with App(settings, store=MemoryStore(), engine=ScriptedEngine()):
            pass


@pytest.mark.parametrize(("punctuates", "text"), [(False, "Alpha. Bravo, Charlie"), (True, "alpha bravo charlie")])
async def test_a_punctuation_model_helps_engines_that_need_it(
    live_server: LiveServerFactory,
    tmp_path: Path,
    punctuates: bool,
    text: str,
) -> None:
    """What it says of an engine's words is shown, names of participants with it; one that punctuates is left alone."""
    model = punctuator(tmp_path / "model", {"alpha": ".", "bravo": ","})
    speech = (decode_audio(str(CLIP)) * 32_767).astype("<i2").tobytes()
    serving = live_server(engine_object=ScriptedEngine(punctuates=punctuates), punctuation_model=model)
    async with serving as server, connect(f"{server.ws_url}/v1/stream") as socket:
        await start(socket, language="en", formatting={"participants": ["Charlie"]})
        await socket.send(speech)
        await socket.send(json.dumps({"type": "finish"}))
        events, _ = await rest_of(socket)
    assert any(text in event["text"] for event in events if event["type"] == "final")


async def test_a_punctuation_model_that_is_none_is_refused(tmp_path: Path) -> None:
    """A server that was to have one does not start without."""
    settings = load_settings({"data_directory": tmp_path, "port": 0, "punctuation_model": tmp_path})
    with pytest.raises(ModelUnavailable, match=r"config\.json"):
        async with App(settings, store=MemoryStore(), engine=ScriptedEngine(punctuates=False)):
            pass


def test_bad_directory(tmp_path: Path) -> None:
    """A directory that cannot be made is one sentence."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StartupError, match="data_directory"):
        make_directory(tmp_path / "file" / "below")
