"""POST /v1/tokens on a running server: what a token opens, for how long, and what it does not."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from stream_server.store.memory import MemoryStore
from stream_server.tokens import Tokens
from tests.live import LiveServer, LiveServerFactory

START = json.dumps({"type": "start", "audio": {"encoding": "pcm_s16le", "sample_rate": 16_000, "channels": 1}})


async def ask(server: LiveServer, key: str | None, body: Any = None) -> tuple[int, dict[str, Any]]:
    """Ask for a token; return status and answer."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with aiohttp.ClientSession() as http, http.post(f"{server.url}/v1/tokens", json=body, headers=headers) as got:
        return got.status, await got.json()


async def get(server: LiveServer, path: str, key: str) -> int:
    """Return the status of a path that is read with a key."""
    async with aiohttp.ClientSession() as http, http.get(server.url + path, headers={"x-api-key": key}) as answer:
        return answer.status


async def opens(server: LiveServer, path: str = "/v1/stream", first: str | None = None, **options: Any) -> str:
    """Open a session and return the type of its first message, or the status of the refusal."""
    try:
        async with connect(server.ws_url + path, **options) as socket:
            for message in filter(None, (first, START)):
                await socket.send(message)
            return str(json.loads(await socket.recv())["type"])
    except InvalidStatus as refusal:
        return str(refusal.response.status_code)


async def test_a_token_is_taken_wherever_a_key_is(live_server: LiveServerFactory) -> None:
    """In a header, behind the address, as a subprotocol, in the first message, and over HTTP."""
    async with live_server(keys=True) as server:
        status, answer = await ask(server, await server.create_key())
        token = answer["token"]
        assert (status, answer["scope"]) == (200, ["transcribe"])
        assert answer["expires_in"] == pytest.approx(600, abs=5)
        assert answer["expires_at"] == pytest.approx(time.time() + 600, abs=5)
        assert await opens(server, additional_headers={"Authorization": f"Bearer {token}"}) == "ready"
        assert await opens(server, f"/v1/stream?token={token}") == "ready"
        offers = [Subprotocol("stream-server.v1.json"), Subprotocol(f"bearer.{token}")]
        assert await opens(server, subprotocols=offers) == "ready"
        assert await opens(server, first=json.dumps({"type": "authenticate", "key": token})) == "ready"
        assert await get(server, "/v1/records", token) == 200


async def test_a_token_has_at_most_the_scopes_of_its_key(live_server: LiveServerFactory) -> None:
    """It transcribes and no more unless more is asked for; what the key has not is left out."""
    async with live_server(keys=True) as server:
        admin, plain = await server.create_key(scopes=("admin",)), await server.create_key()
        _, modest = await ask(server, admin)
        _, wide = await ask(server, admin, {"scope": ["transcribe", "usage"]})
        _, narrow = await ask(server, plain, {"scope": ["usage", "transcribe", "admin"]})
        refused, error = await ask(server, plain, {"scope": ["usage"]})
        _, renewed = await ask(server, wide["token"], {"scope": ["admin", "usage"]})
        assert [each["scope"] for each in (modest, wide, narrow, renewed)] == [
            ["transcribe"],
            ["transcribe", "usage"],
            ["transcribe"],
            ["usage"],
        ]
        assert (refused, error["error"]["code"]) == (403, "forbidden")
        assert [await get(server, "/v1/usage", each["token"]) for each in (modest, wide)] == [403, 200]


async def test_a_token_is_renewed_until_the_key_must_be_shown_again(live_server: LiveServerFactory) -> None:
    """Each fresh one ends when the row of them does, at the latest."""
    async with live_server(keys=True, max_token_session_seconds=900) as server:
        _, first = await ask(server, await server.create_key(), {"seconds": 800})
        _, second = await ask(server, first["token"], {"seconds": 7_200})
        assert second["expires_at"] == second["renewable_until"] == first["renewable_until"]
        assert await get(server, "/v1/records", second["token"]) == 200


