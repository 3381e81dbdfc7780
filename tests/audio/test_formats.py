"""Raw bytes become the right numbers, wherever they are cut."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.audio.formats import ALAW, MULAW, PcmDecoder, match_channels
from stream_server.errors import InvalidConfiguration
from stream_server.session.options import ENCODINGS


def decode(encoding: str, data: bytes, channels: int = 1) -> list[list[float]]:
    """Decode in one piece."""
    rows: list[list[float]] = PcmDecoder(encoding, channels).feed(data).tolist()
    return rows


@pytest.mark.parametrize(
    ("encoding", "data", "expected"),
    [
        ("pcm_u8", bytes([0, 128, 255]), [-1.0, 0.0, 127 / 128]),
        ("pcm_s16le", struct.pack("<3h", -32768, 0, 32767), [-1.0, 0.0, 32767 / 32768]),
        ("pcm_s24le", b"\x00\x00\x80\x00\x00\x00\xff\xff\x7f", [-1.0, 0.0, 1 - 2**-23]),
        ("pcm_s32le", struct.pack("<3i", -(2**31), 0, 2**30), [-1.0, 0.0, 0.5]),
        ("pcm_f32le", struct.pack("<3f", -1.0, 0.0, 0.25), [-1.0, 0.0, 0.25]),
    ],
)
def test_scale(encoding: str, data: bytes, expected: list[float]) -> None:
    """Full scale is -1 to just below 1 in every linear encoding."""
    assert decode(encoding, data) == [[value] for value in expected]


def test_s32_stays_below_one() -> None:
    """The largest 32-bit sample does not round up to 1."""
    assert decode("pcm_s32le", struct.pack("<i", 2**31 - 1))[0][0] < 1.0


def test_float_is_made_harmless() -> None:
    """Floats that are not numbers become 0, those out of range are clipped."""
    values = decode("pcm_f32le", struct.pack("<5f", float("nan"), float("inf"), float("-inf"), 7.0, -7.0))
    assert [row[0] for row in values][:3] == [0.0, 0.0, 0.0]
    assert 0.999 < values[3][0] < 1.0
    assert values[4][0] == -1.0


@pytest.mark.parametrize(
    ("code", "expected"), [(0x00, -32124), (0x80, 32124), (0x7F, 0), (0xFF, 0), (0xFE, 8), (0xCE, 988), (0x01, -31100)]
)
def test_mulaw_table(code: int, expected: int) -> None:
    """µ-law codes have the values of G.711."""
    assert MULAW[code] * 32768 == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [(0x2A, -32256), (0xAA, 32256), (0x55, -8), (0xD5, 8), (0xD4, 24), (0x80, 5504), (0x00, -5504)],
)
def test_alaw_table(code: int, expected: int) -> None:
    """A-law codes have the values of G.711."""
    assert ALAW[code] * 32768 == expected


def test_companding_is_odd() -> None:
    """Both G.711 tables are symmetric: the sign bit changes the sign and nothing else."""
    assert np.array_equal(MULAW[:128], -MULAW[128:])
    assert np.array_equal(ALAW[:128], -ALAW[128:])


def test_channels_are_interleaved() -> None:
    """Consecutive samples belong to consecutive channels."""
    assert decode("pcm_s16le", struct.pack("<4h", 1, 2, 3, 4), channels=2) == [
        [1 / 32768, 2 / 32768],
        [3 / 32768, 4 / 32768],
    ]


@given(
    st.sampled_from(ENCODINGS), st.integers(1, 8), st.binary(max_size=300), st.lists(st.integers(0, 40), max_size=20)
)
def test_cutting_changes_nothing(encoding: str, channels: int, data: bytes, cuts: list[int]) -> None:
    """Any cutting of the bytes gives the same samples, and only whole frames come out."""
    whole = PcmDecoder(encoding, channels).feed(data)
    decoder = PcmDecoder(encoding, channels)
    parts, rest = [], data
    for cut in cuts:
        parts.append(decoder.feed(rest[:cut]))
        rest = rest[cut:]
    parts.append(decoder.feed(rest))
    together = np.concatenate(parts)
    assert together.dtype == np.float32
    assert together.shape == whole.shape
    assert np.array_equal(together, whole)
    assert (whole >= -1).all()
    assert (whole < 1).all()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_one_byte_at_a_time(encoding: str) -> None:
    """One byte per call works."""
    data = bytes(range(48))
    decoder = PcmDecoder(encoding, 2)
    together = np.concatenate([decoder.feed(data[at : at + 1]) for at in range(len(data))])
    assert np.array_equal(together, PcmDecoder(encoding, 2).feed(data))


def test_mono_is_the_mean() -> None:
    """Declared mono mixes all channels of a file."""
    samples = np.array([[0.0, 0.5, 1.0]], np.float32)
    assert match_channels(samples, 1).tolist() == [[0.5]]


def test_equal_channels_stay() -> None:
    """A file with the declared number of channels keeps each."""
    samples = np.zeros((3, 2), np.float32)
    assert match_channels(samples, 2) is samples


def test_other_channels_are_refused() -> None:
    """Any other number is refused in a sentence that names both."""
    with pytest.raises(InvalidConfiguration, match=r"says 2, .* has 3"):
        match_channels(np.zeros((1, 3), np.float32), 2)
