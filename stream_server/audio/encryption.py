"""Tell a file whose sound is locked, so that its owner hears that instead of noise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

MOST_INDEX_BYTES = 64 << 20
"""Of an MPEG-4's index that is looked through; four hours of it have a tenth."""

MOST_BOXES = 10_000
"""That are looked at; the index of a film in pieces comes before its pieces."""

_ASF_HEADER = bytes.fromhex("3026b275 8e66 cf11 a6d9 00aa0062ce6c")
_ASF_LOCKS = (
    bytes.fromhex("fbb31122 23bd d211 b4b7 00a0c955fc6e"),
    bytes.fromhex("14e68a29 2226 174c b935 dae07ee9289c"),
)
"""GUIDs of ASF's two content encryption objects."""

_MP4_LOCK = re.compile(rb"(?:enca|drms|aavd)[\s\S]{24,400}?sinf[\s\S]{4}frma")
"""A sound's description that was put in the place of the real one (ISO 14496-12, 8.12)."""

_HEAD_BYTES = 65_536


def is_encrypted(file: IO[bytes]) -> bool:
    """Tell whether an MPEG-4 or ASF file says that its sound is encrypted; its position afterwards is anywhere."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if head.startswith(_ASF_HEADER):
        return any(lock in head for lock in _ASF_LOCKS)
    if head[4:8] == b"ftyp":
        return any(_MP4_LOCK.search(index) is not None for index in _indexes(file))
    return False


def _indexes(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the contents of every `moov` box."""
    at, end = 0, file.seek(0, 2)
    for _ in range(MOST_BOXES):
        file.seek(at)
        header = file.read(16)
        size, name, body = int.from_bytes(header[:4]), header[4:8], at + 8
        if size == 1:
            size, body = int.from_bytes(header[8:16]), at + 16
        if name == b"moov":
            file.seek(body)
            yield file.read(min(size or end, MOST_INDEX_BYTES))
        if size < 8 or at + size >= end:  # until the end, or no box at all
            return
        at += size
