"""Laws of webhooks when the server that sends them is killed: real processes, real sockets, a real database."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from stream_server.store.sql import Database
from tests.child_server import ChildServer, Serve
from tests.receiver import receiver

pytestmark = [pytest.mark.durability, pytest.mark.timeout(300)]

HERE = ("--webhook-allowed-hosts", "127.0.0.1", "--diarization", "false")


async def post(server: ChildServer, path: str, body: Any = None) -> dict[str, Any]:
    """Return the answer to a request."""
    async with aiohttp.ClientSession(server.url) as client, client.post(f"/v1/webhooks/{path}", json=body) as answer:
        return dict(await answer.json())


async def test_a_webhook_is_delivered_although_its_server_was_killed(serve: Serve) -> None:
    """`kill -9` while the receiver had not answered: the next server sends it again, under the same id, to the end."""
    async with receiver() as here:
        here.hold = asyncio.Event()
        server = await serve(*HERE)
        endpoint = await post(server, "endpoints", {"url": here.url})
        ticket = await post(server, f"endpoints/{endpoint['id']}/test")
        first = await here.next()
        await server.kill()
        here.hold.set()
        database = await Database.open(server.directory / "records.sqlite3")
        async with database.transaction() as connection:
            await connection.execute(text("UPDATE webhook_deliveries SET leased_until = leased_until - 3600"))
        await database.close()
        server = await serve(*HERE)
        second = await here.next()
        assert second.headers["X-Prosa-Event-UUID"] == first.headers["X-Prosa-Event-UUID"]
        assert second.body == first.body
        while True:
            _, (delivery,), _ = await server.get(f"/v1/webhooks/endpoints/{endpoint['id']}/deliveries")
            if delivery["delivery"] != "pending":
                break
            await asyncio.sleep(0.05)
        assert (delivery["delivery_id"], delivery["delivery"]) == (ticket["delivery_tag"], "delivered")
