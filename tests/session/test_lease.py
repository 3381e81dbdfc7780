"""Quota is there before it is needed, and where it ends the session ends, at that sample."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_server.auth import ANONYMOUS, Principal
from stream_server.events import Audio, Command, EndQuota, Finish, GrantAudio
from stream_server.session.lease import QuotaLease
from stream_server.session.limits import Limits
from stream_server.session.options import SessionOptions
from stream_server.session.session import Session
from stream_server.session.state import State
from stream_server.store.memory import MemoryStore
from stream_server.usage import UsageRecorder
from tests.session.test_runner import House

RATE = 16_000
LIMITED = Principal(organisation="acme", key_id="k1", quota_seconds=15)


class Asking:
    """A session whose quota is leased ten seconds at a time; what it is told is kept."""

    def __init__(self, session: Session, account: Any) -> None:
        self.session = session
        self.fed: list[Command] = []
        self.moved = asyncio.Event()
        self.lease = QuotaLease(account, session, feed=self.feed, on_progress=self.moved.set, spawn=self.spawn)
        self.tasks: set[asyncio.Task[None]] = set()

    def feed(self, command: Command) -> None:
        self.fed.append(command)
        self.session.receive_command(command, 0.0)

    def spawn(self, task: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        spawned = asyncio.create_task(task())
        self.tasks.add(spawned)
        return spawned

    def hear(self, seconds: float) -> None:
        """Give the session audio."""
        self.session.receive_command(Audio(samples=np.zeros((round(seconds * RATE), 1), np.float32)), 0.0)
        self.lease.watch()

    async def until_moved(self) -> None:
        """Wait until something has come of a lease."""
        await self.moved.wait()
        self.moved.clear()


async def opened(directory: Path, principal: Principal) -> tuple[Asking, UsageRecorder]:
    """Return a session with an account, and who keeps that."""
    house, recorder = House(directory), UsageRecorder(MemoryStore(), directory)
    account = await recorder.open("s", principal, "live", RATE, 1)
    session = house.services.new_session(
        "s", SessionOptions(), principal, limits=Limits(), granted_until=account.granted_until
    )
    return Asking(session, account), recorder


@pytest.fixture
async def asking(tmp_path: Path) -> AsyncIterator[Asking]:
    """Give a session with fifteen seconds of quota, ten of which it has."""
    found, recorder = await opened(tmp_path, LIMITED)
    yield found
    await found.lease.close()
    await recorder.stop()


async def test_nothing_is_leased_while_enough_is_left(asking: Asking) -> None:
    """Four of ten seconds are not near the end."""
    asking.hear(4.0)
    assert not asking.tasks


async def test_more_is_leased_before_it_is_needed(asking: Asking) -> None:
    """Nobody waits for it."""
    asking.hear(6.0)
    assert not asking.lease.is_awaited
    await asking.until_moved()
    assert asking.fed == [GrantAudio(until=15 * RATE)]


async def test_a_client_that_was_faster_waits_for_us(asking: Asking) -> None:
    """What it sent beyond the lease is heard when that has grown."""
    asking.hear(12.0)
    assert asking.lease.is_awaited
    await asking.until_moved()
    assert not asking.lease.is_awaited
    assert asking.session.usage().session == 12 * RATE


async def test_the_session_ends_where_the_quota_ends(asking: Asking) -> None:
    """At the sample, and not a second earlier because nothing was left to lease."""
    asking.hear(15.0)
    await asking.until_moved()
    asking.hear(0.5)
    await asking.until_moved()
    assert asking.fed == [GrantAudio(until=15 * RATE), EndQuota()]
    assert asking.session.usage().session == 15 * RATE
    assert asking.session.state is not State.LISTENING


async def test_a_session_that_ends_leases_nothing(asking: Asking) -> None:
    """What is left belongs to others."""
    asking.session.receive_command(Finish(), 0.0)
    asking.hear(0.0)
    assert not asking.tasks


async def test_without_a_quota_nothing_is_leased(tmp_path: Path) -> None:
    """However long it is."""
    asking, recorder = await opened(tmp_path, ANONYMOUS)
    asking.hear(60.0)
    assert not asking.tasks
    await asking.lease.close()
    await recorder.stop()


async def test_who_has_closed_waits_for_no_lease(asking: Asking) -> None:
    """What was asked for comes to nothing."""
    asking.hear(6.0)
    await asking.lease.close()
    assert all(task.cancelled() for task in asking.tasks)
    assert not asking.fed
