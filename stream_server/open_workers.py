"""Loads the models and gives each the thread that owns it: those who hear speech, words and voices."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import structlog

from stream_server.asr.engine import Capabilities, Engine
from stream_server.asr.loading import EngineWish, find_engine, load_engines
from stream_server.asr.worker import BatchObserver, BatchWorker
from stream_server.audio.silero import Silero
from stream_server.audio.silero_weights import find_graph
from stream_server.diarize.clustering import ClusteringLimits
from stream_server.diarize.listening import SecondLooks, VoiceListener
from stream_server.diarize.recognition import RecognitionLimits
from stream_server.errors import ModelUnavailable, StartupError
from stream_server.open_voices import load_listener
from stream_server.settings import Settings
from stream_server.work import DetectSpeech, Listen, LookAgain, Result, Work

log = structlog.get_logger(__name__)

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


class Workers:
    """All workers of a server. What is set in `start` is there after it; `close` ends whatever was started.

    `deliver` and `on_death` are called in a worker's thread, `has_live` too; `engine` replaces the chosen one.
    `voice_window` is the length of the windows in which voices are told apart; None where they are not.
    """

    capabilities: Capabilities

    def __init__(
        self,
        settings: Settings,
        *,
        deliver: Callable[[list[Result]], None],
        on_batch: BatchObserver,
        on_death: Callable[[BaseException], None],
        has_live: Callable[[], bool],
        engine: Engine | None = None,
    ) -> None:
        self._settings = settings
        self._deliver = deliver
        self._on_batch = on_batch
        self._on_death = on_death
        self._has_live = has_live
        self._given_engine = engine
        self._workers: dict[str, BatchWorker] = {}
        self._courtesy = threading.Lock()
        self._stack = AsyncExitStack()
        self.reason, self.advice = "given", ""
        self.voice_window: int | None = None
        self.clustering, self.recognition = ClusteringLimits(), RecognitionLimits()

    async def start(self) -> None:
        """Load the models and start their threads; raises `StartupError` and `ModelUnavailable`."""
        wish, small = engine_wish(self._settings), self._settings.partial_model
        partials = await self._load(replace(wish, model=small)) if small else []
        engines = [self._given_engine] if self._given_engine else await self._load(wish)
        engines = await self._punctuated(engines)
        self.capabilities = engines[0].capabilities
        silero = await self._load_silero()
        # A GPU runs partials in batches, of which a final waits for one at most; it is worth more than a core.
        shared = self.capabilities.device == "cpu" and len(engines) > 1 and not partials
        for_finals = -(-len(engines) // 2) if shared else 0
        listener = await self._load_listener()
        self._start_worker("asr", engines, max_batch=self.capabilities.max_batch, for_finals=for_finals)
        self._start_worker("vad", [silero], max_batch=VAD_BATCH)
        self._start_worker(RECORDED + "vad", [await self._load_silero()], max_batch=VAD_BATCH)
        if partials:
            self._start_partials(partials)
        if listener is not None:
            await self._start_voices(listener)

    async def close(self) -> None:
        """Let the workers drain, end their threads and free the models."""
        await self._stack.aclose()

    def submit(self, work: Work) -> None:
        """Hand out work of a live session."""
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

    def submit_recorded(self, work: Work) -> None:
        """Hand out work of a finished recording: its speech and voices have workers that nobody live waits for."""
        if isinstance(work, DetectSpeech):
            self._workers[RECORDED + "vad"].submit(work)
        elif isinstance(work, Listen):
            self._workers[RECORDED + "voices"].submit(work)
        else:
            self.submit(work)

    def cancel(self, session_id: str) -> None:
        """Forget what waits of a session."""
        for worker in self._workers.values():
            worker.cancel(session_id)

    @property
    def alive(self) -> dict[str, bool]:
        """Which workers live."""
        return {name: worker.alive for name, worker in self._workers.items()}

    @property
    def backlogs(self) -> dict[str, Callable[[], int]]:
        """What tells how much waits for each worker."""
        return {name: partial(getattr, worker, "backlog") for name, worker in self._workers.items()}

    def wait_seconds(self) -> float:
        """Return how long the longest waiting of all that is live has waited for its turn."""
        return max(worker.wait_seconds for name, worker in self._workers.items() if _is_awaited(name))

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
        self.reason, self.advice = found.reason, found.advice
        return load_engines(found, wish)

    async def _punctuated(self, engines: list[Engine]) -> list[Engine]:
        """Put the punctuation model behind engines that write no marks, each a model of its own; others need none."""
        directory = self._settings.punctuation_model
        if directory is None:
            return engines
        if engines[0].capabilities.punctuates:
            log.info(
                "the engine punctuates: the punctuation model is not loaded", engine=engines[0].capabilities.engine
            )
            return engines
        return await asyncio.to_thread(_punctuated, engines, directory)

    async def _load_silero(self) -> Silero:
        silero = await asyncio.to_thread(_load_silero)
        self._stack.callback(silero.close)
        return silero

    async def _load_listener(self) -> VoiceListener | None:
        """Return the speaker networks; None where they are not wanted or cannot be had, which is said."""
        if not self._settings.diarization:
            return None
        try:
            return await asyncio.to_thread(_load_listener, self._settings)
        except ModelUnavailable as error:
            log.warning("voices are not told apart", reason=error.message)
            return None

    def _start_partials(self, engines: list[Engine]) -> None:
        """Give partials a model of their own; its words must be tokens that the finals' model knows."""
        capabilities = engines[0].capabilities
        if capabilities.detects_language != self.capabilities.detects_language:
            raise StartupError("setting partial_model: an English model and a multilingual one share no tokens")
        self._start_worker("partials", engines, max_batch=capabilities.max_batch)

    async def _start_voices(self, listener: VoiceListener) -> None:
        """Begin to tell voices apart, by the limits that the embedder brings."""
        embedder = listener.listener.embedder
        self.voice_window = listener.listener.window_samples
        self.clustering, self.recognition = embedder.clustering, embedder.recognition
        self._start_worker("voices", [listener], max_batch=VOICE_BATCH)
        self._start_worker(LOOKS, [SecondLooks(self.clustering)], max_batch=1)
        second = await asyncio.to_thread(_load_listener, self._settings)
        self._start_worker(RECORDED + "voices", [second], max_batch=VOICE_BATCH)

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
            gather_ms=0 if name.startswith(RECORDED) else self._settings.batch_gather_ms,
            max_batch=max_batch,
            partial_deadline_ms=self._settings.partial_deadline_ms,
            partial_batch_ms=self._settings.partial_batch_ms,
            on_batch=self._on_batch,
            on_death=self._on_death,
            has_live=self._has_live,
            courtesy=self._courtesy,
            in_background=name.startswith(RECORDED),
            probe=lambda model: model.warm_up(),
        )
        worker.start()
        self._workers[name] = worker
        self._stack.push_async_callback(asyncio.to_thread, worker.stop, True, WORKER_PATIENCE_SECONDS)


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


