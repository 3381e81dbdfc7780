"""Recordings are fetched from where the operator allows, and from nowhere inside, whatever a URL or a host says."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler

from stream_server.errors import FetchFailed, ForbiddenAddress, InvalidUrl, MessageTooLarge
from stream_server.net.fetching import FetchedMedia, Fetcher
from stream_server.receiving import ReceivingLimits

LIMITS = ReceivingLimits(max_bytes=100_000, stall_seconds=60, reserve_bytes=0)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[TestServer]:
    """Give a server of recordings, of redirects, and of what should not be sent."""
    release = asyncio.Event()

    async def recording(request: web.Request) -> web.Response:
        assert "Cookie" not in request.headers
        headers = {"Content-Disposition": 'attachment; filename="talk.mp3"', "Set-Cookie": "a=b"}
        return web.Response(body=b"sound", content_type="audio/mpeg", headers=headers)

    async def redirect(request: web.Request) -> web.Response:
        return web.Response(status=int(request.query["status"]), headers={"Location": request.query["to"]})

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(65_536))

    async def stalling(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"a")
        await release.wait()
        return response

    async def breaking(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"a")
        assert request.transport is not None
        request.transport.close()
        return response

    def answer(body: bytes, **options: Any) -> Handler:
        async def handler(_: web.Request) -> web.StreamResponse:
            return web.Response(body=body, **options)

        return handler

    application = web.Application()
    application.add_routes(
        [
            web.get("/a/{name}", answer(b"two")),
            web.get("/recording", recording),
            web.get("/redirect", redirect),
            web.get("/loop", answer(b"", status=302, headers={"Location": "/loop"})),
            web.get("/endless", endless),
            web.get("/stalling", stalling),
            web.get("/breaking", breaking),
            web.get("/large", answer(bytes(LIMITS.max_bytes + 1))),
            web.get("/page", answer(b"<html>", content_type="text/html")),
            web.get("/gone", answer(b"secret words", status=404)),
            web.get("/packed", answer(gzip.compress(bytes(10**6)), headers={"Content-Encoding": "gzip"})),
        ]
    )
    async with TestServer(application, host="127.0.0.1") as server:
        yield server
        release.set()


@pytest.fixture
def fetcher(server: TestServer) -> Fetcher:
    """Give a fetcher that may fetch from that server, which is inside."""
    return from_here(server, LIMITS)


def from_here(server: TestServer, limits: ReceivingLimits) -> Fetcher:
    """Return a fetcher from that server, with limits."""
    hosts = (f"localhost:{server.port}", f"127.0.0.1:{server.port}")
    return Fetcher(allowed_hosts=hosts, limits=limits, max_seconds=60, inside=("localhost", "127.0.0.1"))


def at(server: TestServer, path: str) -> str:
    """Return a URL of the server by its name."""
    return f"http://localhost:{server.port}{path}"


async def test_a_recording_is_fetched(server: TestServer, fetcher: Fetcher, tmp_path: Path) -> None:
    """What is there is in the file, with what the host says of it."""
    found = await fetcher.fetch(at(server, "/recording#fragment"), tmp_path / "a")
    assert found == FetchedMedia(size=5, mime_type="audio/mpeg", name="talk.mp3")
    assert (tmp_path / "a").read_bytes() == b"sound"
    named = await fetcher.fetch(at(server, "/a/talk%20two.ogg"), tmp_path / "b")
    assert named.name == "talk two.ogg"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed(status: int, server: TestServer, fetcher: Fetcher, tmp_path: Path) -> None:
    """Relative or to another allowed name."""
    for number, to in enumerate(("/recording", f"http://127.0.0.1:{server.port}/recording")):
        found = await fetcher.fetch(at(server, f"/redirect?status={status}&to={to}"), tmp_path / str(number))
        assert found.size == 5


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://example.com/",
        "https://localhost/recording",
        "file:///etc/passwd",
        "gopher://localhost/",
        "//evil.example/",
        "http://user:word@localhost/",
    ],
)
async def test_a_redirect_is_checked_anew(to: str, server: TestServer, fetcher: Fetcher, tmp_path: Path) -> None:
    """A host that is allowed cannot send the server on to one that is not."""
    with pytest.raises((InvalidUrl, ForbiddenAddress)):
        await fetcher.fetch(at(server, f"/redirect?status=302&to={to}"), tmp_path / "a")
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("/gone", FetchFailed, "status 404"),
        ("/loop", FetchFailed, "redirected more than 5 times"),
        ("/redirect?status=302&to=", FetchFailed, "redirected more than 5 times"),
        ("/redirect?status=302&to=http://[", FetchFailed, "redirected to nowhere"),
        ("/page", FetchFailed, "a page"),
        ("/packed", FetchFailed, "compressed"),
        ("/large", MessageTooLarge, "larger"),
        ("/endless", MessageTooLarge, "larger"),
        ("/breaking", FetchFailed, "broken off"),
    ],
)
async def test_what_cannot_be_fetched(  # noqa: PLR0917  # fixtures
    path: str, error: type[Exception], words: str, server: TestServer, fetcher: Fetcher, tmp_path: Path
) -> None:
    """Each failure is a sentence that holds neither the URL nor what came from there."""
    with pytest.raises(error, match=words) as raised:
        await fetcher.fetch(at(server, path), tmp_path / "a")
    assert "localhost" not in str(raised.value)
    assert "secret" not in str(raised.value)


async def test_what_has_stopped_coming_is_left(server: TestServer, tmp_path: Path) -> None:
    """However long the whole may take."""
    fetcher = from_here(server, replace(LIMITS, stall_seconds=1))
    with pytest.raises(FetchFailed, match="stopped coming"):
        await fetcher.fetch(at(server, "/stalling"), tmp_path / "a")


async def test_the_whole_has_a_time(server: TestServer, tmp_path: Path) -> None:
    """A host that answers too late is left."""
    hosts = (f"localhost:{server.port}",)
    fetcher = Fetcher(allowed_hosts=hosts, limits=LIMITS, max_seconds=0.2, inside=("localhost",))
    with pytest.raises(FetchFailed, match=r"within 0\.2 s"):
        await fetcher.fetch(at(server, "/stalling"), tmp_path / "a")


async def test_nobody_there(tmp_path: Path) -> None:
    """A port that nobody listens on, or who speaks no TLS, is a failure of the fetch."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    fetcher = Fetcher(allowed_hosts=(f"localhost:{port}",), limits=LIMITS, max_seconds=60, inside=("localhost",))
    with pytest.raises(FetchFailed, match="cannot be reached"):
        await fetcher.fetch(f"http://localhost:{port}/", tmp_path / "a")


