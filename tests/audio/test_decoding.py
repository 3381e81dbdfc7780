"""Whatever was declared and however it is cut, the session gets samples at its clock's rate."""

from __future__ import annotations

import contextlib
import io
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_server.audio.containers import Containers
from stream_server.audio.decoding import Decoder, decoded, open_decoder
from stream_server.audio.fork_server import ForkServer
from stream_server.errors import InvalidConfiguration, UnsupportedAudio
from stream_server.session.options import ENCODINGS, AudioFormat

RAW = AudioFormat(encoding="pcm_s16le")
OPEN = AudioFormat()
Opener = Callable[..., Decoder]


@pytest.fixture
async def opened(fork_server: ForkServer) -> AsyncIterator[Opener]:
    """Return `open_decoder`; what it opens is closed afterwards."""
    decoders = []

    def make(audio_format: AudioFormat) -> Decoder:
        decoders.append(open_decoder(audio_format, Containers(fork_server, 2)))
        return decoders[-1]

    yield make
    for decoder in decoders:
        decoder.close()


async def collect(decoder: Decoder, data: bytes, piece: int = 1_000_000) -> np.ndarray:
    """Feed in pieces, finish, and return all samples."""
    parts = [np.empty((0, 1), np.float32)]
    for at in range(0, len(data), piece):
        async for answer in decoded(decoder, data[at : at + piece]):
            parts += answer
    async for answer in decoded(decoder, None):
        parts += answer
    return np.concatenate([part for part in parts if len(part)] or parts[:1])


