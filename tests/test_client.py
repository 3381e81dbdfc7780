"""The client, against a small server that keeps what it hears and says what it is told to."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from stream_server.client import StreamError, run_transcribe, stream, websocket_url
from stream_server.errors import InvalidConfiguration
from stream_server.session.options import AudioFormat, SessionOptions
from stream_server.sources import Source, SourceError, file_source

READY = {"type": "ready", "tracks": ["Anna"], "model": "scripted", "engine": "scripted"}
FINAL = {
    "type": "final",
    "speaker": {"id": 1, "name": "Anna"},
    "track": 0,
    "start_sample": 0,
    "start_seconds": 0.0,
    "text": "Hello.",
}
CLOSED = {"type": "closed", "error": None}
CLIP = Path(__file__).parent / "audio" / "clips" / "short.flac"

Script = Callable[[ServerConnection, "Heard"], Awaitable[None]]


class Heard:
    """What the server was told."""

    def __init__(self) -> None:
        self.path = ""
        self.authorization: str | None = None
        self.messages: list[dict[str, Any]] = []
        self.audio = bytearray()
        self.first_audio = asyncio.Event()


async def obliging(socket: ServerConnection, heard: Heard) -> None:
    """Be ready, listen until `finish`, answer with one final."""
    await socket.send(json.dumps(READY))
    async for frame in socket:
        if isinstance(frame, bytes):
            heard.audio += frame
            heard.first_audio.set()
            continue
        heard.messages.append(json.loads(frame))
        if heard.messages[-1]["type"] == "finish":
            break
    await socket.send(json.dumps(FINAL))
    await socket.send(json.dumps(CLOSED))


@asynccontextmanager
async def server(script: Script = obliging, response: Response | None = None) -> AsyncIterator[tuple[str, Heard]]:
    """Run the script for each connection; or refuse the handshake with a response."""
    heard = Heard()

    async def handle(socket: ServerConnection) -> None:
        assert socket.request is not None
        heard.path = socket.request.path
        heard.authorization = socket.request.headers.get("Authorization")
        await script(socket, heard)

    def answer(_socket: ServerConnection, _request: Request) -> Response | None:
        return response

    async with serve(handle, "127.0.0.1", 0, process_request=answer) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        yield f"http://127.0.0.1:{port}", heard


def blocks_of(*blocks: bytes, error: Exception | None = None, endless: bool = False) -> Source:
    """Return a source of these blocks that then ends, fails or says nothing for ever."""

    async def speak() -> AsyncIterator[bytes]:
        for block in blocks:
            yield block
        if error is not None:
            raise error
        if endless:
            await asyncio.Event().wait()

    return Source(audio=AudioFormat(encoding="pcm_s16le"), blocks=speak, tracks=("Anna",))


async def test_audio_goes_out_whole_and_events_come_in() -> None:
    """Every byte arrives in order between `start` and `finish`; every event is yielded until `closed`."""
    async with server() as (url, heard):
        events = [event async for event in stream(blocks_of(b"ab", b"cd"), url)]
    assert [event["type"] for event in events] == ["ready", "final", "closed"]
    assert bytes(heard.audio) == b"abcd"
    assert [message["type"] for message in heard.messages] == ["start", "finish"]


async def test_start_declares_the_audio_and_the_options() -> None:
    """The source knows the format and the tracks, the caller the rest."""
    async with server() as (url, heard):
        async for _ in stream(blocks_of(), url, options=SessionOptions(language="id")):
            pass
    start = heard.messages[0]
    assert start["audio"] == {"encoding": "pcm_s16le", "sample_rate": 16_000, "channels": 1}
    assert (start["language"], start["tracks"]) == ("id", ["Anna"])


async def test_the_key_travels_in_a_header() -> None:
    """A key never stands in a URL, where logs would keep it."""
    async with server() as (url, heard):
        async for _ in stream(blocks_of(), url, "secret"):
            pass
    assert heard.authorization == "Bearer secret"
    assert heard.path == "/v1/stream"


async def test_audio_waits_for_ready() -> None:
    """Speech is paced from the moment at which the server listens."""
    released = asyncio.Event()

    async def slow(socket: ServerConnection, heard: Heard) -> None:
        heard.messages.append(json.loads(await socket.recv()))
        assert not heard.first_audio.is_set()
        released.set()
        await obliging(socket, heard)

    async with server(slow) as (url, heard):
        events = [event["type"] async for event in stream(blocks_of(b"ab"), url)]
    assert released.is_set()
    assert events[0] == "ready"
    assert heard.audio == b"ab"


async def test_stop_ends_the_audio_and_keeps_the_finals() -> None:
    """A microphone never ends by itself; whoever stops it still gets the last words."""
    stop = asyncio.Event()
    async with server() as (url, heard):
        events = stream(blocks_of(b"ab", endless=True), url, stop=stop)
        kinds = []
        async for event in events:
            kinds.append(event["type"])
            if event["type"] == "ready":
                await heard.first_audio.wait()
                stop.set()
    assert kinds == ["ready", "final", "closed"]


async def test_a_source_that_breaks_ends_the_session_with_its_error() -> None:
    """Half a file is no transcript: the caller is told."""
    async with server() as (url, _):
        with pytest.raises(SourceError, match="damaged"):
            async for _ in stream(blocks_of(b"ab", error=SourceError("damaged")), url):
                pass


async def test_nobody_listening_is_one_sentence() -> None:
    """The address that was given is named."""
    async with server() as (url, _):
        pass
    with pytest.raises(StreamError, match=f"no server answers at {url}"):
        await anext(stream(blocks_of(), url))


async def test_a_refused_handshake_speaks_in_the_servers_words() -> None:
    """The server's sentence is passed on; without one, its status."""
    body = json.dumps({"error": {"code": "server_full", "message": "the server is full"}}).encode()
    refusal = Response(HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable", Headers(), body)
    async with server(response=refusal) as (url, _):
        with pytest.raises(StreamError, match="the server is full"):
            await anext(stream(blocks_of(), url))
    async with server(response=Response(HTTPStatus.NOT_FOUND, "Not Found", Headers(), b"")) as (url, _):
        with pytest.raises(StreamError, match="status 404"):
            await anext(stream(blocks_of(), url))


async def test_a_server_that_vanishes_is_an_error() -> None:
    """A session that does not end with `closed` may lack finals, and the caller learns it."""

    async def rude(socket: ServerConnection, _heard: Heard) -> None:
        await socket.send(json.dumps(READY))
        await socket.close(1011, "internal_error: see the log")

    async def curt(socket: ServerConnection, _heard: Heard) -> None:
        await socket.close()

    for script, sentence in ((rude, "see the log"), (curt, "closed the connection before")):
        async with server(script) as (url, _):
            with pytest.raises(StreamError, match=sentence):
                async for _ in stream(blocks_of(endless=True), url):
                    pass


async def test_a_stranger_is_no_server() -> None:
    """A URL that cannot be one is refused without a traceback."""
    with pytest.raises(StreamError, match="not the address of a server"):
        await anext(stream(blocks_of(), "ftp://example.com"))


async def test_tracks_must_fit_the_audio() -> None:
    """Two names for one channel are refused before anything is sent."""
    async with server() as (url, _):
        with pytest.raises(InvalidConfiguration):
            await anext(stream(file_source(CLIP, ("Anna", "Ben")), url))


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("http://host:8765", "ws://host:8765/v1/stream"),
        ("https://host/", "wss://host/v1/stream"),
        ("ws://host/elsewhere", "ws://host/elsewhere"),
        ("host:8765", "ws://host:8765/v1/stream"),
    ],
)
def test_addresses(given: str, address: str) -> None:
    """A person may type the server's address as they know it."""
    assert websocket_url(given) == address


