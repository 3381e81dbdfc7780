"""Deepgram's wire on real sockets against a running server: the handshake, what clients do wrong, and every ending."""

from __future__ import annotations

import asyncio
import io
import json
import wave
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from faster_whisper import decode_audio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from stream_server.audio.formats import MULAW
from tests.live import LiveServer, LiveServerFactory

CLIP = Path(__file__).parent / "audio" / "clips" / "train.flac"
RAW = "encoding=linear16&sample_rate=16000"


@pytest.fixture(scope="module")
def pcm() -> bytes:
    """Give six seconds of speech and two of silence, s16le at 16 kHz."""
    samples = np.concatenate([decode_audio(str(CLIP)), np.zeros(32_000, np.float32)])
    return (samples * 32_767).astype("<i2").tobytes()


@pytest.fixture
async def server(live_server: LiveServerFactory) -> AsyncIterator[LiveServer]:
    """Give a server that anybody on this machine may use."""
    async with live_server() as running:
        yield running


def listen(server: LiveServer, query: str = RAW, **options: Any) -> connect:
    """Connect as a client of Deepgram's."""
    return connect(f"{server.ws_url}/v1/listen?{query}", **options)


async def rest_of(socket: ClientConnection) -> tuple[list[dict[str, Any]], int | None, str]:
    """Return every further message, the close code and its reason."""
    messages = []
    with suppress(ConnectionClosed):
        while True:
            messages.append(json.loads(await socket.recv()))
    return messages, socket.close_code, socket.close_reason or ""


async def hold(
    server: LiveServer, *frames: bytes | str, query: str = RAW
) -> tuple[list[dict[str, Any]], int | None, str]:
    """Send frames and return what comes of them."""
    async with listen(server, query) as socket:
        for frame in frames:
            await socket.send(frame)
        return await rest_of(socket)


def control(kind: str, **fields: Any) -> str:
    """Return a control message."""
    return json.dumps({"type": kind, **fields})


def finals(messages: list[dict[str, Any]], channel: int = 0) -> list[dict[str, Any]]:
    """Return a channel's final results."""
    return [
        each
        for each in messages
        if each["type"] == "Results" and each["is_final"] and each["channel_index"][0] == channel
    ]


def text(messages: list[dict[str, Any]], channel: int = 0) -> str:
    """Return what a client puts together of the finals."""
    parts = [each["channel"]["alternatives"][0]["transcript"] for each in finals(messages, channel)]
    return " ".join(part for part in parts if part)


CLOSE = control("CloseStream")


async def test_the_handshake_tells_the_request(server: LiveServer, pcm: bytes) -> None:
    """Its id stands in the upgrade's headers and in every message that has one."""
    async with listen(server) as socket:
        assert socket.response is not None
        identity = socket.response.headers["dg-request-id"]
        await socket.send(pcm)
        await socket.send(CLOSE)
        messages, _, _ = await rest_of(socket)
    assert {each.get("request_id") or each["metadata"]["request_id"] for each in messages} == {identity}


@pytest.mark.parametrize("scheme", ["token", "bearer"])
async def test_a_key_as_a_subprotocol(live_server: LiveServerFactory, scheme: str) -> None:
    """The scheme comes back, never the key; who offers nothing gets nothing and is let in by the header."""
    async with live_server(keys=True) as server:
        key = await server.create_key()
        offered = [Subprotocol(each) for each in (scheme, key, "x-deepgram-session-id", "5a0c")]
        async with listen(server, subprotocols=offered) as socket:
            assert socket.subprotocol == scheme
        async with listen(server, additional_headers={"Authorization": f"{scheme} {key}"}) as socket:
            assert socket.subprotocol is None


