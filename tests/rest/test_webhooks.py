"""/v2/speech/webhooks: `gl-speech`'s own client, and what it does not do itself, against a running server."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import aiohttp
import httpx
import pytest
import pytest_asyncio
from gl_speech import SpeechClient
from gl_speech.models import DeliveryTicket, WebhookDelivery

from stream_server.rest.webhooks import NEXT
from stream_server.webhooks.delivery import event_id_of
from stream_server.webhooks.signing import verify
from tests.live import LiveServer, LiveServerFactory
from tests.receiver import Receiver, receiver

T = TypeVar("T")

JOB = {"job_id": "j1", "result": {"data": [{"transcript": "Halo"}]}}
EVENT = event_id_of("j1", "stt.job.completed")


@pytest_asyncio.fixture
async def server(live_server: LiveServerFactory) -> AsyncIterator[LiveServer]:
    """Give a server that may send to this machine and gives up after the first attempt."""
    async with live_server(keys=True, webhook_allowed_hosts="127.0.0.1", webhook_retry_seconds=()) as server:
        yield server


@pytest_asyncio.fixture
async def here() -> AsyncIterator[Receiver]:
    """Give a receiver."""
    async with receiver() as here:
        yield here


async def client_of(server: LiveServer, organisation: str = "acme", **fields: Any) -> SpeechClient:
    """Return a client with a key of an organisation."""
    return SpeechClient(await server.create_key(organisation, **fields), f"{server.url}/v2/speech/")


async def call(method: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """Call a method of the blocking client in a thread."""
    return await asyncio.to_thread(method, *arguments, **options)


async def publish(server: LiveServer, organisation: str = "acme", event_id: str = EVENT) -> None:
    """Tell an organisation that its job has ended."""
    webhooks = server.app.webhooks.deliveries
    await webhooks.publish(organisation, "stt.job.completed", event_id, JOB, subject="j1")


async def delivery_of(client: SpeechClient, endpoint_id: str, ticket: DeliveryTicket | None = None) -> WebhookDelivery:
    """Return the newest delivery, or a ticket's, as soon as it is over."""
    while True:
        listed = await call(client.webhooks.list_deliveries, endpoint_id)
        wanted = [each for each in listed if ticket is None or each.delivery_id == ticket.delivery_tag]
        if wanted and wanted[0].delivery != "pending":
            return wanted[0]
        await asyncio.sleep(0.02)


async def status(call_made: Any) -> int:
    """Return the HTTP status with which a call of the client fails."""
    with pytest.raises(httpx.HTTPStatusError) as caught:
        await call_made
    return caught.value.response.status_code


async def test_gl_speech_tends_endpoints(server: LiveServer) -> None:
    """Create, list, read, change, rotate and delete, with `gl-speech`'s own methods and models."""
    client = await client_of(server)
    webhooks = client.webhooks
    made = await call(webhooks.create_endpoint, "http://127.0.0.1:1/", ["stt.job.failed"], ssl_verification=False)
    assert (made.url, made.event_filters, made.ssl_verification) == ("http://127.0.0.1:1/", ["stt.job.failed"], False)
    assert made.secrets is not None
    assert (len(made.secrets), made.secrets[0].expired_at) == (1, None)
    own = await call(webhooks.create_endpoint, "http://127.0.0.1:2/", secret_key="mine")
    assert [secret.key for secret in own.secrets or ()] == ["mine"]
    listed = await call(webhooks.list_endpoints)
    assert [each.id for each in listed] == [made.id, own.id]
    assert await call(webhooks.get_endpoint, made.id) == made
    changed = await call(webhooks.update_endpoint, made.id, url="http://127.0.0.1:3/", event_filters=[])
    assert (changed.url, changed.event_filters, changed.ssl_verification) == ("http://127.0.0.1:3/", [], True)
    rotated = await call(webhooks.rotate_secret, made.id, days=0, hours=2)
    assert rotated.secrets is not None
    assert [secret.expired_at is None for secret in rotated.secrets] == [True, False]
    assert rotated.secrets[1].key == made.secrets[0].key
    assert (await call(webhooks.delete_endpoint, made.id)).url == "http://127.0.0.1:3/"
    assert [each.id for each in await call(webhooks.list_endpoints)] == [own.id]
    assert await status(call(webhooks.get_endpoint, made.id)) == 404