def log_progress() -> Callable[[str, int, int], None]:
    """Return a hearer of a download that logs every tenth of each file."""
    tenths: dict[str, int] = {}

    def hear(name: str, here: int, total: int) -> None:
        tenth = 10 * here // total if total else 0
        if tenth > tenths.get(name, -1):
            tenths[name] = tenth
            log.info("fetching the model", file=name, megabytes=round(here / 1e6), percent=10 * tenth)

    return hear


def _is_awaited(worker: str) -> bool:
    """Tell whether somebody live waits for a worker's answers."""
    return worker != LOOKS and not worker.startswith(RECORDED)


def _load_listener(settings: Settings) -> VoiceListener:
    """Load the speaker networks and run them once; raises `ModelUnavailable`."""
    networks = load_listener(settings.speaker_segmentation, settings.speaker_embedder, settings.data_directory)
    listener = VoiceListener(networks)
    listener.warm_up()
    return listener


def _punctuated(engines: Sequence[Engine], directory: Path) -> list[Engine]:
    from stream_server.asr.punctuated import PunctuatedEngine
    from stream_server.asr.punctuator import Punctuator

    return [PunctuatedEngine(engine, Punctuator(directory)) for engine in engines]


def _load_silero() -> Silero:
    silero = Silero(find_graph())
    silero.warm_up()
    return silero
