"""The document of a running server: what it names is there, and what is there it names."""

from __future__ import annotations

import re
import subprocess
import sys

import aiohttp
from aiohttp.test_utils import TestClient, TestServer

from stream_server import __version__
from stream_server.net.routes import make_routes
from stream_server.rest.application import make_application
from stream_server.rest.documentation import Documentation
from stream_server.rest.operations.websockets import WIRES
from tests.live import LiveServer, LiveServerFactory


def routed(server: LiveServer) -> set[tuple[str, str]]:
    """Return method and path of every route of a server, as OpenAPI writes paths."""
    routes = server.app.http_routes(()).routes()
    return {(route.method, re.sub(r"{(\w+):[^}]*}", r"{\1}", route.path)) for route in routes}


async def test_every_route_is_described_and_every_description_has_its_route(live_server: LiveServerFactory) -> None:
    """A route that nobody described, or a description of none, fails here."""
    async with live_server() as server, aiohttp.ClientSession(server.url) as client:
        async with client.get("/openapi.json") as answer:
            document = await answer.json()
        routes = routed(server)
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == routes
    assert document["info"]["version"] == __version__


def test_every_websocket_is_described() -> None:
    """What OpenAPI has no words for is told in a sentence."""
    assert set(WIRES) == set(make_routes(prosa_models=["m"], max_session_seconds=60))


async def test_the_page_is_served_with_a_policy_under_which_nothing_runs() -> None:
    """The page may have its style and nothing else, whatever a browser is talked into."""
    routes = Documentation(version="1", websockets=["/v1/stream"]).routes()
    application = make_application(routes, max_body_bytes=1000)
    async with TestClient(TestServer(application)) as client, client.get("/docs") as answer:
        text = await answer.text()
        assert answer.content_type == "text/html"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert f"curl {client.make_url('/')}" in text
        assert "/v1/stream" in text


async def test_a_host_that_is_none_is_no_trouble() -> None:
    """Whatever a client calls the server, the page comes, and the name is only text on it."""
    routes = Documentation(version="1", websockets=[]).routes()
    async with TestClient(TestServer(make_application(routes, max_body_bytes=1000))) as client:
        for host in ("", "[", "a b", "%", "<i>", "x:99999999"):
            async with client.get("/docs", headers={"Host": host}) as answer:
                assert answer.status in (200, 400), host
                assert "<i>" not in await answer.text()


def test_a_server_starts_without_making_the_document() -> None:
    """Nobody waits for shapes and templates who has not asked for the document."""
    program = (
        "import sys, stream_server.rest.documentation\n"
        "print(*(name for name in sys.modules if name in ('jinja2', 'stream_server.rest.openapi.document')))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == ""