async def test_gl_speech_reads_events_and_deliveries(server: LiveServer, here: Receiver) -> None:
    """What happened is delivered, signed, listed with what was sent, and replayed; a test reaches the endpoint."""
    client = await client_of(server)
    webhooks = client.webhooks
    made = await call(webhooks.create_endpoint, here.url)
    assert made.secrets is not None
    here.answers.append(500)
    await publish(server)
    failed = await delivery_of(client, made.id)
    assert (failed.delivery, failed.response_status, failed.request_body, failed.event_id) == (
        *("failed", 500),
        *(JOB, EVENT),
    )
    assert failed.request_headers["X-Prosa-Event-UUID"] == EVENT
    assert (failed.response_body, failed.response_headers) == ("", {})
    heard = await here.next()
    signature = heard.headers["X-Signature"]
    signed_at = int(signature.partition(",")[0].removeprefix("t="))
    assert verify(signature, made.secrets[0].key, heard.body, signed_at)
    assert json.loads(heard.body) == JOB

    (ticket,) = await call(webhooks.replay_failed_deliveries, made.id)
    assert (ticket.endpoint_id, ticket.url) == (made.id, here.url)
    assert (await delivery_of(client, made.id, ticket)).delivery == "delivered"
    again = await call(webhooks.replay_delivery, ticket.delivery_tag)
    assert (await delivery_of(client, made.id, again)).response_status == 200
    assert await call(webhooks.replay_failed_deliveries, made.id) == []
    assert {(await here.next()).headers["X-Prosa-Event-UUID"] for _ in range(2)} == {EVENT}

    ticket = await call(webhooks.test_endpoint, made.id)
    assert (await delivery_of(client, made.id, ticket)).request_headers["X-Prosa-Event"] == "webhook.test"
    events = await call(webhooks.list_events)
    assert [each.event_type for each in events] == ["webhook.test", "stt.job.completed"]
    assert await call(webhooks.list_events, from_date=events[0].created_at[:10]) == events
    assert await call(webhooks.list_events, until_date="2001-01-01") == []
    assert (await call(webhooks.get_event, EVENT)).data == JOB


async def test_another_organisation_sees_nothing(server: LiveServer, here: Receiver) -> None:
    """Neither endpoints nor events nor deliveries of others are there, and others are not told."""
    acme, other = await client_of(server), await client_of(server, "other")
    made = await call(acme.webhooks.create_endpoint, here.url)
    await publish(server)
    delivery = await delivery_of(acme, made.id)
    webhooks = other.webhooks
    assert await call(webhooks.list_endpoints) == await call(webhooks.list_events) == []
    for method, argument in (
        (webhooks.get_endpoint, made.id),
        (webhooks.update_endpoint, made.id),
        (webhooks.delete_endpoint, made.id),
        (webhooks.rotate_secret, made.id),
        (webhooks.test_endpoint, made.id),
        (webhooks.list_deliveries, made.id),
        (webhooks.replay_failed_deliveries, made.id),
        (webhooks.replay_delivery, delivery.delivery_id),
        (webhooks.get_event, EVENT),
    ):
        assert await status(call(method, argument)) == 404
    await here.next()
    await publish(server, "other", str(uuid.uuid4()))
    assert here.waiting == 0


async def test_who_may(server: LiveServer) -> None:
    """A key is needed; one of a user's needs `admin`, since webhooks tell of everybody; others need `transcribe`."""
    assert await status(call(SpeechClient("wrong", f"{server.url}/v2/speech/").webhooks.list_endpoints)) == 401
    for fields, expected in (({"user": "ann"}, 403), ({"scopes": ("usage",)}, 403)):
        client = await client_of(server, **fields)
        assert await status(call(client.webhooks.list_endpoints)) == expected
    admin = await client_of(server, user="ann", scopes=("admin",))
    assert await call(admin.webhooks.list_endpoints) == []


async def test_where_webhooks_may_not_go(server: LiveServer) -> None:
    """An endpoint at an address that is not public is refused, be it made or changed; so is what is no URL."""
    client = await client_of(server)
    made = await call(client.webhooks.create_endpoint, "http://127.0.0.1:1/")
    for url, expected in (
        ("http://127.0.0.2/", 400),
        ("http://[::1]/", 400),
        ("http://169.254.169.254/latest", 400),
        ("ftp://example.com/", 422),
        ("example.com", 422),
        ("http://name:word@127.0.0.1/", 422),
        ("http://" + 3000 * "a", 422),
    ):
        assert await status(call(client.webhooks.create_endpoint, url)) == expected
        assert await status(call(client.webhooks.update_endpoint, made.id, url=url)) == expected


