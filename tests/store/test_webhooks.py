"""Laws of webhooks in the SQL database, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from stream_server.errors import InvalidConfiguration, NotFound
from stream_server.store.sealing import KEY_BYTES, Seal
from stream_server.store.sql import Database
from stream_server.store.sql_webhooks import SqlWebhooks
from stream_server.store.webhooks import Span
from stream_server.webhooks.delivery import Attempt, Claim, Delivery, WebhookEvent
from stream_server.webhooks.endpoint import Endpoint, Secret, new_secret

KEY = bytes(range(KEY_BYTES))
EVERYTHING = Span()
MOST = 3


def endpoint(name: str, **changes: Any) -> Endpoint:
    """Return an endpoint that is not stored yet; its secret is `key-` and its name."""
    usual = Endpoint(
        id=name,
        organisation="acme",
        url=f"https://example.com/{name}",
        created_at=1.0,
        secrets=(Secret(id=f"secret-{name}", key=f"key-{name}", created_at=1.0),),
    )
    return replace(usual, **changes)


def event(name: str = "e1", **changes: Any) -> WebhookEvent:
    """Return an event that was not published yet."""
    usual = WebhookEvent(
        id=name, organisation="acme", event_type="stt.job.completed", subject=f"job-{name}",
        payload='{"job_id":"1"}', created_at=10.0,
    )  # fmt: skip
    return replace(usual, **changes)


@pytest.fixture
def store(database: Database) -> SqlWebhooks:
    """Give an empty store on each database."""
    return SqlWebhooks(database, Seal(KEY))


async def claim(store: SqlWebhooks, now: float = 10.0, **options: Any) -> list[Claim]:
    """Claim what is due."""
    return list(await store.claim(now, **{"lease_seconds": 60.0, "limit": 10} | options))


async def fail(store: SqlWebhooks, claimed: Claim, now: float = 10.0) -> None:
    """Let a claimed delivery fail for good."""
    assert await store.settle(claimed, Attempt(at=now, response_status=500), "failed", now)


async def log(store: SqlWebhooks, endpoint_id: str = "a") -> list[Delivery]:
    """Return an endpoint's deliveries."""
    return await store.list_deliveries("acme", endpoint_id, EVERYTHING)


# ── endpoints ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_endpoints_are_found_as_they_were(store: SqlWebhooks) -> None:
    """With filters and secrets, oldest first, each by its id."""
    first, second = endpoint("a"), endpoint("b", event_filters=("stt.job.failed",), ssl_verification=False)
    for each in (first, replace(second, created_at=2.0)):
        await store.add_endpoint(each, MOST)
    assert await store.list_endpoints("acme") == [first, replace(second, created_at=2.0)]
    assert await store.find_endpoint("acme", "a") == first


async def test_changes_leave_the_rest(store: SqlWebhooks) -> None:
    """What is None stays; filters can be emptied."""
    await store.add_endpoint(endpoint("a", event_filters=("stt.job.failed",)), MOST)
    changed = await store.update_endpoint("acme", "a", url="https://example.com/new")
    assert (changed.url, changed.event_filters) == ("https://example.com/new", ("stt.job.failed",))
    changed = await store.update_endpoint("acme", "a", event_filters=(), ssl_verification=False)
    assert (changed.url, changed.event_filters, changed.ssl_verification) == ("https://example.com/new", (), False)
    assert await store.update_endpoint("acme", "a") == changed == await store.find_endpoint("acme", "a")


async def test_an_organisation_has_only_so_many(store: SqlWebhooks) -> None:
    """One more is refused; another organisation's do not count."""
    for name in ("a", "b", "c"):
        await store.add_endpoint(endpoint(name), MOST)
    with pytest.raises(InvalidConfiguration, match="3 webhook endpoints"):
        await store.add_endpoint(endpoint("d"), MOST)
    await store.add_endpoint(endpoint("d", organisation="other"), MOST)


async def test_secrets_rotate(store: SqlWebhooks) -> None:
    """The new one is first and lasts, the old one ends when it was said."""
    await store.add_endpoint(endpoint("a"), MOST)
    found = await store.rotate("acme", "a", new_secret(5.0, "fresh"), until=100.0, now=5.0)
    assert [(each.key, each.expires_at) for each in found.secrets] == [("fresh", None), ("key-a", 100.0)]
    assert await store.find_endpoint("acme", "a") == found


