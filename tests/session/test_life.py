"""What breaks in a session ends that session, once, and nothing else."""

from __future__ import annotations

import asyncio

import pytest
import structlog

from stream_server.errors import InternalError, ServerStopping, SlowClient, StreamServerError
from stream_server.session.life import Life


class Line:
    """A connection that is closed when the test says so."""

    def __init__(self) -> None:
        self.closed_for: list[str] = []
        self.may_close = asyncio.Event()
        self.may_close.set()

    async def hang_up(self, error: StreamServerError) -> None:
        await self.may_close.wait()
        self.closed_for.append(error.code)


@pytest.fixture
def line() -> Line:
    """Give a connection."""
    return Line()


@pytest.fixture
def life(line: Line) -> Life:
    """Give a life that hangs up on that connection."""
    return Life("s", line.hang_up, structlog.get_logger())


async def test_steps_are_taken_up_to_one_that_breaks(life: Life, line: Line) -> None:
    """The connection is closed with an error of ours; no step is taken any more."""
    taken: list[int] = []

    def broken() -> None:
        raise RuntimeError("bug")

    life.take(lambda: taken.append(1), broken, lambda: taken.append(2))
    life.take(lambda: taken.append(3))
    await life.over.wait()
    assert taken == [1]
    assert (line.closed_for, life.outcome) == ([InternalError.code], InternalError.code)


async def test_a_client_that_does_not_read_is_told_so(life: Life) -> None:
    """It is no bug of ours."""

    def full() -> None:
        raise SlowClient("too much waits")

    life.take(full)
    await life.over.wait()
    assert life.outcome == SlowClient.code


async def test_a_task_that_breaks_ends_the_session(life: Life) -> None:
    """Although nobody awaits it."""

    async def broken() -> None:
        raise RuntimeError("bug")

    await life.spawn(broken)
    await life.over.wait()
    assert life.outcome == InternalError.code


async def test_it_is_given_up_once_and_over_when_the_connection_is_closed(life: Life, line: Line) -> None:
    """The first reason is the one that is told."""
    line.may_close.clear()
    life.give_up(ServerStopping("stopping"))
    life.give_up(SlowClient("too much waits"))
    await asyncio.sleep(0)
    assert life.given_up
    assert not life.over.is_set()
    line.may_close.set()
    await life.over.wait()
    assert (line.closed_for, life.outcome) == ([ServerStopping.code], ServerStopping.code)


async def test_what_is_over_is_not_given_up(life: Life, line: Line) -> None:
    """It has ended as it has."""
    life.outcome = "ok"
    life.over.set()
    life.give_up(ServerStopping("stopping"))
    await asyncio.sleep(0)
    assert (life.given_up, life.outcome, line.closed_for) == (False, "ok", [])
