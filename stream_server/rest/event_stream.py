"""Answer with server-sent events while a piece of work goes on; comments keep what lies between from closing it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aiohttp import web

from stream_server.rest.patience import is_gone

T = TypeVar("T")

COMMENT = ": the work goes on\n\n"
"""A line that every client passes over."""

_END = ""


class Lines:
    """Lines that wait to be sent; the first one says that the work has begun."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[str] = asyncio.Queue()

    def put(self, lines: Iterable[str]) -> None:
        """Add lines."""
        for line in lines:
            self._waiting.put_nowait(line)

    def begin(self) -> None:
        """Say that the work has begun: from here on it fails in the stream."""
        self._waiting.put_nowait(COMMENT)

    def end(self) -> None:
        """Say that no line will follow."""
        self._waiting.put_nowait(_END)

    async def take(self, seconds: float) -> str | None:
        """Return the next line, "" at the end, None if none comes in so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._waiting.get()
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream(Generic[T]):
    """Streams the lines of a piece of work, and then what `ending` makes of its result.

    `look_seconds`: between two looks whether somebody waits; after `silent_looks` without a line a comment is sent, for
    proxies cut what is silent for a minute.
    """

    ending: Callable[[asyncio.Task[T]], Iterable[str]]
    look_seconds: float = 1.0
    silent_looks: int = 15

    async def answer(
        self, request: web.Request, work: Coroutine[Any, Any, T], lines: Lines, headers: Mapping[str, str]
    ) -> web.StreamResponse:
        """Answer a request; raises what the work raises before it has begun. A client that goes takes it along."""
        task = asyncio.create_task(work)
        task.add_done_callback(lambda _: lines.end())
        try:
            first = await self._next(request, lines)
            if first == _END and task.done():
                task.result()
            response = web.StreamResponse(headers={**headers, "Content-Type": "text/event-stream; charset=utf-8"})
            await response.prepare(request)
            with suppress(ConnectionError):
                await self._send(request, response, first, lines)
                if task.done():
                    await response.write("".join(self.ending(task)).encode())
                    await response.write_eof()
            return response
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _send(self, request: web.Request, response: web.StreamResponse, line: str, lines: Lines) -> None:
        while line != _END:
            await response.write(line.encode())
            line = await self._next(request, lines)

    async def _next(self, request: web.Request, lines: Lines) -> str:
        """Return the next line; a comment if none comes for long, the end if nobody waits any more."""
        for _ in range(self.silent_looks):
            line = await lines.take(self.look_seconds)
            if line is not None:
                return line
            if is_gone(request):
                return _END
        return COMMENT
