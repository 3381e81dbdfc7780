"""The connections of one session: one after the other, at most one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from stream_server.errors import StreamServerError
from stream_server.protocol.dialect import Conduit, Dialect
from stream_server.session.attachment import Attachment
from stream_server.session.life import Life


class Connections:
    """Has a connection read and written from when it is attached until it is let go of.

    `outbound_bytes` is what waits at most for a client that does not read; `read` reads a connection.
    `current` is the one that is there, None when nobody is; `absent_since` says since when somebody is waited for.
    """

    def __init__(
        self,
        life: Life,
        outbound_bytes: int,
        read: Callable[[Attachment], Coroutine[Any, Any, None]],
    ) -> None:
        self._life = life
        self._outbound_bytes = outbound_bytes
        self._read = read
        self._parting: list[asyncio.Task[None]] = []
        self.current: Attachment | None = None
        self.absent_since: float | None = None
        self.dropped = 0
        """Partials replaced before they were sent, over all connections that were."""

    def new(self, conduit: Conduit, dialect: Dialect) -> Attachment:
        """Return a connection that may be attached."""
        return Attachment(conduit, dialect, self._outbound_bytes)

    def attach(self, attachment: Attachment) -> None:
        """Serve this connection from now on."""
        self.current, self.absent_since = attachment, None
        attachment.tasks = [
            self._life.spawn(lambda: self._read(attachment)),
            self._life.spawn(lambda: self._write(attachment)),
        ]

    def detach(self, now: float) -> None:
        """Let go of the connection, and wait for another."""
        self.part()
        self.absent_since = now

    def part(self) -> None:
        """Let go of the connection, if there is one."""
        attachment, self.current = self.current, None
        if attachment is None:
            return
        self.dropped += attachment.dropped
        attachment.over.set()
        for task in attachment.tasks:
            if task is not asyncio.current_task():
                task.cancel()
                self._parting.append(task)

    def dismiss(self, error: StreamServerError) -> None:
        """Close the connection, if there is one, without a word more; the session stays."""
        attachment = self.current
        if attachment is not None:
            self.part()
            self._parting.append(self._life.spawn(lambda: attachment.close(error)))

    async def parted(self) -> None:
        """Wait until nothing goes on any more over those that were let go of."""
        await asyncio.gather(*self._parting, return_exceptions=True)

    async def _write(self, attachment: Attachment) -> None:
        """Write to the end; whoever has been told that a session is closed needs nothing more of it."""
        await attachment.write()
        self._life.over.set()