async def refusal(server: LiveServer, query: str = RAW, **options: Any) -> tuple[int, dict[str, Any]]:
    """Return the status and the body of a refused handshake, whose headers say the same."""
    with pytest.raises(InvalidStatus) as refused:
        await listen(server, query, **options)
    response = refused.value.response
    body: dict[str, Any] = json.loads(response.body)
    assert response.headers["dg-request-id"] == body["request_id"]
    assert response.headers["dg-error"] == body["err_msg"]
    return response.status_code, body


@pytest.mark.parametrize(
    "query", ["encoding=linear16", "encoding=opus&sample_rate=48000", f"{RAW}&redact=pii", f"{RAW}&callback=http://x"]
)
async def test_a_query_that_cannot_be_met(server: LiveServer, query: str) -> None:
    """400 before the upgrade, where clients can tell it from a broken connection."""
    status, body = await refusal(server, query)
    assert (status, body["err_code"]) == (400, "INVALID_QUERY_PARAMETER")


async def test_keys_quotas_and_limits_are_settled_at_the_handshake(live_server: LiveServerFactory) -> None:
    """401, 402, 403 and 429, each with its code; a server that is full says 503 and when to come again."""
    async with live_server(keys=True, max_sessions=2) as server:

        async def told(key: str) -> tuple[int, str]:
            status, body = await refusal(server, additional_headers={"Authorization": f"Token {key}"})
            return status, body["err_code"]

        assert await told("wrong") == (401, "INVALID_AUTH")
        assert await told(await server.create_key(quota_seconds=0)) == (402, "ASR_PAYMENT_REQUIRED")
        assert await told(await server.create_key(scopes=("usage",))) == (403, "INSUFFICIENT_PERMISSIONS")
        busy = await server.create_key(max_sessions=1)
        headers = {"Authorization": f"Token {busy}"}
        async with listen(server, additional_headers=headers):
            assert await told(busy) == (429, "TOO_MANY_REQUESTS")
            headers = {"Authorization": f"Token {await server.create_key()}"}
            async with listen(server, additional_headers=headers):
                assert await told(await server.create_key()) == (503, "SERVER_FULL")


async def test_flux_is_not_there(server: LiveServer) -> None:
    """Another protocol at another address is not found, rather than misunderstood."""
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"{server.ws_url}/v2/listen?{RAW}")
    assert refused.value.response.status_code == 404


async def test_bytes_may_be_cut_anywhere(server: LiveServer, pcm: bytes) -> None:
    """Odd pieces give the words of one piece."""
    pieces = [pcm[at : at + 1_601] for at in range(0, len(pcm), 1_601)]
    whole, cut = await hold(server, pcm, CLOSE), await hold(server, *pieces, CLOSE)
    assert text(whole[0]) == text(cut[0]) != ""


async def test_everything_ends_with_metadata_and_1000(server: LiveServer, pcm: bytes) -> None:
    """An empty frame ends a stream as `CloseStream` does; what comes after either is nothing."""
    for endings in ((CLOSE,), (b"",), (CLOSE, CLOSE, control("KeepAlive"), control("Finalize"), pcm, b"", CLOSE)):
        messages, code, _ = await hold(server, pcm, *endings)
        assert [each["type"] for each in messages].count("Metadata") == 1
        assert messages[-1]["type"] == "Metadata"
        assert messages[-1]["duration"] == pytest.approx(len(pcm) / 32_000, abs=0.001)
        assert code == 1000


async def test_a_stream_without_audio(server: LiveServer) -> None:
    """It may end at once: no results, metadata of nothing."""
    messages, code, _ = await hold(server, CLOSE)
    assert [(each["type"], each["duration"]) for each in messages] == [("Metadata", 0.0)]
    assert code == 1000


async def test_results_cover_the_whole_stream(server: LiveServer, pcm: bytes) -> None:
    """Finals follow each other without gap or overlap from the beginning to the end."""
    messages, _, _ = await hold(server, pcm, pcm, CLOSE, query=f"{RAW}&interim_results=true")
    ranges = [(each["start"], each["start"] + each["duration"]) for each in finals(messages)]
    assert [start for start, _ in ranges] == pytest.approx([0, *(end for _, end in ranges[:-1])], abs=0.0015)
    assert ranges[-1][1] == pytest.approx(2 * len(pcm) / 32_000, abs=0.0015)


