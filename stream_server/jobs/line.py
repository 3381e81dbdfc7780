"""Who is next of those who wait for a recording at once: organisation by organisation, each in its own order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from stream_server.errors import ServerFull


class Line:
    """Lets `at_once` recordings run; at most `most_waiting` wait."""

    def __init__(self, at_once: int, *, most_waiting: int) -> None:
        self._free = at_once
        self._most_waiting = most_waiting
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        """In the order of turns: who had one stands last."""

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def turn(self, organisation: str) -> AsyncIterator[None]:
        """Wait for a turn and keep it; raises `ServerFull` when too many wait already."""
        await self._get(organisation)
        try:
            yield
        finally:
            self._free += 1
            self._call_next()

    async def _get(self, organisation: str) -> None:
        if self._free and not self._waiting:
            self._free -= 1
            return
        if self.waiting >= self._most_waiting:
            raise ServerFull(f"{self._most_waiting} recordings wait already", retry_after_seconds=30.0)
        called = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(organisation, deque()).append(called)
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():
                self._free += 1  # called and gone at the same moment: the turn is the next one's
            else:
                self._leave(organisation, called)
            self._call_next()
            raise

    def _leave(self, organisation: str, called: asyncio.Future[None]) -> None:
        line = self._waiting.get(organisation, deque())
        if called in line:
            line.remove(called)
        if not line:
            self._waiting.pop(organisation, None)

    def _call_next(self) -> None:
        while self._free and self._waiting:
            organisation, line = next(iter(self._waiting.items()))
            del self._waiting[organisation]
            called = line.popleft()
            if line:
                self._waiting[organisation] = line
            if not called.cancelled():
                self._free -= 1
                called.set_result(None)
