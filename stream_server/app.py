"""The composition root: builds everything, owns the order of start and stop.

Start: Redis → store → keys and usage → database, voices, webhooks and records → models and their threads → sessions →
       port → jobs.
Stop:  give jobs back → refuse new sessions → finish the live ones → close the port → drain the workers and end their
       threads → write records down → stop sending webhooks → close the database → write usage down → close the store →
       let Redis go.
       It is the start backwards; what never started is not stopped.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog
from aiohttp import web

from stream_server import __version__
from stream_server.asr.engine import Capabilities, Engine
from stream_server.asr.loading import EngineWish, find_engine, load_engines
from stream_server.asr.worker import BatchWorker
from stream_server.audio.containers import Slots
from stream_server.audio.decoding import open_decoder
from stream_server.audio.silero import Silero
from stream_server.audio.silero_weights import find_graph
from stream_server.auth import Authenticator
from stream_server.client_secrets import ClientSecrets
from stream_server.compat.prosa.jobs import Models as ProsaModels
from stream_server.compat.prosa.jobs import event_json
from stream_server.diarize.clustering import ClusteringLimits
from stream_server.diarize.listening import SecondLooks, VoiceListener
from stream_server.diarize.naming import name_speakers
from stream_server.diarize.recognition import RecognitionLimits
from stream_server.diarize.voices import Embedding
from stream_server.errors import (
    EngineFailed,
    InternalError,
    ModelUnavailable,
    NotFound,
    StartupError,
    StoreUnavailable,
    StreamServerError,
)
from stream_server.jobs.crew import Crew, CrewLimits, Tools
from stream_server.jobs.desk import Desk
from stream_server.jobs.intake import Intake
from stream_server.jobs.job import Job
from stream_server.jobs.line import Line
from stream_server.jobs.runner import RecordingLimits
from stream_server.jobs.shelf import MediaShelf
from stream_server.jobs.transcriber import FileTranscriber
from stream_server.kept_audio import KeptAudio
from stream_server.media_retention import MediaRetention
from stream_server.metrics import CONTENT_TYPE, Metrics
from stream_server.net.admission import check_open_access
from stream_server.net.fetching import Fetcher
from stream_server.net.port import Port
from stream_server.net.posting import Poster
from stream_server.net.routes import make_routes
from stream_server.net.tls import make_tls
from stream_server.open_voices import load_listener, open_voices, recognition_limits
from stream_server.receiving import ReceivingLimits
from stream_server.record_voices import RecordVoices
from stream_server.recording import RecordKeeper
from stream_server.rest.application import make_application
from stream_server.rest.clusters import Clusters
from stream_server.rest.deepgram import Deepgram
from stream_server.rest.documentation import Documentation
from stream_server.rest.evaluation import Evaluation, load_from
from stream_server.rest.evaluator import Evaluator
from stream_server.rest.health import Condition, Health
from stream_server.rest.media import Media
from stream_server.rest.openai import OpenAI
from stream_server.rest.prosa import Prosa
from stream_server.rest.recordings import Recordings
from stream_server.rest.records import Records
from stream_server.rest.speakers import Speakers
from stream_server.rest.uploads import Uploads
from stream_server.rest.usage import Usage
from stream_server.rest.webhooks import WebhookRoutes
from stream_server.session.limits import Limits
from stream_server.session.load import LoadGauge, LoadLevel, LoadLimits
from stream_server.session.opening import abandon, begin, refuse
from stream_server.session.registry import Registry
from stream_server.session.runner import serve_session
from stream_server.session.services import RunnerLimits, Services
from stream_server.session.speakers import Recognise
from stream_server.settings import Settings
from stream_server.signatures import KEY_NAME as MEDIA_KEY_NAME
from stream_server.signatures import Signatures
from stream_server.speaker_edits import SpeakerEdits
from stream_server.store.base import Store
from stream_server.store.embedded import open_redis
from stream_server.store.local_media import LocalMedia
from stream_server.store.media import MediaStore
from stream_server.store.memory_job_queue import MemoryJobQueue
from stream_server.store.records import Transcript
from stream_server.store.redis import RedisStore
from stream_server.store.redis_job_queue import RedisJobQueue
from stream_server.store.s3_media import open_s3
from stream_server.store.sealing import Seal, find_key
from stream_server.store.sql import Database
from stream_server.store.sql_jobs import SqlJobStore
from stream_server.store.sql_records import SqlRecordStore
from stream_server.store.sql_webhooks import SqlWebhooks
from stream_server.usage import UsageRecorder
from stream_server.webhook_delivery import Webhooks
from stream_server.webhooks.delivery import event_id_of
from stream_server.webhooks.endpoint import COMPLETED, FAILED
from stream_server.work import DetectSpeech, Listen, LookAgain, Result, Work

log = structlog.get_logger(__name__)

DATABASE_NAME = "records.sqlite3"
"""Of the file in the data directory where no other database is named."""

LOOKS = "second looks"
"""The worker of those who have ended: how long they wait says nothing about recognition."""

RECORDED = "recorded "
"""What the names of workers begin with that serve finished recordings alone."""

VOICE_BATCH = 2
"""Windows of voices in one call: a final may wait for the call, and company makes them no cheaper."""

VAD_BATCH = 64
"""Tracks in one call of Silero; its time per track hardly falls beyond thirty."""

WORKER_PATIENCE_SECONDS = 30.0
"""For the last batch of a worker when the server stops."""


def engine_wish(settings: Settings) -> EngineWish:
    """Return the part of the settings that chooses the engine."""
    return EngineWish(
        engine=settings.engine,
        model=settings.model,
        device=settings.device,
        compute_type=settings.compute_type,
        replicas=settings.device_replicas,
        cpu_threads=settings.cpu_threads,
        final_beam_size=settings.final_beam_size,
        max_batch=settings.max_batch,
        data_directory=settings.data_directory,
    )


class App:
    """One server. `async with App(settings) as app` runs it; `wait` returns when it should stop.

    `store` replaces Redis, `engine` the chosen one; both are for tests.
    """

    url: str
    capabilities: Capabilities
    store: Store
    authenticator: Authenticator
    recorder: UsageRecorder
    database: Database
    records: SqlRecordStore
    keeper: RecordKeeper
    webhooks: Webhooks
    registry: Registry
    transcriber: FileTranscriber
    media: MediaStore
    desk: Desk

    def __init__(self, settings: Settings, *, store: Store | None = None, engine: Engine | None = None) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self._given_store = store
        self._given_engine = engine
        self._workers: dict[str, BatchWorker] = {}
        self._courtesy = threading.Lock()
        self._stack = AsyncExitStack()
        self._reason, self._advice = "given", ""
        self._stopping = False
        self._stop_wanted = asyncio.Event()
        self._death: BaseException | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start everything; what was started is stopped again if something fails. Raises `StreamServerError`."""
        self._loop = asyncio.get_running_loop()
        try:
            await self._open_store()
            await self._open_accounts()
            await self._open_records()
            await self._open_media()
            await self._start_workers()
            await self._open_port()
        except BaseException:
            await self._stack.aclose()
            raise

    async def stop(self) -> None:
        """Stop everything, in the order that this module's head tells."""
        self._stopping = True
        await self._stack.aclose()

    def ask_to_stop(self) -> None:
        """Make `wait` return."""
        self._stop_wanted.set()

    async def wait(self) -> None:
        """Wait until somebody asks to stop; raise `EngineFailed` if a worker died."""
        await self._stop_wanted.wait()
        if self._death is not None:
            raise EngineFailed(f"a worker thread died ({type(self._death).__name__}); see the log")

    # ── Redis, keys, usage ──────────────────────────────────────────────────────────────────────────────────────────

    async def _open_store(self) -> None:
        settings = self.settings
        if self._given_store is not None:
            self.store = self._given_store
            return
        make_directory(settings.data_directory)
        handle = await open_redis(settings.redis_url, settings.data_directory / "redis")
        self._stack.push_async_callback(handle.close)
        self.store = RedisStore(handle.url)
        self._stack.push_async_callback(self.store.close)
        try:
            await self.store.ping()
        except StoreUnavailable:
            raise StartupError("setting redis_url: Redis does not answer there") from None

    async def _open_accounts(self) -> None:
        settings = self.settings
        key_file = settings.media_key_file or make_directory(settings.data_directory) / MEDIA_KEY_NAME
        self._signing_key = await asyncio.to_thread(find_key, key_file, "media_key_file")
        self.client_secrets = ClientSecrets(self._signing_key)
        open_access = not await self.store.has_keys()
        if open_access:
            check_open_access(settings.host)
            log.warning("no API keys exist: anybody on this machine may connect; `stream-server keys create` makes one")
        self.authenticator = Authenticator(
            self.store,
            open_access=open_access,
            fresh_seconds=settings.key_fresh_seconds,
            stale_seconds=settings.key_stale_seconds,
            digest_of=self.client_secrets.digest_of,
        )
        self.recorder = UsageRecorder(
            self.store,
            make_directory(settings.data_directory / "usage"),
            interval_seconds=settings.usage_interval_seconds,
            lease_seconds=settings.quota_lease_seconds,
        )
        await self.authenticator.start()
        self._stack.push_async_callback(self.authenticator.stop)
        await self.recorder.start()
        self._stack.push_async_callback(self.recorder.stop)

    # ── records and voices ──────────────────────────────────────────────────────────────────────────────────────────

    async def _open_records(self) -> None:
        settings = self.settings
        self.database = await open_database(settings)
        self._stack.push_async_callback(self.database.close)
        self.records = SqlRecordStore(self.database)
        self.kept_audio = KeptAudio(settings.data_directory / "audio")
        self._stack.push_async_callback(self.kept_audio.stop)
        self.voices = await open_voices(settings, self.database, recorded=self._note_record_voices)
        await self.voices.enroller.start()
        self._stack.push_async_callback(self.voices.close)
        await self._open_webhooks()
        self.keeper = RecordKeeper(
            self.records,
            forget=self._forget,
            keep=settings.keep_records,
            retention_days=settings.record_retention_days,
            buffer_bytes=settings.record_buffer_bytes,
        )
        await self.keeper.start()
        self._stack.push_async_callback(self.keeper.stop)

    async def _open_webhooks(self) -> None:
        """Begin to send what is due; secrets are sealed with the key that seals voices."""
        settings = self.settings
        self._webhook_store = SqlWebhooks(self.database, self.voices.seal)
        self._poster = Poster(
            timeout_seconds=settings.webhook_timeout_seconds,
            allowed_hosts=[host.lower() for host in settings.webhook_allowed_hosts],
        )
        self._stack.push_async_callback(self._poster.close)
        self.webhooks = Webhooks(
            self._webhook_store,
            self._poster.post,
            retry_seconds=settings.webhook_retry_seconds,
            timeout_seconds=settings.webhook_timeout_seconds,
            at_once=settings.max_webhook_requests,
            retention_days=settings.webhook_retention_days,
        )
        await self.webhooks.start()
        self._stack.push_async_callback(self.webhooks.stop)

    async def _forget(self, record_ids: Sequence[str]) -> None:
        """Delete what was kept of records besides themselves."""
        await self.kept_audio.forget(record_ids)
        await self.webhooks.forget(record_ids)

    def _note_record_voices(self, seal: Seal, embedder: str) -> RecordVoices:
        self._record_voices = RecordVoices(self.records, seal, embedder)
        return self._record_voices

    def _recognise(self, organisation: str) -> Recognise:
        """Return what names an organisation's enrolled voices in its sessions."""
        limits = recognition_limits(self.settings, self._recognition)
        self.voices.book.voices(organisation)  # so that they are here when somebody has spoken

        def name(centroids: Mapping[int, Embedding], before: Mapping[int, str]) -> dict[int, str]:
            voices = self.voices.book.voices(organisation)
            if not self.voices.book.knows(organisation):  # nobody has asked in a while: the answer is on its way
                return dict(before)
            return name_speakers(centroids, before, voices, limits)

        return name

    def _sealed_voices(self, session_id: str, voices: Mapping[int, Embedding]) -> tuple[str, bytes]:
        """Return what a record may keep of how its speakers sound, and which network heard them."""
        return self._record_voices.embedder, self._record_voices.sealed(session_id, voices)

    async def _open_media(self) -> None:
        """Open where recordings are kept, and begin to let go of the old ones."""
        settings = self.settings
        if settings.media_url:
            self.media = open_s3(settings.media_url, settings.media_access_key, settings.media_secret_key)
        else:
            self.media = LocalMedia(make_directory(settings.data_directory) / "media")
        self._signatures = Signatures(self._signing_key)
        retention = MediaRetention(self.media, days=settings.media_retention_days)
        retention.start()
        self._stack.push_async_callback(retention.stop)

    # ── models and threads ──────────────────────────────────────────────────────────────────────────────────────────

    async def _start_workers(self) -> None:
        self.registry = Registry(
            self.settings.max_sessions,
            gauge=LoadGauge(load_limits(self.settings)),
            wait_seconds=lambda: max(worker.wait_seconds for name, worker in self._workers.items() if is_awaited(name)),
            on_load=self._note_load,
        )
        wish, small = engine_wish(self.settings), self.settings.partial_model
        partials = await self._load(replace(wish, model=small)) if small else []
        engines = [self._given_engine] if self._given_engine else await self._load(wish)
        self.capabilities = engines[0].capabilities
        silero = await asyncio.to_thread(_load_silero)
        self._stack.callback(silero.close)
        # A GPU runs partials in batches, of which a final waits for one at most; it is worth more than a core.
        shared = self.capabilities.device == "cpu" and len(engines) > 1 and not partials
        for_finals = -(-len(engines) // 2) if shared else 0
        listener = await self._load_listener()
        self._start_worker("asr", engines, max_batch=self.capabilities.max_batch, for_finals=for_finals)
        self._start_worker("vad", [silero], max_batch=VAD_BATCH)
        for_recordings = await asyncio.to_thread(_load_silero)
        self._stack.callback(for_recordings.close)
        self._start_worker(RECORDED + "vad", [for_recordings], max_batch=VAD_BATCH)
        if partials:
            self._start_partials(partials)
        self._voice_window: int | None = None
        self._clustering, self._recognition = ClusteringLimits(), RecognitionLimits()
        if listener is not None:
            embedder = listener.listener.embedder
            self._voice_window = listener.listener.window_samples
            self._clustering, self._recognition = embedder.clustering, embedder.recognition
            self._start_worker("voices", [listener], max_batch=VOICE_BATCH)
            self._start_worker(LOOKS, [SecondLooks(self._clustering)], max_batch=1)
            second = await asyncio.to_thread(_load_listener, self.settings)
            self._start_worker(RECORDED + "voices", [second], max_batch=VOICE_BATCH)

    async def _load_listener(self) -> VoiceListener | None:
        """Return the speaker networks; None where they are not wanted or cannot be had, which is said."""
        if not self.settings.diarization:
            return None
        try:
            return await asyncio.to_thread(_load_listener, self.settings)
        except ModelUnavailable as error:
            log.warning("voices are not told apart", reason=error.message)
            return None

    def _start_partials(self, engines: list[Engine]) -> None:
        """Give partials a model of their own; its words must be tokens that the finals' model knows."""
        capabilities = engines[0].capabilities
        if capabilities.detects_language != self.capabilities.detects_language:
            raise StartupError("setting partial_model: an English model and a multilingual one share no tokens")
        self._start_worker("partials", engines, max_batch=capabilities.max_batch)

    async def _load(self, wish: EngineWish) -> list[Engine]:
        engines = await asyncio.to_thread(self._load_engines, wish)
        for engine in engines:
            self._stack.callback(engine.close)
        return engines

    def _load_engines(self, wish: EngineWish) -> list[Engine]:
        found = find_engine(wish, allow_download=True, progress=log_progress())
        log.info("engine chosen", engine=found.engine, model=found.model, device=found.device, reason=found.reason)
        if found.advice:
            log.info("a better engine is possible", advice=found.advice)
        self._reason, self._advice = found.reason, found.advice
        return load_engines(found, wish)

    def _start_worker(
        self,
        name: str,
        models: Sequence[Engine | Silero | VoiceListener | SecondLooks],
        *,
        max_batch: int,
        for_finals: int = 0,
    ) -> None:
        worker = BatchWorker(
            name,
            models[0],
            self._deliver,
            replicas=models[1:],
            for_finals=for_finals,
            gather_ms=0 if name.startswith(RECORDED) else self.settings.batch_gather_ms,
            max_batch=max_batch,
            partial_deadline_ms=self.settings.partial_deadline_ms,
            partial_batch_ms=self.settings.partial_batch_ms,
            on_batch=self.metrics.batch,
            on_death=self._on_death,
            has_live=lambda: len(self.registry) > 0,
            courtesy=self._courtesy,
            in_background=name.startswith(RECORDED),
            probe=lambda model: model.warm_up(),
        )
        worker.start()
        self._workers[name] = worker
        self._stack.push_async_callback(asyncio.to_thread, worker.stop, True, WORKER_PATIENCE_SECONDS)

    def _deliver(self, results: list[Result]) -> None:
        """Hand results from a worker's thread to the event loop."""
        with suppress(RuntimeError):  # the loop has ended: so have all sessions
            self._loop.call_soon_threadsafe(self.registry.deliver, results)

    def _on_death(self, death: BaseException) -> None:
        """Note, in a worker's thread, that it died: nothing can be recognised any more, so the process ends."""
        self._death = death
        with suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._stop_wanted.set)

    def _note_load(self, level: LoadLevel) -> None:
        self.metrics.load_changed(level)
        log.warning("load changed", load=level.name.lower(), sessions=len(self.registry))

    def _submit_recorded(self, work: Work) -> None:
        """Hand out work of a finished recording: its speech and voices have workers that nobody live waits for."""
        if isinstance(work, DetectSpeech):
            self._workers[RECORDED + "vad"].submit(work)
        elif isinstance(work, Listen):
            self._workers[RECORDED + "voices"].submit(work)
        else:
            self._submit(work)

    def _submit(self, work: Work) -> None:
        if isinstance(work, DetectSpeech):
            self._workers["vad"].submit(work)
        elif isinstance(work, Listen):
            self._workers["voices"].submit(work)
        elif isinstance(work, LookAgain):
            self._workers[LOOKS].submit(work)
        elif not work.final and "partials" in self._workers:
            self._workers["partials"].submit(work)
        else:
            self._workers["asr"].submit(work)

    def _cancel(self, session_id: str) -> None:
        for worker in self._workers.values():
            worker.cancel(session_id)

    # ── the port ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _open_port(self) -> None:
        settings = self.settings
        services = self._services()
        self.transcriber = self._transcriber(services)
        self._stack.push_async_callback(self.transcriber.stop)
        self._uploads, self._fetcher = self._receiving()
        await asyncio.to_thread(self._uploads.sweep)
        await self._open_jobs()
        self.metrics.watch(
            backlogs={name: partial(getattr, worker, "backlog") for name, worker in self._workers.items()},
            usage_buffered=lambda: self.recorder.buffered,
        )
        websockets = make_routes(
            prosa_models=settings.prosa_models,
            max_session_seconds=settings.max_session_seconds,
            deepgram_idle_seconds=settings.deepgram_idle_seconds,
            deepgram_endpointing_ms=settings.deepgram_endpointing_ms,
        )
        port = Port(
            make_application(
                self._routes(tuple(websockets)),
                max_body_bytes=settings.max_http_body_bytes,
                allowed_origins=settings.allowed_origins,
            ),
            websockets,
            lambda conduit, dialect, beginning: serve_session(conduit, dialect, services, beginning),
            unavailable=self._unavailable,
            refuse=refuse,
            begin=lambda dialect, handshake: begin(dialect, handshake, services),
            abandon=lambda beginning: abandon(beginning, services),
            allowed_origins=settings.allowed_origins,
            local_only=lambda: self.authenticator.is_open,
            max_message_bytes=settings.max_message_bytes,
            handshake_seconds=settings.handshake_seconds,
            ping_seconds=settings.ping_seconds,
        )
        tls = make_tls(settings.tls_certificate, settings.tls_key)
        number = await port.open(settings.host, settings.port, tls)
        self._stack.push_async_callback(port.close)
        self.registry.start()
        self._stack.push_async_callback(self.registry.drain, settings.shutdown_grace_seconds)
        await self._crew.start()
        self._stack.push_async_callback(self._crew.stop)  # before sessions end: what is given back is not taken again
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.url = f"{'https' if tls else 'http'}://{host}:{number}"

    def _transcriber(self, services: Services) -> FileTranscriber:
        """Return who works on finished recordings, behind everybody live."""
        settings = self.settings
        return FileTranscriber(
            replace(services, submit=self._submit_recorded),
            limits=RecordingLimits(
                ahead_seconds=settings.recording_ahead_seconds,
                endpointing_ms=settings.recording_endpointing_ms,
                max_utterance_seconds=settings.recording_utterance_seconds,
            ),
            line=Line(settings.max_active_recordings, most_waiting=settings.max_waiting_recordings),
            records=self.records if settings.keep_records else None,
            longest_seconds=settings.max_recording_seconds,
            threads=2 * settings.max_active_recordings,
        )

    async def _open_jobs(self) -> None:
        """Begin to work on jobs; they are given back before the sessions end."""
        settings = self.settings
        jobs = SqlJobStore(self.database, self.records)
        queue = RedisJobQueue(self.store) if isinstance(self.store, RedisStore) else MemoryJobQueue()
        crew = Crew(
            Tools(
                jobs=jobs,
                queue=queue,
                transcriber=self.transcriber,
                shelf=MediaShelf(self.media, self._fetcher.fetch, self._uploads.place),
                authenticator=self.authenticator,
                ended=self._tell_of_job,
                limits=CrewLimits(
                    at_once=settings.max_active_recordings,
                    attempts=settings.recording_attempts,
                    lease_seconds=settings.recording_lease_seconds,
                ),
            )
        )
        self.desk = Desk(
            jobs,
            queue,
            self.records,
            discard=self._discard_media,
            most_waiting=settings.max_waiting_jobs,
            nudge=crew.nudge,
            cancelled=crew.cancelled,
        )
        self._intake = Intake(
            desk=self.desk,
            media=self.media,
            require_quota=self.recorder.require_quota,
            check_url=self._fetcher.check,
            longest_seconds=settings.max_recording_seconds,
        )
        self._crew = crew

    async def _discard_media(self, key: str) -> None:
        with suppress(NotFound):
            await self.media.delete(key)

    async def _tell_of_job(self, job: Job) -> None:
        """Tell webhooks of a job that has ended, as Prosa's do; one that somebody cancelled is no news."""
        if job.status not in ("complete", "failed"):
            return
        transcript: Transcript | None = None
        with suppress(NotFound):
            transcript = await self.records.find_transcript(job.organisation, job.id)
        kind = COMPLETED if job.status == "complete" else FAILED
        payload = event_json(job, self._prosa_models, transcript)
        # A job can fail again after somebody had it tried anew: that is other news.
        about = job.id if kind is COMPLETED else f"{job.id} {job.modified_at}"
        await self.webhooks.publish(job.organisation, kind, event_id_of(about, kind), payload, subject=job.id)

    @property
    def _prosa_models(self) -> ProsaModels:
        return ProsaModels(self.settings.prosa_models, self.capabilities.model, self.capabilities.languages)

    def _prosa(self) -> Prosa:
        return Prosa(
            authenticator=self.authenticator,
            desk=self.desk,
            intake=self._intake,
            uploads=self._uploads,
            models=self._prosa_models,
            wait_seconds=self.settings.job_wait_seconds,
        )

    def _recordings(self) -> Recordings:
        return Recordings(authenticator=self.authenticator, desk=self.desk, intake=self._intake, uploads=self._uploads)

    def _routes(self, websockets: Sequence[str]) -> list[web.RouteDef]:
        """Return every HTTP route; `websockets` are the paths of those."""
        return [
            *self._health(websockets).routes(),
            *Documentation(version=__version__, websockets=websockets).routes(),
            *Usage(authenticator=self.authenticator, store=self.store).routes(),
            *Records(
                authenticator=self.authenticator, store=self.records, audio=self.kept_audio, forget=self._forget
            ).routes(),
            *self._evaluation().routes(),
            *self._speaker_routes(),
            *self._webhook_routes().routes(),
            *self._recordings().routes(),
            *self._prosa().routes(),
            *self._deepgram().routes(),
            *self._openai().routes(),
            *self._media().routes(),
        ]

    def _receiving(self) -> tuple[Uploads, Fetcher]:
        """Return who takes recordings out of requests, and who fetches them from where a request says they are."""
        settings = self.settings
        limits = ReceivingLimits(
            max_bytes=settings.max_upload_bytes,
            stall_seconds=settings.upload_stall_seconds,
            reserve_bytes=settings.disk_reserve_bytes,
        )
        uploads = Uploads(make_directory(settings.data_directory / "uploads"), limits)
        fetcher = Fetcher(
            allowed_hosts=settings.fetch_allowed_hosts, limits=limits, max_seconds=settings.max_fetch_seconds
        )
        return uploads, fetcher

    def _media(self) -> Media:
        return Media(
            authenticator=self.authenticator,
            store=self.media,
            signatures=self._signatures,
            signed_seconds=self.settings.signed_url_seconds,
        )

    def _deepgram(self) -> Deepgram:
        return Deepgram(
            authenticator=self.authenticator,
            transcriber=self.transcriber,
            uploads=self._uploads,
            fetcher=self._fetcher,
            capabilities=self.capabilities,
        )

    def _openai(self) -> OpenAI:
        return OpenAI(
            authenticator=self.authenticator,
            secrets=self.client_secrets,
            max_secret_seconds=self.settings.max_client_secret_seconds,
            transcriber=self.transcriber,
            uploads=self._uploads,
            capabilities=self.capabilities,
        )

    def _services(self) -> Services:
        settings = self.settings
        slots = Slots(settings.max_container_sessions)
        spool = make_directory(settings.data_directory / "spool")
        return Services(
            authenticator=self.authenticator,
            recorder=self.recorder,
            registry=self.registry,
            submit=self._submit,
            cancel=self._cancel,
            open_decoder=lambda audio: open_decoder(audio, slots, spool),
            capabilities=self.capabilities,
            spool_directory=spool,
            records=self.keeper,
            kept_audio=self.kept_audio,
            sealed_voices=self._sealed_voices,
            voice_window=self._voice_window,
            clustering=self._clustering,
            recognise=self._recognise,
            observer=self.metrics,
            limits=session_limits(settings),
            runner_limits=RunnerLimits(
                handshake_seconds=settings.handshake_seconds,
                spool_memory_bytes=settings.spool_memory_bytes,
                spool_disk_bytes=settings.spool_disk_bytes,
                unheard_seconds=settings.unheard_seconds,
                outbound_bytes=settings.outbound_bytes,
            ),
        )

    def _speaker_routes(self) -> list[web.RouteDef]:
        """Return where voices are enrolled and records' speakers changed."""
        speakers = Speakers(
            authenticator=self.authenticator,
            enroller=self.voices.enroller,
            records=self.records,
            max_body_bytes=self.settings.max_http_body_bytes,
        )
        edits = SpeakerEdits(
            self.records,
            self._record_voices,
            tell=self.registry.tell,
            flush=self.keeper.flush,
            enrolled=self.voices.book.refresh,
            limits=recognition_limits(self.settings, self._recognition),
        )
        return [
            *speakers.routes(),
            *Clusters(authenticator=self.authenticator, edits=edits, records=self.records).routes(),
        ]

    def _webhook_routes(self) -> WebhookRoutes:
        return WebhookRoutes(
            authenticator=self.authenticator,
            store=self._webhook_store,
            webhooks=self.webhooks,
            check=self._poster.check,
            most_endpoints=self.settings.max_webhook_endpoints,
        )

    def _evaluation(self) -> Evaluation:
        settings = self.settings
        evaluator = Evaluator(
            max_words=settings.max_evaluation_words,
            max_seconds=settings.max_evaluation_seconds,
            max_waiting=settings.max_waiting_evaluations,
        )
        load = load_from(self.records)
        return Evaluation(authenticator=self.authenticator, evaluator=evaluator, load_record=load)

    def _health(self, websockets: Sequence[str]) -> Health:
        return Health(
            version=__version__,
            capabilities=self.capabilities,
            reason=self._reason,
            advice=self._advice,
            look=self._look,
            metrics=self.metrics.render,
            metrics_content_type=CONTENT_TYPE,
            websockets=websockets,
        )

    async def _look(self) -> Condition:
        try:
            await self.store.ping()
            redis = True
        except StoreUnavailable:
            redis = False
        return Condition(
            sessions=len(self.registry),
            max_sessions=self.settings.max_sessions,
            stopping=self._stopping,
            workers={name: worker.alive for name, worker in self._workers.items()},
            redis=redis,
            usage_buffered=self.recorder.buffered,
        )

    def _unavailable(self) -> StreamServerError | None:
        if not all(worker.alive for worker in self._workers.values()):
            return EngineFailed("recognition has failed; the server is about to restart", retry_after_seconds=10.0)
        return self.registry.unavailable()


