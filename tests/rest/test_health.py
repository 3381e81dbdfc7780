"""Health, readiness and metrics over HTTP."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer

from stream_server.asr.scripted import ScriptedEngine
from stream_server.backlog import Backlog
from stream_server.rest.application import make_application
from stream_server.rest.health import Condition, Health

FINE = Condition(
    sessions=3,
    max_sessions=9,
    stopping=False,
    workers={"asr": True, "vad": True},
    redis=True,
    usage_buffered=0,
    records_waiting_bytes=0,
    backlog=Backlog(recordings=4, webhooks=5, webhooks_dead=6),
)


def health(condition: Condition) -> TestServer:
    """Serve this condition."""

    async def look() -> Condition:
        return condition

    async def metrics() -> bytes:
        return b"one 1\n"

    shown = Health(
        version="1.2.3",
        capabilities=ScriptedEngine().capabilities,
        look=look,
        metrics=metrics,
        metrics_content_type="text/plain; version=0.0.4; charset=utf-8",
    )
    return TestServer(make_application(shown.routes(), max_body_bytes=100))


@pytest.mark.parametrize(
    ("condition", "status", "word"),
    [
        (FINE, 200, "ready"),
        (replace(FINE, sessions=9), 200, "ready"),
        (replace(FINE, redis=False, usage_buffered=7), 200, "degraded"),
        (replace(FINE, backlog=None, records_waiting_bytes=700), 200, "degraded"),
        (replace(FINE, stopping=True), 503, "unavailable"),
        (replace(FINE, workers={"asr": False, "vad": True}), 503, "unavailable"),
    ],
)
async def test_readiness(condition: Condition, status: int, word: str) -> None:
    """Red when no session can start; without Redis known keys go on, without the database sessions: that is told."""
    async with TestClient(health(condition)) as client, client.get("/health/ready") as answer:
        body = await answer.json()
    assert (answer.status, body["status"]) == (status, word)
    assert (body["engine"], body["model"], body["device"]) == ("scripted", "scripted", "cpu")
    assert body["redis"] == ("up" if condition.redis else "away")
    assert body["usage_buffered"] == condition.usage_buffered
    assert body["records_waiting_bytes"] == condition.records_waiting_bytes
    waiting = [body[name] for name in ("database", "recordings_waiting", "webhooks_waiting", "webhooks_dead")]
    assert waiting == (["up", 4, 5, 6] if condition.backlog else ["away", None, None, None])
    assert body["workers"] == {name: "alive" if alive else "dead" for name, alive in condition.workers.items()}
    assert (body["sessions"], body["max_sessions"]) == (condition.sessions, 9)


async def test_live_and_metrics() -> None:
    """Liveness asks nothing; metrics have Prometheus' content type."""
    async with TestClient(health(replace(FINE, stopping=True))) as client:
        async with client.get("/health/live") as answer:
            assert await answer.json() == {"status": "live"}
        async with client.get("/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            assert await answer.text() == "one 1\n"
