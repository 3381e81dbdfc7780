"""Where an MP4's index stands decides whether it can be streamed."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest

from stream_server.audio.mp4 import index_comes_first


def box(name: bytes, size: int) -> bytes:
    """Return an empty box."""
    return struct.pack(">I4s", size, name) + bytes(max(0, size - 8))


FTYP = box(b"ftyp", 24)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (b"", None),
        (FTYP[:10], None),
        (FTYP, None),
        (FTYP + struct.pack(">I4s", 9_999_999, b"moov"), True),
        (FTYP + box(b"free", 16) + struct.pack(">I4s", 100, b"mdat"), False),
        (FTYP + struct.pack(">I4sQ", 1, b"wide", 16) + box(b"moov", 8), True),
        (FTYP + struct.pack(">I4sQ", 1, b"free", 1 << 40), False),
        (FTYP + struct.pack(">I4s", 1, b"free"), None),
        (FTYP + struct.pack(">I4sQ", 1, b"free", 3), False),
        (FTYP + struct.pack(">I4s", 0, b"free"), False),
    ],
)
def test_boxes(first: bytes, expected: bool | None) -> None:
    """The first of moov, moof and mdat decides; nonsense must be complete first."""
    assert index_comes_first(first) is expected


def test_real_files(encode: Callable[..., bytes], tone: Any) -> None:
    """A plain file has its index last; a fragmented one has it first."""
    assert index_comes_first(encode("mp4", tone(0.2))) is False
    assert index_comes_first(encode("mp4", tone(0.2), movflags="frag_keyframe+empty_moov")) is True
