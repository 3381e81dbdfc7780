"""What came in and was not heard yet: in memory first, then on disk, up to a stated limit.

Recordings are sent at file speed; recognition takes its time. The order of audio and commands is kept.
"""

from __future__ import annotations

import tempfile
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, TypeAlias

from stream_server.errors import BacklogExceeded
from stream_server.events import Command, Finish
from stream_server.protocol.dialect import AudioData

Item: TypeAlias = AudioData | Command

JOINED_BYTES = 64 * 1024
"""Audio that comes in smaller pieces is joined up to this size: a piece of one byte costs a hundred to keep."""

LOOSE_ITEMS = 10_000
"""Items that may wait besides: commands, and audio that they or other tracks keep apart."""


@dataclass(frozen=True, slots=True)
class _OnDisk:
    """Audio that was written away."""

    length: int
    track: int | None


class Spool:
    """A queue with two shelves. Once something lies on disk, later audio follows it there until both are empty."""

    def __init__(self, directory: Path, *, memory_bytes: int, disk_bytes: int) -> None:
        self._directory = directory
        self._memory_limit = memory_bytes
        self._disk_limit = disk_bytes
        self._most_items = LOOSE_ITEMS + 2 * (memory_bytes + disk_bytes) // JOINED_BYTES
        self._items: deque[Item | _OnDisk] = deque()
        self._in_memory = 0
        self._file: BinaryIO | None = None
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
            self._add(item)
        else:
            self._add(self._write(item))

    def take(self) -> Item:
        """Remove and return the oldest item; raises IndexError when there is none."""
        item = self._items.popleft()
        if isinstance(item, _OnDisk):
            return self._read_back(item)
        if isinstance(item, AudioData):
            self._in_memory -= len(item.data)
        return item

    def clear(self) -> None:
        """Forget everything and give the disk space back."""
        self._items.clear()
        self._in_memory = 0
        self._discard()

    def _add(self, item: AudioData | _OnDisk) -> None:
        last = self._items[-1] if self._items else None
        match last, item:
            case AudioData(), AudioData() if (
                last.track == item.track and len(last.data) + len(item.data) <= JOINED_BYTES
            ):
                self._items[-1] = AudioData(data=last.data + item.data, track=item.track)
            case _OnDisk(), _OnDisk() if last.track == item.track and last.length + item.length <= JOINED_BYTES:
                self._items[-1] = replace(last, length=last.length + item.length)
            case _:
                self._items.append(item)

    def _write(self, item: AudioData) -> _OnDisk:
        if self._written - self._read + len(item.data) > self._disk_limit:
            raise BacklogExceeded(
                f"audio came faster than it can be heard: more than {self._memory_limit + self._disk_limit} bytes wait"
            )
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115 (kept open until it is empty)
        self._file.seek(self._written)
        self._file.write(item.data)
        self._written += len(item.data)
        return _OnDisk(len(item.data), item.track)

    def _read_back(self, stored: _OnDisk) -> AudioData:
        assert self._file is not None
        self._file.seek(self._read)
        data = self._file.read(stored.length)
        self._read += stored.length
        if self._read == self._written:
            self._discard()
        return AudioData(data=data, track=stored.track)

    def _discard(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None
        self._written = self._read = 0
