"""The spool keeps the order of everything, in memory and on disk, up to its limit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream_server.errors import BacklogExceeded
from stream_server.events import Finish, Flush
from stream_server.protocol.dialect import AudioData
from stream_server.session.spool import JOINED_BYTES, LOOSE_ITEMS, Item, Spool


def test_what_fits_in_memory_touches_no_disk(tmp_path: Path) -> None:
    """The directory stays empty and need not even exist."""
    spool = Spool(tmp_path / "nowhere", memory_bytes=100, disk_bytes=0)
    spool.put(AudioData(data=b"x" * 100))

    assert AudioData(data=b"x" * 100) == spool.take()


def test_full_spool_refuses_and_keeps_what_it_has(tmp_path: Path) -> None:
    """The item that does not fit is not taken; everything before it is still there."""
    spool = Spool(tmp_path, memory_bytes=10, disk_bytes=10)
    spool.put(AudioData(data=b"a" * 10))
    spool.put(AudioData(data=b"b" * 10))
    with pytest.raises(BacklogExceeded):
        spool.put(AudioData(data=b"c"))

    assert spool.waiting_bytes == 20
    assert [item.data for item in (spool.take(), spool.take()) if isinstance(item, AudioData)] == [b"a" * 10, b"b" * 10]
    spool.put(AudioData(data=b"c" * 10))
    assert spool.waiting_bytes == 10


def test_cleared_spool_is_empty(tmp_path: Path) -> None:
    """Nothing is left in memory, in the queue or on disk."""
    spool = Spool(tmp_path, memory_bytes=1, disk_bytes=10)
    spool.put(AudioData(data=b"abc"))
    spool.put(Finish())
    spool.clear()

    assert (len(spool), spool.waiting_bytes, list(tmp_path.iterdir())) == (0, 0, [])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.binary(min_size=1, max_size=20), st.none(), st.just("take")), max_size=60))
def test_order_is_kept_whatever_the_shelf(tmp_path: Path, steps: list[bytes | str | None]) -> None:
    """Puts and takes in any order behave like one queue."""
    spool = Spool(tmp_path, memory_bytes=16, disk_bytes=10_000)
    given: list[Item] = []
    taken: list[Item] = []
    for number, step in enumerate(steps):
        if step == "take":
            taken += [spool.take()] if len(spool) else []
        else:
            item: Item = Flush(flush_id=str(number)) if step is None else AudioData(data=bytes(step), track=number % 2)  # type: ignore[arg-type]
            spool.put(item)
            given.append(item)
    taken += [spool.take() for _ in range(len(spool))]
    assert bytewise(taken) == bytewise(given)
    assert spool.waiting_bytes == 0


def bytewise(items: list[Item]) -> list[object]:
    """Return every byte with its track, and every command, in order."""
    return [
        part
        for item in items
        for part in ([(byte, item.track) for byte in item.data] if isinstance(item, AudioData) else [item])
    ]


@pytest.mark.parametrize("memory_bytes", [0, 1 << 20])
def test_small_pieces_are_joined(tmp_path: Path, memory_bytes: int) -> None:
    """A flood of single bytes waits in few items, in memory as on disk; another track's bytes are not mixed in."""
    spool = Spool(tmp_path, memory_bytes=memory_bytes, disk_bytes=1 << 20)
    for track in (0, 1):
        for _ in range(JOINED_BYTES + 1):
            spool.put(AudioData(data=b"x", track=track))

    assert len(spool) == 4
    assert spool.take() == AudioData(data=b"x" * JOINED_BYTES, track=0)
    assert spool.take() == AudioData(data=b"x", track=0)
    spool.clear()


def test_what_cannot_be_joined_is_counted(tmp_path: Path) -> None:
    """Commands, and bytes that they keep apart, are refused in the end; the end itself never is."""
    spool = Spool(tmp_path, memory_bytes=100, disk_bytes=0)
    for _ in range(LOOSE_ITEMS):
        spool.put(Flush(flush_id=""))
    with pytest.raises(BacklogExceeded):
        spool.put(Flush(flush_id=""))

    spool.put(Finish())
    assert len(spool) == LOOSE_ITEMS + 1


@pytest.mark.parametrize("memory_bytes", [0, 1 << 20])
def test_large_pieces_are_cut(tmp_path: Path, memory_bytes: int) -> None:
    """Nobody is fed more at once than one piece: a frame of minutes is taken bit by bit."""
    spool = Spool(tmp_path, memory_bytes=memory_bytes, disk_bytes=1 << 20)
    spool.put(AudioData(data=b"x" * (2 * JOINED_BYTES + 1)))

    assert [len(item.data) for item in takes(spool)] == [JOINED_BYTES, JOINED_BYTES, 1]


def test_the_file_is_never_larger_than_the_limit(tmp_path: Path) -> None:
    """A client that is a little ahead for hours does not leave all it said on the disk."""
    spool = Spool(tmp_path, memory_bytes=0, disk_bytes=1_000)
    sent, heard = bytearray(), bytearray()
    for number in range(100):
        spool.put(AudioData(data=bytes([number]) * 300, track=number % 2))
        sent += bytes([number]) * 300
        if number > 1:
            heard += spool.take().data  # type: ignore[union-attr]
        assert spool._file is not None
        assert spool._file.seek(0, os.SEEK_END) <= 1_000
    heard += b"".join(item.data for item in takes(spool))

    assert heard == sent


def test_a_full_disk_is_a_full_spool(tmp_path: Path) -> None:
    """What was accepted stays; what finds no place is refused in the same words."""
    spool = Spool(tmp_path / "nowhere", memory_bytes=2, disk_bytes=1_000)
    spool.put(AudioData(data=b"ab"))
    with pytest.raises(BacklogExceeded):
        spool.put(AudioData(data=b"c"))

    assert [item.data for item in takes(spool)] == [b"ab"]


def takes(spool: Spool) -> list[AudioData]:
    """Empty a spool that holds audio only."""
    return [item for item in (spool.take() for _ in range(len(spool))) if isinstance(item, AudioData)]
