"""What waits to be sent to one client: everything in order, but of unsent partials only the newest of a track."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from stream_server.errors import SlowClient
from stream_server.protocol.dialect import Close, Output


@dataclass(slots=True, eq=False)
class _Entry:
    outputs: tuple[Output, ...]
    size: int
    key: object | None


class Outbox:
    """Filled by the runner, emptied by its writer. `limit_bytes` is what is kept for a client that does not read."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._entries: deque[_Entry] = deque()
        self._replaceable: dict[object, _Entry] = {}
        self._size = 0
        self._filled = asyncio.Event()
        self.dropped = 0
        """Partials replaced before they were sent."""

    def put(self, outputs: Sequence[Output], key: object | None = None) -> None:
        """Add outputs; a `key` names something replaceable, of which only the newest is kept.

        Raises `SlowClient` when more than the limit waits.
        """
        if not outputs:
            return
        if key is not None and (old := self._replaceable.get(key)) is not None:
            self._size -= old.size
            old.outputs, old.size = (), 0
            self.dropped += 1
        entry = _Entry(tuple(outputs), sum(_size(output) for output in outputs), key)
        self._entries.append(entry)
        self._size += entry.size
        if key is not None:
            self._replaceable[key] = entry
        self._filled.set()
        if self._size > self._limit_bytes:
            raise SlowClient(f"more than {self._limit_bytes} bytes wait to be read")

    async def take(self) -> tuple[Output, ...]:
        """Remove and return the oldest outputs; waits for some."""
        while not self._entries:
            self._filled.clear()
            await self._filled.wait()
        entry = self._entries.popleft()
        if entry.key is not None and self._replaceable.get(entry.key) is entry:
            del self._replaceable[entry.key]
        self._size -= entry.size
        return entry.outputs


def _size(output: Output) -> int:
    return 0 if isinstance(output, Close) else len(output)
