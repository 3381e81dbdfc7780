"""Laws of waiting for others: whoever is silent is left, and nobody is called silent whom we did not listen to."""

from __future__ import annotations

import asyncio
import time

import pytest

from stream_server.patience import patience


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