async def test_secrets_are_sealed(store: SqlWebhooks, database: Database) -> None:
    """Another key opens none of them, and a rotation helps."""
    await store.add_endpoint(endpoint("a"), MOST)
    other = SqlWebhooks(database, Seal(bytes(KEY_BYTES)))
    assert (await other.find_endpoint("acme", "a")).secrets == ()
    found = await other.rotate("acme", "a", new_secret(5.0, "fresh"), until=100.0, now=5.0)
    assert [each.key for each in found.secrets] == ["fresh"]


async def test_another_organisation_sees_nothing(store: SqlWebhooks) -> None:
    """Every operation on what is not its own finds nothing, and changes nothing."""
    await store.add_endpoint(endpoint("a"), MOST)
    await store.publish(event())
    (delivery,) = await log(store)
    for attempt in (
        store.find_endpoint("other", "a"),
        store.update_endpoint("other", "a", url="https://example.org/"),
        store.rotate("other", "a", new_secret(5.0), until=9.0, now=5.0),
        store.delete_endpoint("other", "a"),
        store.send(event("e2", organisation="other"), "a"),
        store.find_event("other", "e1"),
        store.list_deliveries("other", "a", EVERYTHING),
        store.replay("other", delivery.id, 20.0),
        store.replay_failed("other", "a", 20.0),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await store.list_endpoints("other") == await store.list_events("other", EVERYTHING) == []
    assert await store.publish(event("e3", organisation="other")) == 0
    assert await store.find_endpoint("acme", "a") == endpoint("a")
    assert await log(store) == [delivery]


async def test_what_is_deleted_takes_its_deliveries_along(store: SqlWebhooks) -> None:
    """A deleted endpoint is told what it was, and is not called any more."""
    await store.add_endpoint(endpoint("a"), MOST)
    await store.publish(event())
    assert await store.delete_endpoint("acme", "a") == endpoint("a")
    assert await claim(store) == []
    with pytest.raises(NotFound):
        await store.find_endpoint("acme", "a")


async def test_odd_names_are_no_trouble(store: SqlWebhooks) -> None:
    """An id with NUL in it, which PostgreSQL cannot keep, is not there."""
    with pytest.raises(NotFound):
        await store.find_endpoint("acme", "\0")
    with pytest.raises(NotFound):
        await store.replay("acme", "\0", 1.0)


# ── the outbox ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_event_is_queued_for_whom_it_concerns(store: SqlWebhooks) -> None:
    """Each endpoint of the organisation that wants it has one delivery, due at once."""
    await store.add_endpoint(endpoint("a"), MOST)
    await store.add_endpoint(endpoint("b", event_filters=("stt.job.failed",)), MOST)
    await store.add_endpoint(endpoint("c", organisation="other"), MOST)
    assert await store.publish(event()) == 1
    (claimed,) = await claim(store)
    assert (claimed.endpoint, claimed.event, claimed.tried) == (endpoint("a"), event(), 0)
    assert await store.find_event("acme", "e1") == event()


async def test_publishing_again_changes_nothing(store: SqlWebhooks) -> None:
    """After a crash, or from two processes at once: one delivery for each endpoint, however often it is said."""
    await store.add_endpoint(endpoint("a"), MOST)
    assert sorted(await asyncio.gather(*(store.publish(event()) for _ in range(4)))) == [0, 0, 0, 1]
    (claimed,) = await claim(store)
    await store.settle(claimed, Attempt(at=10.0, response_status=200), "delivered", 10.0)
    await store.add_endpoint(endpoint("b"), MOST)
    assert await store.publish(event(created_at=99.0)) == 0
    assert await claim(store, 100.0) == []


async def test_an_event_that_nobody_wants_is_not_kept(store: SqlWebhooks) -> None:
    """It may hold spoken words."""
    assert await store.publish(event()) == 0
    with pytest.raises(NotFound):
        await store.find_event("acme", "e1")


async def test_one_event_for_one_endpoint(store: SqlWebhooks) -> None:
    """A test is delivered whatever the endpoint wants, and to it alone."""
    await store.add_endpoint(endpoint("a", event_filters=("stt.job.failed",)), MOST)
    await store.add_endpoint(endpoint("b"), MOST)
    sent = await store.send(event(event_type="webhook.test"), "a")
    assert [each.delivery_id for each in await claim(store)] == [sent.id]


# ── the work ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_is_claimed_is_claimed_once(store: SqlWebhooks) -> None:
    """Processes that ask at the same time get different deliveries."""
    for name in ("a", "b", "c"):
        await store.add_endpoint(endpoint(name), MOST)
    await store.publish(event())
    claims = await asyncio.gather(*(claim(store, limit=1) for _ in range(5)))
    assert sorted(each.endpoint.id for found in claims for each in found) == ["a", "b", "c"]


async def test_a_killed_claimers_deliveries_are_taken_over(store: SqlWebhooks) -> None:
    """When the lease ends another process has them; what the first one says afterwards counts for nothing."""
    await store.add_endpoint(endpoint("a"), MOST)
    await store.publish(event())
    (lost,) = await claim(store, 10.0)
    assert await claim(store, 69.0) == []
    (taken,) = await claim(store, 70.0)
    assert (taken.delivery_id, taken.event) == (lost.delivery_id, lost.event)
    assert not await store.settle(lost, Attempt(at=71.0, response_status=500), "failed", 71.0)
    assert await store.settle(taken, Attempt(at=71.0, response_status=200), "delivered", 71.0)
    assert [(each.state, len(each.attempts)) for each in await log(store)] == [("delivered", 1)]
    assert await claim(store, 1000.0) == []


async def test_claims_can_be_given_back(store: SqlWebhooks) -> None:
    """A server that stops leaves its deliveries to the others at once."""
    await store.add_endpoint(endpoint("a"), MOST)
    await store.publish(event())
    await store.release(await claim(store))
    assert [each.tried for each in await claim(store)] == [0]


async def test_an_endpoint_has_one_claim_at_a_time(store: SqlWebhooks) -> None:
    """A slow receiver holds up nobody but itself: one of each, oldest first, none of those that are busy."""
    await store.add_endpoint(endpoint("a"), MOST)
    await store.add_endpoint(endpoint("b"), MOST)
    for number in range(3):
        await store.publish(event(f"e{number}", created_at=float(number)))
    assert [(each.endpoint.id, each.event.id) for each in await claim(store, busy=["b"])] == [("a", "e0")]
    claimed = await claim(store)
    assert sorted((each.endpoint.id, each.event.id) for each in claimed) == [("a", "e1"), ("b", "e0")]


async def test_a_delivery_waits_for_its_turn(store: SqlWebhooks) -> None:
    """After an attempt that failed it is due when it was said, and its attempts are counted and kept."""
    await store.add_endpoint(endpoint("a"), MOST)
    await store.publish(event())
    (claimed,) = await claim(store)
    attempt = Attempt(at=10.0, trouble="timeout", elapsed_seconds=30.0)
    assert await store.settle(claimed, attempt, "pending", 100.0)
    assert await claim(store, 99.0) == []
    (again,) = await claim(store, 100.0)
    assert again.tried == 1
    second = Attempt(at=100.0, response_status=204, elapsed_seconds=0.5)
    assert await store.settle(again, second, "delivered", 100.5)
    (delivery,) = await log(store)
    assert (delivery.state, delivery.attempts) == ("delivered", (attempt, second))


# ── the log ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_replays_are_deliveries_of_their_own(store: SqlWebhooks) -> None:
    """A replay sends the same event again, whether it had failed or not; the log keeps both."""
    await store.add_endpoint(endpoint("a"), MOST)
    await store.publish(event())
    (claimed,) = await claim(store)
    await fail(store, claimed)
    replayed = await store.replay("acme", claimed.delivery_id, 20.0)
    assert replayed.id != claimed.delivery_id
    (again,) = await claim(store, 20.0)
    assert (again.delivery_id, again.event) == (replayed.id, event())
    assert [each.state for each in await log(store)] == ["pending", "failed"]


async def test_replaying_what_failed(store: SqlWebhooks) -> None:
    """Each event that never arrived is queued once, however often it failed or is asked for; others are left alone."""
    await store.add_endpoint(endpoint("a"), MOST)
    for number in range(3):
        await store.publish(event(f"e{number}", created_at=float(number)))
    for state in ("failed", "delivered", "failed"):
        (claimed,) = await claim(store)
        await store.settle(claimed, Attempt(at=10.0, response_status=500), state, 10.0)  # type: ignore[arg-type]
    first, second = await asyncio.gather(*(store.replay_failed("acme", "a", 20.0) for _ in range(2)))
    assert sorted(each.event_id for each in (*first, *second)) == ["e0", "e2"]
    for _ in range(2):
        (claimed,) = await claim(store, 20.0)
        await fail(store, claimed)
    assert [each.event_id for each in await store.replay_failed("acme", "a", 30.0)] == ["e0", "e2"]


async def test_what_is_not_sent_is_counted_of_everybody(store: SqlWebhooks) -> None:
    """What waits, and each event once that an endpoint never took, until somebody has it sent again."""
    assert await store.count_unsent() == (0, 0)
    await store.add_endpoint(endpoint("a"), MOST)
    await store.add_endpoint(endpoint("b", organisation="other"), MOST)
    for name in ("e1", "e2"):
        await store.publish(event(name))
        await store.publish(event(name, organisation="other"))
    assert await store.count_unsent() == (4, 0)
    for _ in range(2):
        for claimed in await claim(store):
            await fail(store, claimed)
    assert await store.count_unsent() == (0, 4)
    (again, *_) = await store.replay_failed("acme", "a", 20.0)
    assert await store.count_unsent() == (2, 2)
    (claimed,) = await claim(store, 20.0)
    assert await store.settle(claimed, Attempt(at=20.0, response_status=204), "delivered", 20.0)
    (claimed,) = await claim(store, 20.0)
    await fail(store, claimed, 20.0)
    assert await store.count_unsent() == (0, 3)
    await store.delete_endpoint("acme", again.endpoint_id)
    assert await store.count_unsent() == (0, 2)


async def test_pages(store: SqlWebhooks) -> None:
    """Events and deliveries come newest first, within their span, page after page without a gap."""
    await store.add_endpoint(endpoint("a"), MOST)
    for number in range(5):
        await store.publish(event(f"e{number}", created_at=float(number // 2)))
    events = await store.list_events("acme", EVERYTHING)
    assert [each.id for each in events] == ["e4", "e3", "e2", "e1", "e0"]
    assert [each.id for each in await store.list_events("acme", Span(before="e3", limit=2))] == ["e2", "e1"]
    assert [each.id for each in await store.list_events("acme", Span(first=1.0, until=2.0))] == ["e3", "e2"]
    deliveries = await log(store)
    assert len(deliveries) == 5
    assert await store.list_deliveries("acme", "a", Span(before=deliveries[1].id, limit=2)) == deliveries[2:4]
    with pytest.raises(InvalidConfiguration, match="before"):
        await store.list_events("acme", Span(before="nothing"))


# ── for good ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_job_can_be_forgotten(store: SqlWebhooks) -> None:
    """What told of it is gone with its deliveries, even those under way; other jobs' events stay."""
    await store.add_endpoint(endpoint("a"), MOST)
    for name in ("e1", "e2"):
        await store.publish(event(name))
    (claimed,) = await claim(store, limit=1)
    await store.forget([claimed.event.subject])
    assert not await store.settle(claimed, Attempt(at=10.0, response_status=200), "delivered", 10.0)
    (left,) = await store.list_events("acme", EVERYTHING)
    assert left.id != claimed.event.id
    assert [each.event_id for each in await log(store)] == [left.id]


async def test_old_events_are_purged(store: SqlWebhooks) -> None:
    """What was made before is gone with its log, except for what somebody still waits for."""
    await store.add_endpoint(endpoint("a"), MOST)
    for name, made in (("e1", 1.0), ("e2", 2.0), ("e3", 3.0)):
        await store.publish(event(name, created_at=made))
    (claimed,) = await claim(store)
    await fail(store, claimed)
    assert await store.purge(3.0) == 1
    assert [each.id for each in await store.list_events("acme", EVERYTHING)] == ["e3", "e2"]
    assert [each.event_id for each in await log(store)] == ["e3", "e2"]
