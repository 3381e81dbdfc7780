"""Those who work on jobs: take the next one, transcribe it, write it down once, tell who wants to know.

Whatever happens to the process, the job ends once: the queue gives it to somebody else when nobody renews it, the
journal answers what was recognised, the record and the job's end are one transaction, usage counts high-water marks
and webhooks know their events by id. A worker that lost its job, because somebody cancelled it or took it over, stops.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog

from stream_server.audio.media import MediaInfo
from stream_server.auth import Authenticator
from stream_server.errors import (
    EngineFailed,
    InternalError,
    NotFound,
    ServerStopping,
    StoreUnavailable,
    StreamServerError,
)
from stream_server.jobs.job import Job
from stream_server.jobs.journal import Journal
from stream_server.jobs.recording import Recording
from stream_server.jobs.runner import RecordingRunner
from stream_server.jobs.transcriber import FileTranscriber, Outcome
from stream_server.session.observer import Observer
from stream_server.store.job_queue import JobQueue, Ticket
from stream_server.store.jobs import JobStore, MediaFacts

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5
"""How often an idle crew looks for jobs that another process has taken in."""

RETRY_SECONDS = 2.0
"""Between tries while a store is away."""

STOP_SECONDS = 1.0
"""For the question that is being asked of the queue when the crew stops."""

KEEP_SECONDS = 1.0
"""How often what was recognised is written down: so much is done again after a crash, at most."""

LOST_SECONDS = 600.0
"""A job of which nobody has heard for so long is queued again: its process died before it was, or Redis forgot it."""

LOST_AT_ONCE = 100


class Shelf(Protocol):
    """Where media are."""

    def local(self, key: str) -> AbstractAsyncContextManager[Path]:
        """Give a medium as a file on this machine; raises `NotFound`."""
        ...

    def fetched(self, organisation: str, user: str | None, uri: str) -> Awaitable[tuple[str, str]]:
        """Fetch a medium and keep it; return its key and what its owner calls it. Raises why it cannot be had."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewLimits:
    """Set by the operator; see `docs/settings.md`."""

    at_once: int = 2
    attempts: int = 5
    lease_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What jobs are worked on with. `ended` is told of every job that has ended, at least once."""

    jobs: JobStore
    queue: JobQueue
    transcriber: FileTranscriber
    shelf: Shelf
    authenticator: Authenticator
    ended: Callable[[Job], Awaitable[None]]
    observer: Observer = field(default_factory=Observer)
    limits: CrewLimits = field(default_factory=CrewLimits)
    clock: Callable[[], float] = time.time
    name: str = field(default_factory=lambda: uuid.uuid4().hex)
    """Of this process, as the queue knows it."""


class Crew:
    """Works on several jobs at a time."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._something = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False
        self._look_for_lost_at = 0.0

    async def start(self) -> None:
        """Begin to take jobs."""
        self._loop = asyncio.create_task(self._take_on(), name="jobs")

    async def stop(self) -> None:
        """Take no more; give back what is being worked on, for others or for later."""
        self._stopping = True
        self._something.set()
        if self._loop is not None:  # not cut short if that can be: a question to Redis would be left without its answer
            await asyncio.wait([self._loop], timeout=STOP_SECONDS)
        tasks = [task for task in (self._loop, *self._tasks.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def nudge(self) -> None:
        """Look for jobs at once."""
        self._something.set()

    def cancelled(self, job_id: str) -> None:
        """Stop working on a job that somebody cancelled; other processes find out when they next tell its progress."""
        self._tools.observer.recording_ended("job", "cancelled")
        if job_id in self._tasks:
            self._tasks[job_id].cancel()

    # ── taking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _take_on(self) -> None:
        while not self._stopping:
            try:
                await self._look_for_lost()
                ticket = None
                if len(self._tasks) < self._tools.limits.at_once:
                    ticket = await self._tools.queue.take(self._tools.name, self._tools.limits.lease_seconds)
            except StoreUnavailable:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            except Exception as error:  # the boundary of a task nobody awaits
                log.exception("jobs cannot be taken", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if ticket is None or ticket.job_id in self._tasks:
                await self._pause()
            elif not self._stopping:  # else it comes again to somebody else
                self._begin(ticket)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):  # `wait_for` would overhear being cancelled in Python 3.11
                await self._something.wait()
        self._something.clear()

    def _begin(self, ticket: Ticket) -> None:
        task = asyncio.create_task(self._work(ticket), name=f"job {ticket.job_id}")
        self._tasks[ticket.job_id] = task

        def over(_task: asyncio.Task[None]) -> None:
            self._tasks.pop(ticket.job_id, None)
            self._something.set()

        task.add_done_callback(over)

    async def _look_for_lost(self) -> None:
        """Queue again what no queue knows any more, and have those forgotten who take no more.

        A job that is queued twice is worked on once.
        """
        now = self._tools.clock()
        if now < self._look_for_lost_at:
            return
        self._look_for_lost_at = now + LOST_SECONDS
        for job in await self._tools.jobs.lost(now - LOST_SECONDS, LOST_AT_ONCE, now):
            await self._tools.queue.put(job.organisation, job.id)
        await self._tools.queue.forget_workers(LOST_SECONDS)

    # ── one job ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _work(self, ticket: Ticket) -> None:
        """Work on a job to its end; it stays in the queue if a store is away, and comes again."""
        worker = f"{self._tools.name} {ticket.entry} {uuid.uuid4().hex[:8]}"
        try:
            job = await self._tools.jobs.begin(
                ticket.job_id, worker, self._tools.clock(), self._tools.limits.lease_seconds
            )
            if job is None:
                await self._let_go(ticket)
                return
            await _Shift(self._tools, ticket, job, worker).work()
        except StoreUnavailable as error:
            log.warning("a job waits for a store", job_id=ticket.job_id, error=error.code)
            with suppress(StoreUnavailable):  # that store or another; no try was in vain for it
                await self._tools.jobs.give_back(ticket.job_id, worker, self._tools.clock())
        except ServerStopping:
            await self._give_back(ticket, worker)
        except asyncio.CancelledError:
            giving_back = asyncio.create_task(self._give_back(ticket, worker))
            with suppress(asyncio.CancelledError):  # cancelled by somebody, and again as the process stops
                await asyncio.shield(giving_back)
            await giving_back
            raise
        except Exception as error:  # the boundary between one job and the others
            log.exception("a job broke down", job_id=ticket.job_id, error=type(error).__name__)

    async def _let_go(self, ticket: Ticket) -> None:
        """Forget a delivery of a job that has ended; one that somebody else works on comes again if he dies."""
        with suppress(NotFound):
            job = await self._tools.jobs.find(None, ticket.job_id)
            if not job.ended:
                return
            await self._tools.ended(job)
        await self._tools.queue.done(ticket)

    async def _give_back(self, ticket: Ticket, worker: str) -> None:
        """Queue a job again as this process stops; one that has ended meanwhile is told of."""
        with suppress(StoreUnavailable):
            if await self._tools.jobs.give_back(ticket.job_id, worker, self._tools.clock()):
                await self._tools.queue.put(ticket.organisation, ticket.job_id)
                await self._tools.queue.done(ticket)
            else:
                await self._let_go(ticket)


class _Shift:
    """One try at one job."""

    def __init__(self, tools: Tools, ticket: Ticket, job: Job, worker: str) -> None:
        self._tools = tools
        self._ticket = ticket
        self._job = job
        self._worker = worker
        self._journal = Journal()
        self._runner: RecordingRunner | None = None
        self._seconds: float | None = job.seconds
        self._over = asyncio.Event()

    async def work(self) -> None:
        """Transcribe, end the job, tell of it."""
        task = asyncio.current_task()
        assert task is not None
        renewing = asyncio.create_task(self._renew(task), name=f"lease of job {self._job.id}")
        try:
            outcome, error = await self._try()
            mine = await self._end(outcome, error)
        finally:
            self._over.set()  # not cancelled: a question to Redis would be left without its answer, or overhear it
            with suppress(asyncio.CancelledError):
                await renewing
        if mine:
            self._tools.observer.recording_ended("job", error.code if error else "ok")
            await self._tools.ended(await self._tools.jobs.find(None, self._job.id))
        await self._tools.queue.done(self._ticket)

    async def _try(self) -> tuple[Outcome | None, StreamServerError | None]:
        """Return what came out, and why not all did; raises what may pass."""
        if self._job.attempts > self._tools.limits.attempts:
            return None, EngineFailed(f"the recording was tried {self._tools.limits.attempts} times in vain")
        try:
            outcome = await self._transcribe()
        except (StoreUnavailable, ServerStopping):
            raise
        except StreamServerError as error:
            return None, error
        except Exception as error:  # what this file does to us it does again: others' work goes on
            log.exception("a recording failed", job_id=self._job.id, error=type(error).__name__)
            return None, InternalError("something went wrong on our side")
        if isinstance(outcome.error, ServerStopping):
            raise asyncio.CancelledError
        return outcome, outcome.error

    async def _transcribe(self) -> Outcome:
        job, tools = self._job, self._tools
        principal = await tools.authenticator.principal_of(job.organisation, job.key_id, job.user)
        media, name = job.submission.media, job.submission.name
        if media is None:
            assert job.submission.uri is not None  # one of the two
            await tools.transcriber.require_quota(principal, job.id)  # what others used since must not fill the disk
            media, name = await tools.shelf.fetched(job.organisation, job.user, job.submission.uri)
        async with tools.shelf.local(media) as path:
            recording = Recording(
                media=path,
                name=name,
                options=job.submission.options,
                raw=job.submission.raw,
                per_channel=job.submission.per_channel,
            )
            with_words = tools.transcriber.may_keep_words(job.submission.options)
            self._journal = Journal(await tools.jobs.steps(job.id), with_words=with_words)
            if self._journal.refused:
                await tools.jobs.drop_steps(job.id, self._journal.refused)
            return await tools.transcriber.run(
                job.id,
                principal,
                recording,
                journal=self._journal,
                on_media=partial(self._note_media, media),
                on_start=self._started,
            )

    async def _note_media(self, media: str, info: MediaInfo) -> None:
        self._seconds = info.seconds
        facts = MediaFacts(
            media=media,
            mime_type=info.mime_type,
            seconds=info.seconds,
            sample_rate=info.sample_rate,
            channels=info.channels,
        )
        await self._tools.jobs.note_media(self._job.id, facts, self._tools.clock())

    def _started(self, runner: RecordingRunner) -> None:
        self._runner = runner

    async def _end(self, outcome: Outcome | None, error: StreamServerError | None) -> bool:
        """Write down how it ended; False if the job is somebody else's by now."""
        job, now = self._job, self._tools.clock()
        if outcome is None:
            assert error is not None  # one of the two
            return await self._tools.jobs.fail(job.id, self._worker, error.code, error.message, now)
        entries = outcome.entries(job.organisation, job.id)
        reason = None if error is None else (error.code, error.message)
        return await self._tools.jobs.complete(job.id, self._worker, entries, now, reason)

    async def _renew(self, task: asyncio.Task[None]) -> None:
        """Keep the job and what was recognised; stop `task` if it is not this worker's any more."""
        renewed = kept = float("-inf")
        while not await self._is_over(min(KEEP_SECONDS, self._tools.limits.lease_seconds / 5)):
            now = asyncio.get_running_loop().time()
            try:
                if now - kept >= KEEP_SECONDS and (steps := self._journal.take_new()):
                    kept = now
                    await self._keep(steps)
                if now - renewed >= self._tools.limits.lease_seconds / 4 or now - renewed >= KEEP_SECONDS:
                    renewed = now
                    await self._tools.queue.renew(self._tools.name, self._ticket)
                    if not await self._tools.jobs.note_progress(
                        self._job.id, self._worker, self._progress, self._tools.clock()
                    ):
                        task.cancel()
                        return
            except StreamServerError as error:
                log.warning("a job's lease was not renewed", job_id=self._job.id, error=error.code)
                continue  # somebody else may take over meanwhile: then the next renewal says so

    async def _keep(self, steps: Mapping[str, bytes]) -> None:
        try:
            await self._tools.jobs.keep_steps(self._job.id, steps)
        except StreamServerError:
            self._journal.put_back(steps)
            raise

    async def _is_over(self, seconds: float) -> bool:
        """Tell whether the work has ended, so many seconds from now at the latest."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()
        return self._over.is_set()

    @property
    def _progress(self) -> float:
        if self._runner is None or not self._seconds:
            return 0.0
        return min(0.99, self._runner.seconds_done / self._seconds)
