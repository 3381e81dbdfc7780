"""Samples through the decoder and the thread; the networks are scripted, but for the last tests."""

from __future__ import annotations

import asyncio
import io
import threading
import wave
from collections.abc import AsyncIterator, Callable
from typing import Any

import numpy as np
import pytest

from stream_server.audio.containers import Containers
from stream_server.audio.decoding import open_decoder
from stream_server.audio.fork_server import ForkServer
from stream_server.diarize.clustering import ClusteringLimits
from stream_server.diarize.enrollment import EnrollmentLimits
from stream_server.diarize.voices import STEP_FRAMES, VOICES, Heard
from stream_server.errors import (
    MessageTooLarge,
    ModelUnavailable,
    ServerFull,
    ServerStopping,
    UnsuitableSample,
    UnsupportedAudio,
)
from stream_server.events import Samples
from stream_server.hearing import MOST_WAITING, SampleHearer

RATE = 16_000


class ScriptedListener:
    """Hears one voice wherever there is sound; `gate` holds it back."""

    clustering = ClusteringLimits()

    def __init__(self) -> None:
        self.heard: list[Samples] = []
        self.threads: set[str] = set()
        self.began = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self.at_once = 0

    def hear_all(self, audio: Samples, step_frames: int) -> list[Heard]:
        assert step_frames == STEP_FRAMES
        self.at_once += 1
        assert self.at_once == 1
        self.heard.append(audio)
        self.began.set()
        self.threads.add(threading.current_thread().name)
        self.gate.wait()
        self.at_once -= 1
        if not audio.any():
            return []
        activity = np.zeros((len(audio) // 270, VOICES), np.float32)
        activity[:, 0] = 1
        return [Heard(0, activity, (np.array([1, 0], np.float32), None, None))]


@pytest.fixture
def listener() -> ScriptedListener:
    """Give a listener."""
    return ScriptedListener()


@pytest.fixture
async def hearer(listener: ScriptedListener) -> AsyncIterator[SampleHearer]:
    """Give a hearer of at most twenty seconds."""
    made = make(lambda: listener)
    yield made
    listener.gate.set()
    await made.stop()


def make(make_listener: Callable[[], Any]) -> SampleHearer:
    """Make a hearer."""
    containers = Containers(ForkServer(), MOST_WAITING)
    return SampleHearer(
        make_listener, lambda audio: open_decoder(audio, containers), EnrollmentLimits(), max_audio_seconds=20
    )


def recording(seconds: float = 6.0, *, rate: int = RATE, channels: int = 1) -> bytes:
    """Return a WAV file of noise, the same on all channels."""
    noise = np.random.default_rng(1).normal(0, 3_000, round(seconds * rate)).clip(-30_000, 30_000)
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(noise.astype("<i2")[:, None], channels, axis=1).tobytes())
    return held.getvalue()


async def pieces(data: bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    """Yield a file as a network brings it."""
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def test_a_sample_is_heard(hearer: SampleHearer, listener: ScriptedListener) -> None:
    """In a thread of its own, whole, in one channel at 16 kHz."""
    found = await hearer.hear(pieces(recording(rate=48_000, channels=2)))
    assert found.quality.speech_seconds == pytest.approx(6, abs=0.05)
    (audio,) = listener.heard
    assert audio.shape == (6 * RATE,)
    assert audio.dtype == np.float32
    assert threading.current_thread().name not in listener.threads


async def test_samples_are_heard_one_at_a_time(hearer: SampleHearer, listener: ScriptedListener) -> None:
    """However many come, the networks have one thread, and hear each."""
    found = await asyncio.gather(*(hearer.hear(pieces(recording())) for _ in range(MOST_WAITING)))
    assert len(found) == len(listener.heard) == MOST_WAITING
    assert len(listener.threads) == 1


async def test_too_many_at_once_are_refused(hearer: SampleHearer, listener: ScriptedListener) -> None:
    """Waiting samples are bounded; there is room again when one was heard."""
    listener.gate.clear()
    waiting = [asyncio.ensure_future(hearer.hear(pieces(recording()))) for _ in range(MOST_WAITING)]
    await asyncio.to_thread(listener.began.wait)
    with pytest.raises(ServerFull):
        await hearer.hear(pieces(recording()))
    listener.gate.set()
    await asyncio.gather(*waiting)
    await hearer.hear(pieces(recording()))


async def test_a_long_sample_is_refused_before_it_is_read(hearer: SampleHearer, listener: ScriptedListener) -> None:
    """Seconds are counted as they are decoded: a small file may hold hours."""
    left = pieces(recording(60), 64_000)
    with pytest.raises(MessageTooLarge, match="20 s"):
        await hearer.hear(left)
    assert [piece async for piece in left]
    assert listener.heard == []


async def test_what_is_no_audio_is_refused(hearer: SampleHearer, listener: ScriptedListener) -> None:
    """Text is no sample, and nothing is a silent one."""
    with pytest.raises(UnsupportedAudio):
        await hearer.hear(pieces(b"this is not audio" * 100))
    with pytest.raises(UnsuitableSample, match="too quiet"):
        await hearer.hear(pieces(b""))


async def test_a_poor_sample_is_refused(hearer: SampleHearer) -> None:
    """As `enrollment` says, by the caller's limits."""
    with pytest.raises(UnsuitableSample, match="too little speech"):
        await hearer.hear(pieces(recording(2)))


async def test_missing_networks_are_told_and_asked_for_again() -> None:
    """A server without them serves; whoever installs them need not start it anew."""
    tries: list[int] = []

    def missing() -> Any:
        tries.append(1)
        raise ModelUnavailable("the speaker network is not here")

    hearer = make(missing)
    for _ in range(2):
        with pytest.raises(ModelUnavailable):
            await hearer.hear(pieces(recording()))
    assert len(tries) == 2
    await hearer.stop()


async def test_the_networks_are_loaded_once_and_late(listener: ScriptedListener) -> None:
    """Not before the first sample, and not again for the next."""
    made: list[int] = []

    def load() -> Any:
        made.append(1)
        return listener

    hearer = make(load)
    assert made == []
    for _ in range(3):
        await hearer.hear(pieces(recording()))
    assert made == [1]
    await hearer.stop()


async def test_a_stopped_hearer_refuses(hearer: SampleHearer) -> None:
    """A server that stops hears nobody any more."""
    await hearer.stop()
    with pytest.raises(ServerStopping):
        await hearer.hear(pieces(recording()))