async def test_interim_results_only_if_asked_for(server: LiveServer, pcm: bytes) -> None:
    """And `SpeechStarted` and `UtteranceEnd` neither."""
    messages, _, _ = await hold(server, pcm, CLOSE)
    assert {each["type"] for each in messages} == {"Results", "Metadata"}
    assert all(each["is_final"] for each in messages if each["type"] == "Results")


async def test_every_finalize_is_answered(server: LiveServer, pcm: bytes) -> None:
    """With what was said, or with nothing: a client waits for it at the end of every turn."""
    async with listen(server) as socket:
        answers = []
        for frames in ((), (pcm[:96_000],), (), (pcm[96_000:],)):
            for frame in (*frames, control("Finalize")):
                await socket.send(frame)
            while not (answer := json.loads(await socket.recv()))["from_finalize"]:
                pass
            answers.append(answer)
    assert [bool(each["channel"]["alternatives"][0]["words"]) for each in answers[:3]] == [False, True, False]
    assert all(each["is_final"] for each in answers)


async def test_what_is_no_message_is_answered_and_borne(server: LiveServer, pcm: bytes) -> None:
    """The socket stays, and so does what is said."""
    junk = ("junk", "[]", '{"no": "type"}', control("Bogus"), control("KeepAlive") + " " * 70_000)
    messages, code, _ = await hold(server, *junk, pcm, CLOSE)
    errors = [each for each in messages if each["type"] == "Error"]
    assert [each["variant"] for each in errors] == ["SchemaError"] * len(junk)
    assert all(len(each["message"]) <= 1_000 for each in errors)
    assert text(messages)
    assert code == 1000


async def test_key_terms_may_change(server: LiveServer) -> None:
    """`Configure` of both SDKs is confirmed; key terms that are none are not."""
    configures = (
        control("Configure", keyterms=["Prosa"], features={}),
        control("Configure", processors={}),
        control("Configure", keyterms=7),
    )
    messages, _, _ = await hold(server, *configures, CLOSE)
    assert [each["type"] for each in messages[:3]] == ["ConfigureSuccess", "ConfigureSuccess", "ConfigureFailure"]


