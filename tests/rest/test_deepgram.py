"""POST /v1/listen: what is taken for audio, what is asked of the transcriber, what is refused and how."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, unused_port
from aiohttp.typedefs import Handler

from stream_server.asr.scripted import ScriptedEngine
from stream_server.auth import Authenticator, Principal
from stream_server.errors import ServerFull, StreamServerError, UnsupportedAudio
from stream_server.events import Event
from stream_server.jobs.recording import RECORDING_RATE, Recording
from stream_server.net.fetching import Fetcher
from stream_server.receiving import ReceivingLimits
from stream_server.rest.application import make_application
from stream_server.rest.deepgram import Deepgram
from stream_server.rest.patience import Patience
from stream_server.rest.uploads import Uploads
from stream_server.store.memory import MemoryStore
from stream_server.store.records import Record, Transcript
from tests.live import make_key
from tests.uploading import open_uploads

LIMITS = ReceivingLimits(max_bytes=100_000, stall_seconds=60, reserve_bytes=0)
QUICK = Patience(silent_seconds=0.02, drip_seconds=0.01, look_seconds=0.01)
Client = TestClient[web.Request, web.Application]


class Scripted:
    """A transcriber that notes what it is given and hears nothing."""

    def __init__(self) -> None:
        self.asked: list[tuple[Principal, Recording, bytes]] = []
        self.error: StreamServerError | None = None

    async def transcribe(
        self, principal: Principal, recording: Recording, *, on_event: Callable[[Event], None] | None = None
    ) -> Transcript:
        self.asked.append((principal, recording, recording.media.read_bytes()))
        if self.error is not None:
            raise self.error
        record = Record(
            id="0123456789abcdef0123456789abcdef",
            organisation=principal.organisation,
            started_at=0.0,
            clock_rate=RECORDING_RATE,
            end_sample=RECORDING_RATE,
            model="scripted",
            tracks=("track 1",),
        )
        return Transcript(record=record, segments=(), speakers={})


@pytest.fixture
def transcriber() -> Scripted:
    """Give the transcriber behind the handler."""
    return Scripted()


@pytest.fixture
def hosts() -> list[str]:
    """Give the hosts from which may be fetched; a test may add some before its first request."""
    return []


@pytest.fixture
def patience() -> Patience:
    """Give how long clients wait in silence; a test may parametrize it."""
    return Patience()


@pytest.fixture
def uploads(tmp_path: Path) -> Iterator[Uploads]:
    """Give a directory for what comes; nothing stays in it."""
    yield open_uploads(tmp_path, LIMITS)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
async def client(
    uploads: Uploads, transcriber: Scripted, hosts: list[str], patience: Patience
) -> AsyncIterator[Client]:
    """Give a client that holds a key."""
    store = MemoryStore()
    key = await make_key(store)
    hosts += [f"localhost:{unused_port()}"]
    handlers = Deepgram(
        authenticator=Authenticator(store, open_access=False),
        transcriber=transcriber,
        uploads=uploads,
        fetcher=Fetcher(allowed_hosts=hosts, limits=LIMITS, max_seconds=60, inside=("localhost",)),
        capabilities=ScriptedEngine().capabilities,
        patience=patience,
        clock=lambda: 0.0,
    )
    application = make_application(handlers.routes(), max_body_bytes=1_000)
    async with TestClient(TestServer(application), headers={"Authorization": f"Token {key}"}) as one:
        yield one


@pytest.mark.parametrize(
    "content_type",
    [
        "application/octet-stream",
        "deepgram/audio+video",
        "audio/wav",
        "application/x-www-form-urlencoded",
        "text/plain",
    ],
)
async def test_whatever_is_no_json_is_audio(client: Client, transcriber: Scripted, content_type: str) -> None:
    """The bytes are taken as they are, whatever a client calls them."""
    async with client.post("/v1/listen", data=b"a=1&b=2", headers={"Content-Type": content_type}) as answer:
        assert answer.status == 200
        body = await answer.json()
    [(_, recording, data)] = transcriber.asked
    assert (data, recording.raw, recording.per_channel) == (b"a=1&b=2", None, False)
    assert body["metadata"]["request_id"] == answer.headers["dg-request-id"] == "01234567-89ab-cdef-0123-456789abcdef"
    assert len(body["metadata"]["sha256"]) == 64


async def test_a_body_in_chunks(client: Client, transcriber: Scripted) -> None:
    """Nobody need say how much will come; it may be more than other bodies may have."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield bytes(1_000)

    async with client.post("/v1/listen", data=chunks()) as answer:
        assert answer.status == 200
    assert transcriber.asked[0][2] == bytes(50_000)