async def test_revoking_the_key_ends_its_tokens(live_server: LiveServerFactory) -> None:
    """At once on this server; nor is there a fresh one."""
    async with live_server(keys=True) as server:
        key = await server.create_key("acme")
        _, answer = await ask(server, key)
        [known] = await server.app.store.list_keys("acme")
        await server.app.authenticator.revoke(known.id, "acme")
        assert await get(server, "/v1/records", answer["token"]) == 401
        assert (await ask(server, answer["token"]))[0] == 401


async def test_expired_and_forged_tokens_are_refused(live_server: LiveServerFactory, tmp_path: Path) -> None:
    """Like any key that is unknown."""
    async with live_server(keys=True) as server:
        key = await server.create_key()
        signing = (tmp_path / "media.key").read_bytes()
        old, _ = Tokens(signing, lambda: time.time() - 700).issue(key, 600, ("transcribe",), renewable_seconds=9_000)
        forged, _ = Tokens(b"x" * 32).issue(key, 600, ("admin",))
        for token in (old, forged):
            assert await get(server, "/v1/records", token) == 401
            assert (await ask(server, token))[0] == 401
            assert await opens(server, first=json.dumps({"type": "authenticate", "key": token})) == "error"


async def test_servers_that_share_the_key_file_know_each_others_tokens(
    live_server: LiveServerFactory, tmp_path: Path
) -> None:
    """Others do not, whatever keys they have in common."""
    store = MemoryStore()
    shared, other = (tmp_path / name for name in ("shared.key", "other.key"))
    async with live_server(keys=True, store=store, media_key_file=shared, data_directory=tmp_path / "a") as server:
        _, answer = await ask(server, await server.create_key())
    for key_file, expected in ((shared, 200), (other, 401)):
        async with live_server(store=store, media_key_file=key_file, data_directory=tmp_path / "b") as server:
            assert await get(server, "/v1/records", answer["token"]) == expected


async def test_without_keys_a_token_is_given_too(live_server: LiveServerFactory) -> None:
    """A page need not know whether the server has keys; the token acts for nobody and ends with the first key."""
    async with live_server(key_fresh_seconds=0) as server:
        status, answer = await ask(server, None, {"scope": ["transcribe", "usage"]})
        assert status == 200
        assert await opens(server, f"/v1/stream?token={answer['token']}") == "ready"
        await server.create_key()
        assert await get(server, "/v1/records", answer["token"]) == 401
        assert (await ask(server, None))[0] == 401


async def test_a_client_secret_is_such_a_token(live_server: LiveServerFactory) -> None:
    """It opens the native wire as well, and what it is exchanged for does not outlast it."""
    async with live_server(keys=True) as server, aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {await server.create_key()}"}
        async with http.post(f"{server.url}/v1/realtime/client_secrets", headers=headers) as answer:
            secret = await answer.json()
        assert await opens(server, f"/v1/stream?token={secret['value']}") == "ready"
        _, exchanged = await ask(server, secret["value"], {"seconds": 7_000})
        assert exchanged["expires_at"] == secret["expires_at"]
        headers = {"Authorization": f"Bearer {exchanged['token']}"}
        async with http.post(f"{server.url}/v1/realtime/client_secrets", headers=headers) as answer:
            assert answer.status == 403


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"seconds": 9},
        {"seconds": 7_201},
        {"seconds": "600"},
        {"scope": []},
        {"scope": "transcribe"},
        {"scope": ["everything"]},
        {"minutes": 1},
    ],
)
async def test_what_cannot_be_is_refused(live_server: LiveServerFactory, body: Any) -> None:
    """By name, as everywhere on our own paths."""
    async with live_server() as server:
        status, answer = await ask(server, None, body)
        assert (status, answer["error"]["code"]) == (400, "invalid_configuration")


async def test_usage_of_a_token_is_its_keys(live_server: LiveServerFactory) -> None:
    """Whoever counts does not see that there was a token."""
    async with live_server(keys=True) as server:
        key = await server.create_key("acme", user="ann")
        _, answer = await ask(server, key)
        by_token = await server.app.authenticator.authenticate(answer["token"])
        by_key = await server.app.authenticator.authenticate(key)
        assert by_token == by_key
