"""What a server costs with all its processes, and what else the machine did: CPU seconds and memory, from /proc."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from processes import TICKS, cpu_seconds, resident_bytes

EVERY_SECONDS = 0.5


def family(roots: Iterable[int]) -> set[int]:
    """Return these processes and all that descend from them."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.parent.name))
    found, waiting = set[int](), list(roots)
    while waiting:
        pid = waiting.pop()
        found.add(pid)
        waiting += children.get(pid, [])
    return found


@dataclass(frozen=True, slots=True)
class Reading:
    """What a server and the whole machine had used, and what the server held, at a moment of the monotonic clock."""

    at: float
    cpu_seconds: float
    machine_seconds: float
    resident_bytes: int


def machine_seconds() -> float:
    """Return the CPU seconds the machine has been busy, with those that its host gave to others."""
    fields = Path("/proc/stat").read_text().split(maxsplit=9)[1:9]
    user, nice, system, _, _, irq, softirq, steal = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / TICKS


def read(roots: Iterable[int]) -> Reading:
    """Read a server now. A process that has ended counts in its parent, once that has waited for it."""
    cpu, memory = 0.0, 0
    for pid in family(roots):
        with suppress(OSError, IndexError):
            cpu, memory = cpu + cpu_seconds(pid), memory + resident_bytes(pid)
    return Reading(time.monotonic(), cpu, machine_seconds(), memory)


class Costs:
    """Reads a server again and again for as long as a block of code runs."""

    def __init__(self, roots: Iterable[int]) -> None:
        self._roots = list(roots)
        self.readings: list[Reading] = []

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        while True:
            self.readings.append(read(self._roots))
            await asyncio.sleep(EVERY_SECONDS)

    def between(self, begin: float, end: float) -> tuple[float, float]:
        """Return the CPU seconds between two moments: the server's, and of all else on the machine."""
        moments = [reading.at for reading in self.readings]
        # what a server that has ended had used is no longer to be read
        server = np.maximum.accumulate([reading.cpu_seconds for reading in self.readings])
        machine = [reading.machine_seconds for reading in self.readings]
        used, busy = (float(np.diff(np.interp([begin, end], moments, values))[0]) for values in (server, machine))
        return used, busy - used

    def peak_bytes(self) -> int:
        """Return the most memory held at once."""
        return max(reading.resident_bytes for reading in self.readings)
