"""Deliveries on real databases and real sockets; time is the test's own."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from stream_server.errors import NotFound, StoreUnavailable
from stream_server.net.posting import Poster
from stream_server.store.sealing import KEY_BYTES, Seal
from stream_server.store.sql import Database
from stream_server.store.sql_webhooks import SqlWebhooks
from stream_server.store.webhooks import Span
from stream_server.webhook_delivery import LEASE_MARGIN_SECONDS, Webhooks
from stream_server.webhooks.delivery import Delivery, State, event_id_of
from stream_server.webhooks.endpoint import Endpoint, Secret, new_secret
from stream_server.webhooks.signing import verify
from tests.receiver import Receiver, receiver

DAY = 86_400.0
TIMEOUT_SECONDS = 30.0
EVENT = event_id_of("j1", "stt.job.completed")


@dataclass
class Clock:
    """Wall-clock time that stands still until somebody moves it."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class Office:
    """Webhooks over one store, with a clock to move."""

    def __init__(self, store: SqlWebhooks, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.tried: list[State] = []
        self._poster = Poster(timeout_seconds=TIMEOUT_SECONDS, allowed_hosts=("127.0.0.1",))
        self.webhooks = Webhooks(
            store,
            self._poster.post,
            retry_seconds=(60.0, 300.0),
            timeout_seconds=TIMEOUT_SECONDS,
            at_once=4,
            retention_days=30,
            tried=self.tried.append,
            clock=clock,
        )

    async def add(self, url: str, name: str = "a", **fields: Any) -> Endpoint:
        """Add an endpoint of `acme` whose secret is `key-` and its name."""
        secret = Secret(id=f"secret-{name}", key=f"key-{name}", created_at=self.clock.now)
        usual = {"id": name, "organisation": "acme", "url": url, "created_at": self.clock.now, "secrets": (secret,)}
        endpoint = Endpoint(**(usual | fields))
        await self.store.add_endpoint(endpoint, 10)
        return endpoint

    async def publish(self, event_id: str = EVENT, event_type: str = "stt.job.completed", job: str = "j1") -> None:
        """Publish that a job has ended."""
        await self.webhooks.publish("acme", event_type, event_id, {"job_id": job}, subject=job)

    async def log(self, endpoint_id: str = "a") -> list[Delivery]:
        """Return an endpoint's deliveries."""
        return await self.store.list_deliveries("acme", endpoint_id, Span())

    async def settled(self, attempts: int, endpoint_id: str = "a") -> Delivery:
        """Return the newest delivery as soon as so many attempts at it are written down."""
        while True:
            delivery = (await self.log(endpoint_id))[0]
            if len(delivery.attempts) == attempts:
                return delivery
            await asyncio.sleep(0.01)

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.now += seconds
        self.webhooks._wake.set()

    async def close(self) -> None:
        """Stop."""
        await self.webhooks.stop()
        await self._poster.close()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds."""
    while True:
        if await holds():
            return
        await asyncio.sleep(0.01)


async def emptied(office: Office) -> bool:
    """Tell whether the log is empty."""
    return not await office.log()


async def idle(office: Office) -> bool:
    """Tell whether nothing is being sent."""
    return not office.webhooks._under_way


Open = Callable[..., AbstractAsyncContextManager[Office]]


@pytest.fixture
def clock() -> Clock:
    """Give a clock."""
    return Clock()


@pytest.fixture
def store(database: Database) -> SqlWebhooks:
    """Give an empty store on each database."""
    return SqlWebhooks(database, Seal(bytes(KEY_BYTES)))


@pytest.fixture
def open_office(store: SqlWebhooks, clock: Clock) -> Open:
    """Give a factory of processes that share the store and the clock."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Office]:
        office = Office(store, clock)
        await office.webhooks.start()
        try:
            yield office
        finally:
            await office.close()

    return opened


@pytest_asyncio.fixture
async def office(open_office: Open) -> AsyncIterator[Office]:
    """Give one such process."""
    async with open_office() as office:
        yield office


@pytest_asyncio.fixture
async def here() -> AsyncIterator[Receiver]:
    """Give a receiver."""
    async with receiver() as here:
        yield here


async def test_an_event_is_told_signed(office: Office, here: Receiver) -> None:
    """The receiver gets the payload, the event's name and id, and a signature that its secret verifies."""
    await office.add(here.url)
    await office.publish()
    heard = await here.next()
    assert json.loads(heard.body) == {"job_id": "j1"}
    assert heard.headers["X-Prosa-Event"] == "stt.job.completed"
    assert heard.headers["X-Prosa-Event-UUID"] == EVENT
    assert verify(heard.headers["X-Signature"], "key-a", heard.body, office.clock.now)
    delivery = await office.settled(1)
    assert (delivery.state, delivery.attempts[0].response_status) == ("delivered", 200)


async def test_publishing_again_tells_nobody_again(office: Office, here: Receiver) -> None:
    """Whoever is not sure publishes once more; the receiver hears it once."""
    await office.add(here.url)
    await office.publish()
    await office.settled(1)
    await office.publish()
    await office.publish("7f8f6d0e-0000-4000-8000-000000000002", job="j2")
    assert [json.loads((await here.next()).body)["job_id"] for _ in range(2)] == ["j1", "j2"]


async def test_only_who_wants_it_is_told(office: Office, here: Receiver) -> None:
    """Filters choose; an endpoint without any hears everything."""
    await office.add(here.url + "/failures", "b", event_filters=("stt.job.failed",))
    await office.add(here.url + "/all", "a")
    await office.publish()
    assert (await here.next()).path == "/hook/all"
    await office.publish(event_id_of("j2", "stt.job.failed"), "stt.job.failed", "j2")
    assert {(await here.next()).path for _ in range(2)} == {"/hook/all", "/hook/failures"}


async def test_after_a_failure_it_is_tried_again_at_its_time(office: Office, here: Receiver) -> None:
    """The same body under the same id, newly signed, a minute later, then five; then it has failed."""
    await office.add(here.url)
    here.answers.extend([500, 302, 404])
    await office.publish()
    heard = [await here.next()]
    assert (await office.settled(1)).state == "pending"
    office.later(59)
    assert await office.store.claim(office.clock.now, lease_seconds=1, limit=1) == []
    for number, wait in enumerate((1, 300), 2):
        office.later(wait)
        heard.append(await here.next())
        delivery = await office.settled(number)
    assert delivery.state == "failed"
    assert [each.response_status for each in delivery.attempts] == [500, 302, 404]
    assert {(each.body, each.headers["X-Prosa-Event-UUID"]) for each in heard} == {(heard[0].body, EVENT)}
    assert len({each.headers["X-Signature"] for each in heard}) == 3
    assert verify(heard[2].headers["X-Signature"], "key-a", heard[2].body, office.clock.now)
    office.later(DAY)
    assert await office.store.claim(office.clock.now, lease_seconds=1, limit=1) == []


async def test_whoever_counts_hears_of_every_attempt(office: Office, here: Receiver) -> None:
    """What became of the delivery by it; one that was taken over meanwhile is another's to count."""
    await office.add(here.url)
    here.answers.extend([500, 200])
    await office.publish()
    await office.settled(1)
    office.later(60)
    await office.settled(2)
    await until(lambda: idle(office))
    assert office.tried == ["pending", "delivered"]
    here.answers.extend([500] * 3)
    await office.publish("7f8f6d0e-0000-4000-8000-000000000003", job="j2")
    for number, seconds in enumerate((60, 300, 0), 1):
        await office.settled(number)
        office.later(seconds)
    await until(lambda: idle(office))
    assert office.tried[2:] == ["pending", "pending", "failed"]


async def test_nobody_there_is_a_failure_like_others(office: Office) -> None:
    """A refused connection is tried again; when somebody listens the event arrives."""
    async with receiver() as gone:
        url = gone.url
    await office.add(url)
    await office.publish()
    assert [each.trouble for each in (await office.settled(1)).attempts] == ["unreachable"]
    async with receiver() as here:
        await office.store.update_endpoint("acme", "a", url=here.url)
        office.later(60)
        assert json.loads((await here.next()).body) == {"job_id": "j1"}
        assert (await office.settled(2)).state == "delivered"


async def test_private_addresses_are_not_called(office: Office) -> None:
    """Wherever an endpoint's name leads by now: what is not public and not allowed gets nothing."""
    await office.add("http://127.0.0.2:1/")
    await office.publish()
    assert [each.trouble for each in (await office.settled(1)).attempts] == ["forbidden_address"]


async def test_old_secrets_sign_until_they_end(office: Office, here: Receiver) -> None:
    """After a rotation both verify; once the old one has ended the new one alone."""
    await office.add(here.url)
    now = office.clock.now
    await office.store.rotate("acme", "a", new_secret(now, "fresh"), until=now + 100, now=now)
    await office.publish()
    heard = await here.next()
    assert [verify(heard.headers["X-Signature"], key, heard.body, now) for key in ("fresh", "key-a")] == [True, True]
    office.later(100)
    await office.publish("7f8f6d0e-0000-4000-8000-000000000002", job="j2")
    heard, now = await here.next(), office.clock.now
    assert [verify(heard.headers["X-Signature"], key, heard.body, now) for key in ("fresh", "key-a")] == [True, False]


async def test_nothing_is_sent_unsigned(office: Office, here: Receiver, database: Database) -> None:
    """Where the server's key opens none of the secrets the delivery waits; a rotation helps."""
    elsewhere = SqlWebhooks(database, Seal(b"1" * KEY_BYTES))
    secret = Secret(id="s", key="lost", created_at=0)
    await elsewhere.add_endpoint(
        Endpoint(id="a", organisation="acme", url=here.url, created_at=0, secrets=(secret,)), 10
    )
    await office.publish()
    assert [each.trouble for each in (await office.settled(1)).attempts] == ["no_secret"]
    now = office.clock.now
    await office.store.rotate("acme", "a", new_secret(now), until=now, now=now)
    office.later(60)
    await here.next()
    assert (await office.settled(2)).state == "delivered"


async def test_a_killed_servers_deliveries_are_taken_over(office: Office, here: Receiver) -> None:
    """At least once, under the same id: whoever had claimed it is gone, and when its claim has run out it is sent."""
    await office.add(here.url)
    await office.webhooks.stop()
    await office.publish()
    (lost,) = await office.store.claim(office.clock.now, lease_seconds=60, limit=1)
    await office.webhooks.start()
    office.later(60)
    heard = await here.next()
    assert heard.headers["X-Prosa-Event-UUID"] == lost.event.id == EVENT
    assert (await office.settled(1)).state == "delivered"


async def test_a_stopping_server_gives_back_what_it_has_not_done(
    open_office: Open, here: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one sends it at once, without waiting for the claim to run out."""
    monkeypatch.setattr("stream_server.webhook_delivery.STOP_PATIENCE_SECONDS", 0.0)
    here.hold = asyncio.Event()
    async with open_office() as first:
        await first.add(here.url)
        await first.publish()
        await here.next()
    here.hold.set()
    async with open_office() as second:
        await here.next()
        assert (await second.settled(1)).state == "delivered"


async def test_two_servers_share_the_work(open_office: Open, here: Receiver) -> None:
    """Each delivery is sent by one of them."""
    async with open_office() as first, open_office() as second:
        for number in range(8):
            await first.add(f"{here.url}/{number}", str(number))
        await first.publish()
        second.later(0)
        for number in range(8):
            await first.settled(1, str(number))
        assert here.waiting == 8


async def test_a_slow_receiver_holds_up_nobody_else(office: Office, here: Receiver) -> None:
    """It has one request under way and its others wait, while other endpoints' go on."""
    async with receiver() as slow:
        slow.hold = asyncio.Event()
        await office.add(slow.url, "slow")
        await office.add(here.url, "quick")
        for number in range(5):
            await office.publish(f"7f8f6d0e-0000-4000-8000-00000000000{number}", job=str(number))
        for _ in range(5):
            await here.next()
        await slow.next()
        assert slow.waiting == 0
        slow.hold.set()
        for _ in range(4):
            await slow.next()


async def test_replays(office: Office, here: Receiver) -> None:
    """One delivery, or all that failed, are sent again under the event's id and logged beside the old ones."""
    await office.add(here.url)
    here.answers.extend([500] * 3)
    await office.publish()
    for number, wait in enumerate((0, 60, 300), 1):
        office.later(wait)
        failed = await office.settled(number)
    office.later(1)
    (replayed,) = await office.webhooks.replay_failed("acme", "a")
    assert (await office.settled(1)).state == "delivered"
    office.later(1)
    await office.webhooks.replay("acme", replayed.id)
    assert (await office.settled(1)).state == "delivered"
    ids = {(await here.next()).headers["X-Prosa-Event-UUID"] for _ in range(5)}
    assert (ids, here.waiting) == ({EVENT}, 0)
    assert [each.state for each in await office.log()] == ["delivered", "delivered", failed.state]
    assert await office.webhooks.replay_failed("acme", "a") == []


async def test_a_test_reaches_one_endpoint(office: Office, here: Receiver) -> None:
    """Whatever it wants otherwise; it says nothing of anybody's words."""
    await office.add(here.url, event_filters=("stt.job.failed",))
    await office.webhooks.send_test("acme", "a")
    heard = await here.next()
    assert heard.headers["X-Prosa-Event"] == "webhook.test"
    assert json.loads(heard.body)["endpoint_id"] == "a"
    with pytest.raises(NotFound):
        await office.webhooks.send_test("other", "a")


async def test_what_is_forgotten_is_not_told(office: Office, here: Receiver) -> None:
    """A deleted job's events are gone, whether they were delivered or wait."""
    await office.add(here.url)
    here.answers.append(500)
    await office.publish()
    await office.settled(1)
    await office.webhooks.forget(["j1"])
    assert await office.log() == []


async def test_old_events_go(open_office: Open, here: Receiver) -> None:
    """What ended longer ago than events are kept is deleted when a server starts."""
    async with open_office() as first:
        await first.add(here.url)
        await first.publish()
        await first.settled(1)
        first.later(30 * DAY + 1)
    async with open_office() as second:
        await until(lambda: emptied(second))


async def test_a_database_that_is_away_is_waited_for(
    office: Office, here: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task goes on; what cannot be written down is sent again, under the same id, once its claim has run out."""
    await office.add(here.url)
    settle, away = office.store.settle, StoreUnavailable("away")

    async def fail(*arguments: Any) -> bool:
        monkeypatch.setattr(office.store, "settle", settle)
        raise away

    monkeypatch.setattr(office.store, "settle", fail)
    await office.publish()
    first = await here.next()
    await until(lambda: idle(office))
    office.later(TIMEOUT_SECONDS + LEASE_MARGIN_SECONDS)
    second = await here.next()
    assert first.headers["X-Prosa-Event-UUID"] == second.headers["X-Prosa-Event-UUID"]
    assert (await office.settled(1)).state == "delivered"


async def test_logs_tell_no_secret(office: Office, here: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """Neither URLs nor keys nor what was said or answered, only ids, the status and the time it took."""
    caplog.set_level(logging.DEBUG)
    await office.add(here.url + "?token=hidden")
    here.answers.append(500)
    await office.webhooks.publish("acme", "stt.job.completed", EVENT, {"text": "spoken"}, subject="j1")
    await office.settled(1)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("stream_server")]
    assert any("answer=500" in line for line in ours)
    assert not any(word in line for line in ours for word in ("hidden", "key-a", "spoken", "127.0.0.1"))
