"""A session full of secrets against a whole server: none is in anything that leaves it or that it keeps.

The engine hears little but secrets, on every wire and in every recording; every frame, answer, webhook, log line,
metric, row of the database and key of Redis is looked through. A server that masks nothing shows that all would be
found.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import sqlite3
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import msgpack
import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from stream_server.logs import configure_logs
from stream_server.text.formatting import SECRETS as KINDS
from tests.conftest import RedisServer
from tests.leaks import leaked, texts_of, words_in
from tests.live import LiveServer, LiveServerFactory
from tests.receiver import receiver
from tests.telltale import ENGINE_RATE, NAMES, NUMBERS, SECRETS, WORDS, TellTale, recording, sound

BLOCK = 3 * ENGINE_RATE // 10
SETTINGS: dict[str, Any] = {"partial_interval_ms": 100, "webhook_allowed_hosts": ("127.0.0.1",)}
FORMATTING = {"redact": list(KINDS), "redact_names": list(NAMES)}
EXPORTS = ("json", "txt", "md", "srt", "vtt")
OPENAI_RATE = 24_000
LAST_WORD = b"sekian"
MANY_PARTIALS = 20
MANY_PARTS = 30
LONG = 6
MASKS = ("[CARD]", "[PHONE]", "[NIK]", "[NUMBER]", "[EMAIL]")
NOT_NAMES = (*NUMBERS, "rahasia.sekali")


def assert_silent(text: str, secrets: tuple[str, ...] = SECRETS) -> None:
    """Fail if any secret is in a text."""
    found = leaked(text, secrets)
    where = next((line for line in text.splitlines() if leaked(line, secrets)), text)[:400]
    assert not found, f"{sorted(found)} in {where!r}"


def texts(frame: str | bytes) -> str:
    """Return every text in a frame, each a line; what is said is in order."""
    return "\n".join(texts_of(json.loads(frame) if isinstance(frame, str) else msgpack.unpackb(frame)))


async def speak(socket: ClientConnection, frames: list[str | bytes]) -> None:
    """Send audio in frames, each when the one before has been read: so there is time for partials."""
    for frame in frames:
        await socket.send(frame)
        await (await socket.ping())


async def heard(socket: ClientConnection) -> list[str | bytes]:
    """Return every frame up to the end."""
    frames: list[str | bytes] = []
    with suppress(ConnectionClosed):
        while True:
            frames.append(await socket.recv())
    return frames


async def conversation(
    url: str, audio: list[str | bytes], *, first: tuple[str | bytes, ...] = (), last: str | bytes, **options: Any
) -> list[str | bytes]:
    """Hold a session and return all it was told."""
    async with connect(url, proxy=None, max_size=None, **options) as socket:
        listening = asyncio.create_task(heard(socket))
        for frame in first:
            await socket.send(frame)
        await speak(socket, audio)
        await socket.send(last)
        return await listening


def blocks() -> list[bytes]:
    """Return the sound in pieces of 0.3 s, s16le."""
    pcm = sound()
    return [pcm[at : at + BLOCK].tobytes() for at in range(0, len(pcm), BLOCK)]


async def native(server: LiveServer, formatting: dict[str, Any], **start: Any) -> list[str | bytes]:
    """Hold a session in JSON."""
    audio = {"encoding": "pcm_s16le", "sample_rate": ENGINE_RATE}
    start = {"type": "start", "audio": audio, "formatting": formatting, "partial_interval_ms": 100, **start}
    finish = json.dumps({"type": "finish"})
    return await conversation(f"{server.ws_url}/v1/stream", [*blocks()], first=(json.dumps(start),), last=finish)


async def native_msgpack(server: LiveServer, formatting: dict[str, Any]) -> list[str | bytes]:
    """Hold a session in msgpack."""
    audio = {"encoding": "pcm_s16le", "sample_rate": ENGINE_RATE}
    start = {"type": "start", "audio": audio, "formatting": formatting, "partial_interval_ms": 100}
    return await conversation(
        f"{server.ws_url}/v1/stream",
        [msgpack.packb({"type": "audio", "samples": block}) for block in blocks()],
        first=(msgpack.packb(start),),
        last=msgpack.packb({"type": "finish"}),
        subprotocols=[Subprotocol("stream-server.v1.msgpack")],
    )


async def deepgram(server: LiveServer, query: str) -> list[str | bytes]:
    """Hold a session as Deepgram's clients do."""
    url = f"{server.ws_url}/v1/listen?encoding=linear16&sample_rate={ENGINE_RATE}&interim_results=true&{query}"
    return await conversation(url, [*blocks()], last=json.dumps({"type": "CloseStream"}))


