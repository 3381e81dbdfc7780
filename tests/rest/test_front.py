"""The front door of a running server: who gets the page, under which policy, and the package for everybody's pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from stream_server.browser_files import PAGE
from stream_server.rest.front import policy
from tests.live import LiveServerFactory

IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?from\s+["']([^"']+)["']""", re.MULTILINE)

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest_asyncio.fixture
async def client(live_server: LiveServerFactory) -> AsyncIterator[aiohttp.ClientSession]:
    """Give a client of a running server."""
    async with live_server(keys=True) as server, aiohttp.ClientSession(server.url) as session:
        yield session


async def test_a_browser_gets_the_page_and_a_program_the_way_on(client: aiohttp.ClientSession) -> None:
    """At one address; caches are told that the answer depends on who asks."""
    async with client.get("/", headers=BROWSER) as answer:
        assert (answer.content_type, answer.headers["Vary"]) == ("text/html", "Accept")
        assert await answer.text() == (PAGE / "index.html").read_text("utf-8")
    for headers in ({"Accept": "*/*"}, {"Accept": "application/json"}, {"Accept": ""}):
        async with client.get("/", headers=headers) as answer:
            pointer = await answer.json()
            assert (pointer["docs"], "/v1/stream" in pointer["websockets"]) == ("/docs", True)
            assert answer.headers["Vary"] == "Accept"
    async with client.head("/", headers=BROWSER) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")


async def test_the_page_is_strict_about_itself(client: aiohttp.ClientSession) -> None:
    """Nothing inline, nothing from elsewhere, in no frame, with the microphone for itself alone; so are its parts."""
    async with client.get("/", headers=BROWSER) as answer:
        headers = answer.headers
    host = client._base_url.authority if client._base_url else ""
    assert headers["Content-Security-Policy"] == policy(host)
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert f"connect-src 'self' ws://{host} wss://{host};" in headers["Content-Security-Policy"]
    assert headers["Permissions-Policy"].startswith("microphone=(self), display-capture=(self)")
    assert (headers["Referrer-Policy"], headers["X-Content-Type-Options"]) == ("same-origin", "nosniff")
    async with client.get("/page/index.html") as answer:
        assert answer.headers["Content-Security-Policy"] == headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["a;script-src *", "a b", "[::1]:8765", "", "a\r\nb", "a'b"])
def test_a_host_adds_nothing_to_the_policy_but_its_sockets(host: str) -> None:
    """One that a policy cannot name is left out; 'self' stands for it."""
    assert "connect-src 'self'; " in policy(host)


async def test_everything_that_the_page_names_is_there(client: aiohttp.ClientSession) -> None:
    """Styles, scripts and icons, as what they are; and nothing in it is inline or from elsewhere."""
    text = (PAGE / "index.html").read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", text)
    for path in set(re.findall(r'(?:href|src)="([^"#]+)', text)):
        assert path.startswith("/"), path
        async with client.get(path) as answer:
            assert answer.status == 200, path


async def test_every_module_imports_what_is_there(client: aiohttp.ClientSession) -> None:
    """A name that was mistyped would be found only by whoever opens that view."""
    paths = {f"/page/{path.relative_to(PAGE).as_posix()}": path for path in PAGE.rglob("*.js")}
    for place, path in paths.items():
        for name in IMPORT.findall(path.read_text("utf-8")):
            async with client.get(URL(f"http://page{place}").join(URL(name)).path) as answer:
                assert (answer.status, answer.content_type) == (200, "text/javascript"), f"{place} imports {name}"


async def test_pages_of_every_origin_may_load_the_package(live_server: LiveServerFactory) -> None:
    """It is the same for all and says nothing of anybody; the page itself is nobody else's."""
    foreign = {"Origin": "https://app.example"}
    async with live_server(keys=True) as server, aiohttp.ClientSession(server.url, headers=foreign) as client:
        async with client.get("/client/index.js") as answer:
            assert (answer.status, answer.content_type) == (200, "text/javascript")
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert "export" in await answer.text()
        async with client.get("/page/main.js") as answer:
            assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/client/%2e%2e/package.json", "/client/package.json", "/page/%2e%2e/app.py", "/page/"]
)
async def test_only_what_is_meant_for_browsers_is_there(client: aiohttp.ClientSession, path: str) -> None:
    """Not what lies beside it."""
    async with client.get(URL(path, encoded=True)) as answer:
        assert answer.status == 404