async def test_the_query_is_what_is_asked_for(client: Client, transcriber: Scripted) -> None:
    """Raw samples are declared, channels kept apart, words expected, the language left to who knows it."""
    query = "encoding=linear16&sample_rate=8000&channels=2&multichannel=true&keyterm=Prosa&keyterm=Budi&language=id"
    async with client.post(f"/v1/listen?{query}", data=b"x") as answer:
        assert answer.status == 200
    recording = transcriber.asked[0][1]
    assert recording.raw is not None
    assert (recording.raw.encoding, recording.raw.sample_rate, recording.raw.channels) == ("pcm_s16le", 8_000, 2)
    assert recording.per_channel
    assert (recording.options.hotwords, recording.options.language) == ("Prosa, Budi", "id")
    assert recording.options.lenient_language


@asynccontextmanager
async def elsewhere(hosts: list[str], serve: Handler) -> AsyncIterator[str]:
    """Give the address of a recording on another server, which answers in this way."""
    application = web.Application()
    application.router.add_get("/a", serve)
    async with TestServer(application, host="localhost", port=int(hosts[0].rpartition(":")[2])):
        yield f"http://{hosts[0]}/a"


async def refused(client: Client, **request: Any) -> tuple[int, str, str]:
    """Return status, code and sentence of a refusal, which must be whole."""
    async with client.post("/v1/listen" + request.pop("query", ""), **request) as answer:
        body = await answer.json()
        assert body["request_id"] == answer.headers["dg-request-id"]
        assert answer.headers["dg-error"] == body["err_msg"]
        return answer.status, body["err_code"], body["err_msg"]


@pytest.mark.parametrize("authorization", ["Token wrong", "Basic x", ""])
async def test_without_a_key(client: Client, transcriber: Scripted, authorization: str) -> None:
    """401, before anything is read."""
    told = await refused(client, data=b"x", headers={"Authorization": authorization})
    assert told == (401, "INVALID_AUTH", "Invalid credentials.")
    assert transcriber.asked == []


@pytest.mark.parametrize("query", ["?redact=pii", "?callback=https://example.com", "?encoding=linear16"])
async def test_a_query_that_cannot_be_met(client: Client, query: str) -> None:
    """400, with the parameter's name."""
    status, code, message = await refused(client, data=b"x", query=query)
    assert (status, code) == (400, "INVALID_QUERY_PARAMETER")
    assert any(name in message for name in ("redact", "callback", "sample_rate"))


@pytest.mark.parametrize("body", ["no JSON", "[]", '{"url": 5}', '{"url": ""}', "[" * 900])
async def test_json_without_a_url(client: Client, body: str) -> None:
    """JSON is never audio."""
    headers = {"Content-Type": "application/json"}
    assert (await refused(client, data=body, headers=headers))[:2] == (400, "INVALID_QUERY_PARAMETER")


@pytest.mark.parametrize("url", ["https://elsewhere.example/a.wav", "http://127.0.0.1/a", "file:///etc/passwd", "?"])
async def test_a_url_that_leads_astray(client: Client, transcriber: Scripted, url: str) -> None:
    """Only hosts that the operator names; the refusal does not repeat the address."""
    status, code, message = await refused(client, json={"url": url})
    assert (status, code) == (400, "REMOTE_CONTENT_ERROR")
    assert url not in message or url == "?"
    assert transcriber.asked == []


