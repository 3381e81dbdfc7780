"""One port serves HTTP and websockets, whatever comes first on a connection."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme
import uvloop
from aiohttp import web
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.typing import Subprotocol

from stream_server.auth import ANONYMOUS
from stream_server.errors import InvalidKey, ServerFull, StartupError, StreamServerError
from stream_server.net.port import Port
from stream_server.net.routes import Route
from stream_server.net.tls import make_tls
from stream_server.protocol.dialect import Conduit, Dialect, Handshake, HttpAnswer
from stream_server.protocol.native import NativeDialect
from stream_server.session.opening import Beginning

Probe = Callable[["Echo"], Any]


class Echo:
    """A server on a free port that echoes messages and bodies."""

    def __init__(self, port: Port, number: int) -> None:
        self.port = port
        self.number = number
        self.full: StreamServerError | None = None

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.number}"

    def http(self, path: str) -> str:
        return f"http://{self.authority}{path}"

    def ws(self, path: str = "/echo") -> str:
        return f"ws://{self.authority}{path}"

    async def talk(self, *packets: bytes, until: bytes | None = None) -> bytes:
        """Send raw packets, each in a packet of its own; return what is answered until the end or `until`."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.number)
        try:
            for packet in packets:
                writer.write(packet)
                await writer.drain()
                await asyncio.sleep(0)
            return await (reader.read() if until is None else reader.readuntil(until))
        finally:
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def echo(conduit: Conduit, dialect: Dialect, beginning: Beginning | None) -> None:
    """Send back whatever comes."""
    del dialect, beginning
    while (frame := await conduit.receive()) is not None:
        await conduit.send(frame)


async def refuse(conduit: Conduit, dialect: Dialect, error: StreamServerError) -> None:
    """Close with 4029, as Prosa's wire does."""
    del dialect
    await conduit.close(4029, error.code)


async def begin(dialect: Dialect, handshake: Handshake) -> Beginning:
    """Know one key."""
    del dialect
    if handshake.query.get("key") != "good":
        raise InvalidKey("no such key")
    return Beginning(principal=ANONYMOUS)


async def abandon(beginning: Beginning) -> None:
    """Forget it."""
    given_back.append(beginning)


given_back: list[Beginning] = []


def refuse_in_form(error: StreamServerError, request_id: str) -> HttpAnswer:
    """Refuse as a vendor would."""
    return HttpAnswer(status=418, body=error.code.encode(), headers={"vendor-request-id": request_id})


async def post(request: web.Request) -> web.Response:
    """Echo the body."""
    return web.Response(body=await request.read())


async def get(_request: web.Request) -> web.Response:
    """Say hello."""
    return web.Response(text="hello")


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[Echo]:
    """Serve echoes at `/echo` (refused when full) and `/vendor` (always upgraded)."""
    application = web.Application(client_max_size=1_000_000)
    application.add_routes([web.get("/hello", get), web.post("/body", post)])
    routes = {
        "/echo": Route(dialect=NativeDialect, select_subprotocol=lambda offered: offered[0]),
        "/vendor": Route(dialect=NativeDialect, always_upgrade=True),
        "/judged": Route(
            dialect=NativeDialect,
            at_handshake=lambda _handshake: True,
            refuse=refuse_in_form,
            welcome=lambda request_id: {"vendor-request-id": request_id},
        ),
    }
    tls = options.pop("tls", None)
    given = {"max_message_bytes": 100_000, "handshake_seconds": 10, "ping_seconds": 20} | options
    box: list[Echo] = []
    port = Port(
        application, routes, echo,
        unavailable=lambda: box[0].full, refuse=refuse, begin=begin, abandon=abandon, **given,
    )  # fmt: skip
    box.append(Echo(port, await port.open("127.0.0.1", 0, tls)))
    try:
        yield box[0]
    finally:
        await port.close()


async def test_http_is_answered_by_aiohttp() -> None:
    """A request that asks for no upgrade reaches the HTTP application."""
    async with serving() as server, aiohttp.ClientSession() as client, client.get(server.http("/hello")) as answer:
        assert answer.status == 200
        assert await answer.text() == "hello"


