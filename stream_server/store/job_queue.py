"""The contract of the queue: which job is next, fair between organisations, and nobody's job lost.

A job that was taken and neither `done` nor renewed is given to somebody else: delivery is at least once. What a job is
stands in `jobs`. Every operation raises `StoreUnavailable` when the store cannot be reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A job that was taken; `entry` is the queue's own name for this delivery."""

    organisation: str
    job_id: str
    entry: str


class JobQueue(Protocol):
    """One queue for every process of an installation."""

    async def put(self, organisation: str, job_id: str) -> None:
        """Append a job to its organisation's line; one that comes twice is taken twice."""

    async def take(self, worker: str, idle_seconds: float) -> Ticket | None:
        """Return the next job; None if none waits.

        First one that nobody renewed for `idle_seconds`, whoever took it; then the oldest of the organisation that had
        its turn longest ago.
        """

    async def renew(self, worker: str, ticket: Ticket) -> None:
        """Say that the job is being worked on."""

    async def done(self, ticket: Ticket) -> None:
        """Forget the delivery."""

    async def forget_workers(self, idle_seconds: float) -> int:
        """Forget the names of workers that have no job and asked for none for so long; return how many there were."""

    async def waiting(self) -> int:
        """Return how many jobs wait or are being worked on."""
