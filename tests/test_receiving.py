"""A stranger's bytes become a file within limits."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from stream_server.errors import IdleTimeout, MessageTooLarge, StorageFull, TooManyUploads
from stream_server.receiving import ReceivingLimits, Shares, check_room, receive, size_of_folder

LIMITS = ReceivingLimits(max_bytes=1_000, stall_seconds=0.2, reserve_bytes=0)


async def test_all_of_it_is_written(tmp_path: Path) -> None:
    """What is read is what is there, up to the last byte that is allowed."""
    pieces = [b"a" * 600, b"b" * 400, b""]

    async def read() -> bytes:
        return pieces.pop(0)

    assert await receive(read, tmp_path / "a", LIMITS) == 1_000
    assert (tmp_path / "a").read_bytes() == b"a" * 600 + b"b" * 400


async def test_one_byte_more_is_too_much(tmp_path: Path) -> None:
    """An endless sender is stopped."""

    async def read() -> bytes:
        return b"a" * 100

    with pytest.raises(MessageTooLarge):
        await receive(read, tmp_path / "a", LIMITS)


async def test_drops_are_a_stall(tmp_path: Path) -> None:
    """Who sends byte by byte, to hold a place for ever, does not hold it."""

    async def read() -> bytes:
        await asyncio.sleep(0.01)
        return b"a"

    with pytest.raises(IdleTimeout):
        await receive(read, tmp_path / "a", LIMITS)


async def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    """Names of new files are new."""
    (tmp_path / "a").touch()

    async def read() -> bytes:
        return b""

    with pytest.raises(FileExistsError):
        await receive(read, tmp_path / "a", LIMITS)


def test_room_is_asked_for(tmp_path: Path) -> None:
    """A disk without room says so before it is written to."""
    check_room(tmp_path, 1)
    with pytest.raises(StorageFull):
        check_room(tmp_path, 1 << 60)


def test_a_folder_has_a_size(tmp_path: Path) -> None:
    """All files in it together."""
    (tmp_path / "a").write_bytes(bytes(10))
    (tmp_path / "b").write_bytes(bytes(5))
    assert size_of_folder(tmp_path) == 15


async def test_whoever_counts_may_refuse(tmp_path: Path) -> None:
    """What would be too much for a share is not written."""
    shares = Shares(most_requests=1, most_bytes=500)
    pieces = [b"a" * 501, b""]

    async def read() -> bytes:
        return pieces.pop(0)

    with shares.take("acme") as grow, pytest.raises(TooManyUploads):
        await receive(read, tmp_path / "a", LIMITS, grow)
    assert (tmp_path / "a").stat().st_size == 0


def test_shares_are_given_back() -> None:
    """Whatever becomes of a request, its place and its bytes are another's afterwards."""
    shares = Shares(most_requests=2, most_bytes=100)
    for _ in range(3):
        with suppress(TooManyUploads), shares.take("acme") as grow, shares.take("acme") as other:
            grow(60)
            with shares.take("globex") as foreign:
                foreign(100)
            other(40)
            other(1)
            raise AssertionError("one byte too many")
    with shares.take("acme"), shares.take("acme"), pytest.raises(TooManyUploads), shares.take("acme"):
        pass
