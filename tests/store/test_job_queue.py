"""The contract of the queue of jobs, run over memory and a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from stream_server.errors import StoreUnavailable
from stream_server.store.job_queue import JobQueue, Ticket
from stream_server.store.memory_job_queue import MemoryJobQueue
from stream_server.store.redis import RedisStore
from stream_server.store.redis_job_queue import GROUP, RedisJobQueue

IDLE = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """A queue, and a way to let time pass over deliveries: `forsake` makes one look as if nobody renewed it."""

    queue: JobQueue
    forsake: Callable[[Ticket], Awaitable[None]]

    async def take(self, worker: str = "w1") -> Ticket:
        """Take a job that must be there."""
        ticket = await self.queue.take(worker, IDLE)
        assert ticket is not None
        return ticket

    async def rest(self) -> list[str]:
        """Take everything and return the jobs in order."""
        found = []
        while (ticket := await self.queue.take("w1", IDLE)) is not None:
            found.append(ticket.job_id)
        return found


@pytest_asyncio.fixture(params=["memory", "redis"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """Give an empty queue of each kind."""
    if request.param == "memory":
        async for found in _in_memory():
            yield found
    else:
        async for found in _in_redis(request.getfixturevalue("redis_server")):
            yield found


async def _in_memory() -> AsyncIterator[Place]:
    now = [0.0]
    queue = MemoryJobQueue(clock=lambda: now[0])

    async def forsake(ticket: Ticket) -> None:
        """Let the time pass, and renew all others."""
        now[0] += IDLE
        for taken in list(queue._taken.values()):
            if taken.ticket != ticket:
                await queue.renew("w1", taken.ticket)

    yield Place(queue, forsake)


async def _in_redis(server: Any) -> AsyncIterator[Place]:
    store = RedisStore(server.url)

    async def forsake(ticket: Ticket) -> None:
        with server.client as client:
            line = f"ss:jobs:line:{ticket.organisation}"
            client.xclaim(line, GROUP, "nobody", 0, [ticket.entry], idle=round(IDLE * 1000), justid=True)

    yield Place(RedisJobQueue(store), forsake)
    await store.close()


async def test_nothing_waits_in_an_empty_queue(place: Place) -> None:
    """Nobody gets anything of nothing."""
    assert await place.queue.take("w1", IDLE) is None
    assert await place.queue.waiting() == 0


async def test_an_organisation_is_served_in_order(place: Place) -> None:
    """First come, first served."""
    for number in range(20):
        await place.queue.put("acme", f"j{number}")
    assert await place.rest() == [f"j{number}" for number in range(20)]


async def test_a_flood_delays_nobody_elses_first(place: Place) -> None:
    """Organisations take turns, however many jobs one of them has; newcomers stand behind those that are here."""
    for number in range(50):
        await place.queue.put("flood", f"f{number}")
    assert (await place.take()).job_id == "f0"
    for number in range(3):
        await place.queue.put("acme", f"a{number}")
    await place.queue.put("late", "l0")
    assert [(await place.take()).job_id for _ in range(8)] == ["f1", "a0", "l0", "f2", "a1", "f3", "a2", "f4"]


async def test_an_organisation_that_comes_back_has_its_turn(place: Place) -> None:
    """One whose line was empty for a while is neither forgotten nor punished."""
    await place.queue.put("acme", "a0")
    await place.queue.done(await place.take())
    assert await place.queue.take("w1", IDLE) is None
    for name in ("b0", "b1", "b2"):
        await place.queue.put("other", name)
    await place.queue.put("acme", "a1")
    assert "a1" in [(await place.take()).job_id for _ in range(2)]


async def test_what_nobody_renews_comes_again_first(place: Place) -> None:
    """Before anything that waits, as the same delivery; what is renewed does not come again."""
    for name in ("j1", "j2", "j3"):
        await place.queue.put("acme", name)
    first, second = await place.take(), await place.take()
    await place.forsake(first)
    again = await place.take("w2")
    assert again == first
    await place.forsake(second)
    await place.queue.renew("w1", second)
    assert await place.rest() == ["j3"]


async def test_a_forsaken_job_is_found_behind_many_that_are_not(place: Place) -> None:
    """However many others of its organisation are being worked on before it."""
    for number in range(40):
        await place.queue.put("acme", f"j{number}")
    tickets = [await place.take() for _ in range(40)]
    await place.forsake(tickets[-1])
    assert await place.take("w2") == tickets[-1]
    assert await place.queue.take("w2", IDLE) is None


async def test_what_is_done_is_forgotten(place: Place) -> None:
    """It never comes again, and saying so twice, or renewing it afterwards, does no harm."""
    await place.queue.put("acme", "j1")
    ticket = await place.take()
    await place.queue.done(ticket)
    await place.queue.done(ticket)
    await place.queue.renew("w1", ticket)
    await place.forsake(ticket)
    assert await place.queue.take("w2", IDLE) is None
    assert await place.queue.waiting() == 0


async def test_a_job_that_is_queued_twice_is_taken_twice(place: Place) -> None:
    """Each delivery has a name of its own."""
    await place.queue.put("acme", "j1")
    await place.queue.put("acme", "j1")
    first, second = await place.take(), await place.take()
    assert (first.job_id, second.job_id) == ("j1", "j1")
    assert first.entry != second.entry
    await place.queue.done(first)
    assert await place.queue.waiting() == 1


async def test_waiting_counts_what_is_not_done(place: Place) -> None:
    """What waits and what is being worked on, of every organisation."""
    for organisation in ("acme", "other"):
        await place.queue.put(organisation, "j1")
        await place.queue.put(organisation, "j2")
    await place.take()
    assert await place.queue.waiting() == 4
    await place.queue.done(await place.take())
    assert await place.queue.waiting() == 3


async def test_takers_at_once_never_share(place: Place) -> None:
    """Ten workers that ask at the same time get every job once."""
    for number in range(60):
        await place.queue.put(f"o{number % 3}", f"j{number}")

    async def work(worker: str) -> list[str]:
        found = []
        while (ticket := await place.queue.take(worker, IDLE)) is not None:
            found.append(ticket.job_id)
        return found

    taken = await asyncio.gather(*(work(f"w{number}") for number in range(10)))
    assert sorted(name for some in taken for name in some) == sorted(f"j{number}" for number in range(60))


async def test_workers_may_be_forgotten_at_any_time(place: Place) -> None:
    """What they have stays theirs, what they are given is theirs, and what nobody renews comes again as ever."""
    for name in ("j1", "j2", "j3"):
        await place.queue.put("acme", name)
    first = await place.take()
    await place.queue.forget_workers(0)
    second = await place.take()
    await place.queue.done(second)
    await place.queue.forget_workers(0)
    await place.forsake(first)
    assert await place.take("w2") == first
    await place.queue.done(first)
    await place.queue.forget_workers(0)
    assert await place.rest() == ["j3"]


@pytest_asyncio.fixture
async def queue(redis_server: Any) -> AsyncIterator[RedisJobQueue]:
    """Give an empty queue in Redis."""
    store = RedisStore(redis_server.url)
    yield RedisJobQueue(store)
    await store.close()


def workers(server: Any, organisation: str = "acme") -> list[str]:
    """Return whose names Redis has in an organisation's line."""
    with server.client as client:
        return sorted(each["name"] for each in client.xinfo_consumers(f"ss:jobs:line:{organisation}", GROUP))