async def prosa(server: LiveServer) -> list[str | bytes]:
    """Hold a session as Prosa's clients do."""
    audio = {"format": "s16le", "sample_rate": ENGINE_RATE, "channels": 1}
    first = json.dumps({"model": "stt-general-online", "audio": audio, "include_partial": True})
    return await conversation(f"{server.ws_url}/v2/speech/stt", [*blocks()], first=(first,), last=b"")


async def openai(server: LiveServer) -> list[str | bytes]:
    """Hold a session as OpenAI's clients do, up to its last words: nothing says that no more will come."""
    pcm = sound()
    places = np.arange(0, len(pcm), ENGINE_RATE / OPENAI_RATE)
    audio = np.interp(places, np.arange(len(pcm)), pcm).astype("<i2")
    size = BLOCK * OPENAI_RATE // ENGINE_RATE
    pieces = [base64.b64encode(audio[at : at + size].tobytes()).decode() for at in range(0, len(audio), size)]
    frames: list[str | bytes] = []
    async with connect(f"{server.ws_url}/v1/realtime?intent=transcription", proxy=None, max_size=None) as socket:
        speaking = asyncio.create_task(
            speak(socket, [json.dumps({"type": "input_audio_buffer.append", "audio": piece}) for piece in pieces])
        )
        async for frame in socket:
            frames.append(frame)
            if b"completed" in _bytes(frame) and LAST_WORD in _bytes(frame).lower():
                break
        await speaking
    return frames


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


def assert_masked(frames: list[str | bytes], secrets: tuple[str, ...] = SECRETS) -> None:
    """Fail unless a session told all but its secrets: in no frame, nor in the words of all frames in a row."""
    for frame in frames:
        assert_silent(texts(frame), secrets)
    whole = "\n".join(map(texts, frames))
    assert LAST_WORD.decode() in whole.casefold()
    assert [mask for mask in MASKS if mask not in whole] == []
    assert ("[NAME]" in whole) == (secrets is SECRETS)


# ── what the server keeps, and says elsewhere ───────────────────────────────────────────────────────────────────────


async def get(server: LiveServer, path: str) -> str:
    """Return the body of an answer."""
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}{path}") as answer:
        body = await answer.text()
        assert answer.status == 200, body
        return body


async def records(server: LiveServer) -> list[str]:
    """Return every record in every form."""
    found = []
    for record in json.loads(await get(server, "/v1/records"))["records"]:
        found += [await get(server, f"/v1/records/{record['id']}?format={form}") for form in EXPORTS]
    return found


def rows(directory: Path) -> Iterator[str]:
    """Yield all texts and bytes of every row in the databases of a directory."""
    for path in directory.rglob("*.sqlite*"):
        if path.suffix in (".sqlite", ".sqlite3"):
            with sqlite3.connect(path) as database:
                tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
                for table in tables:
                    for row in database.execute(f'SELECT * FROM "{table}"'):  # a name from the database
                        yield from (words_in(_readable(each)) for each in row if isinstance(each, str | bytes))


def keys(redis: RedisServer) -> Iterator[str]:
    """Yield all that is in a Redis, journals' events as they were before they were packed."""
    with redis.client as client:
        for key in client.scan_iter():
            kind = client.type(key)
            match kind:
                case "string":
                    values = [client.get(key)]
                case "hash":
                    values = [text for pair in client.hgetall(key).items() for text in pair]
                case "list":
                    values = client.lrange(key, 0, -1)
                case "set":
                    values = list(client.smembers(key))
                case "zset":
                    values = client.zrange(key, 0, -1)
                case _:
                    values = [json.dumps(client.xrange(key))]
            yield from (words_in(_unpacked(str(each))) for each in (key, *values) if not _is_count(str(each)))


def _unpacked(text: str) -> str:
    """Return the JSON of an event that was deflated and put in base64; anything else as it is."""
    try:
        return zlib.decompress(base64.b64decode(text, validate=True)).decode().partition(" ")[2]
    except (ValueError, zlib.error):
        return text


def _is_count(text: str) -> bool:
    """Tell whether a value is a time or an amount, which may have any four digits."""
    try:
        float(text)
    except ValueError:
        return False
    return not any(secret[at : at + LONG] in text for secret in NUMBERS for at in range(len(secret) - LONG + 1))