async def test_transcribe_prints_finals_and_succeeds() -> None:
    """Without a terminal there is one line per final."""
    output = io.StringIO()
    async with server() as (url, _):
        assert await run_transcribe(blocks_of(b"ab"), url, output=output) == 0
    assert output.getvalue() == "[0:00] Anna: Hello.\n"


async def test_transcribe_prints_json_lines() -> None:
    """Programs get every event, one JSON object per line."""
    output = io.StringIO()
    async with server() as (url, _):
        await run_transcribe(blocks_of(b"ab"), url, as_json=True, output=output)
    assert [json.loads(line) for line in output.getvalue().splitlines()] == [READY, FINAL, CLOSED]


async def test_transcribe_fails_with_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """What goes wrong is said on standard error, and the exit status tells programs."""
    assert await run_transcribe(blocks_of(), "ftp://example.com", output=io.StringIO()) == 1
    assert capsys.readouterr().err == "Error: ftp://example.com is not the address of a server\n"


async def test_transcribe_fails_when_the_server_ends_the_session() -> None:
    """An `error` event is shown and makes the command fail."""

    async def refusing(socket: ServerConnection, _heard: Heard) -> None:
        await socket.send(json.dumps({"type": "error", "code": "quota_exceeded", "message": "the quota is used up"}))
        await socket.send(json.dumps(CLOSED))

    output = io.StringIO()
    async with server(refusing) as (url, _):
        assert await run_transcribe(blocks_of(), url, output=output) == 1
    assert output.getvalue() == "error: the quota is used up\n"