async def test_keepalive_and_pipelining() -> None:
    """Several requests on one connection are answered in order, sent one by one or at once."""
    one = b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    async with serving() as server:
        assert (await server.talk(one + one + last)).count(b"hello") == 3
        assert (await server.talk(one, one, last)).count(b"hello") == 3


async def test_body_split_over_packets() -> None:
    """A head and a body may arrive in any pieces."""
    request = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nConnection: close\r\n\r\n0123456789"
    async with serving() as server:
        for cut in (1, 20, len(request) - 12, len(request) - 5):
            assert (await server.talk(request[:cut], request[cut:])).endswith(b"0123456789")
        assert (await server.talk(*(request[at : at + 1] for at in range(len(request))))).endswith(b"0123456789")


async def test_body_too_large() -> None:
    """A body over the limit is refused with 413."""
    async with (
        serving() as server,
        aiohttp.ClientSession() as client,
        client.post(server.http("/body"), data=bytes(1_000_001)) as answer,
    ):
        assert answer.status == 413


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00" + bytes(600),
        b"\x00" * 100,
        b"hello?\r\n\r\n",
        b"GET /hello HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 20_000,
    ],
    ids=["tls", "zeros", "words", "huge header", "endless path"],
)
async def test_garbage_is_answered_with_400(garbage: bytes) -> None:
    """What is no HTTP is answered 400 in our JSON and the connection closed."""
    async with serving() as server:
        answer = await server.talk(garbage)
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
        assert b'"code": "unexpected_message"' in answer


async def test_slow_head_is_cut_off() -> None:
    """A head that does not come within the handshake's time ends the connection, as does silence."""
    async with serving(handshake_seconds=0.1) as server:
        for start in (b"", b"GET /hello HTTP/1.1\r\nX-Slow:"):
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await server.talk(start, until=b"never")


async def test_close_drops_connections_that_never_spoke() -> None:
    """A silent or idle connection does not keep the port from closing."""
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.number)
        idle, idle_writer = await asyncio.open_connection("127.0.0.1", server.number)
        idle_writer.write(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
        await idle.readuntil(b"hello")
    assert await reader.read() == b""
    assert await idle.read() == b""
    writer.close()
    idle_writer.close()


async def test_websocket_on_a_fresh_connection() -> None:
    """Text and binary messages come through unchanged, also right behind the handshake."""
    async with serving() as server, connect(server.ws(), subprotocols=[Subprotocol("a"), Subprotocol("b")]) as client:
        assert client.subprotocol == "a"
        for message in ("text", b"binary", b"", "x" * 70_000):
            await client.send(message)
            assert await client.recv() == message


async def test_websocket_on_a_reused_connection() -> None:
    """An aiohttp client that shares its session upgrades a keep-alive connection; its HTTP task ends."""
    async with serving() as server, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as client:
        async with client.get(server.http("/hello")) as answer:
            await answer.text()
        async with client.ws_connect(server.ws()) as socket:
            for message in (b"one", b"two"):
                await socket.send_bytes(message)
                assert await socket.receive_bytes() == message
            http = server.port._http.server
            assert http is not None
            assert not http.connections
            assert not [task for task in asyncio.all_tasks() if "RequestHandler" in repr(task)]
        assert socket.close_code == 1000


async def test_unknown_path() -> None:
    """An upgrade for a path without a websocket is refused with 404, on fresh and reused connections."""
    async with serving() as server:
        with pytest.raises(InvalidStatus) as refused:
            await connect(server.ws("/nothing"))
        assert refused.value.response.status_code == 404
        assert b'"code": "not_found"' in refused.value.response.body
        async with aiohttp.ClientSession() as client:
            async with client.get(server.http("/hello")) as answer:
                await answer.text()
            with pytest.raises(aiohttp.WSServerHandshakeError, match="404"):
                await client.ws_connect(server.ws("/nothing"))


async def test_full_server() -> None:
    """A full server answers 503 with a retry hint, but a vendor's wire is told inside the websocket."""
    async with serving() as server:
        server.full = ServerFull("no room", retry_after_seconds=7)
        with pytest.raises(InvalidStatus) as refused:
            await connect(server.ws())
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["Retry-After"] == "7"
        async with connect(server.ws("/vendor")) as client:
            with pytest.raises(ConnectionClosedError) as closed:
                await client.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4029
        server.full = None
        async with connect(server.ws()) as client:
            await client.send("room again")
            assert await client.recv() == "room again"


async def test_foreign_origin() -> None:
    """A page of a foreign origin is refused, one of the server's own host is not."""
    async with serving(allowed_origins=["https://friend.example"]) as server:
        with pytest.raises(InvalidStatus, match="403"):
            await connect(server.ws(), origin="https://foe.example")  # type: ignore[arg-type]
        for origin in ("https://friend.example", f"http://{server.authority}"):
            async with connect(server.ws(), origin=origin) as client:  # type: ignore[arg-type]
                await client.send("hello")
                assert await client.recv() == "hello"


async def test_a_judged_handshake_is_refused_in_the_vendors_form() -> None:
    """A bad key is an HTTP answer with the vendor's status, headers and body; a good one is welcomed with headers."""
    async with serving() as server:
        with pytest.raises(InvalidStatus) as refused:
            await connect(server.ws("/judged?key=bad"))
        assert refused.value.response.status_code == 418
        assert refused.value.response.body == b"invalid_key"
        assert refused.value.response.headers["vendor-request-id"]
        async with connect(server.ws("/judged?key=good")) as client:
            assert client.response is not None
            assert client.response.headers["vendor-request-id"]
            await client.send("hello")
            assert await client.recv() == "hello"


async def test_a_judged_handshake_that_fails_gives_back_what_it_was_given() -> None:
    """A request that is judged well but is no valid upgrade leaves nothing behind."""
    given_back.clear()
    request = b"GET /judged?key=good HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    async with serving() as server:
        answer = await server.talk(request)
        assert b" 400 " in answer.splitlines()[0]
        while not given_back:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0)
    assert len(given_back) == 1


