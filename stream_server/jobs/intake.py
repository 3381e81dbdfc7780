"""Take recordings in as jobs: looked into first, so that whoever hands one in hears at once why it is of no use."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from stream_server.audio.media import MediaInfo, probe
from stream_server.auth import Principal
from stream_server.errors import RecordingTooLong, StreamServerError
from stream_server.jobs.desk import Desk, new_job_id
from stream_server.jobs.job import Job, Submission
from stream_server.store.media import MediaStore, new_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The way to the desk for files and addresses.

    `require_quota` raises `QuotaExceeded` for a job of this id, `check_url` `InvalidUrl` or `ForbiddenAddress`.
    """

    desk: Desk
    media: MediaStore
    require_quota: Callable[[Principal, str], Awaitable[None]]
    check_url: Callable[[str], object]
    longest_seconds: float

    async def look(self, path: Path, submission: Submission) -> MediaInfo:
        """Return what a file is; raises `UnsupportedAudio`, and `RecordingTooLong` if it says so itself."""
        info = await asyncio.to_thread(partial(probe, path, submission.raw, name=submission.name))
        if info.seconds is not None and info.seconds > self.longest_seconds:
            message = f"the recording has {info.seconds:g} s; {self.longest_seconds:g} s are taken"
            raise RecordingTooLong(message, lengths=(info.seconds, self.longest_seconds))
        return info

    async def take_file(self, principal: Principal, path: Path, info: MediaInfo, submission: Submission) -> Job:
        """Keep a file that was looked at, and submit it; raises `QuotaExceeded`, `TooManyJobs`, `StorageFull`."""
        job_id = new_job_id()
        await self.require_quota(principal, job_id)
        key = new_key(principal.organisation, principal.user, info.mime_type)
        await self.media.put(key, path)
        try:
            return await self.desk.submit(principal, replace(submission, media=key), job_id=job_id)
        except BaseException:
            with suppress(StreamServerError):  # then retention finds it
                await self.media.delete(key)
            raise

    async def take_url(self, principal: Principal, submission: Submission) -> Job:
        """Submit what is to be fetched from `submission.uri`."""
        self.check_url(submission.uri or "")
        job_id = new_job_id()
        await self.require_quota(principal, job_id)
        return await self.desk.submit(principal, submission, job_id=job_id)
