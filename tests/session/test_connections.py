"""A session has one connection at a time, and lets go of it whole."""

from __future__ import annotations

import asyncio

import structlog

from stream_server.errors import ResumedElsewhere, StreamServerError
from stream_server.events import Closed
from stream_server.protocol.native import NativeDialect
from stream_server.session.attachment import Attachment
from stream_server.session.connections import Connections
from stream_server.session.life import Life
from tests.session.test_runner import Wire


class Home:
    """Connections whose frames are kept."""

    def __init__(self) -> None:
        self.life = Life("s", self.hang_up, structlog.get_logger())
        self.connections = Connections(self.life, 1_000, self.read)
        self.read_out: list[str | bytes] = []
        self.came = asyncio.Event()

    async def read(self, attachment: Attachment) -> None:
        while (frame := await attachment.conduit.receive()) is not None:
            self.read_out.append(frame)
            self.came.set()

    async def hang_up(self, error: StreamServerError) -> None: ...

    def attach(self, wire: Wire) -> Attachment:
        """Attach a connection over this wire."""
        attachment = self.connections.new(wire, NativeDialect())
        self.connections.attach(attachment)
        return attachment


async def test_a_connection_is_read_and_written_until_it_is_let_go_of() -> None:
    """Then both of its tasks have ended, and whoever waits for its end goes on."""
    home, wire = Home(), Wire("one")
    attachment = home.attach(wire)
    attachment.put(['{"type":"pong"}'])
    await home.came.wait()
    await wire.until("pong")
    home.connections.part()
    await home.connections.parted()
    assert home.read_out == ["one"]
    assert home.connections.current is None
    assert attachment.over.is_set()
    assert all(task.cancelled() for task in attachment.tasks)


async def test_who_is_dismissed_is_told_why_and_the_session_stays() -> None:
    """The next one is attached at once."""
    home, first, second = Home(), Wire(), Wire()
    home.attach(first)
    home.connections.dismiss(ResumedElsewhere("elsewhere"))
    after = home.attach(second)
    await home.connections.parted()
    assert first.closed == (ResumedElsewhere.close_code, ResumedElsewhere.code)
    assert home.connections.current is after
    assert (second.closed, home.life.over.is_set()) == (None, False)
    home.connections.part()
    await home.connections.parted()


async def test_it_is_known_since_when_nobody_is_there() -> None:
    """Until somebody is."""
    home = Home()
    home.attach(Wire())
    home.connections.detach(7.0)
    assert (home.connections.current, home.connections.absent_since) == (None, 7.0)
    home.attach(Wire())
    assert home.connections.absent_since is None
    home.connections.part()
    await home.connections.parted()


async def test_a_session_that_was_said_to_be_closed_is_over() -> None:
    """Nothing comes behind that."""
    home, wire = Home(), Wire()
    home.attach(wire).tell(Closed(error=None, at=0))
    await home.life.over.wait()
    home.connections.part()
    await home.connections.parted()
    assert wire.closed == (1000, "")


async def test_who_lets_go_while_reading_is_not_cancelled() -> None:
    """A reader that finds the connection lost goes on to its own end."""
    home, wire = Home(), Wire()
    ended = asyncio.Event()

    async def read(attachment: Attachment) -> None:
        await attachment.conduit.receive()
        home.connections.part()
        await asyncio.sleep(0)
        ended.set()

    home.connections = Connections(home.life, 1_000, read)
    home.attach(wire)
    wire.incoming.put_nowait(None)
    await ended.wait()
    await home.connections.parted()
