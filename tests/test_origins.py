"""Pages of other origins: those that are allowed may do what a key or a token may, by websocket and HTTP alike."""

from __future__ import annotations

import json

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.live import LiveServer, LiveServerFactory

FRIEND, STRANGER = "https://app.example", "https://foe.example"


async def token_of(server: LiveServer) -> str:
    """Return a token as the page's own server would get it, with the key and without a browser."""
    headers = {"x-api-key": await server.create_key()}
    async with aiohttp.ClientSession(server.url, headers=headers) as http, http.post("/v1/tokens") as answer:
        return str((await answer.json())["token"])


async def listens(server: LiveServer, origin: str, token: str | None) -> int | str:
    """Open a session as a page of this origin does; return the first message's type or the refusal's status."""
    offers = [Subprotocol("stream-server.v1.json"), *([Subprotocol(f"bearer.{token}")] if token else [])]
    try:
        async with connect(f"{server.ws_url}/v1/stream", origin=Origin(origin), subprotocols=offers) as socket:
            await socket.send('{"type": "start"}')
            return str(json.loads(await socket.recv())["type"])
    except InvalidStatus as refusal:
        return refusal.response.status_code


@pytest.mark.parametrize("allowed", [(FRIEND,), ("*",)])
async def test_a_page_that_is_allowed_works_with_a_token(
    live_server: LiveServerFactory, allowed: tuple[str, ...]
) -> None:
    """It opens sessions, reads answers, asks first where browsers do, and renews its token."""
    async with live_server(keys=True, allowed_origins=allowed) as server:
        token = await token_of(server)
        assert await listens(server, FRIEND, token) == "ready"
        headers = {"Origin": FRIEND, "Authorization": f"Bearer {token}"}
        ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
        async with aiohttp.ClientSession(server.url) as http:
            async with http.options("/v1/tokens", headers={"Origin": FRIEND} | ask) as answer:
                assert answer.status == 204
                assert answer.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
            for method, path in (("GET", "/v1/records"), ("POST", "/v1/tokens")):
                async with http.request(method, path, headers=headers) as answer:
                    assert answer.status == 200
                    assert answer.headers["Access-Control-Allow-Origin"] == FRIEND


async def test_a_page_that_is_not_allowed_gets_nowhere(live_server: LiveServerFactory) -> None:
    """Not even with a token that is good; the same token works elsewhere."""
    async with live_server(keys=True, allowed_origins=(FRIEND,)) as server:
        token = await token_of(server)
        assert await listens(server, STRANGER, token) == 403
        headers = {"Origin": STRANGER, "Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(server.url) as http:
            async with http.post("/v1/tokens", headers=headers) as answer:
                assert answer.status == 403
            async with http.get("/v1/records", headers=headers) as answer:
                assert "Access-Control-Allow-Origin" not in answer.headers
        assert await listens(server, FRIEND, token) == "ready"


async def test_no_page_is_let_in_by_its_origin_alone(live_server: LiveServerFactory) -> None:
    """Where there are keys, one is needed; where there are none, strangers' pages are kept out all the same."""
    async with live_server(keys=True, allowed_origins=(FRIEND,)) as server:
        assert await listens(server, FRIEND, None) == "error"
    async with live_server() as server:
        assert await listens(server, STRANGER, None) == 403
        assert await listens(server, server.url, None) == "ready"


async def test_the_first_key_lets_other_names_in(live_server: LiveServerFactory) -> None:
    """A proxy forwards a public name: refused while there are no keys, and no longer than that."""
    public = {"Host": "captions.example", "Accept": "text/html"}
    async with live_server(key_fresh_seconds=0) as server, aiohttp.ClientSession(server.url, headers=public) as http:
        async with http.get("/") as answer:
            assert answer.status == 403
        key = await server.create_key()
        async with http.get("/") as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
        assert "wss://captions.example" in answer.headers["Content-Security-Policy"]
        async with http.ws_connect("/v1/stream", headers={"x-api-key": key}) as socket:
            await socket.send_str('{"type": "start"}')
            assert json.loads(await socket.receive_str())["type"] == "ready"
