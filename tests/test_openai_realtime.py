"""The Realtime wire against a running server: what a client sees of the handshake, of its words, and of every end."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import av
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from tests.live import LiveServer, LiveServerFactory

CLIP = Path(__file__).parent / "audio" / "clips" / "train.flac"
RATE = 24_000


@pytest.fixture(scope="module")
def speech() -> bytes:
    """Give six seconds of speech and two of silence, s16le at 24 kHz."""
    return decoded(RATE) + bytes(4 * RATE)


def decoded(rate: int, format_: str = "s16") -> bytes:
    """Return the clip at a rate."""
    resampler = av.AudioResampler(format=format_, layout="mono", rate=rate)
    with av.open(str(CLIP)) as container:
        frames = [piece for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
    return b"".join(frame.to_ndarray().tobytes() for frame in frames)


def append(audio: bytes) -> str:
    """Return an append event."""
    return json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(audio).decode()})


class Client:
    """A websocket that speaks the API."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []

    async def send(self, kind: str, **fields: Any) -> None:
        """Send an event."""
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def say(self, audio: bytes, piece: int = 4_800) -> None:
        """Append audio in pieces."""
        for at in range(0, len(audio), piece):
            await self.socket.send(append(audio[at : at + piece]))

    async def until(self, kind: str) -> dict[str, Any]:
        """Read up to an event of this type, and return it."""
        while True:
            message = json.loads(await self.socket.recv())
            self.heard.append(message)
            if message["type"].endswith(kind):
                return dict(message)

    async def to_the_end(self) -> int | None:
        """Read until the connection is closed; return the code."""
        with suppress(ConnectionClosed):
            while True:
                self.heard.append(json.loads(await self.socket.recv()))
        return self.socket.close_code


@asynccontextmanager
async def client(
    server: LiveServer, key: str | None = None, query: str = "intent=transcription"
) -> AsyncIterator[Client]:
    """Connect as a client with a header does."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with connect(f"{server.ws_url}/v1/realtime?{query}", additional_headers=headers) as socket:
        yield Client(socket)


def texts(heard: list[dict[str, Any]]) -> list[str]:
    """Return the transcripts, after a look at the deltas that they were shown by."""
    shown: dict[str, str] = {}
    found = []
    for message in heard:
        if message["type"].endswith(".delta"):
            shown[message["item_id"]] = shown.get(message["item_id"], "") + message["delta"]
        elif message["type"].endswith(".completed"):
            assert shown.get(message["item_id"], "") == message["transcript"]
            found.append(message["transcript"])
    return found


async def test_audio_is_enough(live_server: LiveServerFactory, speech: bytes) -> None:
    """Without any update, turns are found and their words appended until each is complete."""
    async with live_server(keys=True) as server, client(server, await server.create_key()) as talk:
        created = await talk.until("session.created")
        await talk.say(speech)
        completed = await talk.until("completed")
        response = talk.socket.response
    assert talk.heard[0] == created
    assert completed["transcript"] == texts(talk.heard)[-1] != ""
    assert [m["type"] for m in talk.heard if "buffer" in m["type"]][:3] == [
        f"input_audio_buffer.{kind}" for kind in ("speech_started", "speech_stopped", "committed")
    ]
    assert response is not None
    assert response.headers["x-request-id"] == created["session"]["id"].removeprefix("sess_")


async def test_commits_and_clears(live_server: LiveServerFactory, speech: bytes) -> None:
    """What is committed comes back as one item; what is cleared is in none."""
    async with live_server() as server, client(server) as talk:
        await talk.send("session.update", session={"audio": {"input": {"turn_detection": None}}})
        await talk.say(speech)
        await talk.send("input_audio_buffer.commit")
        whole = (await talk.until("completed"))["transcript"]
        await talk.say(speech)
        await talk.send("input_audio_buffer.clear")
        await talk.say(speech[-4 * RATE :])
        await talk.send("input_audio_buffer.commit")
        nothing = (await talk.until("completed"))["transcript"]
        await talk.send("input_audio_buffer.commit")
        empty = await talk.until("error")
    assert whole
    assert nothing == ""
    assert empty["error"]["code"] == "input_audio_buffer_commit_empty"
    assert not any("speech" in message["type"] for message in talk.heard)


async def test_commits_at_once_where_silence_ends_items(live_server: LiveServerFactory, speech: bytes) -> None:
    """Sent without waiting for answers, in mid-speech and in silence: each has its item, and each item its end."""
    second = 2 * RATE
    pieces = (speech[: 3 * second], speech[3 * second : 5 * second], bytes(second), bytes(2 * second))
    async with live_server() as server, client(server) as talk:
        await talk.until("session.created")
        for piece in pieces:
            await talk.say(piece)
            await talk.send("input_audio_buffer.commit")
        await talk.send("input_audio_buffer.commit")
        await talk.until("error")  # the last had nothing to commit: it is told at once
        ended, committed = set[str](), list[str]()
        while len(ended) < len(pieces) or ended != set(committed):
            await talk.until("completed")
            committed = [message["item_id"] for message in talk.heard if message["type"].endswith("committed")]
            ended = {message["item_id"] for message in talk.heard if message["type"].endswith("completed")}
    assert len(set(committed)) == len(committed)
    assert all(texts(talk.heard)[:2])
    silent = [m["usage"]["seconds"] for m in talk.heard if m["type"].endswith("completed") and not m["transcript"]]
    assert silent[-1] == 2.0


@pytest.mark.parametrize(("kind", "codec"), [("audio/pcmu", "pcm_mulaw"), ("audio/pcma", "pcm_alaw")])
async def test_telephone_audio_is_understood(live_server: LiveServerFactory, kind: str, codec: str) -> None:
    """At 8 kHz the same words come at the same times as in PCM, whatever was sent before."""
    linear = decoded(8_000)
    encoder = av.CodecContext.create(codec, "w")
    encoder.sample_rate, encoder.format, encoder.layout = 8_000, "s16", "mono"  # type: ignore[attr-defined]
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(linear) // 2)
    frame.planes[0].update(linear)
    frame.sample_rate = 8_000
    telephone = b"".join(bytes(packet) for packet in encoder.encode(frame))  # type: ignore[attr-defined]
    spoken = []
    async with live_server() as server:
        for form, audio in (({"type": "audio/pcm", "rate": 8_000}, linear), ({"type": kind}, telephone)):
            async with client(server) as talk:
                await talk.say(bytes(RATE))
                await talk.send(
                    "session.update", session={"audio": {"input": {"format": form, "turn_detection": None}}}
                )
                await talk.say(audio, 801)
                await talk.send("input_audio_buffer.commit")
                spoken.append((await talk.until("completed"))["transcript"])
    assert spoken[0] == spoken[1] != ""


async def test_a_browser_is_told_by_a_message(live_server: LiveServerFactory) -> None:
    """The key among the subprotocols: `realtime` is echoed; a wrong one is an error event and close 3000."""
    async with live_server(keys=True) as server:
        for key, good in ((await server.create_key(), True), ("wrong", False)):
            offers = [Subprotocol(name) for name in ("realtime", f"openai-insecure-api-key.{key}")]
            async with connect(f"{server.ws_url}/v1/realtime?model=gpt-realtime", subprotocols=offers) as socket:
                assert socket.subprotocol == "realtime"
                talk = Client(socket)
                if good:
                    await talk.until("session.created")
                    continue
                assert await talk.to_the_end() == 3000
                assert [m["type"] for m in talk.heard] == ["error"]
                assert talk.heard[0]["error"]["code"] == "invalid_api_key"
                assert socket.close_reason == "invalid_request_error.invalid_api_key"


@pytest.mark.parametrize("key", ["wrong", None])
async def test_401_at_the_handshake(live_server: LiveServerFactory, key: str | None) -> None:
    """A program reads why, in the vendor's JSON."""
    async with live_server(keys=True) as server:
        with pytest.raises(InvalidStatus) as refused:
            async with client(server, key):
                pass
    response = refused.value.response
    assert response.status_code == 401
    assert response.headers["x-should-retry"] == "false"
    assert response.headers["x-request-id"]
    error = json.loads(response.body or b"")["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", "invalid_api_key")


