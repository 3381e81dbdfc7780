"""Laws of the records of a whole installation that is killed, stopped, or shares its database.

Real server processes, real websockets, real databases: nothing here asserts how fast anything was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from stream_server.store.sql import Database
from tests.child_server import RATE, ChildServer, Serve, native, speech

pytestmark = [pytest.mark.durability, pytest.mark.timeout(300)]

Record = dict[str, Any]


async def record_when(server: ChildServer, holds: Callable[[Record], bool]) -> Record:
    """Return the only record as soon as there is one and `holds` is true of it."""
    while True:
        _, page, _ = await server.get("/v1/records")
        for head in page["records"]:
            _, record, _ = await server.get(f"/v1/records/{head['id']}")
            if holds(record):
                return dict(record)
        await asyncio.sleep(0.1)


def said(record: Record) -> list[tuple[int, int, str]]:
    """Return a record's segments as a client tells its finals."""
    return [(one["start_sample"], one["end_sample"], one["text"]) for one in record["segments"]]


async def test_a_record_survives_a_kill_to_its_last_final(serve: Serve) -> None:
    """What a session was told before `kill -9` is there afterwards; the record ends with its last segment."""
    server = await serve()
    async with native(server) as client:
        await client.speak(speech(9 * RATE), speed=3)
        await client.say({"type": "flush", "id": "f"})
        before = await record_when(
            server, lambda record: bool(client.of_type("flushed")) and said(record) == client.said
        )
        assert before["ended_at"] is None
        await server.kill()
        await client.closed()
    assert client.said
    database = await Database.open(server.directory / "records.sqlite3")
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE records SET seen_at = seen_at - 100"))
    await database.close()
    server = await serve()
    after = await record_when(server, lambda record: record["ended_at"] is not None)
    assert said(after) == client.said
    assert (after["outcome"], after["seconds"]) == ("abandoned", round(client.said[-1][1] / RATE, 3))


async def test_a_stop_leaves_whole_records(serve: Serve) -> None:
    """A server that is asked to stop writes down the finals of everything received, and why the session ended."""
    server = await serve()
    async with native(server) as client:
        await client.speak(speech(5 * RATE), speed=3)
        await client.arrived()
        assert await server.stop() == 0
        await client.closed()
    server = await serve()
    record = await record_when(server, lambda record: record["ended_at"] is not None)
    assert said(record) == client.said != []
    assert (record["outcome"], record["lost"]) == ("server_stopping", 0)


async def test_servers_share_records_in_postgresql(serve: Serve, postgres_url: str) -> None:
    """A session on one server is read on another while it runs, and is whole when it has ended."""
    first, second = await serve("--database-url", postgres_url), await serve("--database-url", postgres_url)
    async with native(first) as client:
        await client.speak(speech(4 * RATE), speed=0)
        await client.say({"type": "flush", "id": "f"})
        running = await record_when(second, lambda record: bool(record["segments"]))
        assert running["ended_at"] is None
        assert await client.finish() == 1000
    ended = await record_when(second, lambda record: record["outcome"] is not None)
    assert (said(ended), ended["outcome"]) == (client.said, "ok")
