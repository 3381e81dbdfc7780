"""Whether an MP4 can be decoded while it arrives."""

from __future__ import annotations

import struct

MOST_BOXES_BYTES = 1 << 20


def index_comes_first(first: bytes) -> bool | None:
    """Tell whether the `moov` box (the index) stands in front of the media; None if more bytes are needed.

    Fragmented files have it in front too. Otherwise the file must be complete before its first sample can be found.
    ISO 14496-12 4.2: a box is a 32-bit length, a name and, for length 1, a 64-bit length.
    """
    at = 0
    while len(first) >= at + 8:
        size, name = struct.unpack_from(">I4s", first, at)
        if name in (b"moov", b"moof"):
            return True
        if name == b"mdat" or at > MOST_BOXES_BYTES or (size != 1 and size < 8):
            return False
        if size == 1:
            if len(first) < at + 16:
                return None
            (size,) = struct.unpack_from(">Q", first, at + 8)
            if size < 16:
                return False
        at += size
    return False if at > MOST_BOXES_BYTES else None