def is_awaited(worker: str) -> bool:
    """Tell whether somebody live waits for a worker's answers."""
    return worker != LOOKS and not worker.startswith(RECORDED)


def log_progress() -> Callable[[str, int, int], None]:
    """Return a hearer of a download that logs every tenth of each file."""
    tenths: dict[str, int] = {}

    def hear(name: str, here: int, total: int) -> None:
        tenth = 10 * here // total if total else 0
        if tenth > tenths.get(name, -1):
            tenths[name] = tenth
            log.info("fetching the model", file=name, megabytes=round(here / 1e6), percent=10 * tenth)

    return hear


def session_limits(settings: Settings) -> Limits:
    """Return the part of the settings that every session obeys."""
    return Limits(
        idle_seconds=settings.idle_seconds,
        max_session_seconds=settings.max_session_seconds,
        behind_ms=settings.lag_behind_ms,
        overloaded_ms=settings.lag_overloaded_ms,
        partial_interval_ms=settings.partial_interval_ms,
        endpointing_ms=settings.endpointing_ms,
        max_utterance_seconds=settings.max_utterance_seconds,
        start_probability=settings.vad_start_threshold,
        end_probability=settings.vad_end_threshold,
        start_ms=settings.vad_start_ms,
        before_ms=settings.vad_preroll_ms,
    )


