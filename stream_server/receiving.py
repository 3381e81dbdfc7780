"""Receive strangers' bytes into files: not too many, not too slowly, nobody more than a share, never the disk's last.

Memory holds one piece. Files are written by threads, so that a slow disk delays nobody else.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from stream_server.errors import IdleTimeout, MessageTooLarge, StorageFull, TooManyUploads

PIECE_BYTES = 256 * 1024
"""Written at once; so much must come within the time that a stall may last, or the sender is stalling."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingLimits:
    """`max_bytes` of one file, `stall_seconds` for a piece of it, `reserve_bytes` of disk that are left alone.

    `folder_bytes` is what all files of its folder may have together, whoever wrote them; None: what the disk has.
    """

    max_bytes: int
    stall_seconds: float
    reserve_bytes: int
    folder_bytes: int | None = None


Grow = Callable[[int], None]
"""Hears of so many bytes more before they are written; raises why they must not be."""


@dataclass(slots=True)
class _Share:
    requests: int = 0
    size: int = 0


class Shares:
    """What may be on its way in for one organisation at once: the files of so many requests, so many bytes in sum."""

    def __init__(self, *, most_requests: int, most_bytes: int) -> None:
        self._most_requests = most_requests
        self._most_bytes = most_bytes
        self._shares: dict[str, _Share] = {}

    @contextmanager
    def take(self, organisation: str) -> Iterator[Grow]:
        """Count a request in until its files are gone; raises `TooManyUploads`, and so does what it gives."""
        share = self._shares.setdefault(organisation, _Share())
        if share.requests >= self._most_requests:
            raise TooManyUploads(f"{share.requests} recordings of this organisation are on their way in already")
        share.requests += 1
        size = 0

        def grow(more: int) -> None:
            nonlocal size
            if share.size + more > self._most_bytes:
                raise TooManyUploads(
                    f"recordings of this organisation that are on their way in have {share.size} bytes"
                )
            share.size += more
            size += more

        try:
            yield grow
        finally:
            share.requests -= 1
            share.size -= size
            if not share.requests:
                self._shares.pop(organisation, None)


async def receive(
    read: Callable[[], Awaitable[bytes]], path: Path, limits: ReceivingLimits, grow: Grow = lambda _: None
) -> int:
    """Write what `read` gives until it gives nothing into a new file; return its size.

    Raises `MessageTooLarge`, `IdleTimeout`, `StorageFull` or what `grow` does; removing the file is then the caller's,
    as ever.
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
            grow(len(piece))
            await asyncio.to_thread(_write, file, path, piece, limits)
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


def _write(file: IO[bytes], path: Path, piece: bytes, limits: ReceivingLimits) -> None:
    with storage_errors():
        check_room(path.parent, len(piece) + limits.reserve_bytes)
        if limits.folder_bytes is not None and size_of_folder(path.parent) + len(piece) > limits.folder_bytes:
            raise StorageFull("recordings that are on their way in take all the room that they may have")
        rest = memoryview(piece)
        while rest:
            rest = rest[file.write(rest) :]


def check_room(directory: Path, size: int) -> None:
    """Raise `StorageFull` unless a directory's disk has room for so many bytes."""
    if shutil.disk_usage(directory).free < size:
        raise StorageFull("the server has no room for this file")


def size_of_folder(folder: Path) -> int:
    """Return how many bytes a folder's files have; blocks, a millisecond for some hundred files."""
    size = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # gone since
                size += entry.stat(follow_symlinks=False).st_size
    return size


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn a disk that is full into `StorageFull`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull("the server has no room for this file") from None
        raise
