"""Which part of something a request wants (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def wanted_range(headers: Mapping[str, str], size: int, etag: str) -> range | None:
    """Return the bytes that are wanted of `size`: all of them, one part, or None if there is no such part.

    Several parts at once, other units and what is malformed are answered with all of it, as the RFC allows. `If-Range`
    with another tag, or with a date, which says less, means all of it too.
    """
    match = _RANGE.fullmatch(headers.get("Range", "").strip().lower())
    if match is None or match[0] == "bytes=-" or headers.get("If-Range", f'"{etag}"') != f'"{etag}"':
        return range(size)
    first, last = match.groups()
    if not first:  # the last so many
        return range(max(0, size - int(last)), size) if int(last) and size else None
    start = int(first)
    end = int(last) + 1 if last else size
    if end <= start and last:  # malformed
        return range(size)
    return range(start, min(end, size)) if start < size else None
