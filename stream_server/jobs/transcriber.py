"""From a file to a transcript: decodes in threads of its own, runs the session, collects the record."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import structlog

from stream_server.audio.media import MediaInfo, decode, probe
from stream_server.auth import Principal
from stream_server.errors import StreamServerError
from stream_server.events import Event, Final, Revised, Samples
from stream_server.jobs.journal import Journal
from stream_server.jobs.line import Line
from stream_server.jobs.recording import RECORDING_RATE, Recording
from stream_server.jobs.runner import RecordingLimits, RecordingRunner
from stream_server.record_voices import ALL_TRACKS
from stream_server.session.opening import check_options
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.session.services import Services
from stream_server.store.assembling import assemble
from stream_server.store.records import (
    Begin,
    Change,
    Embeddings,
    Entry,
    Finish,
    KeepEmbeddings,
    RecordStore,
    Revise,
    Transcript,
    append_of,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a recording: its record, change by change, and the error that cut it short, if any."""

    changes: tuple[Change, ...]
    error: StreamServerError | None

    def entries(self, organisation: str, record_id: str) -> list[Entry]:
        """Return the record as changes to write."""
        return [Entry(organisation=organisation, record_id=record_id, change=change) for change in self.changes]

    @property
    def transcript(self) -> Transcript:
        """The record as a transcript."""
        return assemble(self.changes)


class FileTranscriber:
    """Implement `Transcriber`; `run` is for those who keep jobs.

    `services.submit` hands work to the engines as a recording's. Records are written if `records` is given.
    """

    def __init__(
        self,
        services: Services,
        *,
        limits: RecordingLimits,
        line: Line,
        records: RecordStore | None,
        longest_seconds: float,
        threads: int = 4,
    ) -> None:
        self._services = services
        self._limits = limits
        self._line = line
        self._records = records
        self._longest_seconds = longest_seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="recording")

    async def stop(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def may_keep_words(self, options: SessionOptions) -> bool:
        """Tell whether what the engine hears may be written down, as it may not where secrets are masked."""
        return not (options.formatting.redact or self._services.redact)

    async def require_quota(self, principal: Principal, recording_id: str) -> None:
        """Raise `QuotaExceeded` if nothing is left for a recording that is not begun."""
        await self._services.recorder.require_quota(principal, recording_id)

    async def transcribe(
        self, principal: Principal, recording: Recording, *, on_event: Callable[[Event], None] | None = None
    ) -> Transcript:
        """Return all that is said in a recording; see `Transcriber`."""
        recording_id = uuid.uuid4().hex
        authenticator = self._services.authenticator
        await authenticator.admit(principal, recording_id)
        ended = "internal_error"
        try:
            async with self._line.turn(principal.organisation):
                outcome = await self.run(recording_id, principal, recording, on_event=on_event)
            ended = outcome.error.code if outcome.error else "ok"
        except StreamServerError as error:
            ended = error.code
            raise
        except asyncio.CancelledError:
            ended = "vanished"
            raise
        finally:
            self._services.observer.recording_ended("request", ended)
            await authenticator.release(principal, recording_id)
        if self._records is not None:
            await self._records.write(outcome.entries(principal.organisation, recording_id))
        if outcome.error is not None:
            raise outcome.error
        return outcome.transcript

    async def run(
        self,
        recording_id: str,
        principal: Principal,
        recording: Recording,
        *,
        journal: Journal | None = None,
        on_event: Callable[[Event], None] | None = None,
        on_media: Callable[[MediaInfo], Awaitable[None]] | None = None,
        on_start: Callable[[RecordingRunner], None] | None = None,
    ) -> Outcome:
        """Work on a recording to its end; raises for a file that cannot be used and a quota that is empty.

        `on_media` is told what the file is, before anything is heard of it.
        """
        services = self._services
        info = await self._look(recording)
        if on_media is not None:
            await on_media(info)
        channels = info.channels if recording.per_channel else 1
        options = check_options(recording_options(recording.options, channels), services.capabilities)
        options = await services.with_house_rules(options, principal)
        account = await services.recorder.open(recording_id, principal, "recording", RECORDING_RATE, channels)
        changes: list[Change] = [
            Begin(record=services.new_record(recording_id, options, principal, "recording"), now=services.clock())
        ]

        def hear(event: Event) -> None:
            if isinstance(event, Final):
                changes.append(append_of(event))
            elif isinstance(event, Revised):
                changes.append(Revise(revised=event))
            if on_event is not None:
                on_event(event)

        runner = RecordingRunner(
            recording_id,
            options,
            services,
            account,
            principal=principal,
            limits=self._limits,
            journal=journal or Journal(),
            on_event=hear,
        )
        try:
            services.registry.enter_recording(recording_id, runner)
            if on_start is not None:
                on_start(runner)
            error = await runner.run(self._blocks(recording, per_channel=channels > 1))
        finally:
            services.registry.leave(recording_id, runner)
            services.cancel(recording_id)
            await account.close(runner.session.usage())
        log.info("recording ended", recording_id=recording_id, outcome=error.code if error else "ok")
        return Outcome(changes=(*changes, *self._ending(recording_id, runner, error)), error=error)

    def _ending(self, recording_id: str, runner: RecordingRunner, error: StreamServerError | None) -> list[Change]:
        services, changes = self._services, list[Change]()
        if services.sealed_voices is not None and (voices := runner.session.voices):
            embedder, sealed = services.sealed_voices(recording_id, voices)
            changes.append(KeepEmbeddings(embeddings=Embeddings(track=ALL_TRACKS, model=embedder, vectors=sealed)))
        end = runner.session.usage().session
        outcome = error.code if error else "ok"
        changes.append(Finish(ended_at=services.clock(), end_sample=end, outcome=outcome))
        return changes

    async def _look(self, recording: Recording) -> MediaInfo:
        look = partial(probe, recording.media, recording.raw, name=recording.name)
        return await asyncio.get_running_loop().run_in_executor(self._threads, look)

    async def _blocks(self, recording: Recording, *, per_channel: bool) -> AsyncIterator[Samples]:
        """Decode in a thread, a second at a time."""
        blocks = decode(
            recording.media,
            raw=recording.raw,
            name=recording.name,
            rate=RECORDING_RATE,
            per_channel=per_channel,
            longest_seconds=self._longest_seconds,
        )
        loop = asyncio.get_running_loop()
        try:
            while (block := await loop.run_in_executor(self._threads, _next, blocks)) is not None:
                self._services.observer.recording_decoded(len(block) / RECORDING_RATE)
                yield block
        finally:
            with suppress(RuntimeError):  # the threads have ended, or one is still at the block nobody wants any more
                self._threads.submit(_close, blocks)


def recording_options(options: SessionOptions, channels: int) -> SessionOptions:
    """Return a session's options as a recording's: its own clock, no partials, a track for each channel."""
    tracks = options.tracks if len(options.tracks) == channels else ()
    shared = tuple(name for name in options.shared_tracks if name in tracks)
    if options.diarize and channels > 1 and not tracks:  # several people on each channel
        shared = tuple(f"track {number}" for number in range(1, channels + 1))
    return replace(
        options,
        audio=AudioFormat(encoding=None, sample_rate=RECORDING_RATE, channels=channels),
        tracks=tracks,
        shared_tracks=shared,
        independent_tracks=False,
        partials=False,
        keep_audio=False,
    )


def _next(blocks: Iterator[Samples]) -> Samples | None:
    return next(blocks, None)


def _close(blocks: Iterator[Samples]) -> None:
    with suppress(ValueError):  # it is being read: then it ends with that block
        blocks.close()  # type: ignore[attr-defined]  # a generator
