"""Read the first request head of a connection and hand the transport to websockets or to aiohttp.

A connection belongs to one protocol object at a time: the doorman until the head is complete, then either the
websocket connection or aiohttp's protocol. An aiohttp client that shares its session sends an upgrade on a keep-alive
connection that aiohttp already holds; `HttpConnection.upgrade` then takes the transport back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from aiohttp.web_protocol import RequestHandler
from websockets.asyncio.server import ServerConnection

from stream_server.errors import InternalError, StreamServerError, UnexpectedMessage
from stream_server.net.admission import error_body, refusal

log = structlog.get_logger(__name__)

HEAD_BYTES = 16 * 1024
"""A head that is not complete by then is refused: aiohttp would wait for the rest of it without end."""

END_OF_HEAD = b"\r\n\r\n"


def asks_for_upgrade(head: bytes) -> bool:
    """Tell whether a request head asks for a websocket (RFC 6455 section 4.2.1)."""
    fields: dict[bytes, bytes] = {}
    for line in head.lower().split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        fields[name] = value
    return b"websocket" in fields.get(b"upgrade", b"") and b"upgrade" in fields.get(b"connection", b"")


def looks_like_http(data: bytes | bytearray) -> bool:
    """Tell whether bytes may begin a request: a method in capitals and a space."""
    method, space, _ = data[:16].partition(b" ")
    return method.isalpha() and method.isupper() and bool(space or len(data) < 16)


class Doorman(asyncio.Protocol):
    """Waits at most `handshake_seconds` for the head, then steps aside.

    `websocket` and `http` make the protocol objects to hand over to. While it holds the connection it is in `waiting`.
    """

    def __init__(
        self,
        *,
        websocket: Callable[[], ServerConnection],
        http: Callable[[Doorman], asyncio.Protocol],
        waiting: set[Doorman],
        handshake_seconds: float,
    ) -> None:
        self._websocket = websocket
        self._http = http
        self._waiting = waiting
        self._handshake_seconds = handshake_seconds
        self._head = bytearray()
        self._transport: asyncio.Transport
        self._timer: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start to wait."""
        self._transport = cast(asyncio.Transport, transport)
        self._timer = asyncio.get_running_loop().call_later(self._handshake_seconds, self._transport.abort)
        self._waiting.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting; there was no request."""
        del exc
        self._step_aside()

    def data_received(self, data: bytes) -> None:
        """Collect the head; decide when it is complete, too long, or no HTTP at all."""
        self._head += data
        complete = END_OF_HEAD in self._head
        if not complete and looks_like_http(self._head):
            if len(self._head) > HEAD_BYTES:
                self._refuse(UnexpectedMessage(f"the head of an HTTP request may have {HEAD_BYTES} bytes"))
            return
        received = bytes(self._head)
        if complete and asks_for_upgrade(received.partition(END_OF_HEAD)[0]):
            self.to_websocket(received)
        else:
            self._hand_over(self._http(self), received)

    def to_websocket(self, received: bytes) -> None:
        """Make this a websocket connection that begins with the bytes `received`."""
        self._hand_over(self._websocket(), received)

    def abort(self) -> None:
        """Drop the connection."""
        self._transport.abort()

    def _refuse(self, error: StreamServerError) -> None:
        log.info("http refused", error=error.code)
        self._step_aside()
        self._transport.write(refusal(error).serialize())
        self._transport.close()

    def _hand_over(self, successor: asyncio.Protocol, received: bytes) -> None:
        self._step_aside()
        self._head.clear()
        self._transport.set_protocol(successor)
        successor.connection_made(self._transport)
        successor.data_received(received)

    def _step_aside(self) -> None:
        self._timer.cancel()
        self._waiting.discard(self)


class HttpConnection(RequestHandler):
    """aiohttp's connection that can give its transport back to the doorman."""

    __slots__ = ("_doorman",)

    def __init__(self, manager: web.Server, doorman: Doorman, *, keepalive_seconds: float) -> None:
        super().__init__(manager, loop=asyncio.get_running_loop(), keepalive_timeout=keepalive_seconds, access_log=None)  # type: ignore[arg-type]
        self._doorman = doorman

    def upgrade(self, request: web.BaseRequest) -> None:
        """Let websockets answer `request` on the same transport.

        aiohttp believes afterwards that the client went away: its handler task ends on its own, without an answer.
        """
        transport = self.transport
        if transport is None:
            return
        tail = _Tail()
        self.set_parser(tail)  # type: ignore[arg-type]
        self.transport = None
        self.connection_lost(None)
        if not transport.is_reading():
            transport.resume_reading()
        self._doorman.to_websocket(head_of(request) + bytes(tail.data))

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer what aiohttp could not even parse; without a traceback, for the fault is the client's."""
        del message
        error = (
            UnexpectedMessage("this is no valid HTTP request") if status < 500 else InternalError("the server failed")
        )
        log.info("http refused", error=error.code, cause=type(exc).__name__, remote=request.remote)
        response = web.Response(status=status, body=error_body(error), content_type="application/json")
        response.force_close()
        return response


@web.middleware
async def hand_back_upgrades(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give upgrades that arrive on a keep-alive connection to websockets."""
    connection = request.protocol
    if isinstance(connection, HttpConnection) and asks_for_upgrade(head_of(request)):
        connection.upgrade(request)
        return web.Response()  # goes nowhere: aiohttp has lost its transport
    return await handler(request)


class _Tail:
    """Takes what aiohttp received behind the upgrade's head; the client should have waited."""

    def __init__(self) -> None:
        self.data = bytearray()

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self.data += data
        return False, b""

    def feed_eof(self) -> None:
        """Nothing: aiohttp says so when it lets go."""


def head_of(request: web.BaseRequest) -> bytes:
    """Write a request's head again, as it was received."""
    lines = [f"{request.method} {request.raw_path} HTTP/{request.version.major}.{request.version.minor}".encode()]
    lines += [name + b": " + value for name, value in request.raw_headers]
    return b"\r\n".join(lines) + END_OF_HEAD
