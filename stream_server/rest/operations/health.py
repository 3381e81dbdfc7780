"""The operations of `rest.health`."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from stream_server.metrics import CONTENT_TYPE
from stream_server.rest.openapi.operation import Answer, Operation, closed

GROUP = "The server"


@closed
class Live(TypedDict):
    """The event loop turns."""

    status: Literal["live"]


@closed
class Condition(TypedDict):
    """How the server fares, and what recognises."""

    status: Literal["ready", "degraded", "unavailable"]
    """`degraded` while Redis or the database is away: known keys and sessions go on; `unavailable` when no session can
    start."""
    version: str
    engine: str
    model: str
    languages: list[str]
    """Codes of those that can be spoken."""
    device: str
    compute_type: str
    """In what numbers the model computes."""
    reason: str
    """Why this engine was chosen."""
    advice: str
    """How to get a better one; empty if there is none."""
    sessions: int
    """Running now."""
    max_sessions: int
    workers: dict[str, Literal["alive", "dead"]]
    """The threads that own the models."""
    redis: Literal["up", "away"]
    usage_buffered: int
    """Rows of usage that wait for Redis."""
    database: Literal["up", "away"]
    records_waiting_bytes: int
    """Of records, in this process's memory until the database has them, by estimate."""
    recordings_waiting: int | None
    """Jobs, of all processes, that nobody works on yet; null, as the next two, while the database is away."""
    webhooks_waiting: int | None
    """Deliveries, of all processes, that are due or will be tried again."""
    webhooks_dead: int | None
    """Events that an endpoint never took, and that are not sent to it again unless somebody asks."""


OPERATIONS = (
    Operation(
        method="GET",
        path="/health/live",
        group=GROUP,
        summary="See whether the server lives",
        scope=None,
        answers=(Answer(text="It does.", content={"application/json": Live}),),
    ),
    Operation(
        method="GET",
        path="/health/ready",
        group=GROUP,
        summary="See whether sessions can start",
        text="A full server is ready: it answers each handshake itself.",
        scope=None,
        answers=(
            Answer(text="They can.", content={"application/json": Condition}),
            Answer(text="They cannot.", status=503, content={"application/json": Condition}),
        ),
    ),
    Operation(
        method="GET",
        path="/metrics",
        group=GROUP,
        summary="Read the metrics",
        text="In Prometheus' text format.",
        scope=None,
        answers=(Answer(text="The metrics.", content={CONTENT_TYPE: str}),),
    ),
)
