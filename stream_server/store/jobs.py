"""The contract of jobs: what is known of every recording, and what was recognised of the unfinished ones.

The database holds the truth about a job; the queue (`job_queue`) only says whose turn it is. Times are POSIX seconds
given by the caller. Every operation raises `StoreUnavailable` when the database cannot be reached, and `NotFound` for
what does not exist or belongs to another organisation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from stream_server.jobs.job import Job, JobFilter, JobPage, SortKey
from stream_server.store.records import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """What a look into a job's medium told; `media` is its key, new where it was fetched."""

    media: str
    mime_type: str
    seconds: float | None
    sample_rate: int
    channels: int


class JobStore(Protocol):
    """Jobs, shared by every process of an installation."""

    async def add(self, job: Job) -> None:
        """Add a job."""

    async def find(self, organisation: str | None, job_id: str) -> Job:
        """Return a job of an organisation (None: of any)."""

    async def page(self, wanted: JobFilter, *, offset: int, limit: int, sort_by: SortKey, ascending: bool) -> JobPage:
        """Return some of the wanted jobs in order."""

    async def count(self, wanted: JobFilter) -> int:
        """Return how many are wanted."""

    async def count_open(self, organisation: str) -> int:
        """Return how many of an organisation's jobs have not ended."""

    async def count_queued(self) -> int:
        """Return how many jobs, of all organisations, nobody works on yet."""

    async def begin(self, job_id: str, worker: str, now: float, lease_seconds: float) -> Job | None:
        """Give the job to `worker`; None if it has ended, is gone, or another gave a sign of life within the lease."""

    async def note_media(self, job_id: str, facts: MediaFacts, now: float) -> None:
        """Keep what a look into the medium told."""

    async def note_progress(self, job_id: str, worker: str, progress: float, now: float) -> bool:
        """Keep the share that is done; False if the job is not this worker's any more: cancelled, or taken over."""

    async def complete(
        self,
        job_id: str,
        worker: str,
        record: Sequence[Entry],
        now: float,
        error: tuple[str, str] | None = None,
    ) -> bool:
        """Write the record and end the job, both or neither, once; False if it is not this worker's any more.

        `error`, a code and a message, says why the record ends early: then the job has failed. What was recognised
        meanwhile (`steps`) is deleted with it.
        """

    async def fail(self, job_id: str, worker: str, code: str, message: str, now: float) -> bool:
        """End the job badly; False if it is not this worker's any more."""

    async def give_back(self, job_id: str, worker: str, now: float) -> bool:
        """Queue the job again, as if `worker` had never begun; False if it is not his any more."""

    async def cancel(self, organisation: str, job_id: str, now: float) -> Job:
        """End the job, unless it has ended."""

    async def archive(self, organisation: str, job_id: str, now: float) -> Job:
        """Hide the job; it has no medium any more."""

    async def requeue(self, organisation: str, job_id: str, now: float) -> Job:
        """Have a job that ended badly begin anew, its attempts forgotten."""

    async def lost(self, before: float, limit: int, now: float) -> list[Job]:
        """Return jobs that wait, or are worked on, and of which nothing was heard since; each to one asker at a time.

        What is returned counts as heard of `now`.
        """

    async def keep_steps(self, job_id: str, steps: Mapping[str, bytes]) -> None:
        """Keep what was recognised, by name; what is there already stays."""

    async def drop_steps(self, job_id: str, steps: Sequence[str]) -> None:
        """Forget these of what was kept, which are not to be written down any more."""

    async def steps(self, job_id: str) -> dict[str, bytes]:
        """Return what was kept of a job."""
