"""A receiver of webhooks on a free loopback port, which answers as it is told and remembers what it heard.

async with receiver() as here:
    here.answers.append(500)          # the next answer; afterwards 200
    request = await here.next()       # the next one heard: headers, body
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from multidict import CIMultiDictProxy


@dataclass(frozen=True, slots=True)
class Heard:
    """A request."""

    headers: CIMultiDictProxy[str]
    body: bytes
    path: str


class Receiver:
    """Heard requests wait in order. `hold` makes it keep those that ask waiting for their answer."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: deque[int] = deque()
        self.hold: asyncio.Event | None = None
        self._heard: asyncio.Queue[Heard] = asyncio.Queue()

    async def next(self) -> Heard:
        """Return the next request that was heard."""
        return await self._heard.get()

    @property
    def waiting(self) -> int:
        """How many requests nobody has asked for."""
        return self._heard.qsize()

    async def answer(self, request: web.Request) -> web.Response:
        """Hear a request and answer as told."""
        self._heard.put_nowait(Heard(request.headers, await request.read(), request.path))
        if self.hold is not None:
            await self.hold.wait()
        status = self.answers.popleft() if self.answers else 200
        headers = {"Location": "/elsewhere"} if 300 <= status < 400 else {}
        return web.Response(status=status, text="spoken words in an answer", headers=headers)


@asynccontextmanager
async def receiver(
    tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", **options: Any
) -> AsyncIterator[Receiver]:
    """Give a running receiver."""
    here = Receiver()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", here.answer)
    runner = web.AppRunner(application, **{"shutdown_timeout": 0.1} | options)
    await runner.setup()
    site = web.TCPSite(runner, host, 0, ssl_context=tls)
    await site.start()
    here.url = f"{'https' if tls else 'http'}://{host}:{runner.addresses[0][1]}/hook"
    try:
        yield here
    finally:
        await runner.cleanup()
