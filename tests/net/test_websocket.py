"""A websocket as a conduit: messages in and out, limits, clients that vanish or do not read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.http11 import Request

from stream_server.errors import MessageTooLarge
from stream_server.net import websocket
from stream_server.net.websocket import WebSocketConduit, read_handshake
from stream_server.protocol.dialect import Handshake

Talk = Callable[[WebSocketConduit], Awaitable[None]]


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[tuple[ClientConnection, asyncio.Task[None]]]:
    """Connect a client; the server's side of the conversation is `talk`, whose task is given too."""
    tasks: asyncio.Queue[asyncio.Task[None]] = asyncio.Queue()

    async def handle(connection: ServerConnection) -> None:
        task = asyncio.ensure_future(talk(WebSocketConduit(connection, Handshake(path="/"))))
        tasks.put_nowait(task)
        await asyncio.wait([task])

    async with serve(handle, "127.0.0.1", 0, max_size=1000, compression=None, write_limit=1024) as server:
        number = next(iter(server.sockets)).getsockname()[1]
        async with connect(f"ws://127.0.0.1:{number}", max_queue=1, compression=None) as client:
            yield client, await tasks.get()


def test_handshake_is_read() -> None:
    """Header names are lower case, repeated ones joined; the query's first value counts; the path is decoded."""
    headers = Headers()
    headers["Sec-WebSocket-Protocol"] = "a, b"
    headers["X-Api-Key"] = "k"
    headers["X-Twice"] = "1"
    headers["X-Twice"] = "2"
    handshake = read_handshake(Request("/v1/str%65am?a=1&a=2&b=", headers), "a")
    assert handshake.path == "/v1/stream"
    assert handshake.query == {"a": "1", "b": ""}
    assert handshake.headers["x-api-key"] == "k"
    assert handshake.headers["x-twice"] == "1, 2"
    assert (handshake.subprotocol, list(handshake.offered_subprotocols)) == ("a", ["a", "b"])


async def test_messages_and_the_end() -> None:
    """Messages arrive as sent; None tells that the client has closed; sending afterwards does nothing."""
    seen: list[object] = []

    async def talk(conduit: WebSocketConduit) -> None:
        while (frame := await conduit.receive()) is not None:
            seen.append(frame)
            await conduit.send(frame)
        await conduit.send("too late")
        await conduit.close(1000, "")

    async with talking(talk) as (client, task):
        await client.send("text")
        await client.send(b"")
        assert [await client.recv(), await client.recv()] == ["text", b""]
        await client.close()
        await task
    assert seen == ["text", b""]


async def test_vanished_client() -> None:
    """A connection that breaks off ends like one that closes."""

    async def talk(conduit: WebSocketConduit) -> None:
        assert await conduit.receive() is None

    async with talking(talk) as (client, task):
        client.transport.abort()
        await task


async def test_message_too_large() -> None:
    """A message over the limit raises, and the client is told 1009."""

    async def talk(conduit: WebSocketConduit) -> None:
        with pytest.raises(MessageTooLarge):
            await conduit.receive()

    async with talking(talk) as (client, task):
        await client.send(bytes(1001))
        with pytest.raises(ConnectionClosedError, match="1009"):
            await client.recv()
        await task


async def test_close_code_and_reason() -> None:
    """The client gets the code and at most 123 bytes of whole characters."""

    async def talk(conduit: WebSocketConduit) -> None:
        await conduit.close(4001, "ä" * 100)

    async with talking(talk) as (client, task):
        with pytest.raises(ConnectionClosedError) as closed:
            await client.recv()
        await task
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, "ä" * 61)


async def test_close_never_raises() -> None:
    """Closing twice or with an impossible code ends the connection all the same."""

    async def talk(conduit: WebSocketConduit) -> None:
        await conduit.close(1005, "")
        await conduit.close(1000, "")

    async with talking(talk) as (client, task):
        with pytest.raises((ConnectionClosedError, ConnectionClosedOK)):
            await client.recv()
        await task


async def test_client_that_never_reads_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sending waits while the client does not read, and closing does not wait for it for ever."""
    monkeypatch.setattr(websocket, "CLOSE_SECONDS", 0.05)
    stuck = asyncio.Event()

    async def talk(conduit: WebSocketConduit) -> None:
        async def flood() -> None:
            while not stuck.is_set():
                await conduit.send("x" * 500_000)

        flooding = asyncio.ensure_future(flood())
        done, _ = await asyncio.wait([flooding], timeout=0.2)
        assert not done
        stuck.set()
        await conduit.close(1008, "slow_client")
        await flooding

    async with talking(talk) as (client, task):
        client.transport.pause_reading()
        await task
        client.transport.abort()
