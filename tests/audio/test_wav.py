"""WAV as clients really send it."""

from __future__ import annotations

import contextlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.audio.wav import MOST_GARBAGE, ForeignCodec, WavDecoder
from stream_server.errors import UnsupportedAudio

AUDIO = np.arange(-500, 500, dtype="<i2").tobytes()
EXPECTED = (np.arange(-500, 500) / 32768).astype(np.float32)


def header(
    size: int,
    *,
    tag: int = 1,
    bits: int = 16,
    channels: int = 1,
    rate: int = 16_000,
    before: bytes = b"",
    extra: bytes = b"",
) -> bytes:
    """Return a header that declares `size` bytes of data, with chunks `before` it."""
    block = channels * bits // 8
    fmt = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits) + extra
    chunks = b"fmt " + struct.pack("<I", len(fmt)) + fmt + before + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", min(0xFFFFFFFF, 4 + len(chunks) + size)) + b"WAVE" + chunks


def chunk(name: bytes, content: bytes) -> bytes:
    """Return a padded chunk."""
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) & 1)


def decode(data: bytes, cuts: list[int] | None = None) -> np.ndarray:
    """Decode in pieces of the given lengths, then the rest."""
    decoder = WavDecoder()
    parts = []
    for cut in cuts or []:
        parts.append(decoder.feed(data[:cut]))
        data = data[cut:]
    parts += [decoder.feed(data), decoder.finish()]
    return np.concatenate([part for part in parts if part is not None])


@given(st.lists(st.integers(0, 60), max_size=60))
def test_any_cut(cuts: list[int]) -> None:
    """Header and samples may be cut anywhere."""
    data = header(len(AUDIO), before=chunk(b"LIST", b"odd")) + AUDIO
    assert np.array_equal(decode(data, cuts)[:, 0], EXPECTED)


def test_one_byte_at_a_time() -> None:
    """One byte per call works."""
    data = header(len(AUDIO)) + AUDIO
    assert np.array_equal(decode(data, [1] * len(data))[:, 0], EXPECTED)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000, len(AUDIO), 10 * len(AUDIO)])
def test_lengths_that_are_not(size: int) -> None:
    """Zero, absurd and too long lengths mean "until the end"."""
    assert np.array_equal(decode(header(size) + AUDIO)[:, 0], EXPECTED)


@pytest.mark.parametrize("garbage", [b"\x01", b"stale" * 1_500, bytes(MOST_GARBAGE), chunk(b"LIST", b"INFO")])
def test_trailing_garbage_is_dropped(garbage: bytes) -> None:
    """Up to 64 KiB behind the declared end are a stale buffer or a later chunk, not sound."""
    assert np.array_equal(decode(header(len(AUDIO)) + AUDIO + garbage)[:, 0], EXPECTED)


def test_more_than_garbage_is_audio() -> None:
    """More than 64 KiB behind the declared end prove the length wrong: all of it is sound, in order."""
    audio = np.arange(40_000).astype("<i2").tobytes()
    expected = np.frombuffer(audio, "<i2") / np.float32(32768)
    assert np.array_equal(decode(header(7) + audio, [1_000] * 80)[:, 0], expected)


@pytest.mark.parametrize(
    ("tag", "bits", "data", "expected"),
    [
        (1, 8, bytes([0, 128, 192]), [-1.0, 0.0, 0.5]),
        (1, 24, b"\x00\x00\x40", [0.5]),
        (1, 32, struct.pack("<i", 2**29), [0.25]),
        (3, 32, struct.pack("<f", 0.125), [0.125]),
        (6, 8, b"\xaa", [32256 / 32768]),
        (7, 8, b"\x80", [32124 / 32768]),
    ],
)
def test_encodings(tag: int, bits: int, data: bytes, expected: list[float]) -> None:
    """Every PCM width, float and both G.711 laws are decoded."""
    assert decode(header(len(data), tag=tag, bits=bits) + data)[:, 0].tolist() == expected


def test_extensible() -> None:
    """WAVE_FORMAT_EXTENSIBLE names the encoding in its sub-format."""
    extra = struct.pack("<HHI", 22, 16, 3) + struct.pack("<H", 1) + bytes(14)
    data = header(len(AUDIO), tag=0xFFFE, channels=2, extra=extra) + AUDIO
    assert decode(data).shape == (500, 2)


def test_rf64() -> None:
    """RF64 says its length in a chunk of its own."""
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 0, len(AUDIO), 1_000, 0))
    data = header(0xFFFFFFFF, before=ds64) + AUDIO + b"LIST stale"
    assert np.array_equal(decode(b"RF64" + data[4:])[:, 0], EXPECTED)


def test_format_is_known_with_the_first_samples() -> None:
    """Rate and channels are those of the header."""
    decoder = WavDecoder()
    assert decoder.feed(header(0, channels=2, rate=44_100)[:-1]) is None
    decoder.feed(b"\x00")
    assert decoder.format is not None
    assert (decoder.format.encoding, decoder.format.sample_rate, decoder.format.channels) == ("pcm_s16le", 44_100, 2)


def test_foreign_codecs_are_handed_on() -> None:
    """A codec that is not PCM is somebody else's, and no byte of it is lost."""
    data = header(100, tag=2, bits=4)
    decoder = WavDecoder()
    assert decoder.feed(data[:15]) is None
    with pytest.raises(ForeignCodec) as caught:
        decoder.feed(data[15:] + b"abc")
    assert caught.value.header == data + b"abc"


def test_header_without_audio_is_empty() -> None:
    """A header and nothing else is an empty recording."""
    assert decode(header(0)).shape == (0, 1)


@pytest.mark.parametrize(
    "data",
    [
        header(10, rate=1_092_676),
        header(10, channels=0),
        header(10, channels=99),
        b"RIFF\x00\x00\x00\x00WAVEdata\x00\x00\x00\x00" + bytes(10),
        b"RIFF\x00\x00\x00\x00WAVEfmt \x04\x00\x00\x00" + bytes(10),
        b"RIFF\x00\x00\x00\x00WAVELIST\xff\xff\xff\x7f" + bytes(10),
        b"RIFF\x00\x00\x00\x00WAVEfm",
    ],
)
def test_nonsense_is_refused(data: bytes) -> None:
    """Headers that make no sense or never end are refused."""
    with pytest.raises(UnsupportedAudio):
        decode(data)


@given(st.binary(max_size=400))
def test_random_bytes_end_in_samples_or_a_refusal(data: bytes) -> None:
    """Random bytes behind a WAV magic never surprise."""
    with contextlib.suppress(UnsupportedAudio, ForeignCodec):
        assert np.isfinite(decode(b"RIFF\x00\x00\x00\x00WAVE" + data)).all()