async def test_a_url_is_fetched(client: Client, transcriber: Scripted, hosts: list[str]) -> None:
    """What is there becomes the recording, with its name."""

    async def serve(_: web.Request) -> web.Response:
        return web.Response(body=b"sound", headers={"Content-Disposition": 'attachment; filename="talk.mp3"'})

    async with elsewhere(hosts, serve) as url, client.post("/v1/listen", json={"url": url}) as answer:
        assert answer.status == 200, await answer.text()
    [(_, recording, data)] = transcriber.asked
    assert data == b"sound"
    assert recording.name in ("talk.mp3", "a")


@pytest.mark.parametrize("patience", [QUICK])
async def test_a_client_is_kept_while_its_recording_is_fetched(
    client: Client, transcriber: Scripted, hosts: list[str]
) -> None:
    """Spaces come before the other server has sent anything, the transcript when it has."""
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def serve(_: web.Request) -> web.Response:
        asked.set()
        await go_on.wait()
        return web.Response(body=b"sound")

    async with elsewhere(hosts, serve) as url, client.post("/v1/listen", json={"url": url}) as answer:
        assert (answer.status, answer.content_type) == (200, "application/json")
        assert await answer.content.readexactly(3) == b"   "
        assert (asked.is_set(), transcriber.asked) == (True, [])
        go_on.set()
        assert (await answer.json())["results"]["channels"]
    assert transcriber.asked[0][2] == b"sound"


@pytest.mark.parametrize("patience", [QUICK])
async def test_what_fails_late_tells_why(client: Client, transcriber: Scripted, hosts: list[str]) -> None:
    """The status is out, so what comes is no transcript to anybody, whole, and says what was wrong."""
    go_on = asyncio.Event()

    async def serve(_: web.Request) -> web.Response:
        await go_on.wait()
        return web.Response(status=404)

    async with elsewhere(hosts, serve) as url, client.post("/v1/listen", json={"url": url}) as answer:
        assert answer.status == 200
        go_on.set()
        text = (await answer.text()).strip()
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(text)
    told = json.loads(text.removeprefix("error: "))
    assert (told["err_code"], set(told)) == ("REMOTE_CONTENT_ERROR", {"err_code", "err_msg", "request_id"})
    assert "404" in told["err_msg"]
    assert transcriber.asked == []


async def test_what_the_transcriber_says_is_said_in_their_words(client: Client, transcriber: Scripted) -> None:
    """Bad audio is 400; a full server may be tried again."""
    transcriber.error = UnsupportedAudio("the file is empty")
    status, code, message = await refused(client, data=b"")
    assert (status, code) == (400, "Bad Request")
    assert message.startswith("Bad Request: failed to process audio: corrupt or unsupported data")
    transcriber.error = ServerFull("no more")
    async with client.post("/v1/listen", data=b"x") as answer:
        assert answer.status == 503
        assert "Retry-After" in answer.headers


async def test_a_key_can_be_tried(client: Client) -> None:
    """The organisation is the project; its id stays."""
    async with client.get("/v1/projects") as answer:
        (project,) = (await answer.json())["projects"]
    async with client.get("/v1/projects") as answer:
        assert (await answer.json())["projects"] == [project]
    assert project["name"] == "default"
    async with client.get("/v1/projects", headers={"Authorization": "Token wrong"}) as answer:
        assert (answer.status, (await answer.json())["err_code"]) == (401, "INVALID_AUTH")


async def test_too_much(client: Client) -> None:
    """A body beyond the limit is refused, said or not."""
    assert (await refused(client, data=bytes(100_001)))[:2] == (413, "PAYLOAD_TOO_LARGE")
