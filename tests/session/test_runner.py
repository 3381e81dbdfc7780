"""The runner carries a conversation from first frame to last; one that breaks costs nobody else anything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from stream_server.asr.scripted import ScriptedEngine
from stream_server.audio.containers import Containers
from stream_server.audio.decoding import open_decoder
from stream_server.audio.fork_server import ForkServer
from stream_server.auth import Authenticator
from stream_server.protocol.dialect import Frame, Handshake
from stream_server.protocol.native import NativeDialect
from stream_server.recording import RecordKeeper
from stream_server.session.load import LoadLevel
from stream_server.session.observer import Observer
from stream_server.session.registry import Registry
from stream_server.session.services import RunnerLimits, Services
from stream_server.session.serving import serve_session
from stream_server.store.memory import MemoryStore
from stream_server.store.records import RecordStore
from stream_server.usage import UsageRecorder
from stream_server.work import DetectSpeech, Work
from tests.live_path import LoudnessVad, answer

START = json.dumps({"type": "start", "audio": {"encoding": "pcm_s16le"}})
FINISH = json.dumps({"type": "finish"})


def speech(seconds: float) -> bytes:
    """Return s16le noise that the loudness VAD takes for speech, with a pause at the end."""
    audio = np.random.default_rng(1).uniform(-0.5, 0.5, round(seconds * 16_000))
    audio[-8_000:] = 0
    return (audio * 32_767).astype("<i2").tobytes()


class Wire:
    """A conduit in memory; the test is the client."""

    def __init__(self, *frames: Frame) -> None:
        self.handshake = Handshake(path="/v1/stream")
        self.incoming: asyncio.Queue[Frame | None] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None
        self.reading = asyncio.Event()
        self.reading.set()
        self.told = asyncio.Event()
        for frame in frames:
            self.incoming.put_nowait(frame)

    async def receive(self) -> Frame | None:
        return await self.incoming.get()

    async def send(self, frame: Frame) -> None:
        await self.reading.wait()
        self.sent.append(json.loads(frame))
        self.told.set()

    async def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)
        self.incoming.put_nowait(None)

    def kinds(self) -> list[str]:
        """Return the types of what was sent."""
        return [message["type"] for message in self.sent]

    async def until(self, kind: str) -> dict[str, Any]:
        """Wait for a message of this type."""
        while True:
            for message in self.sent:
                if message["type"] == kind:
                    return message
            self.told.clear()
            await self.told.wait()


class House:
    """Services whose workers answer at the next turn of the event loop."""

    def __init__(self, directory: Path, *, max_sessions: int = 8, **limits: Any) -> None:
        self.registry = Registry(max_sessions)
        self.engine, self.vad = ScriptedEngine(), LoudnessVad()
        self.held: list[Work] | None = None
        self.holding = asyncio.Event()
        store = MemoryStore()
        self.recorder = UsageRecorder(store, directory, interval_seconds=5.0)
        self.services = Services(
            authenticator=Authenticator(store, open_access=True),
            recorder=self.recorder,
            records=RecordKeeper(cast("RecordStore", None), keep=False),
            registry=self.registry,
            submit=self.submit,
            cancel=lambda session_id: None,
            open_decoder=lambda audio: open_decoder(audio, Containers(ForkServer(), 4)),
            capabilities=self.engine.capabilities,
            spool_directory=directory,
            runner_limits=RunnerLimits(**limits),
            observer=Observer(),
        )

    def submit(self, work: Work) -> None:
        """Answer soon, or never if work is held."""
        if self.held is not None:
            self.held.append(work)
            self.holding.set()
            return
        result = self.vad.run([work])[0] if isinstance(work, DetectSpeech) else answer(work, self.engine.run([work])[0])
        asyncio.get_running_loop().call_soon(self.registry.deliver, [result])

    async def serve(self, wire: Wire) -> Wire:
        """Hold a conversation to its end."""
        await serve_session(wire, NativeDialect(), self.services)
        return wire


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house with its recorder running."""
    house = House(tmp_path)
    await house.recorder.start()
    yield house
    await house.recorder.stop()


async def test_conversation_from_start_to_end(house: House) -> None:
    """Ready, partials, a final, usage and a clean close."""
    wire = await house.serve(Wire(START, speech(2.0), FINISH))

    kinds = wire.kinds()
    assert kinds[0] == "ready"
    assert {"speech_started", "partial", "final", "usage", "closed"} <= set(kinds)
    assert (kinds[-1], wire.closed) == ("closed", (1000, ""))
    assert len(house.registry) == 0


async def test_odd_byte_splits_are_carried(house: House) -> None:
    """One byte per frame gives the same final as one frame."""
    whole = await house.serve(Wire(START, speech(1.2), FINISH))
    pieces = await house.serve(Wire(START, *[bytes([byte]) for byte in speech(1.2)], FINISH))

    assert [m["text"] for m in whole.sent if m["type"] == "final"] == [
        m["text"] for m in pieces.sent if m["type"] == "final"
    ]


