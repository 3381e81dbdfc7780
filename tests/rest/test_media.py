"""Recordings are played, downloaded, signed and deleted over a real socket, by whoever may."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from stream_server.auth import Authenticator
from stream_server.rest.application import make_application
from stream_server.rest.media import MOST_PATHS, Media
from stream_server.signatures import Signatures
from stream_server.store.local_media import LocalMedia
from stream_server.store.media import MediaStore, new_key
from stream_server.store.memory import MemoryStore
from stream_server.store.object_media import PIECE_BYTES
from stream_server.store.s3_media import open_s3
from tests.live import make_key

Client = TestClient[web.Request, web.Application]

CONTENT = os.urandom(PIECE_BYTES + 1_000)


@pytest.fixture
def keys() -> MemoryStore:
    """Give a store of keys."""
    return MemoryStore()


@pytest.fixture(params=["local", "s3"])
def media(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    """Give a store of recordings of each kind."""
    if request.param == "local":
        return LocalMedia(tmp_path / "media")
    return open_s3(request.getfixturevalue("s3_url"), "anything", "anything")


@pytest.fixture
def put(media: MediaStore, tmp_path: Path) -> Callable[..., Awaitable[str]]:
    """Give what keeps a recording and returns its path."""

    async def put(organisation: str = "acme", user: str | None = None, mime_type: str = "audio/mpeg") -> str:
        path, key = tmp_path / "upload", new_key(organisation, user, mime_type)
        path.write_bytes(CONTENT)
        await media.put(key, path)
        return key

    return put


@pytest_asyncio.fixture
async def client(media: MediaStore, keys: MemoryStore) -> AsyncIterator[Client]:
    """Give a client of the routes."""
    routes = Media(
        authenticator=Authenticator(keys, open_access=False),
        store=media,
        signatures=Signatures(bytes(32)),
        signed_seconds=60,
    ).routes()
    async with TestClient(TestServer(make_application(routes, max_body_bytes=10_000))) as client:
        yield client


@pytest_asyncio.fixture
async def headers(keys: MemoryStore) -> dict[str, str]:
    """Give a key of `acme`."""
    return {"x-api-key": await make_key(keys, "acme")}


async def key_of(keys: MemoryStore, organisation: str, **options: Any) -> dict[str, str]:
    """Give another key."""
    return {"x-api-key": await make_key(keys, organisation, **options)}


async def code(response: Any) -> tuple[int, str]:
    """Return the status and code of an error."""
    return response.status, (await response.json())["error"]["code"]


# ── playing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_recording_is_played(client: Client, headers: dict[str, str], put: Any) -> None:
    """With a key it comes whole, as what it is, where it is, and can never be run."""
    response = await client.get(f"/v1/media/{await put()}", headers=headers)
    assert response.status == 200
    assert await response.read() == CONTENT
    assert response.headers["Content-Type"] == "audio/mpeg"
    assert response.headers["Content-Length"] == str(len(CONTENT))
    assert response.headers["Content-Disposition"] == "inline"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"


async def test_a_recording_is_downloaded(client: Client, headers: dict[str, str], put: Any) -> None:
    """The same, with a name to be kept under."""
    key = await put()
    response = await client.get(f"/v1/fetch/{key}", headers=headers)
    assert await response.read() == CONTENT
    assert response.headers["Content-Disposition"] == f'attachment; filename="{key.split("/")[-1]}"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("mime_type", ["text/html", "image/svg+xml", "application/javascript"])
async def test_a_page_is_bytes(mime_type: str, client: Client, headers: dict[str, str], put: Any) -> None:
    """Whatever somebody has sent, no browser takes it for a page."""
    response = await client.get(f"/v1/media/{await put(mime_type=mime_type)}", headers=headers)
    assert response.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-9", slice(10)),
        ("bytes=-9", slice(-9, None)),
        (f"bytes={PIECE_BYTES - 5}-{PIECE_BYTES + 5}", slice(PIECE_BYTES - 5, PIECE_BYTES + 6)),
    ],
)
async def test_a_part_is_played(wanted: str, part: slice, client: Client, headers: dict[str, str], put: Any) -> None:
    """An audio element that seeks gets what it asks for."""
    key = await put()
    response = await client.get(f"/v1/media/{key}", headers=headers | {"Range": wanted})
    assert response.status == 206
    assert await response.read() == CONTENT[part]
    start, stop, _ = part.indices(len(CONTENT))
    assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(CONTENT)}"
    again = await client.get(
        f"/v1/media/{key}", headers=headers | {"Range": wanted, "If-Range": response.headers["ETag"]}
    )
    assert again.status == 206
    changed = await client.get(f"/v1/media/{key}", headers=headers | {"Range": wanted, "If-Range": '"other"'})
    assert changed.status == 200


async def test_a_part_that_is_not_there(client: Client, headers: dict[str, str], put: Any) -> None:
    """Beyond the end there is nothing, and the answer says where that is."""
    response = await client.get(f"/v1/media/{await put()}", headers=headers | {"Range": "bytes=99999999-"})
    assert response.status == 416
    assert response.headers["Content-Range"] == f"bytes */{len(CONTENT)}"


async def test_the_head_alone(client: Client, headers: dict[str, str], put: Any) -> None:
    """A browser may ask how long it is."""
    response = await client.head(f"/v1/media/{await put()}", headers=headers)
    assert (response.status, response.headers["Content-Length"]) == (200, str(len(CONTENT)))
    assert await response.read() == b""


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "acme/-/../../x",
        "acme/-/%2e%2e",
        "acme%2F-%2F..%2F..%2Fx",
        "/etc/passwd",
        "acme/-/a%00",
        "%5C..",
    ],
)
async def test_paths_that_lead_elsewhere(path: str, client: Client, headers: dict[str, str]) -> None:
    """Are not there."""
    for route in ("media", "fetch"):
        url = URL(f"http://{client.host}:{client.port}/v1/{route}/{path}", encoded=True)
        assert await code(await client.session.get(url, headers=headers)) == (404, "not_found")


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_nobody_else_may(client: Client, keys: MemoryStore, put: Any) -> None:
    """No key, a key of another organisation, of another user or without the scope."""
    key = await put(user="anna")
    for headers, answer in (
        ({}, (401, "invalid_key")),
        (await key_of(keys, "other"), (404, "not_found")),
        (await key_of(keys, "acme", user="bert"), (404, "not_found")),
        (await key_of(keys, "acme", scopes=("usage",)), (403, "forbidden")),
    ):
        for path in (f"/v1/media/{key}", f"/v1/fetch/{key}"):
            assert await code(await client.get(path, headers=headers)) == answer
        assert await code(await client.post("/v1/generate_signature", headers=headers, json={"path": key})) == answer


async def test_a_user_may_hear_its_own(client: Client, keys: MemoryStore, put: Any) -> None:
    """And whoever is admin everybody's."""
    key = await put(user="anna")
    for headers in (
        await key_of(keys, "acme", user="anna"),
        await key_of(keys, "acme"),
        await key_of(keys, "acme", user="bert", scopes=("admin",)),
    ):
        assert (await client.get(f"/v1/media/{key}", headers=headers)).status == 200


