"""Laws of sessions whose connection is cut, or whose server is killed or stopped, in mid-sentence.

Real server processes, real sockets, a real Redis and database, and real recognition where words are compared.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import connect

from tests.child_server import RATE, ChildServer, Client, Message, Serve, billed, native, speech, store_of
from tests.live import make_key
from tests.test_record_durability import record_when, said

pytestmark = [pytest.mark.durability, pytest.mark.timeout(300)]

WHISPER = ("--engine", "whisper", "--model", "tiny.en")
MEETING = speech(40 * RATE)
CUT = 17 * RATE + 321
"""In mid-sentence, and not where anything begins."""


@asynccontextmanager
async def resumed(server: ChildServer, *before: Client, key: str | None = None) -> AsyncIterator[Client]:
    """Go on with the session of earlier connections, from the sample that the server names: `client.sent` is that."""
    ready = before[0].of_type("ready")[0]
    wish = {
        "type": "resume",
        "session_id": ready["session_id"],
        "resume_token": ready["resume_token"],
        "last_sequence": len(durable(*before)),
    }
    headers = {"x-api-key": key} if key else None
    async with connect(f"{server.ws_url}/v1/stream", additional_headers=headers, proxy=None) as socket:
        client = Client(socket, RATE)
        await client.say(wish)
        await become(lambda: client.told)
        if client.told[0]["type"] == "resumed":
            client.sent = client.told[0]["from_sample"]
        yield client


async def become(true: Callable[[], object]) -> None:
    """Wait until something is so."""
    while not true():  # noqa: ASYNC110  # what is waited for tells nobody
        await asyncio.sleep(0.02)


def durable(*clients: Client) -> list[Message]:
    """Return all durable messages that were told; their sequences have no gap and come once."""
    found = [message for client in clients for message in client.told if "sequence" in message]
    found = [message for message in found if message["type"] != "acknowledged"]
    assert [message["sequence"] for message in found] == list(range(1, len(found) + 1))
    return found


def finals(*clients: Client) -> list[tuple[int, int, str]]:
    """Return the finals of several connections of a session."""
    return [final for client in clients for final in client.said]


async def undisturbed(server: ChildServer, **start: Any) -> Client:
    """Return what a session is told that nobody cuts off."""
    async with native(server, resumable=True, **start) as client:
        await client.speak(MEETING, speed=4)
        assert await client.finish() == 1000
    return client


async def test_a_cut_connection_loses_no_word(serve: Serve) -> None:
    """The same process goes on in mid-utterance, three times over: every final is as if nothing had happened."""
    server = await serve()
    whole = await undisturbed(server)
    async with native(server, resumable=True) as first:
        clients = [first]
        await first.speak(MEETING[:CUT], speed=4)
        await first.vanish()
        for until in (CUT + 3 * RATE, CUT + 9 * RATE, len(MEETING)):
            async with resumed(server, *clients) as client:
                assert client.told[0]["recognised_again"] is False
                clients.append(client)
                await client.speak(MEETING[client.sent : until], speed=4)
                if until < len(MEETING):
                    await client.vanish()
                else:
                    assert await client.finish() == 1000
    assert finals(*clients) == whole.said
    assert durable(*clients)[-1]["session_samples"] == len(MEETING)
    session_id = first.of_type("ready")[0]["session_id"]
    record = await record_when(server, lambda one: one["id"] == session_id and one["outcome"] is not None)
    assert (said(record), record["outcome"]) == (whole.said, "ok")
    assert await billed(server.directory, at_last=2 * len(MEETING)) == 2 * len(MEETING)


def differing(one: list[tuple[int, int, str]], other: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Return the utterances of the first that are not the second's, word for word."""
    words = {text for _, _, text in other}
    return [final for final in one if final[2] not in words]


