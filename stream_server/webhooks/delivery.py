"""One event on its way to one endpoint: its states, its attempts, and when the next one is due.

    pending ──2xx──▶ delivered
       └────────anything else, as often as the schedule allows────▶ failed

Both ends are final: a replay is a delivery of its own, of the same event, whose id receivers know it by.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from stream_server.webhooks.endpoint import Endpoint

State: TypeAlias = Literal["pending", "delivered", "failed"]

Trouble: TypeAlias = Literal["timeout", "unreachable", "tls", "forbidden_address", "no_secret"]
"""Why there is no answer; `no_secret`: this server's key opens none of the endpoint's secrets."""

NAMES = uuid.UUID("5f0c7f34-6a0a-4a0e-9a51-1d1f6f3f5b0e")
"""The namespace of ids that follow from what they name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """Something that happened. `payload` is the JSON that is sent, ASCII; `subject` is the job that it tells of."""

    id: str
    organisation: str
    event_type: str
    subject: str
    payload: str = field(repr=False)
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request: its answer's HTTP status, or why there was none. What the answer said is not kept."""

    at: float
    response_status: int | None = None
    trouble: Trouble | None = None
    elapsed_seconds: float = 0.0

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took it: any 2xx."""
        return self.response_status is not None and 200 <= self.response_status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event and an endpoint. `due_at` is when it is tried next while it is pending."""

    id: str
    organisation: str
    endpoint_id: str
    event_id: str
    event_type: str
    state: State = "pending"
    created_at: float
    due_at: float
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A delivery that one process works on until its lease ends; `tried` counts earlier attempts."""

    lease: str
    delivery_id: str
    tried: int
    endpoint: Endpoint
    event: WebhookEvent


def event_id_of(subject: str, event_type: str) -> str:
    """Return the id of what can happen to a subject only once, the same each time it is asked for."""
    return str(uuid.uuid5(NAMES, f"{subject}\n{event_type}"))


def delivery_id_of(endpoint_id: str, event_id: str) -> str:
    """Return the id of an event's first delivery to an endpoint: publishing it again makes no second one."""
    return str(uuid.uuid5(NAMES, f"{endpoint_id}\n{event_id}"))


def after(attempt: Attempt, tried: int, retry_seconds: Sequence[float]) -> tuple[State, float]:
    """Return a delivery's state after an attempt, `tried` earlier ones, and when it is due next.

    `retry_seconds` are the waits after each attempt but the last; the first one is made at once.
    """
    ended = attempt.at + attempt.elapsed_seconds
    if attempt.succeeded:
        return "delivered", ended
    if tried >= len(retry_seconds):
        return "failed", ended
    return "pending", ended + retry_seconds[tried]
