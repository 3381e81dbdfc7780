"""OpenAI's own SDKs, unchanged, against a server that recognises real speech."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from websockets.asyncio.client import connect

from tests.live import LiveServer, LiveServerFactory
from tests.sdks.environments import node_client, python_client, run_script
from tests.sdks.openai import assert_formats, assert_said, assert_stream, assert_turn, job, write_pcm

pytestmark = [pytest.mark.sdks, pytest.mark.recognition, pytest.mark.timeout(300)]

RECOGNISING = {"engine": "whisper", "model": "tiny.en", "keys": True}


@pytest.fixture
async def server(live_server: LiveServerFactory) -> AsyncIterator[LiveServer]:
    """Give a server that recognises English and wants keys."""
    async with live_server(**RECOGNISING) as running:
        yield running


@pytest.fixture
def pcm(tmp_path: Path) -> Path:
    """Give a file of raw speech."""
    return write_pcm(tmp_path / "speech.raw")


async def python(mode: str, told: str) -> Any:
    """Run the Python SDK."""
    return await run_script(await asyncio.to_thread(python_client, "openai-3"), "openai_3.py", mode, told)


async def javascript(mode: str, told: str, **environment: str) -> Any:
    """Run the JavaScript SDK."""
    client = await asyncio.to_thread(node_client, "openai-js-6")
    return await run_script(client, "openai_js_6.mjs", mode, told, environment=environment)


async def test_python_gets_every_format(server: LiveServer) -> None:
    """Each answer is parsed to its class, the stream to its events."""
    told = await python("rest", job(server, await server.create_key()))
    assert_formats(told)
    assert told["json"]["class"] == "Transcription"
    assert told["verbose_json"]["class"] == "TranscriptionVerbose"
    assert told["diarized_json"]["class"] == "TranscriptionDiarized"
    assert told["words"]["segments"]
    assert_said(told["chunked"]["text"])
    assert told["chunked"]["logprobs"]
    assert_stream(told["stream"])
    assert {event["class"] for event in told["stream"]} == {"TranscriptionTextDeltaEvent", "TranscriptionTextDoneEvent"}
    assert told["model"]["id"] == "whisper-1"


async def test_asyncio_gets_the_same(server: LiveServer) -> None:
    """A stream of a diarized transcript has segments among its deltas."""
    told = await python("rest_async", job(server, await server.create_key()))
    assert_said(told["json"]["text"])
    assert_stream([event for event in told["stream"] if not event["type"].endswith("segment")])
    assert "TranscriptionTextSegmentEvent" in {event["class"] for event in told["stream"]}


async def test_javascript_gets_every_format(server: LiveServer) -> None:
    """Objects where JSON is meant, strings elsewhere."""
    told = await javascript("rest", job(server, await server.create_key()))
    assert_formats(told)
    assert_stream(told["stream"])


async def test_python_hears_a_turn(server: LiveServer, pcm: Path) -> None:
    """Events come in the vendor's order and are parsed to the classes of a transcription."""
    told = await python("turns", job(server, await server.create_key(), pcm=str(pcm)))
    assert_turn(told, early=1)
    assert [event["class"] for event in told[:2]] == ["SessionCreatedEvent", "SessionUpdatedEvent"]
    assert told[1]["session"]["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 400
    assert told[-1]["class"] == "ConversationItemInputAudioTranscriptionCompletedEvent"


async def test_the_blocking_client_commits_and_clears(server: LiveServer, pcm: Path) -> None:
    """What was cleared is in no item; a commit of nothing is an error that names the client's event."""
    told = await python("commits", job(server, await server.create_key(), pcm=str(pcm)))
    kinds = [event["type"] for event in told]
    assert kinds.count("input_audio_buffer.committed") == 1
    assert "input_audio_buffer.cleared" in kinds
    (completed,) = (event for event in told if event["type"].endswith(".completed"))
    assert_said(completed["transcript"])
    assert completed["transcript"].lower().count("airport") == 1
    assert told[-1]["error"]["code"] == "input_audio_buffer_commit_empty"
    assert told[-1]["error"]["event_id"] == "too-early"


async def test_the_beta_is_still_spoken(server: LiveServer, pcm: Path) -> None:
    """The SDK's own beta part, with its session and its events."""
    told = await python("beta", job(server, await server.create_key(), pcm=str(pcm)))
    assert [event["type"] for event in told[:2]] == ["transcription_session.created", "transcription_session.updated"]
    assert_turn(told, added=("created",))


@pytest.fixture
def tls(tmp_path: Path) -> dict[str, str]:
    """Give a certificate for localhost, its key, and the authority that vouches for it."""
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    paths = {name: tmp_path / f"{name}.pem" for name in ("authority", "certificate", "key")}
    authority.cert_pem.write_to_path(str(paths["authority"]))
    certificate.private_key_pem.write_to_path(str(paths["key"]))
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(str(paths["certificate"]), append=True)
    return {name: str(path) for name, path in paths.items()}


@pytest.mark.parametrize("mode", ["ws", "websocket"])
async def test_javascript_hears_a_turn_over_tls(
    live_server: LiveServerFactory, tls: dict[str, str], pcm: Path, mode: str
) -> None:
    """It insists on wss; with a header on `ws`, with subprotocols on the browser's WebSocket."""
    secured = {"tls_certificate": tls["certificate"], "tls_key": tls["key"]}
    async with live_server(**RECOGNISING, **secured) as server:
        told = await javascript(
            mode, job(server, await server.create_key(), pcm=str(pcm)), NODE_EXTRA_CA_CERTS=tls["authority"]
        )
    assert "error" not in told
    assert_turn(told["events"])


async def test_python_is_refused_in_its_own_words(server: LiveServer) -> None:
    """401 and an empty quota raise what the vendor's would, before a file is read; else a bad request its parameter."""
    wrong = await python("refused", job(server, "wrong"))
    assert wrong["request"] == wrong["stream"] == wrong["malformed"]
    assert (wrong["request"]["raised"], wrong["request"]["code"]) == ("AuthenticationError", "invalid_api_key")
    assert wrong["websocket"]["status"] == 401
    poor = await python("refused", job(server, await server.create_key(quota_seconds=0)))
    assert (poor["request"]["raised"], poor["request"]["code"]) == ("RateLimitError", "insufficient_quota")
    assert poor["stream"] == poor["malformed"] == poor["request"]
    assert poor["websocket"]["status"] == 429
    rich = await python("refused", job(server, await server.create_key()))
    assert (rich["malformed"]["raised"], rich["malformed"]["param"]) == ("BadRequestError", "response_format")


async def test_a_stream_whose_quota_ends_raises(server: LiveServer) -> None:
    """The SDK raises the error event, as it does the vendor's."""
    told = await python("refused", job(server, await server.create_key(quota_seconds=3)))
    assert (told["stream"]["raised"], told["stream"]["code"]) in (
        ("APIError", "insufficient_quota"),  # what the first request left of it ended in the stream
        ("RateLimitError", "insufficient_quota"),
    )


async def test_a_full_server_refuses(live_server: LiveServerFactory) -> None:
    """503 at the handshake of a websocket."""
    async with live_server(**RECOGNISING, max_sessions=1) as server:
        address, key = server.ws_url + "/v1/realtime", await server.create_key()
        async with connect(address, additional_headers={"Authorization": f"Bearer {key}"}) as busy:
            assert json.loads(await busy.recv())["type"] == "session.created"
            told = await python("refused", job(server, key))
    assert told["websocket"]["status"] == 503
    assert_said(told["request"]["text"])


async def test_python_sees_its_quota_end(server: LiveServer, pcm: Path) -> None:
    """The last words come first, then the error and the close."""
    told = await python("cut", job(server, await server.create_key(quota_seconds=5), pcm=str(pcm)))
    assert told["told"][-1]["error"]["code"] == "insufficient_quota"
    assert any(event["type"].endswith(".completed") for event in told["told"])
    assert told["code"] == 1008


async def test_python_sees_a_server_stop(live_server: LiveServerFactory, pcm: Path) -> None:
    """A close in the middle, 1001, and no error: its clients may connect again."""
    async with live_server(**RECOGNISING) as server:
        talking = asyncio.create_task(python("cut", job(server, await server.create_key(), pcm=str(pcm))))
        async with asyncio.timeout(60):
            while not len(server.app.registry):  # noqa: ASYNC110  # a process of its own connects
                await asyncio.sleep(0.05)
        await server.app.stop()
        told = await talking
    assert told["code"] == 1001
    assert "error" not in {event["type"] for event in told["told"]}


async def test_javascript_is_refused(server: LiveServer) -> None:
    """A wrong key is an AuthenticationError."""
    told = await javascript("refused", job(server, "wrong"))
    assert told["request"] == {"raised": "AuthenticationError", "status": 401, "code": "invalid_api_key"}


async def test_python_gets_english(live_server: LiveServerFactory) -> None:
    """A multilingual model translates; the SDK parses the verbose answer."""
    async with live_server(**{**RECOGNISING, "model": "base"}) as server:
        told = await python("translated", job(server, await server.create_key()))
    assert (told["class"], told["language"]) == ("TranslationVerbose", "english")
    assert_said(told["text"])
