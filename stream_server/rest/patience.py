"""Answer what takes long: by its own status while clients still wait in silence, then by headers and spaces.

Clients give up on an answer of which nothing comes, Deepgram's Python SDK after 30 s. White space in front of JSON is
none, so it may drip until there is something to say. A client that goes takes its work with it.

Work that fails when the status is out must not look like an answer: the answer breaks off, or it ends with a farewell,
which is no JSON and tells why. Clients that cannot read the whole of it show what came.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web

from stream_server.errors import InternalError, StreamServerError

log = structlog.get_logger(__name__)


Farewell = Callable[[StreamServerError], bytes]
"""Says of work that failed what nobody can take for JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds of silence before the headers go out, between two spaces, between two looks whether somebody waits."""

    silent_seconds: float = 10.0
    drip_seconds: float = 10.0
    look_seconds: float = 1.0

    async def answer(
        self,
        request: web.Request,
        work: Coroutine[Any, Any, web.Response],
        headers: Mapping[str, str] | None = None,
        farewell: Farewell | None = None,
    ) -> web.StreamResponse:
        """Return what the work returns, JSON; raises what it raises while that can still be told by a status.

        `headers` go out where the work's own can no longer. Work that fails later has a `farewell`, else the answer
        breaks off.
        """
        task = asyncio.ensure_future(work)
        try:
            if await self._is_done(request, task, self.silent_seconds):
                return task.result()
            if is_gone(request):
                return web.Response()  # goes nowhere
            response = web.StreamResponse(headers={**(headers or {}), "Content-Type": "application/json"})
            await response.prepare(request)
            with suppress(ConnectionError):
                await self._drip(request, task, response, farewell)
            return response
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _drip(
        self,
        request: web.Request,
        task: asyncio.Future[web.Response],
        response: web.StreamResponse,
        farewell: Farewell | None,
    ) -> None:
        while not await self._is_done(request, task, self.drip_seconds):
            if is_gone(request):
                return
            await response.write(b" ")
        error = task.exception()
        if error is None:
            body = task.result().body
            assert isinstance(body, bytes)  # as JSON is
            await response.write(body)
            await response.write_eof()
            return
        known = error if isinstance(error, StreamServerError) else InternalError("something went wrong on our side")
        log.info("answer broken off", path=request.path, error=known.code, cause=type(error).__name__)
        if farewell is not None:
            await response.write(farewell(known))
            await response.write_eof()
        elif request.transport is not None:
            request.transport.abort()

    async def _is_done(self, request: web.Request, task: asyncio.Future[web.Response], seconds: float) -> bool:
        """Wait for the work; return whether it is done. Returns early if nobody waits for it any more."""
        waited = 0.0
        while waited < seconds and not is_gone(request):
            step = min(self.look_seconds, seconds - waited)
            done, _ = await asyncio.wait([task], timeout=step)
            if done:
                return True
            waited += step
        return False


def is_gone(request: web.Request) -> bool:
    """Tell whether a request's client has closed its connection."""
    return request.transport is None or request.transport.is_closing()
