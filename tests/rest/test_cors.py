"""Laws of `stream_server.rest.cors`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from stream_server.errors import NotFound
from stream_server.rest.application import make_application

Client = TestClient[web.Request, web.Application]

PAGE = {"Origin": "https://app.example"}


async def hello(_request: web.Request) -> web.Response:
    """Answer."""
    return web.Response(text="hello", headers={"Vary": "Accept"})


async def missing(_request: web.Request) -> web.Response:
    """Refuse."""
    raise NotFound("nothing")


async def slowly(request: web.Request) -> web.StreamResponse:
    """Answer piece by piece."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write_eof(b"hello")
    return response


@asynccontextmanager
async def served(*origins: str) -> AsyncIterator[Client]:
    """Give a client of routes that pages of these origins may ask."""
    routes = [web.get("/v1/hello", hello), web.post("/v1/hello", hello), web.get("/v1/slowly", slowly)]
    application = make_application(
        [*routes, web.get("/v2/speech/missing", missing)], max_body_bytes=100, allowed_origins=origins
    )
    async with TestClient(TestServer(application)) as client:
        yield client


@pytest.mark.parametrize("path", ["/v1/hello", "/v1/slowly", "/v2/speech/missing", "/nothing"])
@pytest.mark.parametrize("allowed", ["https://app.example", "*"])
async def test_pages_that_are_let_in_may_read_answers(allowed: str, path: str) -> None:
    """Errors and streams too; caches tell origins apart."""
    async with served(allowed) as client, client.get(path, headers=PAGE) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
        assert "Origin" in answer.headers["Vary"]
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


async def test_a_preflight_is_answered_without_a_key() -> None:
    """Browsers ask without one: which method and which headers, `x-api-key` among them."""
    ask = {
        **PAGE,
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "content-type,x-api-key",
    }
    async with served("https://app.example") as client, client.options("/v2/speech/stt/x", headers=ask) as answer:
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
        assert answer.headers["Access-Control-Allow-Methods"] == "DELETE"
        assert answer.headers["Access-Control-Allow-Headers"] == "content-type,x-api-key"


async def test_pages_that_are_not_let_in() -> None:
    """They may not read what is answered, nor change anything, nor ask whether they may."""
    async with served("https://other.example") as client:
        async with client.get("/v1/hello", headers=PAGE) as answer:
            assert answer.status == 200
            assert "Access-Control-Allow-Origin" not in answer.headers
        async with client.post("/v1/hello", headers=PAGE) as answer:
            assert answer.status == 403
        ask = PAGE | {"Access-Control-Request-Method": "POST"}
        async with client.options("/v2/speech/stt", headers=ask) as answer:
            assert (answer.status, (await answer.json())["status"]) == (403, "forbidden")
            assert "Access-Control-Allow-Origin" not in answer.headers


async def test_the_servers_own_pages_and_programs_need_no_leave() -> None:
    """A page of the same host, and who sends no origin."""
    async with served() as client:
        own = {"Origin": str(client.make_url("")).rstrip("/")}
        for headers in (own, {}):
            async with client.post("/v1/hello", headers=headers) as answer:
                assert answer.status == 200


async def test_without_an_origin_nothing_is_added() -> None:
    """Programs get the answer as it is."""
    async with served("*") as client, client.get("/v1/hello") as answer:
        assert answer.headers["Vary"] == "Accept"
        assert "Access-Control-Allow-Origin" not in answer.headers
