"""/v1/records: one organisation's own records, listed, read in five forms, deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from stream_server.auth import Authenticator
from stream_server.kept_audio import KeptAudio
from stream_server.recording import RecordKeeper
from stream_server.rest.application import make_application
from stream_server.rest.records import Records
from stream_server.store.memory import MemoryStore
from stream_server.store.records import Append, Begin, Change, Entry, Finish, Record, Segment, SegmentWord
from stream_server.store.sql import Database
from stream_server.store.sql_records import SqlRecordStore
from tests.live import make_key

Client = TestClient[web.Request, web.Application]


def entries(record_id: str, organisation: str, user: str | None, meeting_id: str, started_at: float) -> list[Entry]:
    """Make a session of two turns, half a second each."""
    head = Record(
        id=record_id, organisation=organisation, user=user, meeting_id=meeting_id, started_at=started_at,
        clock_rate=1000, model="base", tracks=("room",),
    )  # fmt: skip
    words = tuple(
        SegmentWord(text=text, spoken=text, start=500 * n, end=500 * n + 500, confidence=1.0, speaker=n + 1)
        for n, text in enumerate(("Hello", "Hi"))
    )
    said = Segment(sequence=1, utterance_id="u1", track=0, start=0, end=1000, text="Hello Hi", speaker=1, words=words)
    changes: list[Change] = [
        Begin(record=head, now=started_at),
        Append(segment=said, names=((1, "Ann"), (2, None))),
        Finish(ended_at=started_at + 1, end_sample=1000, outcome="ok"),
    ]
    return [Entry(organisation=organisation, record_id=record_id, change=change) for change in changes]


@pytest_asyncio.fixture
async def records(tmp_path: Path) -> AsyncIterator[SqlRecordStore]:
    """Give three records of `acme`, two of them Ann's, and one of another organisation."""
    database = await Database.open(tmp_path / "records.sqlite3")
    store = SqlRecordStore(database)
    await store.write(
        [
            *entries("s1", "acme", "ann", "m1", 1.0),
            *entries("s2", "acme", "bob", "m1", 2.0),
            *entries("s3", "acme", "ann", "m2", 3.0),
            *entries("s4", "other", "ann", "m1", 4.0),
        ]
    )
    yield store
    await database.close()


@pytest.fixture
def keys() -> MemoryStore:
    """Give a store of keys."""
    return MemoryStore()


@pytest_asyncio.fixture
async def client(records: SqlRecordStore, keys: MemoryStore, tmp_path: Path) -> AsyncIterator[Client]:
    """Give a client of the routes."""
    authenticator, audio = Authenticator(keys, open_access=False), KeptAudio(tmp_path / "audio")
    keeper = RecordKeeper(records)
    routes = Records(
        authenticator=authenticator, store=records, audio=audio, forget=audio.forget, flush=keeper.flush
    ).routes()
    async with TestClient(TestServer(make_application(routes, max_body_bytes=100))) as client:
        yield client


@pytest_asyncio.fixture
async def headers(keys: MemoryStore) -> dict[str, str]:
    """Give the headers of a usual key of `acme`."""
    return {"x-api-key": await make_key(keys, "acme")}


