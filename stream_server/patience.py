"""Patience with others, which does not run out while it is we who are late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SHARES = 10
"""Looks at the clock within one wait."""

TURNS = 20
"""Of the loop, once time is up: what came while it was held up is read in several, and goes through several hands."""


@asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[None]:
    """Raise `TimeoutError` after so many seconds in which this event loop could have taken an answer.

    On a machine with too much to do a loop may be held up for longer than any answer takes, and `asyncio.timeout` would
    then call the other one silent although its answer has come. So time passes in shares: one that took longer counts
    as one, and an answer that came in the last reaches who waits for it before that is called silence.
    """
    loop = asyncio.get_running_loop()
    left = SHARES + TURNS
    passing: asyncio.Handle

    def pass_time() -> None:
        nonlocal left, passing
        left -= 1
        if left > TURNS:
            passing = loop.call_later(seconds / SHARES, pass_time)
        elif left:
            passing = loop.call_soon(pass_time)
        else:
            waiting.reschedule(loop.time())

    passing = loop.call_later(seconds / SHARES, pass_time)
    try:
        async with asyncio.timeout(None) as waiting:
            yield
    finally:
        passing.cancel()
