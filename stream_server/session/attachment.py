"""One connection of a session: a conduit, the dialect spoken over it, and what waits to be sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from stream_server.errors import StreamServerError
from stream_server.events import Event, Partial
from stream_server.protocol.dialect import Close, Conduit, Dialect, Output
from stream_server.session.outbox import Outbox


class Attachment:
    """Filled by the session's runner; `write` empties it. `over` is set when it serves the session no more."""

    def __init__(self, conduit: Conduit, dialect: Dialect, outbound_bytes: int) -> None:
        self.conduit = conduit
        self.dialect = dialect
        self.over = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self._greeting: Iterator[Output] = iter(())
        self._outbox = Outbox(outbound_bytes)

    @property
    def dropped(self) -> int:
        """Partials replaced before they were sent."""
        return self._outbox.dropped

    def greet(self, first: Event, missed: Iterable[Event]) -> None:
        """Say this before anything else, however much it is: it goes out as fast as the client reads."""
        outputs = (output for event in missed for output in self.dialect.encode(event))
        self._greeting = chain(self.dialect.encode(first), outputs)

    def tell(self, event: Event) -> None:
        """Send an event; raises `SlowClient`."""
        outputs = self.dialect.encode(event)
        key = ("partial", event.track) if isinstance(event, Partial) and self.dialect.partials_replace else None
        self.put(outputs, key)

    def put(self, outputs: Sequence[Output], key: object | None = None) -> None:
        """Send frames; see `Outbox.put`."""
        self._outbox.put(outputs, key)

    async def write(self) -> None:
        """Send what there is and comes, up to a close."""
        for output in self._greeting:
            if await self._send(output):
                return
        while True:
            for output in await self._outbox.take():
                if await self._send(output):
                    return

    async def close(self, error: StreamServerError) -> None:
        """Close the connection for this reason, without a word more."""
        await self.conduit.close(error.close_code, error.code)

    async def _send(self, output: Output) -> bool:
        """Send one output; return whether it was the last."""
        if isinstance(output, Close):
            await self.conduit.close(output.code, output.reason)
            return True
        await self.conduit.send(output)
        return False