def _readable(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


Masking = Callable[..., AbstractAsyncContextManager[LiveServer]]


@pytest.fixture
def masking(
    live_server: LiveServerFactory, redis_server: RedisServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Masking:
    """Give servers; none of the secrets may be in what one keeps, shows afterwards, and logs."""

    @asynccontextmanager
    async def serve(
        secrets: tuple[str, ...] = SECRETS, *, punctuates: bool = True, language: str = "id", **settings: Any
    ) -> AsyncIterator[LiveServer]:
        configure_logs("json", "debug")
        engine = TellTale(punctuates=punctuates, language=language)
        settings = SETTINGS | settings | {"redis_url": redis_server.url}
        async with live_server(engine_object=engine, **settings) as server:
            yield server
            for body in await records(server):
                assert_silent(words_in(body), secrets)
            for line in (await get(server, "/metrics")).splitlines():
                assert_silent(line.rpartition(" ")[0])  # what is counted; how much has any digits
            assert_silent(words_in(await get(server, "/v1/usage")))
            for text in keys(redis_server):
                assert_silent(text, secrets)
        for text in rows(tmp_path):
            assert_silent(text, secrets)
        for line in capsys.readouterr().err.splitlines():
            assert_silent(words_in(line))
        assert leaked("\n".join(engine.heard), WORDS) == set(WORDS)
        assert len(leaked("\n".join(engine.heard), NUMBERS)) > MANY_PARTS

    return serve


# ── the laws ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("language", "heard"), [("id", "id"), ("en", "en"), (None, "id"), (None, "en"), (None, "xx")])
@pytest.mark.parametrize("numbers", [True, False])
async def test_the_native_wire(masking: Masking, language: str | None, heard: str, numbers: bool) -> None:
    """In JSON, in a language that is told, heard or not known, whether numbers become figures or stay words."""
    async with masking(language=heard) as server:
        frames = await native(server, FORMATTING | {"numbers": numbers}, language=language, resumable=True)
    assert_masked(frames)
    assert sum(json.loads(frame)["type"] == "partial" for frame in frames) > MANY_PARTIALS


async def test_a_session_that_goes_on(masking: Masking, redis_server: RedisServer) -> None:
    """What is kept while the connection is lost, and what is said again and further once it is back."""
    audio = {"encoding": "pcm_s16le", "sample_rate": ENGINE_RATE}
    start = {"type": "start", "audio": audio, "formatting": FORMATTING, "partial_interval_ms": 100, "resumable": True}
    said = blocks()
    async with masking() as server:
        url = f"{server.ws_url}/v1/stream"
        async with connect(url, proxy=None, max_size=None) as socket:
            listening = asyncio.create_task(heard(socket))
            await socket.send(json.dumps(start))
            await speak(socket, [*said[: len(said) // 2]])
            while not any("[CARD]" in text for text in keys(redis_server)):  # noqa: ASYNC110  # Redis tells nobody
                await asyncio.sleep(0.05)
            socket.transport.abort()
            frames = await listening
        for text in keys(redis_server):
            assert_silent(text)
        told = [json.loads(frame) for frame in frames]
        ready = next(message for message in told if message["type"] == "ready")
        resume = {name: ready[name] for name in ("session_id", "resume_token")} | {"type": "resume", "last_sequence": 0}
        async with connect(url, proxy=None, max_size=None) as socket:
            await socket.send(json.dumps(resume))
            frames.append(await socket.recv())
            again = json.loads(frames[-1])["from_sample"]
            listening = asyncio.create_task(heard(socket))
            await speak(socket, [sound()[again:].tobytes(), json.dumps({"type": "finish"})])
            frames += await listening
    assert_masked(frames)


async def test_msgpack(masking: Masking) -> None:
    """The same words in another spelling."""
    async with masking() as server:
        assert_masked(await native_msgpack(server, FORMATTING | {"fillers": False, "repairs": False}))


async def test_raw_words(masking: Masking) -> None:
    """Marks and capitals that the server puts there bring nothing back."""
    async with masking(punctuates=False) as server:
        assert_masked(await native(server, FORMATTING, language="id"))


@pytest.mark.parametrize("query", ["smart_format=true&", "punctuate=true&", ""])
async def test_deepgrams_wire(masking: Masking, query: str) -> None:
    """Whatever the client of Deepgram's wants of numbers and marks."""
    kinds = "&".join(f"redact={kind}" for kind in ("pci", "ssn", "phone_number", "email_address", "numbers"))
    async with masking(NOT_NAMES) as server:
        frames = await deepgram(server, f"{query}{kinds}")
    assert_masked(frames, NOT_NAMES)


async def test_prosas_wire(masking: Masking) -> None:
    """What nobody can ask for there the server does for everybody."""
    async with masking(NOT_NAMES, redact=KINDS) as server:
        assert_masked(await prosa(server), NOT_NAMES)


async def test_openais_wire(masking: Masking) -> None:
    """Deltas, put together, tell no more than transcripts do."""
    async with masking(NOT_NAMES, redact=KINDS) as server:
        frames = await openai(server)
    assert_masked(frames, NOT_NAMES)
    deltas = "".join(json.loads(frame).get("delta", "") for frame in frames)
    assert_silent(deltas, NOT_NAMES)


async def ended(server: LiveServer, job_id: str) -> str:
    """Return a job once it has ended."""
    while True:
        body = await get(server, f"/v1/recordings/{job_id}")
        if json.loads(body)["status"] in ("complete", "failed", "cancelled"):
            return body
        await asyncio.sleep(0.05)


async def post(server: LiveServer, path: str, fields: dict[str, str]) -> str:
    """Hand the recording in as a form; return the answer."""
    form = aiohttp.FormData(fields)
    form.add_field("file", io.BytesIO(recording()), filename="talk.wav")
    async with aiohttp.ClientSession() as http, http.post(f"{server.url}{path}", data=form) as answer:
        body = await answer.text()
        assert answer.status in (200, 201, 202), body
        return body


async def test_recordings_and_webhooks(masking: Masking) -> None:
    """A recording that is handed in: its job, its record in every form, and what webhooks tell of it."""
    async with masking() as server, receiver() as told:
        async with aiohttp.ClientSession() as http:
            endpoint = {"url": told.url, "ssl_verification": False}
            await http.post(f"{server.url}/v1/webhooks/endpoints", json=endpoint)
        fields = {"formatting": json.dumps(FORMATTING), "language": "id"}
        job = json.loads(await post(server, "/v1/recordings", fields))
        body = await ended(server, job["id"])
        assert json.loads(body)["status"] == "complete"
        assert_silent(words_in(body))
        hook = await told.next()
        assert_silent(words_in(hook.body.decode()))
        for text in await records(server):
            assert_silent(words_in(text))
            assert [mask for mask in MASKS if mask not in text.replace("\\", "")] == []


async def test_prosas_recordings(masking: Masking) -> None:
    """Prosa's jobs, waited for and asked for afterwards, and its webhooks, where the server masks for everybody."""
    async with masking(NOT_NAMES, redact=KINDS) as server, receiver() as told:
        async with aiohttp.ClientSession() as http:
            endpoint = {"url": told.url, "ssl_verification": False}
            await http.post(f"{server.url}/v2/speech/webhooks/endpoints", json=endpoint)
            data = base64.b64encode(recording()).decode()
            order = {"config": {"model": "stt-general", "wait": True}, "request": {"data": data}}
            order_body, headers = io.BytesIO(json.dumps(order).encode()), {"content-type": "application/json"}
            async with http.post(f"{server.url}/v2/speech/stt", data=order_body, headers=headers) as answer:
                waited = await answer.text()
            job_id = json.loads(waited)["job_id"]
        asked = await get(server, f"/v2/speech/stt/{job_id}")
        hook = await told.next()
    for body in (waited, asked, hook.body.decode()):
        assert_silent(words_in(body), NOT_NAMES)
    assert "[CARD]" in waited
    assert "[CARD]" in asked


async def test_deepgrams_and_openais_recordings(masking: Masking) -> None:
    """What is answered at once, in every form that there is."""
    async with masking(NOT_NAMES, redact=KINDS) as server:
        url = f"{server.url}/v1/listen?smart_format=true&utterances=true"
        async with aiohttp.ClientSession() as http, http.post(url, data=io.BytesIO(recording())) as answer:
            found = [await answer.text()]
        for form in ("json", "verbose_json", "text", "srt", "vtt"):
            fields = {"model": "whisper-1", "response_format": form}
            found.append(await post(server, "/v1/audio/transcriptions", fields))
        found.append(await post(server, "/v1/audio/transcriptions", {"model": "whisper-1", "stream": "true"}))
    for body in found:
        assert_silent("\n".join(map(words_in, body.replace("data: ", "").splitlines())), NOT_NAMES)
        assert "[CARD]" in body


async def test_all_would_be_found(live_server: LiveServerFactory) -> None:
    """Without redaction every secret is shown: what looks for them here is not blind."""
    async with live_server(engine_object=TellTale(), **SETTINGS) as server:
        frames = await native(server, {})
        kept = "\n".join(await records(server))
    for text in ("\n".join(map(texts, frames)), words_in(kept)):
        assert len(leaked(text, NUMBERS)) > MANY_PARTS
        assert leaked(text, WORDS) == set(WORDS)
