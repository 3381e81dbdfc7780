"""Container sessions decode while bytes arrive, and their processes end, however they break."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from stream_server.audio import fork_server as fork_server_module
from stream_server.audio.containers import ContainerDecoder, ContainerLimits, Containers
from stream_server.audio.fork_server import ForkServer
from stream_server.audio.sniff import Kind
from stream_server.errors import InternalError, InvalidConfiguration, ServerFull, StreamServerError, UnsupportedAudio
from stream_server.session.options import AudioFormat
from tests.decoders import forks_of, process_of
from tests.hostile import until

KINDS = {"flac": Kind.FLAC, "mp3": Kind.MP3, "ogg": Kind.OGG, "webm": Kind.WEBM, "mp4": Kind.MP4, "adts": Kind.ADTS}


Decode = Callable[..., Any]


@pytest.fixture
def decode(fork_server: ForkServer) -> Decode:
    """Give what decodes a whole stream, cut in pieces; the answer is everything, and how much was out after each."""

    async def run(
        kind: Kind, data: bytes, piece: int, audio_format: AudioFormat | None = None
    ) -> tuple[np.ndarray, list[int]]:
        return await decode_with(Containers(fork_server, 1).open(kind, audio_format or AudioFormat()), data, piece)

    return run


async def decode_with(decoder: ContainerDecoder, data: bytes, piece: int) -> tuple[np.ndarray, list[int]]:
    """Return everything, and how many samples were out after each piece."""
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
    return np.concatenate(parts), out


@pytest.mark.parametrize("name", KINDS)
async def test_cutting_changes_nothing(decode: Decode, name: str, encode: Callable[..., bytes], tone: Any) -> None:
    """Every kind gives the same samples in one piece, in small ones and byte by byte, at the declared rate."""
    data = encode(name, tone(0.4))
    whole, _ = await decode(KINDS[name], data, len(data))
    assert abs(len(whole) - 0.4 * 16_000) < 0.06 * 16_000
    for piece in (1, 777):
        assert np.array_equal((await decode(KINDS[name], data, piece))[0], whole)


@pytest.mark.parametrize(("name", "behind"), [("flac", 1.1), ("mp3", 0.8), ("webm", 0.4), ("adts", 0.8)])
async def test_sound_comes_while_bytes_arrive(
    decode: Decode, name: str, behind: float, encode: Callable[..., bytes], tone: Any
) -> None:
    """A live stream's sound comes out less than about a second behind its bytes."""
    sound = tone(4.0)
    sound += 0.05 * np.random.default_rng(1).standard_normal(sound.shape).astype(np.float32)
    data = encode(name, sound)
    _, out = await decode(KINDS[name], data, -(-len(data) // 40))
    assert max((index + 1) / 40 * 4 - samples / 16_000 for index, samples in enumerate(out)) < behind


async def test_a_fragmented_mp4_streams(decode: Decode, encode: Callable[..., bytes], tone: Any) -> None:
    """An MP4 with its index in front is decoded before its end."""
    data = encode("mp4", tone(4.0), movflags="frag_keyframe+empty_moov", frag_duration="500000")
    _, out = await decode(Kind.MP4, data, 500)
    assert out[len(out) // 2] > 16_000


async def test_an_mp4_with_the_index_last_waits_on_disk(
    fork_server: ForkServer, encode: Callable[..., bytes], tone: Any, tmp_path: Path
) -> None:
    """Such a file is decoded at the end and leaves nothing behind."""
    decoder = Containers(fork_server, 1, spool=tmp_path).open(Kind.MP4, AudioFormat())
    assert await decoder.feed(encode("mp4", tone(1.0))) == []
    assert abs(sum(map(len, await decoder.finish())) - 16_000) < 1_500
    decoder.close()
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240  # a folder in a test


async def test_channels(decode: Decode, encode: Callable[..., bytes], tone: Any) -> None:
    """Mono is the mean, equal numbers stay apart, others are refused by name."""
    data = encode("flac", tone(0.5, rate=16_000, channels=2), rate=16_000)
    stereo, _ = await decode(Kind.FLAC, data, 500, AudioFormat(channels=2))
    mono, _ = await decode(Kind.FLAC, data, 500)
    assert stereo.shape == (8_000, 2)
    np.testing.assert_allclose(mono[:, 0], stereo.mean(axis=1), atol=1e-6)
    with pytest.raises(InvalidConfiguration, match=r"says 3, .* has 2"):
        await decode(Kind.FLAC, data, 500, AudioFormat(channels=3))


async def test_time_is_exact(decode: Decode, encode: Callable[..., bytes], tone: Any) -> None:
    """From n samples at 44.1 kHz come exactly round(n * 16000 / 44100)."""
    data = encode("flac", tone(0.5, rate=44_100), rate=44_100)
    assert len((await decode(Kind.FLAC, data, 1_000))[0]) == 8_000


async def test_garbage_is_refused_while_it_comes(decode: Decode) -> None:
    """Random bytes behind a magic are refused, at the latest at the end."""
    with pytest.raises(UnsupportedAudio):
        await decode(Kind.OGG, b"OggS" + np.random.default_rng(1).bytes(50_000), 1_000)


async def test_processes_are_bounded_and_given_back(fork_server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is a limit, whether ours or the system's, and ending a session makes room, once."""
    containers = Containers(fork_server, 1)
    first = containers.open(Kind.MP3, AudioFormat())
    with pytest.raises(ServerFull):
        containers.open(Kind.MP3, AudioFormat())
    for _ in range(2):
        first.close()

    def fail(_: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(ForkServer, "begin", fail)
        with pytest.raises(ServerFull):
            containers.open(Kind.MP3, AudioFormat())
    second = containers.open(Kind.MP3, AudioFormat())
    with pytest.raises(ServerFull):
        containers.open(Kind.MP3, AudioFormat())
    second.close()


@pytest.mark.parametrize("fed", [0, 10, 3_000])
async def test_a_vanished_client_leaves_no_process(
    own: ForkServer, fed: int, encode: Callable[..., bytes], tone: Any
) -> None:
    """Closing ends it wherever it is."""
    decoder = Containers(own, 1).open(Kind.MP3, AudioFormat())
    if fed:
        await decoder.feed(encode("mp3", tone(1.0))[:fed])
    decoder.close()
    await until(lambda: forks_of(own) == [])
    assert await decoder.feed(b"more") == []


@pytest.mark.parametrize("turns", [0, 1, 5])
@pytest.mark.parametrize("fed", [False, True])
async def test_closing_cancels_an_open_question(
    own: ForkServer, fed: bool, turns: int, encode: Callable[..., bytes], tone: Any
) -> None:
    """Before it is asked, before there is a process, and while that works; the place is free at once."""
    containers, data = Containers(own, 1), encode("mp3", tone(1.0))
    decoder = containers.open(Kind.MP3, AudioFormat())
    if fed:
        await decoder.feed(data[:1_000])
    busy = forks_of(own)[0] if fed else process_of(own)
    busy.suspend()
    question = decoder.feed(data[1_000:])
    for _ in range(turns):
        await asyncio.sleep(0)
    decoder.close()
    containers.open(Kind.MP3, AudioFormat()).close()
    with pytest.raises(asyncio.CancelledError):
        await question
    if not fed:
        busy.resume()
    await until(lambda: forks_of(own) == [])


async def test_a_cancelled_question_ends_the_stream(own: ForkServer) -> None:
    """Its answer would be taken for that of the next one."""
    decoder = Containers(own, 1).open(Kind.MP3, AudioFormat())
    question = decoder.feed(b"")
    await asyncio.sleep(0)
    question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await question
    await until(lambda: forks_of(own) == [])
    assert await decoder.feed(b"") == []
    decoder.close()


async def test_what_follows_the_end_is_nobodys(own: ForkServer, encode: Callable[..., bytes], tone: Any) -> None:
    """A container that is complete may be followed by anything; its process has gone and its place is free."""
    containers = Containers(own, 1)
    decoder = containers.open(Kind.FLAC, AudioFormat())
    assert len((await decoder.feed(encode("flac", tone(0.5))) + await decoder.finish())[-1])
    containers.open(Kind.MP3, AudioFormat()).close()
    await until(lambda: forks_of(own) == [])
    assert await decoder.feed(bytes(1_000)) == []
    assert await decoder.finish() == []
    decoder.close()


async def test_an_error_stays(decode: Decode, fork_server: ForkServer) -> None:
    """Whoever asks again is told again."""
    decoder = Containers(fork_server, 1).open(Kind.FLAC, AudioFormat())
    for _ in range(2):
        with pytest.raises(UnsupportedAudio, match="FLAC"):
            await decoder.finish()
    decoder.close()


# ── processes that break ────────────────────────────────────────────────────────────────────────────────────────────

PROGRAM = """
import ctypes, os, time
from stream_server.audio import container_child, fork_server_child

def broken(source, *_):
    if source.read(10) == b"break":
        {breaking}
    while source.read(4096):
        pass
    yield container_child.np.zeros((16_000, 1), "f"), 16_000

container_child.decode = broken
fork_server_child.main()
"""


@pytest.mark.parametrize(
    ("breaking", "error", "words"),
    [
        ("os.abort()", UnsupportedAudio, "breaks what decodes it"),
        ("ctypes.string_at(0)", UnsupportedAudio, "breaks what decodes it"),
        ("os._exit(0)", UnsupportedAudio, "breaks what decodes it"),
        ("time.sleep(1000)", UnsupportedAudio, "takes longer"),
        ("while True: pass", UnsupportedAudio, "takes longer"),
        ("held = [bytearray(1 << 20) for _ in range(1 << 20)]", UnsupportedAudio, "wants more memory"),
        ("raise ZeroDivisionError", InternalError, "ZeroDivisionError"),
    ],
)
async def test_what_breaks_a_process_ends_one_stream(
    own: ForkServer, monkeypatch: pytest.MonkeyPatch, breaking: str, error: type[StreamServerError], words: str
) -> None:
    """With a clear sentence; its place is free, its process gone, and the stream beside it goes on."""
    program = PROGRAM.format(breaking=breaking)
    monkeypatch.setattr(fork_server_module, "COMMAND", (sys.executable, "-c", program))
    beside = Containers(own, 1).open(Kind.OGG, AudioFormat())
    assert await beside.feed(b"whole") == []
    stall_seconds = 0.3 if words == "takes longer" else 30.0
    containers = Containers(own, 1, limits=ContainerLimits(memory_bytes=32 << 20, stall_seconds=stall_seconds))
    decoder = containers.open(Kind.OGG, AudioFormat())
    with pytest.raises(error, match=words):
        await decoder.feed(b"break")
    containers.open(Kind.OGG, AudioFormat()).close()
    await until(lambda: len(forks_of(own)) == 1)
    decoder.close()
    assert [len(samples) for samples in await beside.finish()] == [16_000]
    beside.close()


async def test_a_process_that_cannot_be_begun(own: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is a fault of ours and no stream's."""
    monkeypatch.setattr(fork_server_module, "COMMAND", (sys.executable, "-c", "raise SystemExit"))
    decoder = Containers(own, 1).open(Kind.OGG, AudioFormat())
    with pytest.raises(InternalError, match="could not be begun"):
        await decoder.feed(b"OggS")
    decoder.close()


@pytest.mark.shared
async def test_real_containers(decode: Decode, recordings: Path) -> None:
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