@pytest.mark.parametrize(
    ("method", "path", "body", "word"),
    [
        ("POST", "endpoints", {}, "url"),
        ("POST", "endpoints", [], "JSON object"),
        ("POST", "endpoints", {"url": "http://127.0.0.1/", "event_filters": ["meeting.created"]}, "event_filters"),
        ("POST", "endpoints", {"url": "http://127.0.0.1/", "ssl_verification": "no"}, "ssl_verification"),
        ("POST", "endpoints/x/rotate", {"days": -1}, "days"),
        ("POST", "endpoints/x/rotate", {"days": 400}, "days"),
        ("GET", "events?limit=0", None, "limit"),
        ("GET", "events?limit=101", None, "limit"),
        ("GET", "events?from_date=yesterday", None, "from_date"),
        ("GET", "events?before=nothing", None, "before"),
    ],
)
async def test_refusals_name_what_is_wrong(server: LiveServer, method: str, path: str, body: object, word: str) -> None:
    """Each in Prosa's form at Prosa's path and in ours at our own."""
    headers = {"x-api-key": await server.create_key("acme")}
    async with aiohttp.ClientSession(server.url, headers=headers) as client:
        async with client.request(method, f"/v2/speech/webhooks/{path}", json=body) as answer:
            said = await answer.json()
            assert (answer.status, said["status"]) == (422, "request_validation_error")
            assert word in said["message"]
        async with client.request(method, f"/v1/webhooks/{path}", json=body) as answer:
            said = (await answer.json())["error"]
            assert (answer.status, said["code"]) == (400, "invalid_configuration")
            assert word in said["message"]


async def test_both_spellings_of_paths_and_bodies(server: LiveServer, here: Receiver) -> None:
    """What Prosa's page writes works too, and everything is at our own path as well."""
    headers = {"x-api-key": await server.create_key("acme")}
    async with aiohttp.ClientSession(server.url, headers=headers) as client:
        body = {"url": here.url, "ssl_verification": True, "event_filters": ["stt.jobs.completed"]}
        async with client.post("/v1/webhooks/endpoints", json=body) as answer:
            made = await answer.json()
            assert (answer.status, made["event_filters"]) == (201, ["stt.job.completed"])
        endpoint = f"/v2/speech/webhooks/endpoints/{made['id']}"
        for rotation in ({"json": {"days": 1, "hours": 0}}, {"json": {"rotation_period": {"days": 1}}}, {}):
            async with client.post(f"{endpoint}/rotate", **rotation) as answer:
                assert answer.status == 200
                secrets = (await answer.json())["secrets"]
        assert len(secrets) == 4
        async with client.post(f"{endpoint}/replay-failed") as answer:
            assert await answer.json() == []


async def test_pages_say_that_there_is_more(server: LiveServer, here: Receiver) -> None:
    """An answer that is not all names where the next begins."""
    client = await client_of(server)
    made = await call(client.webhooks.create_endpoint, here.url)
    for number in range(3):
        await publish(server, event_id=event_id_of(str(number), "stt.job.completed"))
    headers = {"x-api-key": client.api_key}
    async with aiohttp.ClientSession(server.url, headers=headers) as session:
        for path in ("events", f"endpoints/{made.id}/deliveries"):
            found, query = list[str](), {"limit": "2"}
            while query:
                async with session.get(f"/v1/webhooks/{path}", params=query) as answer:
                    found += [each.get("delivery_id") or each["id"] for each in await answer.json()]
                    before = answer.headers.get(NEXT)
                    query = {"limit": "2", "before": before} if before else {}
            assert len(set(found)) == len(found) == 3


async def test_a_deleted_record_is_not_told_of_any_more(server: LiveServer, here: Receiver) -> None:
    """What was said in it goes with it, out of the log too."""
    client = await client_of(server)
    made = await call(client.webhooks.create_endpoint, here.url)
    await publish(server)
    await delivery_of(client, made.id)
    await server.app._forget(["j1"])
    assert await call(client.webhooks.list_deliveries, made.id) == await call(client.webhooks.list_events) == []
