"""What came in and was not heard yet: in memory first, then on disk, up to a stated limit.

Recordings are sent at file speed; recognition takes its time. The order of audio and commands is kept.
"""

from __future__ import annotations

import tempfile
from collections import deque
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import TypeAlias

from stream_server.errors import BacklogExceeded
from stream_server.events import Command, Finish
from stream_server.protocol.dialect import AudioData, DeclareAudio

Item: TypeAlias = AudioData | DeclareAudio | Command

JOINED_BYTES = 64 * 1024
"""Audio waits in pieces of this size: smaller ones are joined, for one of a byte costs a hundred to keep; larger ones
are cut, so that nobody is fed, or reads back, more at once than he has room for."""

LOOSE_ITEMS = 10_000
"""Items that may wait besides: commands, and audio that they or other tracks keep apart."""


@dataclass(slots=True)
class _InMemory:
    """Audio that grows while it waits, up to `JOINED_BYTES`."""

    data: bytearray
    track: int | None


@dataclass(slots=True)
class _OnDisk:
    """Audio that was written away; grows likewise."""

    length: int
    track: int | None


class Spool:
    """A queue with two shelves. Once something lies on disk, later audio follows it there until both are empty."""

    def __init__(self, directory: Path, *, memory_bytes: int, disk_bytes: int) -> None:
        self._directory = directory
        self._memory_limit = memory_bytes
        self._disk_limit = disk_bytes
        self._most_items = LOOSE_ITEMS + 2 * (memory_bytes + disk_bytes) // JOINED_BYTES
        self._items: deque[DeclareAudio | Command | _InMemory | _OnDisk] = deque()
        self._in_memory = 0
        self._file: FileIO | None = None
        self._written = 0
        self._read = 0

    def __len__(self) -> int:
        return len(self._items)

    @property
    def waiting_bytes(self) -> int:
        """Bytes of audio not taken yet."""
        return self._in_memory + self._written - self._read

    def put(self, item: Item) -> None:
        """Add an item; raises `BacklogExceeded`, and does not take it, when the shelves are full.

        Audio may be joined with what was put before. `Finish` always finds room: it ends the session.
        """
        if len(self._items) >= self._most_items and not isinstance(item, Finish):
            raise BacklogExceeded(f"messages came faster than they can be heard: more than {self._most_items} wait")
        if not isinstance(item, AudioData):
            self._items.append(item)
        elif not item.data:
            pass
        elif self._file is None and self._in_memory + len(item.data) <= self._memory_limit:
            self._in_memory += len(item.data)
            self._shelve(item.data, item.track)
        else:
            self._write(item.data)
            self._note_written(len(item.data), item.track)

    def take(self) -> Item:
        """Remove and return the oldest item; raises IndexError when there is none."""
        item = self._items.popleft()
        if isinstance(item, _OnDisk):
            return self._read_back(item)
        if isinstance(item, _InMemory):
            self._in_memory -= len(item.data)
            return AudioData(data=bytes(item.data), track=item.track)
        return item

    def clear(self) -> None:
        """Forget everything and give the disk space back."""
        self._items.clear()
        self._in_memory = 0
        self._discard()

    def _shelve(self, data: bytes, track: int | None) -> None:
        last = self._items[-1] if self._items else None
        if isinstance(last, _InMemory) and last.track == track and len(last.data) + len(data) <= JOINED_BYTES:
            last.data += data
            return
        for at in range(0, len(data), JOINED_BYTES):
            self._items.append(_InMemory(bytearray(data[at : at + JOINED_BYTES]), track))

    def _note_written(self, length: int, track: int | None) -> None:
        last = self._items[-1] if self._items else None
        if isinstance(last, _OnDisk) and last.track == track and last.length + length <= JOINED_BYTES:
            last.length += length
            return
        for at in range(0, length, JOINED_BYTES):
            self._items.append(_OnDisk(min(JOINED_BYTES, length - at), track))

    def _write(self, data: bytes) -> None:
        """Append to the file, which is a ring: what was read is written over."""
        if self._written - self._read + len(data) > self._disk_limit:
            raise BacklogExceeded(
                f"audio came faster than it can be heard: more than {self._memory_limit + self._disk_limit} bytes wait"
            )
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._directory, buffering=0)  # noqa: SIM115 (open while needed)
            at = self._written % self._disk_limit
            until_end = min(len(data), self._disk_limit - at)
            _write_at(self._file, data[:until_end], at)
            _write_at(self._file, data[until_end:], 0)
        except OSError as error:
            raise BacklogExceeded("audio came faster than it can be heard, and the disk is full") from error
        self._written += len(data)

    def _read_back(self, stored: _OnDisk) -> AudioData:
        assert self._file is not None
        at = self._read % self._disk_limit
        until_end = min(stored.length, self._disk_limit - at)
        data = _read_at(self._file, until_end, at) + _read_at(self._file, stored.length - until_end, 0)
        self._read += stored.length
        if self._read == self._written:
            self._discard()
        return AudioData(data=data, track=stored.track)

    def _discard(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None
        self._written = self._read = 0


def _write_at(file: FileIO, data: bytes, at: int) -> None:
    file.seek(at)
    while data:  # a disk that is nearly full takes a part
        data = data[file.write(data) :]


def _read_at(file: FileIO, length: int, at: int) -> bytes:
    file.seek(at)
    return file.read(length)
