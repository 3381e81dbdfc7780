"""The request that tells of an event."""

from __future__ import annotations

from stream_server.webhooks.delivery import WebhookEvent
from stream_server.webhooks.endpoint import Endpoint, Secret
from stream_server.webhooks.request import request_of
from stream_server.webhooks.signing import verify

EVENT = WebhookEvent(
    id="e1", organisation="o", event_type="stt.job.completed", subject="j", payload='{"job_id":"j"}', created_at=0
)


def endpoint(*secrets: Secret) -> Endpoint:
    """Return an endpoint with such secrets."""
    return Endpoint(id="w", organisation="o", url="https://example.com/", created_at=0, secrets=secrets)


def test_the_request_carries_what_receivers_look_at() -> None:
    """Event, its id, the sender's name, and a signature over the very body, with every secret that is still valid."""
    old, new = Secret(id="1", key="old", created_at=0, expires_at=100), Secret(id="2", key="new", created_at=1)
    request = request_of(endpoint(new, old), EVENT, 99.5)
    assert request is not None
    assert (request.url, request.body) == ("https://example.com/", b'{"job_id":"j"}')
    signature = request.headers["X-Signature"]
    assert {**request.headers, "X-Signature": ""} == {
        "Content-Type": "application/json",
        "User-Agent": "prosa-speech-api",
        "X-Prosa-Event": "stt.job.completed",
        "X-Prosa-Event-UUID": "e1",
        "X-Signature": "",
    }
    assert verify(signature, "old", request.body, 99)
    assert verify(signature, "new", request.body, 99)
    later = request_of(endpoint(new, old), EVENT, 100)
    assert later is not None
    assert not verify(later.headers["X-Signature"], "old", later.body, 100)


def test_nothing_is_sent_unsigned() -> None:
    """Without a secret there is no request."""
    assert request_of(endpoint(), EVENT, 0) is None


def test_a_request_shows_nothing() -> None:
    """What is printed by accident tells neither where it goes nor what it says."""
    request = request_of(endpoint(Secret(id="1", key="hidden", created_at=0)), EVENT, 0)
    assert all(word not in repr(request) for word in ("example", "job_id", "v1="))
