"""Count what happens, for Prometheus. Observes sessions and workers; the path of words does not know it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from stream_server.backlog import Backlog
from stream_server.events import Event, Final, Partial
from stream_server.session.observer import Observer
from stream_server.webhooks.delivery import State

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

LAG_BUCKETS = (0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 15.0, 30.0)
"""Seconds; finest where a caption still feels live."""

RUN_BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds: Silero answers in milliseconds, a large model on a CPU in seconds."""

BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128)


ATTEMPTS: Mapping[State, str] = {"delivered": "delivered", "pending": "again", "failed": "failed"}
"""What an attempt at a webhook has come to, by the state of its delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What is read when metrics are asked for. `backlog` is None while the database does not answer."""

    workers: Mapping[str, Callable[[], float]]
    usage_buffered: Callable[[], float]
    records_waiting_bytes: Callable[[], float]
    recordings_running: Callable[[], float]
    requests_waiting: Callable[[], float]
    backlog: Callable[[], Backlog | None]


class Metrics(Observer):
    """Every metric of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own: dict[str, Any] = {"namespace": "stream_server", "registry": self.registry}
        self._open = Gauge("sessions_open", "Sessions now", ["dialect"], **own)
        self._ended = Counter("sessions", "Sessions that ended", ["dialect", "outcome"], **own)
        self._refused = Counter("refused", "Conversations refused", ["dialect", "code"], **own)
        self._audio = Counter("audio_seconds", "Audio heard, session clock", ["dialect"], **own)
        self._speech = Counter("speech_seconds", "Speech heard, summed over tracks", ["dialect"], **own)
        self._removed = Counter("guard_removed_words", "Words taken for hallucinations", ["reason"], **own)
        self._dropped = Counter("partials_dropped", "Partials replaced before their client read them", **own)
        self._events = Counter("events", "Events sent", ["type"], **own)
        lag = Histogram("lag_seconds", "From the last sample to the text", ["type"], buckets=LAG_BUCKETS, **own)
        self._lags = {Partial: lag.labels("partial"), Final: lag.labels("final")}
        self._batch = Histogram("batch_size", "Windows in one call", ["kind"], buckets=BATCH_BUCKETS, **own)
        self._run = Histogram("run_seconds", "One call of the model", ["kind"], buckets=RUN_BUCKETS, **own)
        self._queue = Histogram("queue_seconds", "Wait for a batch", ["kind"], buckets=RUN_BUCKETS, **own)
        self._backlog = Gauge("backlog", "Windows that wait for a batch", ["worker"], **own)
        self._load = Gauge("load_level", "0 normal, 1 slow partials, 2 finals only, 3 full", **own)
        self._buffered = Gauge("usage_buffered", "Usage marks on disk that wait for Redis", **own)
        self._records = Gauge("records_waiting_bytes", "Records in memory that wait for the database", **own)
        self._database = Gauge("database_up", "1 if the database answers", **own)
        self._running = Gauge("recordings_running", "Recordings worked on now, jobs and requests", **own)
        self._waiting = Gauge("recordings_waiting", "Recordings that nobody works on yet", ["kind"], **own)
        self._recordings = Counter("recordings", "Recordings that ended", ["kind", "outcome"], **own)
        self._recorded = Counter("recording_seconds", "Seconds of recordings worked on", ["stage"], **own)
        self._attempts = Counter("webhook_attempts", "Requests to webhook endpoints", ["outcome"], **own)
        self._unsent = Gauge("webhooks_waiting", "Webhook deliveries that are due or tried again later", **own)
        self._dead = Gauge("webhooks_dead", "Events that a webhook endpoint never took", **own)

    def watch(self, levels: Levels) -> None:
        """Read these when metrics are asked for."""
        for name, size in levels.workers.items():
            self._backlog.labels(name).set_function(size)
        self._buffered.set_function(levels.usage_buffered)
        self._records.set_function(levels.records_waiting_bytes)
        self._running.set_function(levels.recordings_running)
        self._waiting.labels("request").set_function(levels.requests_waiting)

        def known(read: Callable[[Backlog], float]) -> Callable[[], float]:
            return lambda: math.nan if (backlog := levels.backlog()) is None else read(backlog)

        self._database.set_function(lambda: levels.backlog() is not None)
        self._waiting.labels("job").set_function(known(lambda backlog: backlog.recordings))
        self._unsent.set_function(known(lambda backlog: backlog.webhooks))
        self._dead.set_function(known(lambda backlog: backlog.webhooks_dead))

    def render(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)

    # ── the worker's thread ─────────────────────────────────────────────────────────────────────────────────────────

    def batch(self, kind: str, size: int, seconds: float, waits: list[float]) -> None:
        """Note a batch: its kind, size, run time and how long each item waited."""
        self._batch.labels(kind).observe(size)
        self._run.labels(kind).observe(seconds)
        queue = self._queue.labels(kind)
        for wait in waits:
            queue.observe(wait)

    # ── the event loop ──────────────────────────────────────────────────────────────────────────────────────────────

    def session_opened(self, dialect: str) -> None:
        """Note a session that has begun."""
        self._open.labels(dialect).inc()

    def session_closed(self, dialect: str, outcome: str) -> None:
        """Note its end."""
        self._open.labels(dialect).dec()
        self._ended.labels(dialect, outcome).inc()

    def heard(self, dialect: str, audio_seconds: float, speech_seconds: float) -> None:
        """Note what a session has heard since it was last told of."""
        self._audio.labels(dialect).inc(audio_seconds)
        self._speech.labels(dialect).inc(speech_seconds)

    def words_removed(self, reason: str, count: int) -> None:
        """Note words that the guards removed."""
        self._removed.labels(reason).inc(count)

    def refused(self, dialect: str, code: str) -> None:
        """Note a conversation that never became a session."""
        self._refused.labels(dialect, code).inc()

    def event(self, event: Event) -> None:
        """Note an event, and how old its last sample is."""
        self._events.labels(type(event).__name__).inc()
        if isinstance(event, Partial | Final):
            self._lags[type(event)].observe(event.lag_ms / 1000)

    def load_changed(self, level: int) -> None:
        """Note what is given up now."""
        self._load.set(level)

    def partials_dropped(self, count: int) -> None:
        """Note partials that nobody saw."""
        self._dropped.inc(count)

    def recording_decoded(self, seconds: float) -> None:
        """Note how fast recordings are read."""
        self._recorded.labels("decoded").inc(seconds)

    def recording_recognised(self, seconds: float) -> None:
        """Note how fast they become words."""
        self._recorded.labels("recognised").inc(seconds)

    def recording_ended(self, kind: str, outcome: str) -> None:
        """Note a recording's end."""
        self._recordings.labels(kind, outcome).inc()

    def webhook_tried(self, state: State) -> None:
        """Note an attempt at a webhook, and what its delivery is now."""
        self._attempts.labels(ATTEMPTS[state]).inc()