async def test_429_and_503_at_the_handshake(live_server: LiveServerFactory) -> None:
    """A key in use, an empty quota and a full server refuse before the upgrade; the full ones say when to come back."""
    async with live_server(keys=True, max_sessions=2) as server:
        one, two = await server.create_key(max_sessions=1), await server.create_key()
        empty = await server.create_key(quota_seconds=0)
        refusals = []
        async with client(server, one) as busy:
            await busy.until("session.created")
            refusals += [await refused(server, one), await refused(server, empty)]
            async with client(server, two) as busier:
                await busier.until("session.created")
                refusals += [await refused(server, two)]
    assert refusals == [
        (429, "rate_limit_exceeded", True),
        (429, "insufficient_quota", False),
        (503, "server_full", True),
    ]


async def refused(server: LiveServer, key: str) -> tuple[int, str, bool]:
    """Return status, code and whether a refusal says when to come back."""
    with pytest.raises(InvalidStatus) as raised:
        async with client(server, key):
            pass
    response = raised.value.response
    return response.status_code, json.loads(response.body or b"")["error"]["code"], "Retry-After" in response.headers


async def test_a_quota_that_ends_gives_its_last_words_first(live_server: LiveServerFactory, speech: bytes) -> None:
    """Then one error, then the close."""
    async with live_server(keys=True) as server:
        key = await server.create_key(quota_seconds=3)
        async with client(server, key) as talk:
            await talk.say(speech)
            assert await talk.to_the_end() == 1008
    assert texts(talk.heard)
    assert [m["error"]["code"] for m in talk.heard if m["type"] == "error"] == ["insufficient_quota"]
    assert talk.heard[-1]["type"] == "error"


async def test_a_stopping_server_finishes_what_was_committed(live_server: LiveServerFactory, speech: bytes) -> None:
    """Clients are told by code 1001 to connect elsewhere; no error makes them give up."""
    async with live_server() as server, client(server) as talk:
        await talk.send("session.update", session={"audio": {"input": {"turn_detection": None}}})
        await talk.say(speech)
        await talk.send("input_audio_buffer.commit")
        await talk.until("committed")
        await server.app.stop()
        assert await talk.to_the_end() == 1001
    kinds = [m["type"].rpartition(".")[2] for m in talk.heard]
    assert kinds.count("committed") == kinds.count("completed") + kinds.count("failed") == 1
    assert "error" not in kinds


async def test_unknown_languages_are_detected(live_server: LiveServerFactory, speech: bytes) -> None:
    """A language that the model does not know is no reason to refuse, in mid-session neither."""
    async with live_server() as server, client(server) as talk:
        await talk.send("session.update", session={"audio": {"input": {"transcription": {"language": "tlh"}}}})
        await talk.say(speech)
        completed = await talk.until("completed")
    assert completed["languages"] == [{"code": "en"}]
