"""Carry a session over a websocket: the `Conduit` that the runner sees."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import parse_qsl, unquote, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import (
    ConcurrencyError,
    ConnectionClosed,
    ConnectionClosedError,
    InvalidHeader,
    WebSocketException,
)
from websockets.frames import CloseCode
from websockets.headers import parse_subprotocol
from websockets.http11 import Request

from stream_server.errors import MessageTooLarge, UnexpectedMessage
from stream_server.protocol.dialect import Frame, Handshake

CLOSE_SECONDS = 5.0
"""How long a client may take to answer a close frame."""

REASON_BYTES = 123
"""RFC 6455 section 5.5: a control frame carries 125 bytes, two of them the code."""


def read_handshake(request: Request, subprotocol: str | None = None) -> Handshake:
    """Turn a request head into what dialects see; of a repeated query parameter the first counts.

    Raises `UnexpectedMessage` for a path or a list of subprotocols that is none.
    """
    try:
        url = urlsplit(request.path)
    except ValueError:
        raise UnexpectedMessage("the path of the request is malformed") from None
    headers: dict[str, str] = {}
    for name, value in request.headers.raw_items():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    parameters = parse_qsl(url.query, keep_blank_values=True)
    query: dict[str, str] = {}
    for name, value in parameters:
        query.setdefault(name, value)
    return Handshake(
        path=unquote(url.path),
        headers=headers,
        query=query,
        parameters=parameters,
        subprotocol=subprotocol,
        offered_subprotocols=_offered_subprotocols(headers.get("sec-websocket-protocol")),
    )


def _offered_subprotocols(header: str | None) -> Sequence[str]:
    try:
        return [] if header is None else parse_subprotocol(header)
    except InvalidHeader:  # it quotes the header, which may hold a key
        raise UnexpectedMessage("the header Sec-WebSocket-Protocol is malformed") from None


class WebSocketConduit:
    """One websocket as a `protocol.dialect.Conduit`."""

    def __init__(self, connection: ServerConnection, handshake: Handshake) -> None:
        self.handshake = handshake
        self._connection = connection

    async def receive(self) -> Frame | None:
        """Return the next message; None when the client has closed or vanished. Raises `MessageTooLarge`."""
        try:
            return await self._connection.recv()
        except ConnectionClosedError as error:
            if error.sent is not None and error.sent.code == CloseCode.MESSAGE_TOO_BIG and not error.rcvd_then_sent:
                raise MessageTooLarge("the message is larger than this server accepts") from None
            return None
        except ConnectionClosed:
            return None

    async def send(self, frame: Frame) -> None:
        """Send one message; wait while the client does not read; do nothing once it is gone (`receive` says so)."""
        try:
            await self._connection.send(frame)
        except ConnectionClosed:
            return

    async def close(self, code: int, reason: str) -> None:
        """Close with this code; a client that neither reads nor answers is cut off."""
        short = reason.encode()[:REASON_BYTES].decode(errors="ignore")
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.gather(self._connection.close(code, short), self._discard())
        except (TimeoutError, WebSocketException):
            self._connection.transport.abort()

    async def _discard(self) -> None:
        """Drop what still comes, unless somebody reads: with its queue full websockets would not see the close."""
        with suppress(ConnectionClosed, ConcurrencyError):
            while True:
                await self._connection.recv()
