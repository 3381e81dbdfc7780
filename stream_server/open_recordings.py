"""Builds what finished recordings need out of the settings: how they come in, who works on them and who tells of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from stream_server.auth import Principal
from stream_server.compat.prosa.jobs import Models
from stream_server.errors import NotFound
from stream_server.jobs.crew import Crew, CrewLimits, Tools
from stream_server.jobs.desk import Desk
from stream_server.jobs.intake import Intake
from stream_server.jobs.line import Line
from stream_server.jobs.news import JobNews
from stream_server.jobs.shelf import MediaShelf
from stream_server.jobs.transcriber import FileTranscriber
from stream_server.net.fetching import Fetcher
from stream_server.open_stores import make_directory
from stream_server.receiving import ReceivingLimits, Shares
from stream_server.rest.uploads import Uploads
from stream_server.session.services import Services
from stream_server.session_settings import recording_limits
from stream_server.settings import Settings
from stream_server.store.base import Store
from stream_server.store.media import MediaStore
from stream_server.store.memory_job_queue import MemoryJobQueue
from stream_server.store.redis import RedisStore
from stream_server.store.redis_job_queue import RedisJobQueue
from stream_server.store.sql import Database
from stream_server.store.sql_jobs import SqlJobStore
from stream_server.store.sql_records import SqlRecordStore
from stream_server.webhook_delivery import Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRecordings:
    """Finished recordings in use; `crew` is started by itself, once there is a port. `close` before the database."""

    models: Models
    uploads: Uploads
    fetcher: Fetcher
    transcriber: FileTranscriber
    line: Line
    jobs: SqlJobStore
    desk: Desk
    intake: Intake
    crew: Crew

    async def close(self) -> None:
        """End what is under way."""
        await self.transcriber.stop()


async def open_recordings(
    settings: Settings,
    services: Services,
    *,
    store: Store,
    database: Database,
    records: SqlRecordStore,
    media: MediaStore,
    webhooks: Webhooks,
) -> OpenRecordings:
    """Return all of it, what others have left in its folder swept away; `services` are those of recordings."""
    uploads, fetcher = _receiving(settings, services.recorder.require_quota)
    await asyncio.to_thread(uploads.sweep)
    models = Models(settings.prosa_models, services.capabilities.model, services.capabilities.languages)
    line = Line(settings.max_active_recordings, most_waiting=settings.max_waiting_recordings)
    transcriber = _transcriber(settings, services, line, records)
    jobs = SqlJobStore(database, records)
    queue = RedisJobQueue(store) if isinstance(store, RedisStore) else MemoryJobQueue()
    crew = Crew(
        Tools(
            jobs=jobs,
            queue=queue,
            transcriber=transcriber,
            shelf=MediaShelf(media, fetcher.fetch, uploads.place),
            authenticator=services.authenticator,
            observer=services.observer,
            ended=JobNews(records, webhooks, models).tell,
            limits=CrewLimits(
                at_once=settings.max_active_recordings,
                attempts=settings.recording_attempts,
                lease_seconds=settings.recording_lease_seconds,
            ),
        )
    )

    async def discard(key: str) -> None:
        with suppress(NotFound):
            await media.delete(key)

    desk = Desk(
        jobs,
        queue,
        records,
        discard=discard,
        most_waiting=settings.max_waiting_jobs,
        nudge=crew.nudge,
        cancelled=crew.cancelled,
    )
    intake = Intake(
        desk=desk,
        media=media,
        require_quota=services.recorder.require_quota,
        check_url=fetcher.check,
        longest_seconds=settings.max_recording_seconds,
    )
    return OpenRecordings(
        models=models,
        uploads=uploads,
        fetcher=fetcher,
        transcriber=transcriber,
        line=line,
        jobs=jobs,
        desk=desk,
        intake=intake,
        crew=crew,
    )


def _receiving(
    settings: Settings, require_quota: Callable[[Principal, str], Awaitable[None]]
) -> tuple[Uploads, Fetcher]:
    """Return who takes recordings out of requests, and who fetches them from where a request says they are."""
    limits = ReceivingLimits(
        max_bytes=settings.max_upload_bytes,
        stall_seconds=settings.upload_stall_seconds,
        reserve_bytes=settings.disk_reserve_bytes,
        folder_bytes=settings.max_receiving_bytes,
    )
    shares = Shares(most_requests=settings.max_organisation_uploads, most_bytes=settings.max_organisation_upload_bytes)
    uploads = Uploads(make_directory(settings.data_directory / "uploads"), limits, shares, require_quota)
    fetcher = Fetcher(allowed_hosts=settings.fetch_allowed_hosts, limits=limits, max_seconds=settings.max_fetch_seconds)
    return uploads, fetcher


def _transcriber(settings: Settings, services: Services, line: Line, records: SqlRecordStore) -> FileTranscriber:
    """Return who works on finished recordings, behind everybody live."""
    return FileTranscriber(
        services,
        limits=recording_limits(settings),
        line=line,
        records=records if settings.keep_records else None,
        longest_seconds=settings.max_recording_seconds,
        threads=2 * settings.max_active_recordings,
    )
