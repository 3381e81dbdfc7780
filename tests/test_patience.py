"""Laws of waiting for others: whoever is silent is left, and nobody is called silent whom we did not listen to."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable

import pytest
import uvloop

from stream_server.patience import SHARES, patience


async def test_silence_is_left() -> None:
    """After the time that was said."""
    with pytest.raises(TimeoutError):
        async with patience(0.01):
            await asyncio.Event().wait()


async def test_who_answers_is_heard() -> None:
    """And nothing comes of the time afterwards."""
    async with patience(0.01):
        await asyncio.sleep(0)
    await asyncio.sleep(0.02)


async def test_an_answer_that_came_while_the_loop_was_held_up_is_taken() -> None:
    """Though the time has passed when somebody looks at the clock again."""
    loop = asyncio.get_running_loop()
    async with patience(0.05):
        answer = loop.run_in_executor(None, time.sleep, 0.01)
        time.sleep(0.2)  # noqa: ASYNC251  # what holds the loop up
        await answer


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("turn", range(SHARES, 2 * SHARES + 1))
def test_an_answer_that_came_in_the_last_share_is_taken(
    new_loop: Callable[[], asyncio.AbstractEventLoop], turn: int
) -> None:
    """By a loop that is held up in every turn, so that a share takes one or two, and though it is read in two parts."""

    async def wait() -> None:
        loop, (near, far) = asyncio.get_running_loop(), socket.socketpair()
        near.setblocking(False)

        def hold_up(now: int = 0) -> None:
            if now == turn:
                far.send(b"ab")
            time.sleep(0.002)
            if not answer.done():
                loop.call_soon(hold_up, now + 1)

        async def read() -> bytes:
            return await loop.sock_recv(near, 1) + await loop.sock_recv(near, 1)

        with near, far:
            async with patience(0.001 * SHARES):
                answer = asyncio.create_task(read())
                loop.call_soon(hold_up)
                assert await answer == b"ab"

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(wait())


async def test_who_is_cancelled_is_cancelled() -> None:
    """It is no silence."""

    async def wait() -> None:
        async with patience(60):
            await asyncio.Event().wait()

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
