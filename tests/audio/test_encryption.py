"""Locked files are told from open ones, whatever else is in them."""

from __future__ import annotations

import io
import struct

import pytest

from stream_server.audio.encryption import is_encrypted

LOCKED = b"enca" + bytes(60) + b"sinf" + struct.pack(">I", 12) + b"frma" + b"mp4a"


def box(name: bytes, content: bytes, *, long: bool = False) -> bytes:
    """Return an MPEG-4 box."""
    if long:
        return struct.pack(">I4sQ", 1, name, len(content) + 16) + content
    return struct.pack(">I4s", len(content) + 8, name) + content


@pytest.mark.parametrize("long", [True, False])
@pytest.mark.parametrize("content", [LOCKED, LOCKED.replace(b"enca", b"drms"), LOCKED.replace(b"enca", b"aavd")])
def test_a_lock_is_found_in_the_index(content: bytes, long: bool) -> None:
    """Behind or before the media, in boxes of either length."""
    for parts in (
        (box(b"mdat", bytes(100_000), long=long), box(b"moov", content, long=long)),
        (box(b"moov", content),),
    ):
        assert is_encrypted(io.BytesIO(box(b"ftyp", b"isom") + b"".join(parts)))


def test_the_word_in_the_media_is_no_lock() -> None:
    """Only the index says what is locked."""
    assert not is_encrypted(io.BytesIO(box(b"ftyp", b"isom") + box(b"mdat", LOCKED) + box(b"moov", b"mp4a" * 20)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF" + LOCKED,
        box(b"ftyp", b"isom"),
        box(b"ftyp", b"isom") + struct.pack(">I4s", 0, b"moov"),
        box(b"ftyp", b"isom") + struct.pack(">I4s", 3, b"moov") + LOCKED,
        box(b"ftyp", b"isom") + struct.pack(">I4sQ", 1, b"mdat", 0) + LOCKED,
        box(b"ftyp", b"isom") + struct.pack(">I4sQ", 1, b"free", 1 << 63),
    ],
)
def test_what_makes_no_sense_is_not_locked_and_ends(content: bytes) -> None:
    """Boxes of no length or of all the world's are where the looking stops."""
    assert isinstance(is_encrypted(io.BytesIO(content)), bool)
