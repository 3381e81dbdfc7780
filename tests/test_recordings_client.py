"""The client of recordings: against a whole server, and against small ones that misbehave."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from stream_server.recordings_client import NoServer, RecordingsClient, RequestFailed, Unavailable, http_url
from tests.live import LiveServerFactory

CLIP = Path(__file__).parent / "audio" / "clips" / "short.flac"

Handler = Callable[[web.Request], Any]


@asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[RecordingsClient]:
    """Give a client of a server that answers everything so."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handler)
    async with (
        TestServer(application) as server,
        RecordingsClient(str(server.make_url("/")), pause_seconds=0) as client,
    ):
        yield client


async def test_a_recording_goes_there_and_its_words_come_back(live_server: LiveServerFactory, tmp_path: Path) -> None:
    """The file's name survives, whatever is in it; progress ends with the recording; the transcript has every form."""
    path = tmp_path / 'Über "uns" 100%.flac'
    path.write_bytes(CLIP.read_bytes())
    async with live_server(keys=True) as server:
        key = await server.create_key()
        async with RecordingsClient(server.ws_url, key) as client:
            await client.check()
            recording = await client.submit(path, {"language": "en", "label": "short"})
            assert (recording["name"], recording["label"]) == (path.name, "short")
            news = [each async for each in client.follow(recording["id"])]
            assert (news[-1]["status"], news[-1]["progress"]) == ("complete", 1.0)
            assert "alpha" in (await client.transcript(recording["id"], "txt")).lower()
            assert json.loads(await client.transcript(recording["id"], "json"))["id"] == recording["id"]
            assert (await client.cancel(recording["id"]))["status"] == "complete"


async def test_refusals_are_in_the_servers_words(live_server: LiveServerFactory, tmp_path: Path) -> None:
    """A missing key, a file that is no recording, a form that is none, a file that is not there."""
    broken = tmp_path / "broken.mp3"
    broken.write_text("x")
    async with live_server(keys=True) as server:
        async with RecordingsClient(server.url) as client:
            with pytest.raises(RequestFailed, match="an API key is needed"):
                await client.check()
        async with RecordingsClient(server.url, await server.create_key()) as client:
            with pytest.raises(RequestFailed, match="no known format"):
                await client.submit(broken)
            with pytest.raises(RequestFailed, match="have no 'mood'"):
                await client.submit(CLIP, {"mood": "good"})
            with pytest.raises(RequestFailed, match="cannot be read"):
                await client.submit(tmp_path / "missing.wav")
            with pytest.raises(RequestFailed, match="no such job"):
                await anext(client.follow("none"))


async def test_a_stream_that_breaks_off_is_taken_up_again() -> None:
    """A server that is started anew, or away for a moment, costs nothing but time."""
    asked = 0

    async def handle(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        if asked == 1:
            return web.json_response({"error": {"message": "stopping"}}, status=503)
        response = web.StreamResponse()
        await response.prepare(request)
        done = {"status": "complete", "progress": 1.0}
        said = [{"status": "queued", "progress": 0.0}, {"error": {"message": "away"}}] if asked == 2 else [done]
        for each in said:
            await response.write(f": a comment\n\nevent: any\ndata: {json.dumps(each)}\n\n".encode())
        return response

    async with answering(handle) as client:
        assert [each["status"] async for each in client.follow("any")] == ["queued", "complete"]
    assert asked == 3


async def test_a_server_that_stays_away_is_given_up() -> None:
    """After so many tries its own sentence is passed on."""

    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"message": "the store is away"}}, status=503)

    async with answering(handle) as client:
        with pytest.raises(Unavailable, match="the store is away"):
            await anext(client.follow("any"))


async def test_strangers_are_no_servers() -> None:
    """Whatever answers, the caller gets one sentence."""

    async def page(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>")

    async def missing(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=404)

    async with answering(page) as client:
        with pytest.raises(RequestFailed, match="no stream-server"):
            await client.submit(CLIP)
    async with answering(missing) as client:
        with pytest.raises(RequestFailed, match="status 404"):
            await client.check()
    with pytest.raises(NoServer, match=f"no server answers at {client.url}"):
        async with RecordingsClient(client.url) as late:
            await late.check()
    with pytest.raises(RequestFailed, match="not the address of a server"):
        async with RecordingsClient("ftp://example.com") as other:
            await other.check()


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("ws://host:8765/v1/stream", "http://host:8765"),
        ("wss://host", "https://host"),
        ("https://host/speech/", "https://host/speech"),
        ("host:8765", "http://host:8765"),
    ],
)
def test_addresses(given: str, address: str) -> None:
    """A person may type the server's address as they know it."""
    assert http_url(given) == address
