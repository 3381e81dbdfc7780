"""The queue of jobs in this process, for tests and for stores in memory."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from stream_server.store.job_queue import Ticket


@dataclass(slots=True)
class _Taken:
    ticket: Ticket
    seen_at: float


class MemoryJobQueue:
    """Implement the contract for one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lines: dict[str, deque[Ticket]] = {}
        """In the order of turns: who had one stands last."""
        self._taken: dict[str, _Taken] = {}
        self._entries = count(1)

    async def put(self, organisation: str, job_id: str) -> None:
        """Append the job."""
        ticket = Ticket(organisation=organisation, job_id=job_id, entry=str(next(self._entries)))
        self._lines.setdefault(organisation, deque()).append(ticket)

    async def take(self, worker: str, idle_seconds: float) -> Ticket | None:
        """Take a job that was given up, else the next."""
        del worker
        now = self._clock()
        for taken in self._taken.values():
            if now - taken.seen_at >= idle_seconds:
                taken.seen_at = now
                return taken.ticket
        for organisation, line in list(self._lines.items()):
            if line:
                del self._lines[organisation]
                self._lines[organisation] = line
                ticket = line.popleft()
                self._taken[ticket.entry] = _Taken(ticket, now)
                return ticket
        return None

    async def renew(self, worker: str, ticket: Ticket) -> None:
        """Say that the job is being worked on."""
        del worker
        if ticket.entry in self._taken:
            self._taken[ticket.entry].seen_at = self._clock()

    async def done(self, ticket: Ticket) -> None:
        """Forget the delivery."""
        self._taken.pop(ticket.entry, None)

    async def forget_workers(self, idle_seconds: float) -> int:
        """Return 0: nothing is noted of workers here."""
        del idle_seconds
        return 0

    async def waiting(self) -> int:
        """Return how many wait or are being worked on."""
        return len(self._taken) + sum(map(len, self._lines.values()))
