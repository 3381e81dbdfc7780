"""Where recordings are handed in and asked about; see `crew` for those who do the work."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from stream_server.auth import Principal
from stream_server.errors import NotFound, StoreUnavailable, TooManyJobs
from stream_server.jobs.job import Job, JobFilter, JobPage, SortKey, Submission, require_ended
from stream_server.store.job_queue import JobQueue
from stream_server.store.jobs import JobStore
from stream_server.store.records import RecordStore, Transcript

LOOK_SECONDS = 0.5
"""How often somebody who waits for a job looks at it: another process may be working on it."""

Discard = Callable[[str], Awaitable[None]]
"""Deletes a medium by its key; safe to repeat."""


class Desk:
    """Every operation is an organisation's own; a key of a user reaches that user's jobs alone, unless it is `admin`.

    Operations on a job that is not there, or not the principal's to see, raise `NotFound`.
    """

    def __init__(
        self,
        jobs: JobStore,
        queue: JobQueue,
        records: RecordStore,
        *,
        discard: Discard,
        most_waiting: int = 1_000,
        nudge: Callable[[], None] = lambda: None,
        cancelled: Callable[[str], None] = lambda _job_id: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._jobs = jobs
        self._queue = queue
        self._records = records
        self._discard = discard
        self._most_waiting = most_waiting
        self._nudge = nudge
        self._cancelled = cancelled
        self._clock = clock

    async def require_room(self, principal: Principal) -> None:
        """Raise `TooManyJobs` when the organisation has too many that wait."""
        if await self._jobs.count_open(principal.organisation) >= self._most_waiting:
            raise TooManyJobs(f"{self._most_waiting} recordings of this organisation wait already")

    async def submit(self, principal: Principal, submission: Submission, *, job_id: str | None = None) -> Job:
        """Take a recording in and queue it; raises as `require_room` does.

        `job_id` is a fresh one where the medium had to be stored under it before.
        """
        await self.require_room(principal)
        now = self._clock()
        job = Job(
            id=job_id or new_job_id(),
            organisation=principal.organisation,
            user=principal.user,
            key_id=principal.key_id,
            created_at=now,
            modified_at=now,
            submission=submission,
        )
        await self._jobs.add(job)
        await self._queue_up(job)
        return job

    async def find(self, principal: Principal, job_id: str) -> Job:
        """Return a job; archived ones too, for a while they have a result."""
        job = await self._jobs.find(principal.organisation, job_id)
        if principal.own_user not in (None, job.user):
            raise NotFound("there is no such job")
        return job

    async def result(self, principal: Principal, job: Job) -> Transcript | None:
        """Return what was said; None if the job is not complete or its record was deleted."""
        if job.status != "complete":
            return None
        try:
            return await self._records.find_transcript(principal.organisation, job.id)
        except NotFound:
            return None

    async def page(
        self,
        principal: Principal,
        wanted: JobFilter,
        *,
        page: int = 1,
        per_page: int = 10,
        sort_by: SortKey = "time",
        ascending: bool = False,
    ) -> JobPage:
        """Return one page of jobs, counted from 1, newest first unless said otherwise."""
        offset = (page - 1) * per_page
        return await self._jobs.page(
            self._seen_by(principal, wanted), offset=offset, limit=per_page, sort_by=sort_by, ascending=ascending
        )

    async def count(self, principal: Principal, wanted: JobFilter) -> int:
        """Return how many jobs are wanted."""
        return await self._jobs.count(self._seen_by(principal, wanted))

    async def cancel(self, principal: Principal, job_id: str) -> Job:
        """Stop working on a job, wherever it is being worked on; one that has ended stays as it is."""
        job = await self.find(principal, job_id)
        if job.ended:
            return job
        job = await self._jobs.cancel(principal.organisation, job.id, self._clock())
        if job.status == "cancelled":
            self._cancelled(job.id)
        return job

    async def archive(self, principal: Principal, job_id: str) -> Job:
        """Hide a job and delete its medium; its record stays. Raises `JobRunning` while it is being worked on."""
        job = await self.find(principal, job_id)
        if job.status == "queued":
            job = await self.cancel(principal, job_id)
        require_ended(job)
        if job.submission.media is not None:
            await self._discard(job.submission.media)
        return await self._jobs.archive(principal.organisation, job.id, self._clock())

    async def retry(self, principal: Principal, job_id: str) -> Job:
        """Queue a job again that failed or was cancelled; a complete one stays as it is, an archived one is gone."""
        job = await self.find(principal, job_id)
        require_ended(job)
        if job.status == "complete":
            return job
        if job.archived:
            raise NotFound("the recording was deleted")
        job = await self._jobs.requeue(principal.organisation, job.id, self._clock())
        await self._queue_up(job)
        return job

    async def wait(self, principal: Principal, job_id: str, seconds: float) -> Job:
        """Return the job when it has ended, or as it is after so many seconds."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            job = await self.find(principal, job_id)
            left = deadline - asyncio.get_running_loop().time()
            if job.ended or left <= 0:
                return job
            await asyncio.sleep(min(LOOK_SECONDS, left))

    async def watch(self, principal: Principal, job_id: str) -> AsyncIterator[Job]:
        """Yield the job whenever its progress or status has changed, at once and up to its end."""
        told: tuple[object, ...] | None = None
        while True:
            job = await self.find(principal, job_id)
            seen = (job.status, job.progress, job.attempts)
            if seen != told:
                told = seen
                yield job
            if job.ended:
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _queue_up(self, job: Job) -> None:
        """Let the job stand in line; what a queue that is away does not hear of, the crew finds in the store."""
        with suppress(StoreUnavailable):
            await self._queue.put(job.organisation, job.id)
        self._nudge()

    def _seen_by(self, principal: Principal, wanted: JobFilter) -> JobFilter:
        """Narrow a filter to what a principal may see."""
        own = principal.own_user
        return replace(wanted, organisation=principal.organisation, user=wanted.user if own is None else own)


def new_job_id() -> str:
    """Return an id that nobody has."""
    return uuid.uuid4().hex
