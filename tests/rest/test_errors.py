"""Every HTTP error is JSON of one shape with its own status."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from stream_server.errors import QuotaExceeded, StoreUnavailable
from stream_server.rest.application import make_application

Client = TestClient[web.Request, web.Application]


async def ours(_request: web.Request) -> web.Response:
    """Fail with an error of the tree."""
    raise StoreUnavailable("Redis is away", retry_after_seconds=3)


async def quota(_request: web.Request) -> web.Response:
    """Fail for good."""
    raise QuotaExceeded("no seconds left")


async def foreign(_request: web.Request) -> web.Response:
    """Fail with something that nobody foresaw."""
    raise RuntimeError("secret words")


async def body(request: web.Request) -> web.Response:
    """Read a body."""
    return web.Response(body=await request.read())


async def form(request: web.Request) -> web.Response:
    """Read a form."""
    return web.Response(text=str(await (await request.multipart()).next()))


async def moved(_request: web.Request) -> web.Response:
    """Redirect."""
    raise web.HTTPFound("/ours")


async def malformed(_request: web.Request) -> web.Response:
    """Refuse as aiohttp would."""
    raise web.HTTPUnprocessableEntity


async def broken(_request: web.Request) -> web.Response:
    """Fail as aiohttp would."""
    raise web.HTTPBadGateway


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """Give a client of an application that fails in every way."""
    handlers = [ours, quota, foreign, moved, malformed, broken]
    routes = [web.get(f"/{handler.__name__}", handler) for handler in handlers]
    async with TestClient(
        TestServer(make_application([*routes, web.post("/body", body), web.post("/form", form)], max_body_bytes=100))
    ) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/ours", 503, "store_unavailable"),
        ("/quota", 402, "quota_exceeded"),
        ("/foreign", 500, "internal_error"),
        ("/nothing", 404, "not_found"),
        ("/body", 405, "unexpected_message"),
        ("/malformed", 422, "invalid_configuration"),
        ("/broken", 500, "internal_error"),
    ],
)
async def test_errors(client: Client, path: str, status: int, code: str) -> None:
    """Status and code belong together; what was not foreseen tells nothing of itself."""
    async with client.get(path) as answer:
        assert answer.status == status
        error = (await answer.json())["error"]
    assert error["code"] == code
    assert "secret" not in error["message"]


async def test_retry_hint(client: Client) -> None:
    """Only what may work later says when."""
    async with client.get("/ours") as answer:
        assert answer.headers["Retry-After"] == "3"
    async with client.get("/quota") as answer:
        assert "Retry-After" not in answer.headers


async def test_methods_and_bodies(client: Client) -> None:
    """A wrong method names the right ones; a large body is 413; redirects pass."""
    async with client.get("/body") as answer:
        assert answer.headers["Allow"] == "POST"
    async with client.post("/body", data=bytes(101)) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (413, "message_too_large")
    async with client.get("/moved", allow_redirects=False) as answer:
        assert answer.status == aiohttp.web.HTTPFound.status_code


@pytest.mark.parametrize(
    ("headers", "data"),
    [
        ({"Content-Encoding": "gzip"}, b"no gzip"),
        ({"Content-Encoding": "deflate"}, b"\xff"),
        (
            {"Content-Type": "multipart/form-data; boundary=b"},
            b'--b\r\nContent-Disposition: form-data; name="\0"\r\n\r\n',
        ),
    ],
)
async def test_bodies_that_are_not_what_their_headers_say(client: Client, headers: dict[str, str], data: bytes) -> None:
    """What the parser cannot read is the client's fault."""
    path = "/form" if "Content-Type" in headers else "/body"
    async with client.post(path, data=data, headers=headers, skip_auto_headers=["Content-Type"]) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, "invalid_configuration")


async def test_prosas_paths_answer_in_prosas_form() -> None:
    """Under its prefix all errors have its shape, the router's own and the unforeseen too; `Retry-After` stays."""
    handlers = [ours, quota, foreign, malformed]
    routes = [web.get(f"/v2/speech/{handler.__name__}", handler) for handler in handlers]
    async with TestClient(TestServer(make_application(routes, max_body_bytes=100))) as client:
        for path, status, word in [
            ("ours", 503, "internal_server_error"),
            ("quota", 402, "quota_empty"),
            ("foreign", 500, "internal_server_error"),
            ("malformed", 422, "request_validation_error"),
            ("nothing", 404, "not_found"),
        ]:
            async with client.get(f"/v2/speech/{path}") as answer:
                body = await answer.json()
                assert (answer.status, body["status"]) == (status, word)
                assert "secret" not in body["message"]
        async with client.get("/v2/speech/ours") as answer:
            assert answer.headers["Retry-After"] == "3"
        async with client.post("/v2/speech/quota") as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")
