"""Container sessions decode while bytes arrive, and their threads end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from stream_server.audio import containers
from stream_server.audio.containers import ContainerDecoder, Slots
from stream_server.audio.sniff import Kind
from stream_server.errors import BacklogExceeded, InternalError, InvalidConfiguration, ServerFull, UnsupportedAudio
from stream_server.session.options import AudioFormat

KINDS = {"flac": Kind.FLAC, "mp3": Kind.MP3, "ogg": Kind.OGG, "webm": Kind.WEBM, "mp4": Kind.MP4, "adts": Kind.ADTS}


async def decode(
    kind: Kind, data: bytes, piece: int, audio_format: AudioFormat | None = None
) -> tuple[np.ndarray, list[int]]:
    """Return everything, and how many samples were out after each piece."""
    decoder = ContainerDecoder(kind, audio_format or AudioFormat(), Slots(1))
    parts, out = [], []
    try:
        for at in range(0, len(data), piece):
            parts += await decoder.feed(data[at : at + piece])
            out.append(sum(map(len, parts)))
        parts += await decoder.finish()
        while decoder.more:
            parts += await decoder.finish()
    finally:
        decoder.close()
        decoder.thread.join()
    return np.concatenate(parts), out


@pytest.mark.parametrize("name", KINDS)
async def test_cutting_changes_nothing(name: str, encode: Callable[..., bytes], tone: Any) -> None:
    """Every kind gives the same samples in one piece, in small ones and byte by byte, at the declared rate."""
    data = encode(name, tone(0.4))
    whole, _ = await decode(KINDS[name], data, len(data))
    assert abs(len(whole) - 0.4 * 16_000) < 0.06 * 16_000
    for piece in (1, 777):
        assert np.array_equal((await decode(KINDS[name], data, piece))[0], whole)


@pytest.mark.parametrize(("name", "behind"), [("flac", 1.1), ("mp3", 0.8), ("webm", 0.4), ("adts", 0.8)])
async def test_sound_comes_while_bytes_arrive(
    name: str, behind: float, encode: Callable[..., bytes], tone: Any
) -> None:
    """A live stream's sound comes out less than about a second behind its bytes."""
    sound = tone(4.0)
    sound += 0.05 * np.random.default_rng(1).standard_normal(sound.shape).astype(np.float32)
    data = encode(name, sound)
    _, out = await decode(KINDS[name], data, -(-len(data) // 40))
    assert max((index + 1) / 40 * 4 - samples / 16_000 for index, samples in enumerate(out)) < behind


async def test_a_fragmented_mp4_streams(encode: Callable[..., bytes], tone: Any) -> None:
    """An MP4 with its index in front is decoded before its end."""
    data = encode("mp4", tone(4.0), movflags="frag_keyframe+empty_moov", frag_duration="500000")
    _, out = await decode(Kind.MP4, data, 500)
    assert out[len(out) // 2] > 16_000


async def test_an_mp4_with_the_index_last_waits_on_disk(
    encode: Callable[..., bytes], tone: Any, tmp_path: Path
) -> None:
    """Such a file is decoded at the end and leaves nothing behind."""
    decoder = ContainerDecoder(Kind.MP4, AudioFormat(), Slots(1), tmp_path)
    assert await decoder.feed(encode("mp4", tone(1.0))) == []
    assert abs(sum(map(len, await decoder.finish())) - 16_000) < 1_500
    decoder.thread.join()
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240  # a folder in a test


async def test_the_disk_is_bounded(monkeypatch: pytest.MonkeyPatch, encode: Callable[..., bytes], tone: Any) -> None:
    """More than the limit is refused."""
    monkeypatch.setattr(containers, "MOST_SPOOLED", 1_000)
    with pytest.raises(BacklogExceeded):
        await decode(Kind.MP4, encode("mp4", tone(1.0)), 600)


async def test_channels(encode: Callable[..., bytes], tone: Any) -> None:
    """Mono is the mean, equal numbers stay apart, others are refused by name."""
    data = encode("flac", tone(0.5, rate=16_000, channels=2), rate=16_000)
    stereo, _ = await decode(Kind.FLAC, data, 500, AudioFormat(channels=2))
    mono, _ = await decode(Kind.FLAC, data, 500)
    assert stereo.shape == (8_000, 2)
    np.testing.assert_allclose(mono[:, 0], stereo.mean(axis=1), atol=1e-6)
    with pytest.raises(InvalidConfiguration, match=r"says 3, .* has 2"):
        await decode(Kind.FLAC, data, 500, AudioFormat(channels=3))


async def test_time_is_exact(encode: Callable[..., bytes], tone: Any) -> None:
    """From n samples at 44.1 kHz come exactly round(n * 16000 / 44100)."""
    data = encode("flac", tone(0.5, rate=44_100), rate=44_100)
    assert len((await decode(Kind.FLAC, data, 1_000))[0]) == 8_000


async def test_garbage_is_refused_while_it_comes() -> None:
    """Random bytes behind a magic are refused, at the latest at the end."""
    with pytest.raises(UnsupportedAudio):
        await decode(Kind.OGG, b"OggS" + np.random.default_rng(1).bytes(50_000), 1_000)


async def test_threads_are_bounded_and_given_back() -> None:
    """The limit is a limit, and ending a session makes room."""
    slots = Slots(1)
    first = ContainerDecoder(Kind.MP3, AudioFormat(), slots)
    with pytest.raises(ServerFull):
        ContainerDecoder(Kind.MP3, AudioFormat(), slots)
    first.close()
    first.thread.join()
    ContainerDecoder(Kind.MP3, AudioFormat(), slots).close()


@pytest.mark.parametrize("fed", [0, 10, 3_000])
async def test_a_vanished_client_leaves_no_thread(fed: int, encode: Callable[..., bytes], tone: Any) -> None:
    """Closing ends the thread wherever it is."""
    decoder = ContainerDecoder(Kind.MP3, AudioFormat(), Slots(1))
    if fed:
        await decoder.feed(encode("mp3", tone(1.0))[:fed])
    decoder.close()
    decoder.thread.join()


async def test_a_surprise_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong in the thread, the waiting side hears of it."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(containers, "decode", fail)
    decoder = ContainerDecoder(Kind.MP3, AudioFormat(), Slots(1))
    with pytest.raises(InternalError, match="ZeroDivisionError"):
        await decoder.feed(b"\xff")


async def test_a_change_of_rate_keeps_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chained streams of different rates each take their own time on the clock."""
    parts = [(np.zeros((8_000, 1), np.float32), 8_000), (np.zeros((48_000, 1), np.float32), 48_000)]
    monkeypatch.setattr(containers, "decode", lambda *_: iter(parts))
    decoder = ContainerDecoder(Kind.OGG, AudioFormat(), Slots(1))
    assert sum(map(len, await decoder.finish())) == 32_000


@pytest.mark.shared
async def test_real_containers(recordings: Path) -> None:
    """Every container beside the repository has the length that libav finds when it may seek."""
    kinds = {".mp3": Kind.MP3, ".m4a": Kind.MP4, ".webm": Kind.WEBM, ".aac": Kind.ADTS, ".flac": Kind.FLAC}
    kinds |= {".ogg": Kind.OGG, ".opus": Kind.OGG, ".mkv": Kind.WEBM, ".mov": Kind.MP4, ".mp4": Kind.MP4}
    for path in sorted((recordings / "container").iterdir()):
        if path.suffix not in kinds:
            continue
        with av.open(str(path)) as container:
            seconds = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
        samples, _ = await decode(kinds[path.suffix], path.read_bytes(), 1_500)
        assert abs(len(samples) / 16_000 - seconds) < 0.06, path.name
        await asyncio.sleep(0)
