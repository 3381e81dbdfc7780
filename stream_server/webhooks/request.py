"""The request that tells an endpoint of an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stream_server.webhooks.delivery import WebhookEvent
from stream_server.webhooks.endpoint import Endpoint
from stream_server.webhooks.signing import HEADER, signature_of

USER_AGENT = "prosa-speech-api"
"""What receivers written for Prosa know the sender by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """A POST; neither where it goes nor what it says may be logged."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    ssl_verification: bool = True


def lasting_headers(event_type: str, event_id: str) -> dict[str, str]:
    """Return the headers that are the same at every attempt."""
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-Prosa-Event": event_type,
        "X-Prosa-Event-UUID": event_id,
    }


def request_of(endpoint: Endpoint, event: WebhookEvent, now: float) -> WebhookRequest | None:
    """Return the signed request; None if the endpoint has no secret to sign with."""
    keys = [secret.key for secret in endpoint.valid_secrets(now)]
    if not keys:
        return None
    body = event.payload.encode()
    return WebhookRequest(
        url=endpoint.url,
        headers=lasting_headers(event.event_type, event.id) | {HEADER: signature_of(keys, int(now), body)},
        body=body,
        ssl_verification=endpoint.ssl_verification,
    )
