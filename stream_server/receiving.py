"""Receive a stranger's bytes into a file: not too many, not too slowly, and never the disk's last.

Memory holds one piece. Files are written by threads, so that a slow disk delays nobody else.
"""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from stream_server.errors import IdleTimeout, MessageTooLarge, StorageFull

PIECE_BYTES = 256 * 1024
"""Written at once; so much must come within the time that a stall may last, or the sender is stalling."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingLimits:
    """`max_bytes` of one file, `stall_seconds` for a piece of it, `reserve_bytes` of disk that are left alone."""

    max_bytes: int
    stall_seconds: float
    reserve_bytes: int


async def receive(read: Callable[[], Awaitable[bytes]], path: Path, limits: ReceivingLimits) -> int:
    """Write what `read` gives until it gives nothing into a new file; return its size.

    Raises `MessageTooLarge`, `IdleTimeout` or `StorageFull`; removing the file is then the caller's, as ever.
    """
    size = 0
    with await asyncio.to_thread(_create, path) as file:
        ended = False
        while not ended:
            piece = await _piece(read, limits.stall_seconds)
            ended = len(piece) < PIECE_BYTES
            size += len(piece)
            if size > limits.max_bytes:
                raise MessageTooLarge(f"the file is larger than the {limits.max_bytes} bytes that are taken")
            await asyncio.to_thread(_write, file, path, piece, limits.reserve_bytes)
    return size


async def _piece(read: Callable[[], Awaitable[bytes]], seconds: float) -> bytes:
    """Return about `PIECE_BYTES`, fewer at the end."""
    parts: list[bytes] = []
    count = 0
    try:
        async with asyncio.timeout(seconds):
            while count < PIECE_BYTES and (part := await read()):
                parts.append(part)
                count += len(part)
    except TimeoutError:
        raise IdleTimeout("the file comes too slowly, or has stopped coming") from None
    return b"".join(parts)


def _create(path: Path) -> IO[bytes]:
    with storage_errors():
        return path.open("xb", buffering=0)


def _write(file: IO[bytes], path: Path, piece: bytes, reserve: int) -> None:
    with storage_errors():
        check_room(path.parent, len(piece) + reserve)
        rest = memoryview(piece)
        while rest:
            rest = rest[file.write(rest) :]


def check_room(directory: Path, size: int) -> None:
    """Raise `StorageFull` unless a directory's disk has room for so many bytes."""
    if shutil.disk_usage(directory).free < size:
        raise StorageFull("the server has no room for this file")


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn a disk that is full into `StorageFull`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull("the server has no room for this file") from None
        raise