async def test_silence_ends_a_turn_in_a_container_too(server: LiveServer, pcm: bytes) -> None:
    """Browsers send containers: what was said is followed by `UtteranceEnd`, once, behind its final."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 16_000, 0, "NONE", ""))
        writer.writeframes(pcm)
    messages, code, _ = await hold(server, file.getvalue(), CLOSE, query="utterance_end_ms=1000&vad_events=true")
    types = [each["type"] for each in messages]
    assert types.count("UtteranceEnd") == 1
    (end,) = (each["last_word_end"] for each in messages if each["type"] == "UtteranceEnd")
    last = [word for each in finals(messages) for word in each["channel"]["alternatives"][0]["words"]][-1]
    assert end == last["end"]
    assert types.index("SpeechStarted") < types.index("Results") < types.index("UtteranceEnd")
    assert code == 1000


@pytest.mark.parametrize("kind", ["webm", "ogg"])
async def test_what_a_browser_records(server: LiveServer, pcm: bytes, kind: str) -> None:
    """Opus as `MediaRecorder` packs it, piece by piece, has its words and its length."""
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream("libopus", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.frombuffer(pcm, "<i2")[None], format="s16", layout="mono")
        frame.sample_rate = 16_000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    data = file.getvalue()
    messages, code, _ = await hold(
        server, *(data[at : at + 4_000] for at in range(0, len(data), 4_000)), CLOSE, query=""
    )
    assert len(text(messages).split()) >= 10
    assert messages[-1]["duration"] == pytest.approx(len(pcm) / 32_000, abs=0.1)
    assert code == 1000


async def test_channels_apart_and_mixed(server: LiveServer, pcm: bytes) -> None:
    """Of speech on the left one channel of two has words; mixed there is one channel, with the same words."""
    left = np.frombuffer(pcm, "<i2")
    stereo = np.stack([left, np.zeros_like(left)], axis=1).tobytes()
    apart, _, _ = await hold(server, stereo, CLOSE, query=f"{RAW}&channels=2&multichannel=true")
    mixed, _, _ = await hold(server, stereo, CLOSE, query=f"{RAW}&channels=2")
    assert text(apart) == text(mixed) != ""
    assert text(apart, channel=1) == ""
    assert [each["channels"] for each in (apart[-1], mixed[-1])] == [2, 1]
    assert {tuple(each["channel_index"]) for each in mixed if each["type"] == "Results"} == {(0, 1)}


async def test_telephone_audio(server: LiveServer, pcm: bytes) -> None:
    """µ-law at 8 kHz has as many words."""
    codes = np.argsort(MULAW)
    places = np.searchsorted(MULAW[codes], np.frombuffer(pcm, "<i2")[::2] / 32_768).clip(0, 255)
    telephone = codes[places].astype(np.uint8).tobytes()
    messages, _, _ = await hold(server, telephone, CLOSE, query="encoding=mulaw&sample_rate=8000")
    assert len(text(messages).split()) >= 10
    assert messages[-1]["duration"] == pytest.approx(len(pcm) / 32_000, abs=0.01)


async def test_silence_on_the_wire(live_server: LiveServerFactory) -> None:
    """Without audio or `KeepAlive` the stream is closed as Deepgram closes it; pings alone do not count."""
    async with live_server(deepgram_idle_seconds=1) as server:
        messages, code, reason = await hold(server, query=RAW)
    assert messages == []
    assert (code, reason.partition(":")[0]) == (1011, "NET-0001")


async def test_keep_alives_are_enough(live_server: LiveServerFactory) -> None:
    """A client that has nothing to say may say so."""
    async with live_server(deepgram_idle_seconds=2) as server, listen(server) as socket:
        for _ in range(12):
            await socket.send(control("KeepAlive"))
            await asyncio.sleep(0.25)
        await socket.send(CLOSE)
        assert (await rest_of(socket))[1] == 1000


async def test_audio_that_is_none(server: LiveServer) -> None:
    """Bytes of no known container close the stream with their code."""
    _, code, reason = await hold(server, b"\x00junk" * 4_000, CLOSE, query="interim_results=true")
    assert (code, reason.partition(":")[0]) == (1008, "DATA-0000")


async def test_the_quota_ends_in_mid_stream(live_server: LiveServerFactory, pcm: bytes) -> None:
    """What was paid for is final before the end, which is no success."""
    async with live_server(keys=True) as server:
        key = await server.create_key(quota_seconds=4)
        async with listen(server, additional_headers={"Authorization": f"Token {key}"}) as socket:
            await socket.send(pcm)
            messages, code, reason = await rest_of(socket)
    assert text(messages)
    assert not any(each["type"] == "Metadata" for each in messages)
    assert (code, reason.partition(":")[0]) == (1008, "ASR_PAYMENT_REQUIRED")


async def test_a_client_that_vanishes_leaves_nothing_behind(server: LiveServer, pcm: bytes) -> None:
    """Its session ends on its own."""
    async with listen(server) as socket:
        await socket.send(pcm)
        socket.transport.abort()
    while len(server.app.registry):  # noqa: ASYNC110  # the server tells nobody
        await asyncio.sleep(0.01)


async def test_a_language_that_the_model_does_not_know(server: LiveServer, pcm: bytes) -> None:
    """It is detected instead: a client's default is no reason to turn it away."""
    messages, code, _ = await hold(server, pcm, CLOSE, query=f"{RAW}&language=tlh&model=nova-99&tier=x")
    assert text(messages)
    assert code == 1000
