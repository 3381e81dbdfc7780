"""Between rows of webhooks' tables and what they mean."""

from __future__ import annotations

from typing import Any

from stream_server.webhooks.delivery import Attempt, Claim, Delivery, WebhookEvent


def event_row(event: WebhookEvent) -> dict[str, Any]:
    """Return an event's row."""
    return {
        "organisation": event.organisation,
        "id": event.id,
        "event_type": event.event_type,
        "subject": event.subject,
        "payload": event.payload,
        "created_at": event.created_at,
    }


def event_of(row: Any) -> WebhookEvent:
    """Return the event in a row."""
    return WebhookEvent(
        id=row.id,
        organisation=row.organisation,
        event_type=row.event_type,
        subject=row.subject,
        payload=row.payload,
        created_at=row.created_at,
    )


def delivery_row(delivery: Delivery) -> dict[str, Any]:
    """Return the row of a delivery that was not tried yet."""
    return {
        "id": delivery.id,
        "organisation": delivery.organisation,
        "endpoint_id": delivery.endpoint_id,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "state": delivery.state,
        "created_at": delivery.created_at,
        "due_at": delivery.due_at,
    }


def delivery_of(row: Any, attempts: tuple[Attempt, ...]) -> Delivery:
    """Return the delivery in a row, with its attempts."""
    return Delivery(
        id=row.id,
        organisation=row.organisation,
        endpoint_id=row.endpoint_id,
        event_id=row.event_id,
        event_type=row.event_type,
        state=row.state,
        created_at=row.created_at,
        due_at=row.due_at,
        attempts=attempts,
    )


def attempt_row(claim: Claim, attempt: Attempt) -> dict[str, Any]:
    """Return the row of an attempt at what was claimed."""
    return {
        "delivery_id": claim.delivery_id,
        "number": claim.tried + 1,
        "at": attempt.at,
        "response_status": attempt.response_status,
        "trouble": attempt.trouble,
        "elapsed_seconds": attempt.elapsed_seconds,
    }


def attempt_of(row: Any) -> Attempt:
    """Return the attempt in a row."""
    return Attempt(
        at=row.at, response_status=row.response_status, trouble=row.trouble, elapsed_seconds=row.elapsed_seconds
    )
