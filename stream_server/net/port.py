"""Serve HTTP and websockets on one port.

`websockets` listens; its `create_connection` hook gives every connection to a `Doorman`, who hands what is no upgrade
to aiohttp on the same transport. A session sees only its `Conduit`.
"""

from __future__ import annotations

import asyncio
import ssl
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol, cast

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from aiohttp.web_protocol import RequestHandler
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from stream_server.errors import Forbidden, StartupError, StreamServerError
from stream_server.net.admission import check_host, find_route, refusal
from stream_server.net.doorman import Doorman, HttpConnection, hand_back_upgrades
from stream_server.net.routes import Route
from stream_server.net.websocket import WebSocketConduit, read_handshake
from stream_server.protocol.dialect import Conduit, Dialect, Handshake, HttpAnswer
from stream_server.session.opening import Beginning

KEEPALIVE_SECONDS = 75.0
"""How long an idle HTTP connection stays open: longer than the minute after which proxies drop theirs."""

QUEUED_MESSAGES = 64
"""Messages websockets reads ahead of the session's reader, which never waits for recognition."""

WRITE_BUFFER_BYTES = 64 * 1024
"""What is written ahead of the client's reading before `send` waits."""

log = structlog.get_logger(__name__)


class RoutedConnection(ServerConnection):
    """A websocket that remembers the route its handshake asked for.

    It makes a protocol of its own: websockets ties the one that it made to the doorman.
    """

    route: Route
    dialect: Dialect
    beginning: Beginning | None = None
    """What was settled at the handshake, until the conversation takes it over."""
    on_lost: Callable[[], None] | None = None

    def __init__(self, server: Server, *, max_message_bytes: int, **options: Any) -> None:
        protocol = ServerProtocol(
            max_size=max_message_bytes, select_subprotocol=lambda _protocol, offered: self._select_subprotocol(offered)
        )
        super().__init__(protocol, server, **options)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the port give back what the conversation has not taken over."""
        super().connection_lost(exc)
        if self.on_lost is not None:
            self.on_lost()

    def _select_subprotocol(self, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        selected = self.route.select_subprotocol(offered) if offered else None
        return None if selected is None else Subprotocol(selected)


async def serves_others() -> bool:
    """Answer to every name."""
    return False


class Begin(Protocol):
    """Judges a handshake before the upgrade; raises what it is refused with."""

    async def __call__(self, dialect: Dialect, handshake: Handshake) -> Beginning:
        """Return what was settled."""
        ...


ServeSession = Callable[[Conduit, Dialect, Beginning | None], Awaitable[None]]


class Port:
    """One listening socket.

    `serve_session` holds one conversation to its end; `unavailable` returns why none can start now, or None; `refuse`
    says that in a dialect's own words. Where a route judges at the handshake, `begin` does, and `abandon` gives back
    what a connection that was not upgraded after all had been given.
    While `local_only()` requests must name this machine, see `check_host`.
    """

    def __init__(
        self,
        application: web.Application,
        routes: Mapping[str, Route],
        serve_session: ServeSession,
        *,
        unavailable: Callable[[], StreamServerError | None],
        refuse: Callable[[Conduit, Dialect, StreamServerError], Awaitable[None]],
        begin: Begin,
        abandon: Callable[[Beginning], Coroutine[Any, Any, None]],
        allowed_origins: Sequence[str] = (),
        local_only: Callable[[], Awaitable[bool]] = serves_others,
        max_message_bytes: int,
        handshake_seconds: float,
        ping_seconds: float,
    ) -> None:
        application.middlewares.insert(0, hand_back_upgrades)
        application.middlewares.append(self._answer_to_local_names)
        self._application = application
        self._routes = routes
        self._serve_session = serve_session
        self._unavailable = unavailable
        self._refuse = refuse
        self._begin = begin
        self._abandon = abandon
        self._abandoning: set[asyncio.Task[None]] = set()
        self._allowed_origins = allowed_origins
        self._local_only = local_only
        self._max_message_bytes = max_message_bytes
        self._handshake_seconds = handshake_seconds
        self._ping_seconds = ping_seconds
        self._waiting: set[Doorman] = set()
        self._http: web.AppRunner
        self._server: Server | None = None

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen; return the port number. Raises `StartupError`."""
        self._http = web.AppRunner(self._application, handle_signals=False)
        await self._http.setup()
        try:
            self._server = await serve(
                self._converse,
                host,
                port,
                ssl=tls,
                create_connection=cast(Any, self._doorman),
                process_request=self._process_request,
                process_response=self._process_response,
                compression=None,
                open_timeout=self._handshake_seconds,
                ping_interval=self._ping_seconds,
                ping_timeout=self._ping_seconds,
                max_queue=QUEUED_MESSAGES,
                write_limit=WRITE_BUFFER_BYTES,
                server_header=None,
            )
        except OSError as error:
            await self._http.cleanup()
            raise StartupError(f"cannot listen on {host} port {port}: {error.strerror or error}") from None
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def close(self) -> None:
        """Stop listening, drop what has not become a session, close what still is one with 1001."""
        if self._server is None:
            return
        for doorman in list(self._waiting):
            doorman.abort()
        self._server.close()
        await self._http.cleanup()
        await self._server.wait_closed()
        self._server = None

    def _doorman(self, protocol: ServerProtocol, server: Server, **options: Any) -> Doorman:
        """Stand in for `ServerConnection` in websockets' `create_connection`."""
        del protocol
        return Doorman(
            websocket=lambda: RoutedConnection(server, max_message_bytes=self._max_message_bytes, **options),
            http=self._http_connection,
            waiting=self._waiting,
            handshake_seconds=self._handshake_seconds,
        )

    def _http_connection(self, doorman: Doorman) -> RequestHandler:
        assert self._http.server is not None
        return HttpConnection(self._http.server, doorman, keepalive_seconds=KEEPALIVE_SECONDS)

    @web.middleware
    async def _answer_to_local_names(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        await self._check_host(request.headers.get("Host"))
        return await handler(request)

    async def _check_host(self, host: str | None) -> None:
        """Refuse what names another host than this machine, for as long as that matters; who names it never waits."""
        try:
            check_host(host)
        except Forbidden:
            if await self._local_only():
                raise

    async def _process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse a handshake, or remember its route and what could be settled already."""
        assert isinstance(connection, RoutedConnection)
        refuse: Callable[[StreamServerError, str], HttpAnswer] | None = None
        request_id = uuid.uuid4().hex
        try:
            handshake = read_handshake(request)
            await self._check_host(handshake.headers.get("host"))
            known = self._routes.get(handshake.path)
            refuse = known.refuse if known else None
            connection.route = route = find_route(
                handshake,
                self._routes,
                allowed_origins=self._allowed_origins,
                unavailable=self._unavailable(),
            )
            connection.dialect = route.dialect()
            if route.at_handshake(handshake):
                connection.beginning = await self._begin(connection.dialect, handshake)
        except StreamServerError as error:
            log.info("handshake refused", error=error.code)
            return refusal(error, refuse(error, request_id) if refuse else None)
        return None

    def _process_response(self, connection: ServerConnection, request: Request, response: Response) -> Response | None:
        """Add a vendor's headers to an upgrade; what was settled for one that fails is given back."""
        del request
        assert isinstance(connection, RoutedConnection)
        beginning = connection.beginning
        if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            place = beginning.place if beginning else None
            for name, value in connection.route.welcome(place.session_id if place else uuid.uuid4().hex).items():
                response.headers[name] = value
            connection.on_lost = lambda: self._give_back(connection)
            if connection.protocol.state is not State.CONNECTING:  # it left while it was judged
                self._give_back(connection)
        elif beginning is not None:
            self._give_back(connection)
        return response

    def _give_back(self, connection: RoutedConnection) -> None:
        """Give back what nobody took over: the client left between the handshake and the conversation."""
        beginning, connection.beginning = connection.beginning, None
        if beginning is not None:
            task = asyncio.create_task(self._abandon(beginning))
            self._abandoning.add(task)
            task.add_done_callback(self._abandoning.discard)

    async def _converse(self, connection: ServerConnection) -> None:
        """Serve one open websocket to its end."""
        assert isinstance(connection, RoutedConnection)
        assert connection.request is not None
        beginning, connection.beginning = connection.beginning, None
        conduit = WebSocketConduit(connection, read_handshake(connection.request, connection.subprotocol))
        unavailable = self._unavailable()
        if unavailable is not None and (beginning is None or beginning.place is None):
            await self._refuse(conduit, connection.dialect, unavailable)
        else:
            await self._serve_session(conduit, connection.dialect, beginning)
