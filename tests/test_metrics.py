"""Metrics count what observers see."""

from __future__ import annotations

from stream_server.events import Final, Partial
from stream_server.metrics import Metrics


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
    """Backlogs and buffered usage are those of the moment; two servers do not share metrics."""
    metrics, waiting = Metrics(), [3]
    metrics.watch(backlogs={"asr": lambda: waiting[0]}, usage_buffered=lambda: 2)
    assert b'stream_server_backlog{worker="asr"} 3.0' in metrics.render()
    waiting[0] = 1
    assert b'stream_server_backlog{worker="asr"} 1.0' in metrics.render()
    assert b"stream_server_usage_buffered 2.0" in metrics.render()
    assert b"backlog{" not in Metrics().render()
