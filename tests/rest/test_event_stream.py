"""An event stream begins when its work does, stays open while that is silent, and ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from stream_server.errors import QuotaExceeded
from stream_server.rest.errors import errors_as_json
from stream_server.rest.event_stream import COMMENT, EventStream, Lines

Work = Callable[[Lines], Coroutine[Any, Any, str]]


def ending(task: asyncio.Task[str]) -> list[str]:
    """Return the last line."""
    error = task.exception()
    return [f"data: {task.result() if error is None else type(error).__name__}\n\n"]


@asynccontextmanager
async def serving(work: Work, **how: Any) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """Give a client of a server that streams a piece of work."""

    async def handle(request: web.Request) -> web.StreamResponse:
        lines = Lines()
        return await EventStream(ending=ending, **how).answer(request, work(lines), lines, {"x-a": "b"})

    application = web.Application(middlewares=[errors_as_json])
    application.add_routes([web.get("/", handle)])
    async with TestClient(TestServer(application)) as client:
        yield client


async def test_lines_come_in_order_and_then_the_end() -> None:
    """What the work says, and what is made of its result."""

    async def work(lines: Lines) -> str:
        lines.begin()
        lines.put(["data: 1\n\n", "data: 2\n\n"])
        await asyncio.sleep(0)
        lines.put(["data: 3\n\n"])
        return "done"

    async with serving(work) as client, client.get("/") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["x-a"] == "b"
        assert await answer.text() == f"{COMMENT}data: 1\n\ndata: 2\n\ndata: 3\n\ndata: done\n\n"


@pytest.mark.parametrize("begun", [False, True])
async def test_an_error_has_a_status_until_the_work_has_begun(begun: bool) -> None:
    """Afterwards it is the last event."""

    async def work(lines: Lines) -> str:
        if begun:
            lines.begin()
        raise QuotaExceeded("nothing left")

    async with serving(work) as client, client.get("/") as answer:
        assert answer.status == (200 if begun else 402)
        assert begun == (await answer.text()).endswith("data: QuotaExceeded\n\n")


async def test_silence_is_filled_with_comments() -> None:
    """Whatever lies between client and server sees that the connection lives."""
    enough = asyncio.Event()

    async def work(lines: Lines) -> str:
        lines.begin()
        await enough.wait()
        return "done"

    async with serving(work, look_seconds=0.001) as client, client.get("/") as answer:
        assert await answer.content.readexactly(2 * len(COMMENT)) == 2 * COMMENT.encode()
        enough.set()
        assert (await answer.content.read()).endswith(b"data: done\n\n")


async def test_a_client_that_leaves_takes_its_work_along() -> None:
    """Nobody works on what nobody reads."""
    stopped = asyncio.Event()

    async def work(lines: Lines) -> str:
        lines.begin()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return "never"

    async with serving(work, look_seconds=0.001) as client:
        answer: Awaitable[Any] = client.get("/")
        (await answer).close()
        await stopped.wait()
