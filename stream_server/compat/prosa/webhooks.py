"""Webhooks as Prosa's REST API says them, in the shapes that `gl-speech` reads; pure.

Of a delivery's answer the status alone is known: its headers are `{}` and its body is empty, for nobody keeps what a
stranger's server says. Signatures are not shown either. Times have no zone and are UTC, as Prosa's are.
"""

from __future__ import annotations

import json
from typing import Any

from stream_server.compat.prosa.times import write_time
from stream_server.errors import InvalidConfiguration
from stream_server.protocol.fields import Fields
from stream_server.webhooks.delivery import Attempt, Delivery, WebhookEvent
from stream_server.webhooks.endpoint import Endpoint, Secret
from stream_server.webhooks.request import lasting_headers

USUAL_DAYS, USUAL_HOURS = 3, 0
"""How long an old secret stays valid after a rotation where a field is missing: `gl-speech`'s defaults."""

MOST_HOURS = 24 * 365
"""Longest an old secret may stay valid: who needs longer does not rotate."""


def endpoint_json(endpoint: Endpoint) -> dict[str, Any]:
    """Return an endpoint without its secrets."""
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "event_filters": list(endpoint.event_filters),
        "ssl_verification": endpoint.ssl_verification,
        "created_at": write_time(endpoint.created_at),
    }


def endpoint_with_secrets(endpoint: Endpoint, now: float) -> dict[str, Any]:
    """Return an endpoint with the secrets that its requests are signed with, newest first."""
    return endpoint_json(endpoint) | {"secrets": [_secret_json(each) for each in endpoint.valid_secrets(now)]}


def event_json(event: WebhookEvent) -> dict[str, Any]:
    """Return an event without what it says."""
    return {"id": event.id, "event_type": event.event_type, "created_at": write_time(event.created_at)}


def event_with_data(event: WebhookEvent) -> dict[str, Any]:
    """Return an event with what it says."""
    return event_json(event) | {"data": json.loads(event.payload)}


def delivery_json(delivery: Delivery, payload: str) -> dict[str, Any]:
    """Return a delivery and its last attempt; status 0 says that there was no answer."""
    last = delivery.attempts[-1] if delivery.attempts else None
    return {
        "delivery_id": delivery.id,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "endpoint_id": delivery.endpoint_id,
        "delivery": delivery.state,
        "created_at": write_time(delivery.created_at),
        "next_attempt_at": write_time(delivery.due_at) if delivery.state == "pending" else None,
        "request_method": "POST",
        "request_headers": lasting_headers(delivery.event_type, delivery.event_id),
        "request_body": json.loads(payload),
        "response_status": (last.response_status if last else None) or 0,
        "response_headers": {},
        "response_body": "",
        "elapsed_time": last.elapsed_seconds if last else 0.0,
        "attempts": [_attempt_json(each) for each in delivery.attempts],
    }


def ticket_json(delivery: Delivery, url: str) -> dict[str, Any]:
    """Return the ticket of a delivery that was asked for; its tag is the delivery's id."""
    return {"delivery_tag": delivery.id, "endpoint_id": delivery.endpoint_id, "url": url}


def read_rotation(fields: Fields) -> float:
    """Return for how many seconds the old secret stays valid.

    `gl-speech` wraps `days` and `hours` in `rotation_period`, Prosa's page does not: both are read.
    """
    period = fields.inner("rotation_period") if fields.has("rotation_period") else fields
    days, hours = period.integer("days"), period.integer("hours")
    total = 24 * (USUAL_DAYS if days is None else days) + (USUAL_HOURS if hours is None else hours)
    if min(days or 0, hours or 0) < 0 or total > MOST_HOURS:
        raise InvalidConfiguration(f"days and hours must not be negative, nor more than {MOST_HOURS} hours together")
    return 3600.0 * total


def _secret_json(secret: Secret) -> dict[str, Any]:
    expires = None if secret.expires_at is None else write_time(secret.expires_at)
    return {"id": secret.id, "key": secret.key, "expired_at": expires}


def _attempt_json(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": write_time(attempt.at),
        "response_status": attempt.response_status,
        "error": attempt.trouble,
        "elapsed_time": attempt.elapsed_seconds,
    }
