"""Long answers: their own status while nobody loses patience, then white space, and nothing for those who left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Protocol

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from stream_server.errors import QuotaExceeded, StreamServerError
from stream_server.rest.application import make_application
from stream_server.rest.patience import Farewell, Patience

QUICK = Patience(silent_seconds=0.02, drip_seconds=0.01, look_seconds=0.01)
SLOW = Patience(silent_seconds=60, drip_seconds=60, look_seconds=0.01)


class Work:
    """Ends when it is told to; `cancelled` is set when nobody wants it any more."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.error: Exception | None = None

    async def run(self) -> web.Response:
        """Wait, then answer or fail."""
        self.begun.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        if self.error is not None:
            raise self.error
        return web.json_response({"text": "hello"}, headers={"X-Own": "1"})


Client = TestClient[web.Request, web.Application]


class Serve(Protocol):
    """Makes a client of a server that answers with a piece of work."""

    def __call__(self, work: Work, patience: Patience, farewell: Farewell | None = None) -> Awaitable[Client]: ...


@pytest.fixture
async def serve() -> Serve:
    """Give a factory of clients of a server that answers with a piece of work."""

    async def make(work: Work, patience: Patience, farewell: Farewell | None = None) -> Client:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await patience.answer(request, work.run(), farewell=farewell)

        client = TestClient(TestServer(make_application([web.post("/", handle)], max_body_bytes=100)))
        await client.start_server()
        return client

    return make


async def test_what_is_quick_is_an_ordinary_answer(serve: Serve) -> None:
    """Its own status and headers, its length, no white space."""
    work = Work()
    work.go_on.set()
    async with await serve(work, SLOW) as client, client.post("/") as answer:
        assert (answer.status, answer.headers["X-Own"]) == (200, "1")
        assert await answer.text() == '{"text": "hello"}'


async def test_what_fails_quickly_has_its_status(serve: Serve) -> None:
    """The client learns what is wrong."""
    work = Work()
    work.error = QuotaExceeded("the quota is used up")
    work.go_on.set()
    async with await serve(work, SLOW) as client, client.post("/") as answer:
        assert answer.status == 402


async def test_what_is_slow_begins_with_white_space(serve: Serve) -> None:
    """The headers come before there is anything to say, then spaces, and it is JSON all the same."""
    work = Work()
    async with await serve(work, QUICK) as client, client.post("/") as answer:
        assert (answer.status, answer.content_type) == (200, "application/json")
        assert await answer.content.readexactly(3) == b"   "
        work.go_on.set()
        assert await answer.json() == {"text": "hello"}


async def test_what_fails_late_is_broken_off(serve: Serve) -> None:
    """No client takes half an answer for a whole one."""
    work = Work()
    work.error = QuotaExceeded("the quota is used up")
    async with await serve(work, QUICK) as client, client.post("/") as answer:
        assert answer.status == 200
        work.go_on.set()
        with pytest.raises(aiohttp.ClientError):
            await answer.read()


async def test_what_fails_late_may_say_farewell(serve: Serve) -> None:
    """Then the answer is whole, and nobody can take it for JSON."""
    work = Work()
    work.error = QuotaExceeded("the quota is used up")

    def farewell(error: StreamServerError) -> bytes:
        return f"error: {error.code}".encode()

    async with await serve(work, QUICK, farewell) as client, client.post("/") as answer:
        assert answer.status == 200
        work.go_on.set()
        assert (await answer.text()).lstrip() == "error: quota_exceeded"


async def test_what_nobody_foresaw_says_no_more_than_that(serve: Serve) -> None:
    """An exception's own words may be secrets."""
    work = Work()
    work.error = KeyError("sk_secret")
    async with await serve(work, QUICK, lambda error: error.message.encode()) as client, client.post("/") as answer:
        work.go_on.set()
        assert (await answer.text()).lstrip() == "something went wrong on our side"


@pytest.mark.parametrize("patience", [QUICK, SLOW])
async def test_who_leaves_takes_the_work_along(serve: Serve, patience: Patience) -> None:
    """Nobody transcribes hours of talk for nobody, neither before the headers nor after."""
    work = Work()
    async with await serve(work, patience) as client:
        asking = asyncio.ensure_future(client.post("/"))
        await work.begun.wait()
        if patience is QUICK:
            (await asking).close()
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        await work.cancelled.wait()