async def ids(client: Client, headers: dict[str, str], **query: Any) -> list[str]:
    """Return which records are listed."""
    async with client.get("/v1/records", params=query, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return [record["id"] for record in (await answer.json())["records"]]


async def status(client: Client, method: str, path: str, headers: dict[str, str]) -> int:
    """Return what a request is answered with."""
    async with client.request(method, path, headers=headers) as answer:
        return answer.status


async def test_an_organisation_lists_its_own(client: Client, headers: dict[str, str]) -> None:
    """Records of others stay invisible; the newest comes first; filters narrow."""
    assert await ids(client, headers) == ["s3", "s2", "s1"]
    assert await ids(client, headers, user="ann") == ["s3", "s1"]
    assert await ids(client, headers, meeting_id="m1", user="bob", kind="live") == ["s2"]
    assert await ids(client, headers, kind="recording") == []


async def test_pages(client: Client, headers: dict[str, str]) -> None:
    """A cursor leads to the next page; at the end there is none."""
    query = {"limit": "2"}
    async with client.get("/v1/records", params=query, headers=headers) as answer:
        first = await answer.json()
    async with client.get("/v1/records", params=query | {"cursor": first["next_cursor"]}, headers=headers) as answer:
        second = await answer.json()
    assert [record["id"] for record in first["records"] + second["records"]] == ["s3", "s2", "s1"]
    assert second["next_cursor"] is None


async def test_a_record_as_json(client: Client, headers: dict[str, str]) -> None:
    """JSON is what comes unless another form is asked for; no cache keeps it."""
    async with client.get("/v1/records/s1", headers=headers) as answer:
        body = await answer.json()
        assert answer.headers["Cache-Control"] == "no-store"
    assert (body["id"], body["meeting_id"], body["seconds"], body["outcome"]) == ("s1", "m1", 1.0, "ok")
    assert [word["text"] for word in body["segments"][0]["words"]] == ["Hello", "Hi"]
    assert body["speakers"] == [{"id": 1, "name": "Ann"}, {"id": 2, "name": None}]


@pytest.mark.parametrize(
    ("form", "content_type", "line"),
    [
        ("txt", "text/plain", "Ann: Hello"),
        ("md", "text/markdown", "**Ann** 0:00:00"),
        ("srt", "application/x-subrip", "00:00:00,500 --> 00:00:01,334"),
        ("vtt", "text/vtt", "<v Speaker 2>Hi"),
    ],
)
async def test_a_record_to_take_away(
    client: Client, headers: dict[str, str], form: str, content_type: str, line: str
) -> None:
    """Each form has its type, and the words."""
    async with client.get("/v1/records/s1", params={"format": form}, headers=headers) as answer:
        assert (answer.content_type, answer.charset) == (content_type, "utf-8")
        assert line in (await answer.text()).splitlines()


@pytest.mark.parametrize("path", ["s4", "unknown", "%00", "%ED%A0%80", "a%2Fb"])
async def test_what_is_not_there_is_not_found(client: Client, keys: MemoryStore, path: str) -> None:
    """Another organisation's record and none at all are the same, for `admin` too."""
    headers = {"x-api-key": await make_key(keys, "acme", scopes=("admin",))}
    for method in ("GET", "DELETE"):
        assert await status(client, method, f"/v1/records/{path}", headers) == 404


async def test_deleting_is_for_good(client: Client, keys: MemoryStore, headers: dict[str, str]) -> None:
    """An `admin` deletes any record of the organisation; then it is gone for everybody."""
    admin = {"x-api-key": await make_key(keys, "acme", scopes=("admin",))}
    assert await status(client, "DELETE", "/v1/records/s2", headers) == 403
    assert await status(client, "DELETE", "/v1/records/s2", admin) == 204
    assert await status(client, "DELETE", "/v1/records/s2", admin) == 404
    assert await status(client, "GET", "/v1/records/s2", headers) == 404
    assert await ids(client, headers) == ["s3", "s1"]


async def test_a_users_key_reaches_that_users_records(client: Client, keys: MemoryStore) -> None:
    """It lists, reads and deletes its user's own records and sees no others."""
    ann = {"x-api-key": await make_key(keys, "acme", user="ann")}
    assert await ids(client, ann) == await ids(client, ann, user="ann") == ["s3", "s1"]
    assert await status(client, "GET", "/v1/records?user=bob", ann) == 400
    assert await status(client, "GET", "/v1/records/s2", ann) == 404
    assert await status(client, "DELETE", "/v1/records/s2", ann) == 404
    assert await status(client, "DELETE", "/v1/records/s1", ann) == 204
    assert await ids(client, ann) == ["s3"]


async def test_a_users_admin_key_reaches_everybodys(client: Client, keys: MemoryStore) -> None:
    """With the scope `admin` the whole organisation is reached, whoever holds the key."""
    ann = {"x-api-key": await make_key(keys, "acme", user="ann", scopes=("admin",))}
    assert await ids(client, ann) == ["s3", "s2", "s1"]
    assert await status(client, "DELETE", "/v1/records/s2", ann) == 204


async def test_keys(client: Client, keys: MemoryStore) -> None:
    """A missing or unknown key is 401, one without the scope 403, on every route."""
    usage = await make_key(keys, "acme", scopes=("usage",))
    for method, path in (("GET", "/v1/records"), ("GET", "/v1/records/s1"), ("DELETE", "/v1/records/s1")):
        assert await status(client, method, path, {}) == 401
        assert await status(client, method, path, {"x-api-key": "wrong"}) == 401
        assert await status(client, method, path, {"x-api-key": usage}) == 403


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/v1/records?limit=0", "limit"),
        ("/v1/records?limit=201", "limit"),
        ("/v1/records?limit=%C2%B2", "limit"),
        ("/v1/records?limit=-1", "limit"),
        ("/v1/records?limit=", "limit"),
        ("/v1/records?cursor=nonsense", "cursor"),
        ("/v1/records?kind=dream", "kind"),
        ("/v1/records?mood=good", "user, meeting_id"),
        ("/v1/records/s1?format=pdf", "format"),
        ("/v1/records/s1?form=txt", "format"),
    ],
)
async def test_bad_parameters(client: Client, headers: dict[str, str], path: str, word: str) -> None:
    """A bad parameter is 400 and named."""
    async with client.get(path, headers=headers) as answer:
        assert answer.status == 400
        assert word in (await answer.json())["error"]["message"]


async def test_who_reads_finds_what_was_told_before(
    records: SqlRecordStore, keys: MemoryStore, headers: dict[str, str], tmp_path: Path
) -> None:
    """A record is read with all that its session has told, also what would be written a moment later."""
    authenticator, audio = Authenticator(keys, open_access=False), KeptAudio(tmp_path / "audio")
    keeper = RecordKeeper(records)
    routes = Records(
        authenticator=authenticator, store=records, audio=audio, forget=audio.forget, flush=keeper.flush
    ).routes()
    async with TestClient(TestServer(make_application(routes, max_body_bytes=100))) as client:
        keeper.open(Record(id="new", organisation="acme", started_at=1.0, clock_rate=16_000, model="base"))
        keeper.close("new", "ok", 16_000)
        async with client.get("/v1/records/new", headers=headers) as answer:
            assert answer.status == 200
            assert (await answer.json())["outcome"] == "ok"