async def test_processes_leave_no_names_in_a_line_that_is_empty(redis_server: Any, queue: RedisJobQueue) -> None:
    """However many had a job of it: all are gone with the last one, and come back with the next."""
    for number in range(20):
        await queue.put("acme", f"j{number}")
    for number in range(20):
        ticket = await queue.take(f"dead-{number}", IDLE)
        assert ticket is not None
        await queue.done(ticket)
    assert len(workers(redis_server)) == 20
    assert await queue.take("w1", IDLE) is None
    assert workers(redis_server) == []
    await queue.put("acme", "last")
    assert await queue.take("w1", IDLE) is not None
    assert workers(redis_server) == ["w1"]


async def test_only_who_owns_nothing_and_is_silent_is_forgotten(redis_server: Any, queue: RedisJobQueue) -> None:
    """In a line that is never empty: who has a job stays, however long it is silent, and who asks stays."""
    for number in range(3):
        await queue.put("acme", f"j{number}")
    busy, done = await queue.take("busy", IDLE), await queue.take("done", IDLE)
    assert busy is not None
    assert done is not None
    await queue.done(done)
    assert await queue.forget_workers(IDLE) == 0
    assert workers(redis_server) == ["busy", "done"]
    assert await queue.forget_workers(0) == 1
    assert workers(redis_server) == ["busy"]
    again = await queue.take("heir", 0)
    assert again == busy
    assert await queue.forget_workers(0) == 1
    assert workers(redis_server) == ["heir"]


async def test_workers_come_and_go_at_once_without_losing_a_job(queue: RedisJobQueue) -> None:
    """Names are forgotten all the time by everybody, while ten take jobs: each is taken once, and none is left."""
    for number in range(60):
        await queue.put(f"o{number % 3}", f"j{number}")

    async def work(worker: str) -> list[str]:
        found = []
        while (ticket := await queue.take(worker, IDLE)) is not None:
            await queue.forget_workers(0)
            await queue.renew(worker, ticket)
            found.append(ticket.job_id)
            await queue.done(ticket)
        return found

    taken = await asyncio.gather(*(work(f"w{number}") for number in range(10)))
    assert sorted(name for some in taken for name in some) == sorted(f"j{number}" for number in range(60))
    assert await queue.waiting() == 0


async def test_an_absent_redis_is_unavailable(tmp_path: Path) -> None:
    """Every operation says that the store cannot be reached."""
    store = RedisStore(f"unix://{tmp_path}/nobody.sock")
    queue = RedisJobQueue(store)
    ticket = Ticket(organisation="acme", job_id="j1", entry="1-1")
    for attempt in (
        queue.put("acme", "j1"),
        queue.take("w1", IDLE),
        queue.renew("w1", ticket),
        queue.done(ticket),
        queue.forget_workers(IDLE),
        queue.waiting(),
    ):
        with pytest.raises(StoreUnavailable):
            await attempt
    await store.close()
