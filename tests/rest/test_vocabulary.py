"""An organisation's vocabulary over a real socket and a real database."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from stream_server.auth import Authenticator
from stream_server.rest.application import make_application
from stream_server.rest.vocabulary import MOST_BYTES, VocabularyRoutes
from stream_server.store.memory import MemoryStore
from stream_server.store.sql import Database
from stream_server.store.sql_vocabularies import SqlVocabularies
from stream_server.vocabularies import VocabularyBook
from tests.live import make_key

Client = TestClient[web.Request, web.Application]

OURS: dict[str, Any] = {
    "vocabulary": [{"text": "Meemo", "sounds_like": ["mimo", "me mo"]}, {"text": "Prosa", "sounds_like": []}],
    "replace": [{"find": "rapat mingguan", "replace": "weekly"}, {"find": "eh", "replace": ""}],
}
EMPTY = {"vocabulary": [], "replace": [], "modified_at": None}


@pytest.fixture
def live_store() -> MemoryStore:
    """Give a store of keys."""
    return MemoryStore()


@pytest_asyncio.fixture
async def client(live_store: MemoryStore, tmp_path: Path) -> AsyncIterator[Client]:
    """Give a client of the routes, at seven seconds past the epoch."""
    database = await Database.open(tmp_path / "records.sqlite3")
    book = VocabularyBook(SqlVocabularies(database), refresh_seconds=1e9, clock=lambda: 7.0)
    routes = VocabularyRoutes(authenticator=Authenticator(live_store, open_access=False), book=book).routes()
    async with TestClient(TestServer(make_application(routes, max_body_bytes=2 * MOST_BYTES))) as client:
        yield client
    await book.stop()
    await database.close()


async def key(live_store: MemoryStore, organisation: str = "acme", scope: str = "admin") -> dict[str, str]:
    """Return headers with a key."""
    return {"x-api-key": await make_key(live_store, organisation, scopes=(scope,))}


async def test_a_vocabulary_is_read_as_it_was_given(client: Client, live_store: MemoryStore) -> None:
    """By every key of the organisation, and by no other's."""
    admin, reader = await key(live_store), await key(live_store, scope="transcribe")
    kept = {**OURS, "modified_at": "1970-01-01T00:00:07+00:00"}
    async with client.put("/v1/vocabulary", json=OURS, headers=admin) as response:
        assert (response.status, await response.json()) == (200, kept)
    async with client.get("/v1/vocabulary", headers=reader) as response:
        assert (response.status, await response.json()) == (200, kept)
    async with client.get("/v1/vocabulary", headers=await key(live_store, "globex")) as response:
        assert (response.status, await response.json()) == (200, EMPTY)


async def test_a_vocabulary_is_replaced_and_deleted_as_a_whole(client: Client, live_store: MemoryStore) -> None:
    """What is not given again is not kept; what is not there cannot be deleted."""
    admin = await key(live_store)
    await client.put("/v1/vocabulary", json=OURS, headers=admin)
    async with client.put("/v1/vocabulary", json={"vocabulary": [{"text": "Ana"}]}, headers=admin) as response:
        newer = await response.json()
    assert (newer["vocabulary"], newer["replace"]) == ([{"text": "Ana", "sounds_like": []}], [])
    async with client.delete("/v1/vocabulary", headers=admin) as response:
        assert await response.json() == {"deleted": True}
    async with client.get("/v1/vocabulary", headers=admin) as response:
        assert await response.json() == EMPTY
    async with client.delete("/v1/vocabulary", headers=admin) as response:
        assert response.status == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_changing_it_needs_admin(client: Client, live_store: MemoryStore, method: str) -> None:
    """It holds in everybody's sessions."""
    headers = await key(live_store, scope="transcribe")
    async with client.request(method, "/v1/vocabulary", json=OURS, headers=headers) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (403, "forbidden")
    async with client.request(method, "/v1/vocabulary", json=OURS) as response:
        assert response.status == 401


@pytest.mark.parametrize(
    "body",
    [
        {"vocabulary": [{"text": " "}]},
        {"vocabulary": [{"sounds_like": ["x"]}]},
        {"vocabulary": [{"text": "x", "sounds_like": ["y" * 101]}]},
        {"vocabulary": [{"text": "x", "sounds_like": ["y"] * 21}]},
        {"vocabulary": [{"text": "x"}] * 501},
        {"vocabulary": [{"text": "Caf\ud800"}]},
        {"replace": [{"find": "x", "replace": "\udfff"}]},
        {"vocabulary": ["x"]},
        {"vocabulary": [{"text": "x", "weight": 2}]},
        {"replace": [{"replace": "x"}]},
        {"terms": []},
        [],
    ],
)
async def test_what_is_no_vocabulary_is_refused(client: Client, live_store: MemoryStore, body: object) -> None:
    """And the one before stays."""
    admin = await key(live_store)
    await client.put("/v1/vocabulary", json=OURS, headers=admin)
    async with client.put("/v1/vocabulary", json=body, headers=admin) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (400, "invalid_configuration")
    async with client.get("/v1/vocabulary", headers=admin) as response:
        assert (await response.json())["vocabulary"] == OURS["vocabulary"]


async def test_a_body_has_its_limit(client: Client, live_store: MemoryStore) -> None:
    """The largest vocabulary there can be fits, and nothing much larger is read."""
    term = {"text": "😀" * 11, "sounds_like": ["😀" * 6] * 20}
    largest = {"vocabulary": [term] * 500, "replace": [{"find": "😀" * 100, "replace": "😀" * 100}] * 500}
    body = io.BytesIO(json.dumps(largest).encode())
    async with client.put("/v1/vocabulary", data=body, headers=await key(live_store)) as response:
        assert response.status == 200
    body = io.BytesIO(b" " * MOST_BYTES + b"{}")
    async with client.put("/v1/vocabulary", data=body, headers=await key(live_store)) as response:
        assert response.status == 413