async def test_a_host_without_tls(server: TestServer, fetcher: Fetcher, tmp_path: Path) -> None:
    """Who is asked for a proof and has none is not believed."""
    with pytest.raises(FetchFailed, match="the host of the URL"):
        await fetcher.fetch(at(server, "/recording").replace("http:", "https:"), tmp_path / "a")


# ── where it goes ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def public() -> Fetcher:
    """Give a fetcher from any public host."""
    return Fetcher(allowed_hosts=("*",), limits=LIMITS, max_seconds=60)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "LOCALHOST.", "0", "0.0.0.0", "127.1", "2130706433", "0x7f000001", "0177.0.0.1"),
        *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]"),
        *("[2002:7f00:1::]", "[2001:0:0:0:0:0:80ff:fffe]", "[fe80::1]", "[fc00::1]", "[fec0::1]"),
        *("10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "224.0.0.1"),
        *("[fd00:ec2::254]", "１２７.0.0.1", "⑯⑨。254。169。254", "ip6-localhost"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_nothing_inside_is_reached(scheme: str, host: str, public: Fetcher, tmp_path: Path) -> None:
    """This machine, its networks and a cloud's metadata are refused in every spelling, even where any host may be."""
    with pytest.raises((ForbiddenAddress, InvalidUrl, FetchFailed)) as raised:
        await public.fetch(f"{scheme}://{host}/", tmp_path / "a")
    if isinstance(raised.value, FetchFailed):  # nobody knows such a name: nothing was connected to
        assert isinstance(raised.value.__context__, aiohttp.ClientConnectorDNSError)


async def test_a_name_that_changes_its_mind(public: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that is connected to is the one that was checked: no second answer of a resolver counts."""
    asked: list[str] = []
    answers = {"rebound.example": ["127.0.0.1"], "mixed.example": ["8.8.8.8", "127.0.0.1"]}

    def lookup(host: str, *rest: object, **named: object) -> list[object]:
        asked.append(host)
        found = answers[host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    for host in answers:
        with pytest.raises(ForbiddenAddress):
            await public.fetch(f"http://{host}/", tmp_path / "a")
    assert asked == ["rebound.example", "mixed.example"]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "x",
            "//example.com",
            "example.com/a.mp3",
            "ftp://example.com/a",
            "file:///etc/passwd",
            "data:audio/wav,",
        ),
        *(
            "http://",
            "http:///a",
            "http://user@example.com/",
            "http://user:word@example.com/",
            "http://:word@example.com",
        ),
        *(
            "http://example.com:8080/",
            "http://example.com:22/",
            "http://example.com:99999/",
            "http://[::1/",
        ),
        "http://example.com/" + "a" * 5_000,
    ],
)
def test_urls_that_are_refused(url: str, public: Fetcher) -> None:
    """What is no web address, or holds a password, or names a port of its own is refused before anybody is asked."""
    with pytest.raises(InvalidUrl):
        public.check(url)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("media.example.com", True),
        ("MEDIA.example.com.", True),
        ("a.cdn.example.org", True),
        ("cdn.example.org", False),
        ("example.com", False),
        ("evil-media.example.com", False),
        ("media.example.com.evil.net", False),
        ("media.example.com@evil.net", False),
        ("evil.net#media.example.com", False),
        ("evil.net\\media.example.com", False),
        ("other.example.net:8443", True),
        ("other.example.net", False),
    ],
)
def test_hosts_are_allowed_by_name(host: str, allowed: bool) -> None:
    """A host, those below one, and a port of its own; nothing that only looks like one."""
    names = ("Media.example.com", "*.cdn.example.org", "other.example.net:8443")
    fetcher = Fetcher(allowed_hosts=names, limits=LIMITS, max_seconds=1)
    if allowed:
        fetcher.check(f"https://{host}/a.mp3")
    else:
        with pytest.raises(InvalidUrl):
            fetcher.check(f"https://{host}/a.mp3")


def test_fetching_is_off_by_default() -> None:
    """Without a host nothing is fetched, and the answer says how to change that."""
    with pytest.raises(InvalidUrl, match="fetch_allowed_hosts"):
        Fetcher(allowed_hosts=(), limits=LIMITS, max_seconds=1).check("https://example.com/")


def test_drive_links_need_drive() -> None:
    """Allowing Google Drive allows where it keeps its files, and nothing else of Google's."""
    fetcher = Fetcher(allowed_hosts=("drive.google.com",), limits=LIMITS, max_seconds=1)
    for url in ("https://drive.google.com/file/d/1AbCdEfGhIjKl/view?usp=sharing", "googledrive://1AbCdEfGhIjKl"):
        found = fetcher.check(url)
        assert (found.host, found.query["id"]) == ("drive.usercontent.google.com", "1AbCdEfGhIjKl")
    with pytest.raises(InvalidUrl):
        fetcher.check("https://storage.google.com/a")
