"""The composition root: builds everything, owns the order of start and stop.

Start: Redis → store → keys and usage → database, voices, webhooks and records → models and their threads → sessions →
       port → jobs.
Stop:  give jobs back → refuse new sessions → finish the live ones → close the port → drain the workers and end their
       threads → write records down → stop sending webhooks → close the database → write usage down → close the store →
       let Redis go.
       It is the start backwards; what never started is not stopped.

What a part is made of stands in its `open_…` module; `http_routes` puts them behind HTTP.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from types import TracebackType
from typing import Self

import structlog

from stream_server import __version__
from stream_server.asr.engine import Engine
from stream_server.audio.containers import Containers
from stream_server.audio.decoding import open_decoder
from stream_server.audio.fork_server import ForkServer
from stream_server.auth import Authenticator
from stream_server.backlog import BacklogWatch
from stream_server.diarize.voices import Embedding
from stream_server.errors import EngineFailed, StartupError, StoreUnavailable, StreamServerError
from stream_server.http_routes import HttpRoutes
from stream_server.journaling import JournalKeeper
from stream_server.kept_audio import KeptAudio
from stream_server.media_retention import MediaRetention
from stream_server.metrics import CONTENT_TYPE, Levels, Metrics
from stream_server.net.admission import check_open_access, is_loopback
from stream_server.net.own_names import own_names
from stream_server.net.port import Port
from stream_server.net.routes import make_routes
from stream_server.net.self_signed import FILE_NAME as CERTIFICATE_NAME
from stream_server.net.self_signed import SelfSigned
from stream_server.net.tls import make_tls
from stream_server.open_recordings import OpenRecordings, open_recordings
from stream_server.open_stores import find_journals, find_redis, make_directory, open_database, open_media
from stream_server.open_voices import OpenVoices, open_voices, recognise_with, recognition_limits
from stream_server.open_webhooks import OpenWebhooks, open_webhooks
from stream_server.open_workers import Workers
from stream_server.record_voices import RecordVoices
from stream_server.recording import RecordKeeper
from stream_server.rest.application import make_application
from stream_server.rest.health import Condition, Health
from stream_server.session.load import LoadGauge, LoadLevel
from stream_server.session.opening import abandon, begin, refuse
from stream_server.session.registry import Registry
from stream_server.session.services import Services
from stream_server.session.serving import serve_session
from stream_server.session_settings import container_limits, load_limits, runner_limits, session_limits
from stream_server.settings import Settings
from stream_server.signatures import KEY_NAME as MEDIA_KEY_NAME
from stream_server.signatures import Signatures
from stream_server.store.base import Store
from stream_server.store.media import MediaStore
from stream_server.store.redis import RedisStore
from stream_server.store.sealing import Seal, find_key
from stream_server.store.sql import Database
from stream_server.store.sql_records import SqlRecordStore
from stream_server.store.sql_vocabularies import SqlVocabularies
from stream_server.tokens import Tokens
from stream_server.usage import UsageRecorder
from stream_server.vocabularies import VocabularyBook
from stream_server.work import Result

log = structlog.get_logger(__name__)

NO_TLS = "--tls-self-signed, a certificate, or a proxy that speaks TLS"


class App:
    """One server. `async with App(settings) as app` runs it; `wait` returns when it should stop.

    `store` replaces Redis, `engine` the chosen one; both are for tests.
    """

    url: str
    store: Store
    authenticator: Authenticator
    recorder: UsageRecorder
    database: Database
    records: SqlRecordStore
    kept_audio: KeptAudio
    voices: OpenVoices
    vocabularies: VocabularyBook
    webhooks: OpenWebhooks
    keeper: RecordKeeper
    journals: JournalKeeper | None = None
    media: MediaStore
    workers: Workers
    registry: Registry
    recordings: OpenRecordings
    backlog: BacklogWatch
    certificate: SelfSigned | None = None

    def __init__(self, settings: Settings, *, store: Store | None = None, engine: Engine | None = None) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self._given_store = store
        self._given_engine = engine
        self._fork_server = ForkServer()
        self._stack = AsyncExitStack()
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
            self._open_media()
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
        if self._given_store is not None:
            self.store = self._given_store
            return
        handle = await find_redis(self.settings)
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
        self._tokens = Tokens(self._signing_key)
        open_access = not await self.store.has_keys()
        if open_access:
            check_open_access(settings.host)
            log.warning("no API keys exist: anybody on this machine may connect; `stream-server keys create` makes one")
        self.authenticator = Authenticator(
            self.store,
            open_access=open_access,
            fresh_seconds=settings.key_fresh_seconds,
            stale_seconds=settings.key_stale_seconds,
            find_token=self._tokens.find,
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

    # ── records, voices, media ──────────────────────────────────────────────────────────────────────────────────────

    async def _open_records(self) -> None:
        settings = self.settings
        self.database = await open_database(settings)
        self._stack.push_async_callback(self.database.close)
        self.records = SqlRecordStore(self.database)
        self.kept_audio = KeptAudio(settings.data_directory / "audio")
        self._stack.push_async_callback(self.kept_audio.stop)
        self._stack.push_async_callback(self._fork_server.close)
        self.voices = await open_voices(settings, self.database, self._fork_server, recorded=self._note_record_voices)
        await self.voices.enroller.start()
        self._stack.push_async_callback(self.voices.close)
        self.vocabularies = VocabularyBook(
            SqlVocabularies(self.database), refresh_seconds=settings.vocabulary_refresh_seconds
        )
        self._stack.push_async_callback(self.vocabularies.stop)
        self.webhooks = await open_webhooks(settings, self.database, self.voices.seal, tried=self.metrics.webhook_tried)
        self._stack.push_async_callback(self.webhooks.close)
        self.keeper = RecordKeeper(
            self.records,
            forget=self._forget,
            keep=settings.keep_records,
            retention_days=settings.record_retention_days,
            buffer_bytes=settings.record_buffer_bytes,
        )
        await self.keeper.start()
        self._stack.push_async_callback(self.keeper.stop)
        if settings.resume_seconds > 0:
            self.journals = JournalKeeper(
                find_journals(self.store), resume_seconds=settings.resume_seconds, seal=self.voices.seal
            )
            await self.journals.start()
            self._stack.push_async_callback(self.journals.stop)

    async def _forget(self, record_ids: Sequence[str]) -> None:
        """Delete what was kept of records besides themselves."""
        await self.kept_audio.forget(record_ids)
        await self.webhooks.deliveries.forget(record_ids)

    def _note_record_voices(self, seal: Seal, embedder: str) -> RecordVoices:
        self._record_voices = RecordVoices(self.records, seal, embedder)
        return self._record_voices

    def _sealed_voices(self, session_id: str, voices: Mapping[int, Embedding]) -> tuple[str, bytes]:
        """Return what a record may keep of how its speakers sound, and which network heard them."""
        return self._record_voices.embedder, self._record_voices.sealed(session_id, voices)

    def _open_media(self) -> None:
        """Open where recordings are kept, and begin to let go of the old ones."""
        self.media = open_media(self.settings)
        retention = MediaRetention(self.media, days=self.settings.media_retention_days)
        retention.start()
        self._stack.push_async_callback(retention.stop)

    # ── models, threads, sessions ───────────────────────────────────────────────────────────────────────────────────

    async def _start_workers(self) -> None:
        self.workers = Workers(
            self.settings,
            deliver=self._deliver,
            on_batch=self.metrics.batch,
            on_death=self._on_death,
            has_live=lambda: len(self.registry) > 0,
            engine=self._given_engine,
        )
        self.registry = Registry(
            self.settings.max_sessions,
            gauge=LoadGauge(load_limits(self.settings)),
            wait_seconds=self.workers.wait_seconds,
            on_load=self._note_load,
        )
        self._stack.push_async_callback(self.workers.close)
        await self.workers.start()
        self._recognition = recognition_limits(self.settings, self.workers.recognition)

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

    def _services(self) -> Services:
        settings = self.settings
        spool = make_directory(settings.data_directory / "spool")
        containers = Containers(
            self._fork_server, settings.max_container_sessions, spool=spool, limits=container_limits(settings)
        )
        return Services(
            authenticator=self.authenticator,
            recorder=self.recorder,
            registry=self.registry,
            submit=self.workers.submit,
            cancel=self.workers.cancel,
            open_decoder=lambda audio: open_decoder(audio, containers),
            capabilities=self.workers.capabilities,
            spool_directory=spool,
            records=self.keeper,
            journals=self.journals,
            kept_audio=self.kept_audio,
            sealed_voices=self._sealed_voices,
            voice_window=self.workers.voice_window,
            clustering=self.workers.clustering,
            recognise=recognise_with(self.voices.book, self._recognition),
            vocabularies=self.vocabularies,
            redact=settings.redact,
            observer=self.metrics,
            limits=session_limits(settings),
            runner_limits=runner_limits(settings),
        )

    # ── the port, jobs ──────────────────────────────────────────────────────────────────────────────────────────────

    async def _open_port(self) -> None:
        settings = self.settings
        services = self._services()
        self.recordings = await open_recordings(
            settings,
            replace(services, submit=self.workers.submit_recorded),
            store=self.store,
            database=self.database,
            records=self.records,
            media=self.media,
            webhooks=self.webhooks.deliveries,
        )
        self._stack.push_async_callback(self.recordings.close)
        await self._watch()
        websockets = make_routes(
            prosa_models=settings.prosa_models,
            max_session_seconds=settings.max_session_seconds,
            deepgram_idle_seconds=settings.deepgram_idle_seconds,
            deepgram_endpointing_ms=settings.deepgram_endpointing_ms,
        )
        port = Port(
            make_application(
                self.http_routes(tuple(websockets)).routes(),
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
            local_only=self.authenticator.is_open,
            max_message_bytes=settings.max_message_bytes,
            handshake_seconds=settings.handshake_seconds,
            ping_seconds=settings.ping_seconds,
        )
        tls = await self._open_tls()
        number = await port.open(settings.host, settings.port, tls)
        self._stack.push_async_callback(port.close)
        self.registry.start()
        self._stack.push_async_callback(self.registry.drain, settings.shutdown_grace_seconds)
        await self.recordings.crew.start()
        # Before sessions end: what is given back is not taken again.
        self._stack.push_async_callback(self.recordings.crew.stop)
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.url = f"{'https' if tls else 'http'}://{host}:{number}"

    async def _watch(self) -> None:
        """Let health and metrics know what waits, from the first time that they are asked."""
        self.backlog = BacklogWatch(self.recordings.jobs, self.webhooks.store)
        self._stack.push_async_callback(self.backlog.stop)
        await self.backlog.look()
        self.metrics.watch(
            Levels(
                workers=self.workers.backlogs,
                usage_buffered=lambda: self.recorder.buffered,
                records_waiting_bytes=lambda: self.keeper.waiting_bytes,
                recordings_running=lambda: self.registry.recordings,
                requests_waiting=lambda: self.recordings.line.waiting,
                backlog=lambda: self.backlog.known,
            )
        )

    async def _open_tls(self) -> ssl.SSLContext | None:
        """Return the server's side of TLS if it speaks that; a certificate of its own is looked after."""
        settings = self.settings
        if not settings.tls_self_signed:
            if settings.tls_certificate is None and not is_loopback(settings.host):
                log.info("browsers give no microphone to pages of this address: it is not https", help=NO_TLS)
            return make_tls(settings.tls_certificate, settings.tls_key)
        path = make_directory(settings.data_directory) / CERTIFICATE_NAME
        self.certificate = await asyncio.to_thread(SelfSigned, path, (*own_names(), *settings.tls_names))
        self.certificate.start()
        self._stack.push_async_callback(self.certificate.stop)
        return self.certificate.context

    def http_routes(self, websockets: Sequence[str]) -> HttpRoutes:
        """Return all that HTTP reaches; `websockets` are the paths of those."""
        return HttpRoutes(
            settings=self.settings,
            store=self.store,
            authenticator=self.authenticator,
            tokens=self._tokens,
            capabilities=self.workers.capabilities,
            health=self._health(),
            websockets=websockets,
            records=self.records,
            keeper=self.keeper,
            journals=self.journals,
            kept_audio=self.kept_audio,
            forget=self._forget,
            voices=self.voices,
            vocabularies=self.vocabularies,
            record_voices=self._record_voices,
            recognition=self._recognition,
            registry=self.registry,
            webhooks=self.webhooks,
            media=self.media,
            signatures=Signatures(self._signing_key),
            recordings=self.recordings,
        )

    def _health(self) -> Health:
        return Health(
            version=__version__,
            capabilities=self.workers.capabilities,
            reason=self.workers.reason,
            advice=self.workers.advice,
            look=self._look,
            metrics=self._render_metrics,
            metrics_content_type=CONTENT_TYPE,
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
            workers=self.workers.alive,
            redis=redis,
            usage_buffered=self.recorder.buffered,
            records_waiting_bytes=self.keeper.waiting_bytes,
            backlog=await self.backlog.look(),
        )

    async def _render_metrics(self) -> bytes:
        await self.backlog.look()
        return self.metrics.render()

    def _unavailable(self) -> StreamServerError | None:
        if not all(self.workers.alive.values()):
            return EngineFailed("recognition has failed; the server is about to restart", retry_after_seconds=10.0)
        return self.registry.closed_to_all()
