"""The first bytes tell what audio is, whatever was declared."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.audio.sniff import _REFUSED, Kind, adts_frame_length, mpeg_frame_length, sniff
from stream_server.errors import UnsupportedAudio

MAGICS = [
    (b"RIFF\x24\x08\x00\x00WAVE", Kind.WAV),
    (b"RF64\xff\xff\xff\xffWAVE", Kind.WAV),
    (b"fLaC\x00", Kind.FLAC),
    (b"OggS\x00", Kind.OGG),
    (b"\x1a\x45\xdf\xa3\x9f", Kind.WEBM),
    (b"\x00\x00\x00\x20ftypisom", Kind.MP4),
    (b"ID3\x04\x00", Kind.MP3),
    (b"FORM\x00\x00\x00\x00AIFF", Kind.AIFF),
]
MP3_HEADER = b"\xff\xfb\x90\x00"
ADTS_HEADER = b"\xff\xf1\x50\x80\x04\x1f\xfc"


@pytest.mark.parametrize("raw_declared", [False, True])
@pytest.mark.parametrize(("first", "kind"), MAGICS)
def test_magic_is_believed(first: bytes, kind: Kind, raw_declared: bool) -> None:
    """A magic number wins over any declaration."""
    assert sniff(first + bytes(20), raw_declared) is kind


@pytest.mark.parametrize("raw_declared", [False, True])
@pytest.mark.parametrize(("first", "kind"), MAGICS)
def test_magic_in_single_bytes(first: bytes, kind: Kind, raw_declared: bool) -> None:
    """As long as the bytes fit a magic number the answer waits; it is never another one."""
    answers = [sniff(first[:length], raw_declared) for length in range(len(first) + 1)]
    assert set(answers) == {None, kind}
    assert answers[-1] is kind


@pytest.mark.parametrize("name", ["flac", "mp3", "ogg", "webm", "mp4", "adts", "aiff"])
@pytest.mark.parametrize("raw_declared", [False, True])
def test_real_files(name: str, raw_declared: bool, encode: Callable[..., bytes], tone: Any) -> None:
    """What real encoders write is recognised, also where raw audio was declared."""
    assert sniff(encode(name, tone(0.5)), raw_declared) is Kind[name.upper()]


def test_one_mp3_header_is_enough_where_nothing_was_declared() -> None:
    """Without a declaration a single frame header means MP3."""
    assert sniff(MP3_HEADER + bytes(20), raw_declared=False) is Kind.MP3
    assert sniff(ADTS_HEADER + bytes(20), raw_declared=False) is Kind.ADTS


def test_two_mp3_headers_are_wanted_where_raw_was_declared() -> None:
    """With raw declared the second header must stand where the first one says."""
    frame = MP3_HEADER + bytes(413)
    assert sniff(frame, raw_declared=True) is None
    assert sniff(frame + MP3_HEADER, raw_declared=True) is Kind.MP3
    assert sniff(frame + b"\x00" + MP3_HEADER, raw_declared=True) is Kind.RAW


def test_samples_that_look_like_a_sync_word_stay_raw() -> None:
    """16-bit samples that happen to begin with FF FB are samples if raw was declared."""
    samples = struct.pack("<h", -1025) + np.arange(2_000, dtype="<i2").tobytes()
    assert sniff(samples, raw_declared=True) is Kind.RAW


@pytest.mark.parametrize("silence", [b"\x00", b"\xff", b"\x7f", b"\xd5", b"\x55", b"\x80", b"\xff\xfb", b"\xfb\xff"])
def test_silence_stays_raw(silence: bytes) -> None:
    """Digital silence and constant samples of every raw encoding are raw, and at once."""
    assert sniff(silence * 320, raw_declared=True) is Kind.RAW


@given(st.binary(min_size=2_000, max_size=3_000))
def test_random_bytes_are_raw(data: bytes) -> None:
    """Random samples are never taken for a container when raw was declared."""
    assert sniff(data, raw_declared=True, at_end=True) is Kind.RAW


@given(st.binary(max_size=30), st.booleans())
def test_the_end_decides(data: bytes, raw_declared: bool) -> None:
    """At the end of the stream there is always an answer: a kind, or a refusal where nothing was declared."""
    try:
        assert sniff(data, raw_declared, at_end=True) is not None
    except UnsupportedAudio:
        assert not raw_declared or data.startswith(tuple(magic for magic, _ in _REFUSED))


@pytest.mark.parametrize(
    ("first", "name"),
    [
        (b"#!AMR\n", "AMR"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6", "Windows Media"),
        (b"this is not audio", "no known"),
    ],
)
def test_the_rest_is_refused(first: bytes, name: str) -> None:
    """What is not taken is named in one sentence that says what is."""
    with pytest.raises(UnsupportedAudio, match=rf"{name}.*send WAV") as caught:
        sniff(first + bytes(20), raw_declared=False)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("header", "length"),
    [
        (b"\xff\xfb\x90\x00", 417),  # MPEG-1, 128 kbit/s, 44.1 kHz
        (b"\xff\xfb\x92\x00", 418),  # the same, padded
        (b"\xff\xf3\x48\xc4", 144),  # MPEG-2, 32 kbit/s, 16 kHz
        (b"\xff\xff\x90\x00", None),  # layer I
        (b"\xff\xeb\x90\x00", None),  # reserved version
        (b"\xff\xfb\xf0\x00", None),  # bad bitrate
        (b"\xff\xfb\x9c\x00", None),  # bad rate
        (b"\xff\xfb", None),
    ],
)
def test_mpeg_frame_length(header: bytes, length: int | None) -> None:
    """The frame length follows ISO 11172-3; what the standard forbids is no header."""
    assert mpeg_frame_length(header) == length


def test_adts_frame_length() -> None:
    """The 13-bit length field is read; frames without content are no frames."""
    assert adts_frame_length(ADTS_HEADER) == 32
    assert adts_frame_length(b"\xff\xf1\x50\x80\x00\x1f\xfc") is None
    assert adts_frame_length(b"\xff\xf1\x50") is None
