"""Webhooks in Prosa's shapes; `tests/rest/test_webhooks.py` lets `gl-speech` read them from a server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from gl_speech import models

from stream_server.compat.prosa.webhooks import (
    delivery_json,
    endpoint_json,
    endpoint_with_secrets,
    event_json,
    event_with_data,
    read_rotation,
    ticket_json,
)
from stream_server.errors import InvalidConfiguration
from stream_server.protocol.fields import Fields
from stream_server.webhooks.delivery import Attempt, Delivery, WebhookEvent
from stream_server.webhooks.endpoint import Endpoint, Secret

ENDPOINT = Endpoint(
    id="a",
    organisation="acme",
    url="https://example.com/",
    created_at=0.0,
    secrets=(
        Secret(id="3", key="new", created_at=2.0),
        Secret(id="2", key="old", created_at=1.0, expires_at=86_400.5),
        Secret(id="1", key="older", created_at=0.0, expires_at=10.0),
    ),
)
EVENT = WebhookEvent(
    id="e", organisation="acme", event_type="stt.job.completed", subject="j", payload='{"job_id":"j"}', created_at=0.0
)
DELIVERY = Delivery(
    id="d", organisation="acme", endpoint_id="a", event_id="e", event_type="stt.job.completed", created_at=0, due_at=60
)


def test_endpoints_show_their_secrets_where_asked() -> None:
    """Those that still sign, newest first, the older with its end; a list shows none."""
    said = endpoint_with_secrets(ENDPOINT, now=10.0)
    assert said["secrets"] == [
        {"id": "3", "key": "new", "expired_at": None},
        {"id": "2", "key": "old", "expired_at": "1970-01-02T00:00:00.500000"},
    ]
    models.WebhookEndpoint(**said)
    models.WebhookEndpointListing(**endpoint_json(ENDPOINT))
    assert "secrets" not in endpoint_json(ENDPOINT)


def test_events_say_what_was_sent_where_asked() -> None:
    """One alone with its data, in a list without."""
    assert models.WebhookEvent(**event_with_data(EVENT)).data == {"job_id": "j"}
    models.WebhookEventListing(**event_json(EVENT))
    assert "data" not in event_json(EVENT)


@pytest.mark.parametrize(
    ("attempts", "status", "elapsed"),
    [
        ((), 0, 0.0),
        ((Attempt(at=1, trouble="timeout", elapsed_seconds=30.0),), 0, 30.0),
        ((Attempt(at=1, trouble="timeout"), Attempt(at=61, response_status=503, elapsed_seconds=0.2)), 503, 0.2),
    ],
)
def test_a_delivery_says_its_last_attempt(attempts: tuple[Attempt, ...], status: int, elapsed: float) -> None:
    """Its status, 0 where nobody answered, and the whole way there beside it."""
    said = delivery_json(replace(DELIVERY, attempts=attempts), EVENT.payload)
    read = models.WebhookDelivery(**said)
    assert (read.response_status, read.elapsed_time, read.delivery) == (status, elapsed, "pending")
    assert (read.request_body, read.response_body, said["next_attempt_at"]) == (
        *({"job_id": "j"}, ""),
        "1970-01-01T00:01:00.000000",
    )
    assert [each["error"] for each in said["attempts"]] == [each.trouble for each in attempts]
    assert delivery_json(replace(DELIVERY, state="failed"), "{}")["next_attempt_at"] is None


def test_a_ticket_is_tagged_with_the_delivery() -> None:
    """So that it is found in the log."""
    assert models.DeliveryTicket(**ticket_json(DELIVERY, ENDPOINT.url)).delivery_tag == "d"


@pytest.mark.parametrize(
    ("body", "hours"),
    [
        ({}, 72),
        ({"days": None, "hours": None}, 72),
        ({"days": 1, "hours": 2}, 26),
        ({"days": 0}, 0),
        ({"rotation_period": {"days": 0, "hours": 5}}, 5),
        ({"rotation_period": {}}, 72),
        ({"rotation_period": {"hours": 1}}, 73),
        ({"days": 365}, 8760),
    ],
)
def test_rotations(body: dict[str, Any], hours: int) -> None:
    """Both spellings are read; what is missing is as `gl-speech` has it."""
    assert read_rotation(Fields(body)) == 3600 * hours


@pytest.mark.parametrize("body", [{"days": -1}, {"days": 2, "hours": -1}, {"days": 365, "hours": 1}, {"days": 10**400}])
def test_rotations_have_bounds(body: dict[str, Any]) -> None:
    """Neither less than nothing nor more than a year."""
    with pytest.raises(InvalidConfiguration, match="days and hours"):
        read_rotation(Fields(body))
