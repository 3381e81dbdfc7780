"""Say whether the server lives, whether it is ready, and how it fares."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass

from aiohttp import web

from stream_server.asr.engine import Capabilities
from stream_server.backlog import Backlog


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How the server fares at a moment. `workers` tells which threads are alive.

    `backlog` is None while the database does not answer; `records_waiting_bytes` then wait for it in memory.
    """

    sessions: int
    max_sessions: int
    stopping: bool
    workers: Mapping[str, bool]
    redis: bool
    usage_buffered: int
    records_waiting_bytes: int
    backlog: Backlog | None

    @property
    def status(self) -> str:
        """Return "ready"; "degraded" while Redis or the database is away; "unavailable" if no session can start.

        Without Redis known keys go on, without the database sessions do. A full server is ready: it answers each
        handshake itself.
        """
        if self.stopping or not all(self.workers.values()):
            return "unavailable"
        return "ready" if self.redis and self.backlog is not None else "degraded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Handlers; `look` finds out the condition, `metrics` renders Prometheus' text.

    `reason` says why this engine was chosen, `advice` how to get a better one.
    """

    version: str
    capabilities: Capabilities
    reason: str = ""
    advice: str = ""
    look: Callable[[], Awaitable[Condition]]
    metrics: Callable[[], Awaitable[bytes]]
    metrics_content_type: str

    def routes(self) -> list[web.RouteDef]:
        """Return where these are."""
        return [
            web.get("/health/live", self.live),
            web.get("/health/ready", self.ready),
            web.get("/metrics", self.prometheus),
        ]

    async def live(self, request: web.Request) -> web.Response:
        """Answer: the event loop turns."""
        del request
        return web.json_response({"status": "live"})

    async def ready(self, request: web.Request) -> web.Response:
        """Tell the engine and the condition; 503 when no session can start."""
        del request
        condition = await self.look()
        backlog = condition.backlog
        engine = asdict(self.capabilities)
        body = {
            "status": condition.status,
            "version": self.version,
            **{name: engine[name] for name in ("engine", "model", "languages", "device", "compute_type")},
            "reason": self.reason,
            "advice": self.advice,
            "sessions": condition.sessions,
            "max_sessions": condition.max_sessions,
            "workers": {name: "alive" if alive else "dead" for name, alive in condition.workers.items()},
            "redis": "up" if condition.redis else "away",
            "usage_buffered": condition.usage_buffered,
            "database": "away" if backlog is None else "up",
            "records_waiting_bytes": condition.records_waiting_bytes,
            "recordings_waiting": None if backlog is None else backlog.recordings,
            "webhooks_waiting": None if backlog is None else backlog.webhooks,
            "webhooks_dead": None if backlog is None else backlog.webhooks_dead,
        }
        return web.json_response(body, status=503 if condition.status == "unavailable" else 200)

    async def prometheus(self, request: web.Request) -> web.Response:
        """Return the metrics."""
        del request
        return web.Response(body=await self.metrics(), headers={"Content-Type": self.metrics_content_type})
