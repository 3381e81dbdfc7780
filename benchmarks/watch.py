"""A process read again and again while something else runs: CPU seconds and memory over time."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from processes import cpu_seconds, resident_bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """What a process had used, and what it held, at a moment of the monotonic clock."""

    at: float
    cpu_seconds: float
    resident_bytes: int


class Watch:
    """Reads a process every `every_seconds` for as long as a block of code runs."""

    def __init__(self, pid: int, every_seconds: float) -> None:
        self._pid = pid
        self._every = every_seconds
        self.readings: list[Reading] = []

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await self._task

    def between(self, begin: float, end: float) -> list[Reading]:
        """Return the readings of a span of the monotonic clock."""
        return [reading for reading in self.readings if begin <= reading.at <= end]

    async def _run(self) -> None:
        due = time.monotonic()
        while True:
            self.readings.append(Reading(time.monotonic(), cpu_seconds(self._pid), resident_bytes(self._pid)))
            due += self._every
            await asyncio.sleep(max(0.0, due - time.monotonic()))