@pytest.mark.parametrize("gently", [False, True], ids=["kill", "stop"])
async def test_a_server_that_ends_loses_no_word(serve: Serve, *, gently: bool) -> None:
    """`kill -9` or SIGTERM in mid-sentence: another process goes on, and at most the open utterance may differ.

    Usage counts each sample once, and the record has every final that was told, once. Without partials, for how busy
    the machine is changes when they come, so what is committed when, and no two sessions need say quite the same.
    """
    server = await serve(*WHISPER)
    whole = await undisturbed(server, partials=False)
    async with native(server, resumable=True, partials=False) as first:
        await first.speak(MEETING[:CUT], speed=2)
        await become(lambda: first.of_type("acknowledged"))
        if gently:
            assert await server.stop() == 0
        else:
            await server.kill()
        await first.closed()
        assert first.socket.close_code == (1012 if gently else 1006)
        assert not first.of_type("closed")
    server = await serve(*WHISPER)
    async with resumed(server, first) as second:
        head = second.told[0]
        assert head["recognised_again"] is True
        assert first.of_type("acknowledged")[-1]["at_sample"] <= head["from_sample"] <= CUT
        await second.speak(MEETING[head["from_sample"] :], speed=4)
        assert await second.finish() == 1000

    told = finals(first, second)
    ids = [final["utterance_id"] for client in (first, second) for final in client.of_type("final")]
    assert len(ids) == len(set(ids))
    assert len(differing(told, whole.said)) <= 1
    assert len(differing(whole.said, told)) <= 1
    assert durable(first, second)[-1]["session_samples"] == len(MEETING)
    session_id = head["session_id"]
    record = await record_when(server, lambda one: one["id"] == session_id and one["outcome"] == "ok")
    assert said(record) == told
    assert await billed(server.directory, at_last=2 * len(MEETING)) == 2 * len(MEETING)


async def test_a_killed_server_does_not_charge_a_quota_twice(serve: Serve, redis_url: str) -> None:
    """The lease goes on with the session: what is heard again is not paid for again."""
    server = await serve("--redis-url", redis_url)
    key = await _key(redis_url, quota_seconds=45)
    await server.kill()
    server = await serve("--redis-url", redis_url)
    async with native(server, key, resumable=True) as first:
        await first.speak(MEETING[:CUT], speed=4)
        await become(lambda: first.of_type("acknowledged"))
        await server.kill()
        await first.closed()
    server = await serve("--redis-url", redis_url)
    async with resumed(server, first, key=key) as second:
        await second.speak(MEETING[second.sent :], speed=4)
        assert await second.finish() == 1000
    assert await billed(redis_url, at_last=len(MEETING)) == len(MEETING)


async def test_only_who_began_goes_on(serve: Serve, redis_url: str) -> None:
    """Another organisation's key, or another key, does not open a session, whoever holds the token."""
    keys = [await _key(redis_url, name) for name in ("acme", "acme", "other")]
    server = await serve("--redis-url", redis_url)
    async with native(server, keys[0], resumable=True) as first:
        await become(lambda: first.of_type("ready"))
        await first.speak(MEETING[: 2 * RATE], speed=0)
        for key in keys[1:]:
            async with resumed(server, first, key=key) as stranger:
                await stranger.closed()
            assert stranger.of_type("error")[0]["code"] == "session_unknown"
        async with resumed(server, first, key=keys[0]) as second:
            await first.closed()
            assert (first.socket.close_code, first.socket.close_reason) == (4009, "resumed_elsewhere")
            assert await second.finish() == 1000


async def test_two_processes_share_a_session(serve: Serve, redis_url: str) -> None:
    """A client that comes to another process than before goes on there; the first one ends it without a trace."""
    options = ("--redis-url", redis_url)
    one, other = await serve(*options), await serve(*options)
    whole = await undisturbed(one)
    async with native(one, resumable=True) as first:
        await first.speak(MEETING[:CUT], speed=4)
        await become(lambda: first.of_type("acknowledged"))
        heard = finals(first)  # whatever the first connection is told from now on comes again on the second
        async with resumed(other, first) as second:
            assert second.told[0]["recognised_again"] is True
            await second.speak(MEETING[second.sent :], speed=4)
            assert await second.finish() == 1000
        await first.closed()
        assert first.socket.close_code == 4009
    heard += finals(second)
    assert [text for _, _, text in heard][-2:] == [text for _, _, text in whole.said][-2:]
    session_id = first.of_type("ready")[0]["session_id"]
    record = await record_when(other, lambda record: record["id"] == session_id and record["outcome"] is not None)
    assert (said(record), record["outcome"]) == (heard, "ok")
    assert await billed(redis_url, at_last=2 * len(MEETING)) == 2 * len(MEETING)


async def _key(redis_url: str, organisation: str = "acme", **fields: Any) -> str:
    async with store_of(redis_url) as store:
        return await make_key(store, organisation, **fields)