async def test_wrong_message_ends_the_session_after_its_finals(house: House) -> None:
    """What was accepted before the mistake is delivered, then the error is told."""
    wire = await house.serve(Wire(START, speech(1.5), '{"type":"nonsense"}', speech(1.0)))

    kinds = wire.kinds()
    assert "final" in kinds
    assert "error" in kinds
    assert wire.closed is not None
    assert wire.closed[0] == 1003


async def test_undecodable_audio_is_told(house: House) -> None:
    """A container that is none closes the session with its own code."""
    wire = await house.serve(Wire('{"type":"start"}', b"\x00\x01garbage" * 2_000, FINISH))

    assert wire.closed is not None
    assert wire.closed[0] == 4015


async def test_client_that_vanishes_leaves_nothing_behind(house: House) -> None:
    """No close, no finish: the session is over at once."""
    wire = Wire(START, speech(1.0), None)  # type: ignore[arg-type]
    await house.serve(wire)

    assert len(house.registry) == 0


async def test_client_that_leaves_before_start_is_nobody(house: House) -> None:
    """Nothing is sent to somebody who is gone."""
    wire = await house.serve(Wire(None))  # type: ignore[arg-type]

    assert (wire.sent, wire.closed) == ([], None)


async def test_start_must_come_in_time(tmp_path: Path) -> None:
    """A client that says nothing is not waited for."""
    wire = await House(tmp_path, handshake_seconds=0.01).serve(Wire())

    assert wire.closed is not None
    assert wire.closed[0] == 4008


async def test_full_house_says_so(tmp_path: Path) -> None:
    """One session too many is refused with its own code, the others go on."""
    house = House(tmp_path, max_sessions=1)
    await house.recorder.start()
    first = Wire(START)
    serving = asyncio.create_task(house.serve(first))
    await first.until("ready")
    second = await house.serve(Wire(START))
    first.incoming.put_nowait(speech(1.0))
    first.incoming.put_nowait(FINISH)
    await serving
    await house.recorder.stop()

    assert second.closed is not None
    assert second.closed[0] == 1013
    assert "final" in first.kinds()


async def test_more_than_the_spool_holds_is_refused(tmp_path: Path) -> None:
    """Audio beyond the stated limit ends the session with the dialect's error."""
    house = House(tmp_path, spool_memory_bytes=20_000, spool_disk_bytes=20_000, unheard_seconds=0.5)
    await house.recorder.start()
    house.held = []
    wire = Wire(START, *[speech(1.0)[:16_000]] * 10)
    serving = asyncio.create_task(house.serve(wire))
    await house.holding.wait()
    held, house.held = house.held, None
    for work in held:
        house.submit(work)
    await serving
    await house.recorder.stop()

    assert wire.closed is not None
    assert wire.closed[0] == 4013


async def test_stopping_server_delivers_what_it_has(house: House) -> None:
    """Finals of everything received, then the reason."""
    wire = Wire(START, speech(2.0))
    serving = asyncio.create_task(house.serve(wire))
    await wire.until("partial")
    wire.incoming.put_nowait(speech(1.0))
    await asyncio.sleep(0)
    await house.registry.drain(5.0)
    await serving

    assert wire.closed is not None
    assert wire.closed[0] == 1012


async def test_client_that_never_reads_is_cut_off(tmp_path: Path) -> None:
    """Finals are kept up to the limit; then the connection is closed, whatever still waits."""
    house = House(tmp_path, outbound_bytes=2_000)
    await house.recorder.start()
    wire = Wire(START, *[speech(1.5)] * 12)
    wire.reading.clear()
    await house.serve(wire)
    await house.recorder.stop()

    assert wire.closed is not None
    assert wire.closed[0] == 1008


async def test_bug_in_one_session_is_not_another_ones(house: House) -> None:
    """An unforeseen error ends its own session with 1011; the neighbour gets its final."""
    neighbour = Wire(START, speech(1.5))
    serving = asyncio.create_task(house.serve(neighbour))
    await neighbour.until("ready")

    class Broken(NativeDialect):
        def encode(self, event: Any) -> Any:
            if type(event).__name__ == "SpeechStarted":
                raise RuntimeError("bug")
            return super().encode(event)

    wire = Wire(START, speech(1.5))
    await serve_session(wire, Broken(), house.services)
    neighbour.incoming.put_nowait(FINISH)
    await serving

    assert wire.closed is not None
    assert wire.closed[0] == 1011
    assert "final" in neighbour.kinds()


async def test_a_crowded_house_says_ready_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The level is told before anybody is there to hear."""
    monkeypatch.setattr(house.registry._gauge, "level", LoadLevel.FINALS_ONLY)
    wire = await house.serve(Wire(START, FINISH))
    assert "ready" in wire.kinds()[:2]  # but for warnings it is the first
