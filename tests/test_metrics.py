"""Metrics count what observers see."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import get_args

import pytest

from stream_server.backlog import Backlog
from stream_server.events import Final, Partial
from stream_server.metrics import ATTEMPTS, Levels, Metrics
from stream_server.webhooks.delivery import State

NOTHING = Levels(
    workers={},
    usage_buffered=lambda: 0,
    records_waiting_bytes=lambda: 0,
    recordings_running=lambda: 0,
    requests_waiting=lambda: 0,
    backlog=lambda: None,
)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """Return a sample."""
    return metrics.registry.get_sample_value(f"stream_server_{name}", labels)


def test_a_session_is_counted_once() -> None:
    """Open while it lasts; its end, audio and speech are added up."""
    metrics = Metrics()
    metrics.session_opened("native")
    metrics.session_opened("native")
    assert value(metrics, "sessions_open", dialect="native") == 2
    metrics.heard("native", 1.5, 0.25)
    metrics.heard("native", 0.5, 0.25)
    metrics.words_removed("loop", 3)
    metrics.session_closed("native", "ok")
    assert value(metrics, "sessions_open", dialect="native") == 1
    assert value(metrics, "sessions_total", dialect="native", outcome="ok") == 1
    assert value(metrics, "audio_seconds_total", dialect="native") == 2
    assert value(metrics, "speech_seconds_total", dialect="native") == 0.5
    assert value(metrics, "guard_removed_words_total", reason="loop") == 3


def test_events_and_their_lag() -> None:
    """Finals and partials tell how old they are."""
    metrics = Metrics()
    metrics.event(
        Final(
            sequence=1,
            track=0,
            speaker=None,
            utterance_id="u",
            start=0,
            end=1,
            words=(),
            text="",
            language=None,
            lag_ms=250,
        )
    )
    metrics.event(
        Partial(
            sequence=1,
            track=0,
            utterance_id="u",
            start=0,
            end=1,
            stable=(),
            tentative=(),
            stable_text="",
            tentative_text="",
            language=None,
            lag_ms=100,
        )
    )
    assert value(metrics, "events_total", type="Final") == 1
    assert value(metrics, "lag_seconds_sum", type="final") == 0.25
    assert value(metrics, "lag_seconds_sum", type="partial") == 0.1


def test_batches_refusals_and_drops() -> None:
    """A worker's batches are told by kind; refusals by code."""
    metrics = Metrics()
    metrics.batch("final", 4, 0.5, [0.1, 0.2])
    metrics.refused("prosa", "invalid_key")
    metrics.partials_dropped(5)
    assert value(metrics, "batch_size_sum", kind="final") == 4
    assert value(metrics, "run_seconds_sum", kind="final") == 0.5
    assert value(metrics, "queue_seconds_count", kind="final") == 2
    assert value(metrics, "refused_total", dialect="prosa", code="invalid_key") == 1
    assert value(metrics, "partials_dropped_total") == 5


def test_gauges_are_read_when_asked_for() -> None:
    """What waits is what waits at the moment; two servers do not share metrics."""
    metrics, waiting = Metrics(), [3]
    metrics.watch(replace(NOTHING, workers={"asr": lambda: waiting[0]}, usage_buffered=lambda: 2))
    assert b'stream_server_backlog{worker="asr"} 3.0' in metrics.render()
    waiting[0] = 1
    assert b'stream_server_backlog{worker="asr"} 1.0' in metrics.render()
    assert b"stream_server_usage_buffered 2.0" in metrics.render()
    assert b"backlog{" not in Metrics().render()


def test_what_waits_in_the_database_is_not_known_while_it_is_away() -> None:
    """Then it is no number, for nought would say that all is well."""
    metrics, known = Metrics(), [Backlog(recordings=1, webhooks=2, webhooks_dead=3), None]
    metrics.watch(replace(NOTHING, requests_waiting=lambda: 4, backlog=lambda: known[0]))

    def told() -> list[float | None]:
        names = ("webhooks_waiting", "webhooks_dead", "database_up")
        return [value(metrics, "recordings_waiting", kind="job"), *(value(metrics, name) for name in names)]

    assert told() == [1, 2, 3, 1]
    del known[0]
    assert told() == pytest.approx([math.nan, math.nan, math.nan, 0], nan_ok=True)
    assert value(metrics, "recordings_waiting", kind="request") == 4


def test_recordings_and_webhooks_are_counted() -> None:
    """Recordings by how they ended, their seconds by how far they came; webhooks by what each attempt came to."""
    metrics = Metrics()
    metrics.recording_decoded(20.0)
    metrics.recording_recognised(12.0)
    metrics.recording_ended("job", "ok")
    for state in get_args(State):
        metrics.webhook_tried(state)
    assert value(metrics, "recording_seconds_total", stage="decoded") == 20
    assert value(metrics, "recording_seconds_total", stage="recognised") == 12
    assert value(metrics, "recordings_total", kind="job", outcome="ok") == 1
    assert [value(metrics, "webhook_attempts_total", outcome=name) for name in ATTEMPTS.values()] == [1, 1, 1]
