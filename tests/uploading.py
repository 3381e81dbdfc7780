"""Uploads for tests of routes: generous, unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from stream_server.auth import Principal
from stream_server.receiving import ReceivingLimits, Shares
from stream_server.rest.uploads import Uploads

MOST_BYTES = 1 << 40


async def has_quota(_: Principal, __: str) -> None:
    """Let everybody in."""


def open_uploads(
    directory: Path,
    limits: ReceivingLimits,
    *,
    most_requests: int = 100,
    most_bytes: int = MOST_BYTES,
    require_quota: Callable[[Principal, str], Awaitable[None]] = has_quota,
) -> Uploads:
    """Return uploads into a directory."""
    return Uploads(directory, limits, Shares(most_requests=most_requests, most_bytes=most_bytes), require_quota)