# ── signatures ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_signed_address_needs_no_key(client: Client, headers: dict[str, str], put: Any) -> None:
    """An audio element plays it, in parts too; it opens nothing else."""
    key, other = await put(), await put()
    signed = await (await client.post("/v1/generate_signature", headers=headers, json={"path": key})).json()
    assert (signed["path"], signed["size"], signed["mime_type"]) == (key, len(CONTENT), "audio/mpeg")
    for url in (signed["media_url"], signed["fetch_url"]):
        response = await client.get(url, headers={"Range": "bytes=0-9"})
        assert (response.status, await response.read()) == (206, CONTENT[:10])
        moved = await client.get(url.replace(key, other))
        assert await code(moved) == (403, "forbidden")
        longer = URL(url).update_query(expires=int(URL(url).query["expires"]) + 1)
        assert await code(await client.get(longer)) == (403, "forbidden")


async def test_several_are_signed_at_once(client: Client, headers: dict[str, str], put: Any) -> None:
    """What cannot be signed is said beside what can."""
    key, foreign = await put(), await put("other")
    asked = {"paths": [key, foreign, "../x", key], "seconds": 5}
    answer = await (await client.post("/v1/generate_signature", headers=headers, json=asked)).json()
    assert [each["path"] for each in answer["signatures"]] == [key]
    assert [(each["path"], each["code"]) for each in answer["failed"]] == [
        (foreign, "not_found"),
        ("../x", "not_found"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"path": "a/-/b", "paths": []}, {"path": 5}, {"paths": "a"}, {"paths": [5]}, {"path": "a/-/b", "x": 1}),
        *({"path": "a/-/b", "seconds": seconds} for seconds in (0, -1, 61, "5", 1e308)),
        {"paths": [f"acme/-/{number}" for number in range(MOST_PATHS + 1)]},
    ],
)
async def test_what_cannot_be_signed(body: dict[str, Any], client: Client, headers: dict[str, str]) -> None:
    """The field that is wrong is named."""
    response = await client.post("/v1/generate_signature", headers=headers, json=body)
    assert await code(response) == (400, "invalid_configuration")


# ── deleting ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_many_are_deleted_at_once(client: Client, keys: MemoryStore, put: Any) -> None:
    """Each is gone for good, or it is said why not."""
    admin = await key_of(keys, "acme", scopes=("admin",))
    first, second, foreign = await put(), await put(user="anna"), await put("other")
    asked = {"paths": [first, second, foreign, first, "nothing"]}
    answer = await (await client.post("/v1/material_delete", headers=admin, json=asked)).json()
    assert answer["deleted"] == [first, second]
    assert [each["path"] for each in answer["failed"]] == [foreign, "nothing"]
    assert all(each["code"] == "not_found" and each["message"] for each in answer["failed"])
    assert await code(await client.get(f"/v1/media/{first}", headers=admin)) == (404, "not_found")
    assert (await client.get(f"/v1/media/{foreign}", headers=await key_of(keys, "other"))).status == 200


async def test_who_may_delete(client: Client, keys: MemoryStore, headers: dict[str, str], put: Any) -> None:
    """An admin everything, a user its own, others nothing."""
    key = await put(user="anna")
    assert await code(await client.post("/v1/material_delete", headers=headers, json={"paths": [key]})) == (
        403,
        "forbidden",
    )
    bert, anna = await key_of(keys, "acme", user="bert"), await key_of(keys, "acme", user="anna")
    for who, deleted in ((bert, []), (anna, [key])):
        answer = await (await client.post("/v1/material_delete", headers=who, json={"paths": [key]})).json()
        assert answer["deleted"] == deleted


@pytest.mark.parametrize("body", [{}, {"paths": "a"}, {"paths": [], "x": 1}, {"path": "a/-/b"}])
async def test_what_cannot_be_deleted(body: dict[str, Any], client: Client, keys: MemoryStore) -> None:
    """A list of paths is wanted."""
    admin = await key_of(keys, "acme", scopes=("admin",))
    response = await client.post("/v1/material_delete", headers=admin, json=body)
    assert await code(response) == (400, "invalid_configuration")
