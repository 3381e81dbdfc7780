"""GET /v1/usage: one organisation's own ledger, filtered, grouped, as JSON or CSV."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from stream_server.auth import Authenticator
from stream_server.rest.application import make_application
from stream_server.rest.usage import Usage
from stream_server.store.base import UsageMark
from stream_server.store.memory import MemoryStore
from tests.live import make_key

Client = TestClient[web.Request, web.Application]


def mark(session: str, organisation: str, user: str | None, day: str, seconds: int) -> UsageMark:
    """Note `seconds` of stereo at 100 Hz."""
    return UsageMark(
        session_id=session, organisation=organisation, user=user, key_id="k", kind="live", day=day, clock_rate=100,
        session=seconds * 100, tracks=(seconds * 100, seconds * 100), speech=seconds * 50,
    )  # fmt: skip


@pytest.fixture
def store() -> MemoryStore:
    """Give a store."""
    return MemoryStore()


@pytest.fixture
async def key(store: MemoryStore) -> str:
    """Give a key of `acme` after some use by it and by another organisation."""
    marks = [
        mark("1", "acme", "ann", "2026-11-01", 60),
        mark("2", "acme", "bob", "2026-11-02", 30),
        mark("3", "other", "ann", "2026-11-02", 1000),
    ]
    await store.record_usage(marks, now=0)
    return await make_key(store, "acme", scopes=("usage",))


@pytest.fixture
async def client(store: MemoryStore) -> AsyncIterator[Client]:
    """Give a client of the route."""
    usage = Usage(authenticator=Authenticator(store, open_access=False), store=store)
    async with TestClient(TestServer(make_application(usage.routes(), max_body_bytes=100))) as client:
        yield client


async def test_an_organisation_sees_its_own(client: Client, key: str) -> None:
    """The ledger of others stays invisible, whatever is asked for."""
    async with client.get("/v1/usage", headers={"x-api-key": key}) as answer:
        report = await answer.json()
    assert report["total"]["billable_seconds"] == 90
    assert report["total"]["billable"] == "0:01:30"
    assert {row["organisation"] for row in report["rows"]} == {"acme"}


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ({"user": "ann"}, 60),
        ({"from_date": "2026-11-02"}, 30),
        ({"to_date": "2026-11-01"}, 60),
        ({"from_date": "2026-11-01", "to_date": "2026-11-02"}, 90),
        ({"kind": "recording"}, 0),
        ({"key_id": "nobody's"}, 0),
    ],
)
async def test_filters(client: Client, key: str, query: dict[str, str], seconds: int) -> None:
    """Days are inclusive; every filter narrows."""
    async with client.get("/v1/usage", params=query, headers={"Authorization": f"Bearer {key}"}) as answer:
        assert (await answer.json())["total"]["billable_seconds"] == seconds


@pytest.mark.parametrize(("params", "accept"), [({"format": "csv"}, "*/*"), ({}, "text/csv")])
async def test_csv(client: Client, key: str, params: dict[str, str], accept: str) -> None:
    """CSV comes by parameter or by Accept, grouped as asked."""
    headers = {"x-api-key": key, "Accept": accept}
    async with client.get("/v1/usage", params=params | {"group_by": "user"}, headers=headers) as answer:
        assert answer.content_type == "text/csv"
        lines = (await answer.text()).splitlines()
    assert lines[0] == "user,sessions,billable_seconds,billable,track_seconds,speech_seconds"
    assert lines[1:] == ["ann,1,60.00,0:01:00,120.00,30.00", "bob,1,30.00,0:00:30,60.00,15.00"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"from_date": "yesterday"}, "from_date"),
        ({"to_date": "2026-13-01"}, "to_date"),
        ({"kind": "dream"}, "kind"),
        ({"format": "xml"}, "format"),
        ({"group_by": "mood"}, "group_by"),
        ({"form": "csv"}, "form"),
    ],
)
async def test_bad_parameters(client: Client, key: str, query: dict[str, str], word: str) -> None:
    """A bad parameter is 400 and named."""
    async with client.get("/v1/usage", params=query, headers={"x-api-key": key}) as answer:
        assert answer.status == 400
        assert word in (await answer.json())["error"]["message"]


async def test_keys(client: Client, store: MemoryStore, key: str) -> None:
    """A missing or unknown key is 401, one without the scope 403."""
    del key
    plain = await make_key(store, "acme")
    for headers, status in (({}, 401), ({"x-api-key": "wrong"}, 401), ({"x-api-key": plain}, 403)):
        async with client.get("/v1/usage", headers=headers) as answer:
            assert answer.status == status