async def test_busy_address() -> None:
    """A port that is taken is one clear sentence."""
    async with serving() as server:
        port = Port(
            web.Application(), {}, echo, unavailable=lambda: None, refuse=refuse, begin=begin, abandon=abandon,
            max_message_bytes=1, handshake_seconds=1, ping_seconds=1,
        )  # fmt: skip
        with pytest.raises(StartupError, match=f"cannot listen on 127.0.0.1 port {server.number}"):
            await port.open("127.0.0.1", server.number)


def make_certificate(directory: Path) -> dict[str, Path]:
    """Make an authority and its certificate for 127.0.0.1; return the files by what they hold."""
    files = {name: directory / f"{name}.pem" for name in ("authority", "certificate", "key")}
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(files["authority"])
    issued.private_key_pem.write_to_path(files["key"])
    for part in issued.cert_chain_pems:
        part.write_to_path(files["certificate"], append=True)
    return files


async def test_tls(tmp_path: Path) -> None:
    """With a certificate the same port speaks HTTPS and secure websockets, and answers no plain text."""
    files = make_certificate(tmp_path)
    trust = ssl.create_default_context(cafile=files["authority"])
    async with serving(tls=make_tls(files["certificate"], files["key"]), handshake_seconds=1) as server:
        url = f"https://{server.authority}/hello"
        async with aiohttp.ClientSession() as client, client.get(url, ssl=trust) as answer:
            assert await answer.text() == "hello"
        async with connect(f"wss://{server.authority}/echo", ssl=trust) as socket:
            await socket.send(b"secret")
            assert await socket.recv() == b"secret"
        async with aiohttp.ClientSession() as client:
            async with client.get(url, ssl=trust) as answer:
                await answer.text()
            async with client.ws_connect(f"wss://{server.authority}/echo", ssl=trust) as reused:
                await reused.send_bytes(b"again")
                assert await reused.receive_bytes() == b"again"
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await server.talk(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", until=b"never")


def test_uvloop() -> None:
    """The same holds on uvloop."""

    async def everything() -> None:
        await test_http_is_answered_by_aiohttp()
        await test_keepalive_and_pipelining()
        await test_body_split_over_packets()
        await test_websocket_on_a_fresh_connection()
        await test_websocket_on_a_reused_connection()
        await test_full_server()
        await test_slow_head_is_cut_off()
        await test_close_drops_connections_that_never_spoke()
        await test_garbage_is_answered_with_400(b"\x00" * 100)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(everything())
