"""The line between a page and a server, which can be cut: a TCP proxy on a port of its own.

async with Line() as line:
    line.lead_to(server.url)
    line.hold()                                # what is open stands still: nobody is told
    line.cut()                                 # what is open breaks off, what is new is refused
    await line.mend()                          # on the same port
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

PIECE_BYTES = 65_536


class Line:
    """Carries bytes both ways until it is cut."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._port = 0
        self._target = ("127.0.0.1", 0)
        self._open: set[asyncio.StreamWriter] = set()
        self._carries = asyncio.Event()

    @property
    def url(self) -> str:
        """Where it is entered."""
        return f"http://127.0.0.1:{self._port}"

    def lead_to(self, url: str) -> None:
        """Say where it comes out."""
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 0)

    def hold(self) -> None:
        """Let everything stand still."""
        self._carries.clear()

    def cut(self) -> None:
        """Break off every connection, and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._open:
            writer.transport.abort()

    async def mend(self) -> None:
        """Carry again."""
        self._carries.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._carries.set()
        self.cut()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, back}
        self._open |= ends
        try:
            await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))
        finally:
            self._open -= ends

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(PIECE_BYTES):
                await self._carries.wait()
                writer.write(piece)
                await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