def wav(samples: np.ndarray, rate: int, channels: int = 1) -> bytes:
    """Return a 16-bit WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((channels, 2, rate, 0, "NONE", ""))
        writer.writeframes((samples * 32767).astype("<i2").tobytes())
    return file.getvalue()


@pytest.mark.parametrize("piece", [1, 3, 640, 100_000])
async def test_raw(opened: Opener, piece: int) -> None:
    """Raw samples pass as they are, cut anywhere."""
    numbers = np.arange(-2_000, 2_000, dtype="<i2")
    samples = await collect(opened(RAW), numbers.tobytes(), piece)
    assert np.array_equal(samples[:, 0], numbers / np.float32(32768))


async def test_short_raw(opened: Opener) -> None:
    """A stream shorter than any magic number is decoded at its end."""
    assert (await collect(opened(RAW), b"RI"))[0, 0] == pytest.approx(0x4952 / 32768)


async def test_raw_that_begins_like_mp3(opened: Opener) -> None:
    """Declared samples that begin with a sync word stay samples and lose none of their beginning."""
    data = b"\xff\xfb" * 2 + bytes(4_000)
    samples = await collect(opened(RAW), data, 100)
    assert len(samples) == len(data) // 2
    assert samples[0, 0] == -1025 / 32768


@pytest.mark.parametrize("declared", [OPEN, RAW, AudioFormat(encoding="pcm_mulaw")])
@pytest.mark.parametrize("piece", [1, 500])
async def test_wav(opened: Opener, tone: Any, declared: AudioFormat, piece: int) -> None:
    """A WAV is recognised whatever was declared, and resampled to the clock."""
    samples = await collect(opened(declared), wav(tone(0.25, 44_100), 44_100), piece)
    assert samples.shape == (4_000, 1)
    assert np.abs(samples).max() == pytest.approx(0.4, rel=0.05)


async def test_wav_channels(opened: Opener, tone: Any) -> None:
    """Stereo WAV is mixed for mono, kept for two channels and refused for three."""
    data = wav(tone(0.1, 16_000, 2), 16_000, 2)
    stereo = await collect(opened(AudioFormat(channels=2)), data)
    mono = await collect(opened(OPEN), data)
    np.testing.assert_allclose(mono[:, 0], stereo.mean(axis=1), atol=1e-6)
    with pytest.raises(InvalidConfiguration, match=r"says 3, .* has 2"):
        await collect(opened(AudioFormat(channels=3)), data)


async def test_foreign_wav(opened: Opener, encode: Callable[..., bytes], tone: Any) -> None:
    """A WAV with a codec that is not PCM goes to libav, header and all."""
    samples = await collect(opened(OPEN), encode("adpcm_wav", tone(0.5, 16_000), rate=16_000), 100)
    assert abs(len(samples) - 8_000) < 1_100
    assert np.abs(samples).max() == pytest.approx(0.4, rel=0.1)


@pytest.mark.parametrize("name", ["flac", "mp3", "ogg", "webm", "mp4", "adts", "aiff"])
@pytest.mark.parametrize("declared", [OPEN, RAW])
async def test_containers(
    opened: Opener, encode: Callable[..., bytes], tone: Any, name: str, declared: AudioFormat
) -> None:
    """Every container is recognised whatever was declared."""
    samples = await collect(opened(declared), encode(name, tone(0.5)), 300)
    assert abs(len(samples) - 8_000) < 1_000


@pytest.mark.parametrize("data", [b"this is not audio\n" * 40, b"#!AMR\n" + bytes(99), b"\x01"])
async def test_nothing_known(opened: Opener, data: bytes) -> None:
    """Bytes of no known kind, with nothing declared, are refused."""
    with pytest.raises(UnsupportedAudio):
        await collect(opened(OPEN), data)


@pytest.mark.parametrize("declared", [OPEN, RAW])
async def test_empty(opened: Opener, declared: AudioFormat) -> None:
    """A session without a byte is an empty session."""
    assert len(await collect(opened(declared), b"")) == 0


@pytest.mark.parametrize("encoding", [None, *ENCODINGS])
@pytest.mark.parametrize("seed", range(5))
async def test_random_bytes(opened: Opener, encoding: str | None, seed: int) -> None:
    """Random bytes become samples where raw audio was declared, and a refusal where not."""
    data = np.random.default_rng(seed).bytes(20_000)
    try:
        assert np.abs(await collect(opened(AudioFormat(encoding=encoding)), data, 999)).max() <= 1
    except UnsupportedAudio:
        assert encoding is None


@pytest.mark.parametrize("name", ["flac", "mp3", "ogg", "webm", "mp4", "adts"])
async def test_truncated_to_its_head(opened: Opener, encode: Callable[..., bytes], tone: Any, name: str) -> None:
    """The first bytes of a container alone are nothing, or a refusal, never a surprise."""
    data = encode(name, tone(0.5))
    for length in (1, 8, 20, 60):
        with contextlib.suppress(UnsupportedAudio):
            await collect(opened(OPEN), data[:length], 7)


async def test_raw_samples_of_another_rate(opened: Opener) -> None:
    """Telephone audio comes out at the clock's rate, as long as it was."""
    audio_format = AudioFormat(encoding="pcm_mulaw", sample_rate=24_000, raw_rate=8_000)
    assert len(await collect(opened(audio_format), bytes(8_000), 160)) == 24_000


async def test_raw_channels_that_are_one_track(opened: Opener) -> None:
    """Two interleaved channels are mixed into their mean, wherever the bytes are cut."""
    audio_format = AudioFormat(encoding="pcm_s16le", raw_channels=2)
    stereo = np.tile(np.array([8_000, 4_000], "<i2"), 500)
    mixed = await collect(opened(audio_format), stereo.tobytes(), 7)
    assert mixed.shape == (500, 1)
    assert np.allclose(mixed, 6_000 / 32_768)


async def test_closing_unopened(opened: Opener) -> None:
    """A decoder that never knew its kind can be closed."""
    opened(OPEN).close()


@pytest.mark.shared
async def test_malformed_recordings(opened: Opener, recordings: Path) -> None:
    """Real broken files are refused in one sentence or are empty."""
    for path in sorted((recordings / "malformed").iterdir()):
        try:
            assert len(await collect(opened(OPEN), path.read_bytes())) == 0, path.name
        except UnsupportedAudio as error:
            assert "\n" not in error.message  # noqa: PT017  # empty is as right as refused