def load_limits(settings: Settings) -> LoadLimits:
    """Return the waits at which something is given up."""
    return LoadLimits(
        slow_partials_ms=settings.load_slow_partials_ms,
        finals_only_ms=settings.load_finals_only_ms,
        full_ms=settings.load_full_ms,
        recovery_seconds=settings.load_recovery_seconds,
    )


def make_directory(path: Path) -> Path:
    """Make a directory that only its owner can read; raises `StartupError`."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartupError(f"setting data_directory: {path} cannot be made: {error.strerror or error}") from None
    return path


async def open_database(settings: Settings) -> Database:
    """Return the database of records and voices, its tables brought to this version; raises `StartupError`."""
    try:
        return await Database.open(settings.database_url or make_directory(settings.data_directory) / DATABASE_NAME)
    except (StoreUnavailable, InternalError) as error:
        name = "database_url" if settings.database_url else "data_directory"
        raise StartupError(f"setting {name}: {error.message}") from None


def _load_listener(settings: Settings) -> VoiceListener:
    """Load the speaker networks and run them once; raises `ModelUnavailable`."""
    networks = load_listener(settings.speaker_segmentation, settings.speaker_embedder, settings.data_directory)
    listener = VoiceListener(networks)
    listener.warm_up()
    return listener


def _load_silero() -> Silero:
    silero = Silero(find_graph())
    silero.warm_up()
    return silero
