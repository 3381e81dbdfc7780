"""Deepgram's own SDKs, unchanged, against a server that recognises real speech."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import LiveServer, LiveServerFactory
from tests.sdks.deepgram import (
    CLIPS,
    LIVE,
    RAW,
    SECONDS,
    assert_ended,
    assert_live,
    assert_recorded,
    job,
    results_of,
    write_pcm,
    write_stereo,
)
from tests.sdks.environments import node_client, python_client, run_script

pytestmark = [pytest.mark.sdks, pytest.mark.recognition, pytest.mark.timeout(300)]

SDKS = {
    "python-7": (python_client, "deepgram-7", "deepgram_7.py"),
    "python-4": (python_client, "deepgram-4", "deepgram_4.py"),
    "javascript-5": (node_client, "deepgram-js-5", "deepgram_js_5.mjs"),
    "javascript-4": (node_client, "deepgram-js-4", "deepgram_js_4.mjs"),
}

FORMAT = {"punctuate": True, "utterances": True, "paragraphs": True, "detect_language": True}


@pytest.fixture
async def server(live_server: LiveServerFactory) -> AsyncIterator[LiveServer]:
    """Give a server that recognises English and wants keys."""
    async with live_server(engine="whisper", model="tiny.en", keys=True) as running:
        yield running


@pytest.fixture
def pcm(tmp_path: Path) -> Path:
    """Give a file of raw speech."""
    return write_pcm(tmp_path / "speech.raw")


async def run(sdk: str, mode: str, told: str) -> Any:
    """Run an SDK's script; installing may take a while, so it is done beside the server."""
    install, name, script = SDKS[sdk]
    return await run_script(await asyncio.to_thread(install, name), script, mode, told)


async def test_python_7_hears_all_that_happens(server: LiveServer, pcm: Path) -> None:
    """Every message has its class, none is unknown, and the socket closes without an error."""
    told = await run("python-7", "live", job(server, await server.create_key(), pcm=str(pcm), options=LIVE))

    classes = {message["class"] for message in told if "class" in message}
    assert classes == {
        *("ListenV1Results", "ListenV1Metadata", "ListenV1SpeechStarted", "ListenV1UtteranceEnd"),
        "ListenV1ConfigureSuccess",
    }
    assert_live(told)
    assert_ended(told, SECONDS)
    assert any(result["from_finalize"] for result in results_of(told))
    assert [message["event"] for message in told if "event" in message] == ["open", "close"]


async def test_python_7_blocking_with_a_token(server: LiveServer, pcm: Path) -> None:
    """The blocking client hears the same; its token comes as lower-case `bearer`."""
    told = await run(
        "python-7", "live_sync", job(server, "", token=await server.create_key(), pcm=str(pcm), options=LIVE)
    )

    assert_live(told)
    assert_ended(told, SECONDS)
    assert [message["event"] for message in told if "event" in message] == ["open", "close"]


async def test_python_4_hears_all_that_happens(server: LiveServer, pcm: Path) -> None:
    """`extra` as a dict and a second `CloseStream` do no harm; what was said is here before it closes."""
    outcome = await run("python-4", "live", job(server, await server.create_key(), pcm=str(pcm), options=LIVE))

    assert (outcome["started"], outcome["finished"]) == (True, True)
    told = outcome["told"]
    assert_live(told)
    assert_ended(told, SECONDS)
    assert not any(message.get("type") == "Error" for message in told)


@pytest.mark.parametrize("sdk", ["javascript-5", "javascript-4"])
async def test_javascript_hears_all_that_happens(server: LiveServer, pcm: Path, sdk: str) -> None:
    """One connection, opened with the key in a header or as a subprotocol, closed with 1000 and not opened again."""
    told = await run(sdk, "live", job(server, await server.create_key(), pcm=str(pcm), options=LIVE))

    assert_live(told)
    assert_ended(told, SECONDS)
    events = [(message["event"], message.get("code")) for message in told if "event" in message]
    assert events == [("open", None), ("close", 1000)]


@pytest.mark.parametrize("sdk", SDKS)
async def test_a_recording_is_transcribed(server: LiveServer, sdk: str) -> None:
    """Words, paragraphs, utterances and the language are where each SDK's types have them."""
    options = FORMAT if sdk != "python-4" else FORMAT | {"model": "nova-2"}
    told = job(server, await server.create_key(), file=str(CLIPS / "train.flac"), options=options)
    response = await run(sdk, "recorded", told)

    assert_recorded(response)
    channel = response["results"]["channels"][0]
    assert channel["detected_language"] == "en"
    assert channel["alternatives"][0]["paragraphs"]["paragraphs"][0]["num_words"] == 15
    (utterance,) = response["results"]["utterances"]
    assert utterance["transcript"] == channel["alternatives"][0]["transcript"]


@pytest.mark.parametrize("sdk", ["python-7", "javascript-5", "javascript-4"])
async def test_a_recording_in_chunks_is_transcribed(server: LiveServer, sdk: str) -> None:
    """A body whose length nobody says is taken as it comes."""
    told = job(
        server,
        await server.create_key(),
        file=str(CLIPS / "train.flac"),
        options={"smart_format": True},
        chunked=True,
    )
    assert_recorded(await run(sdk, "recorded", told))


@pytest.mark.parametrize("sdk", ["python-7", "python-4"])
async def test_raw_samples_are_transcribed(server: LiveServer, pcm: Path, sdk: str) -> None:
    """A body without any header, declared by the query, is what some bots post."""
    told = job(server, await server.create_key(), file=str(pcm), options=RAW | {"punctuate": True})
    response = await run(sdk, "recorded", told)

    assert response["results"]["channels"][0]["alternatives"][0]["transcript"].startswith("The next train")


async def test_a_stereo_recording_per_channel(server: LiveServer, pcm: Path) -> None:
    """Each channel has its own words."""
    stereo = write_stereo(pcm)
    told = job(server, await server.create_key(), file=str(stereo), options={"multichannel": True})
    response = await run("python-7", "recorded", told)

    left, right = (channel["alternatives"][0] for channel in response["results"]["channels"])
    assert left["transcript"].startswith("the next train to the airport")
    assert (right["transcript"], right["words"], right["confidence"]) == ("", [], 0)
    assert response["metadata"]["channels"] == 2


async def test_a_url_is_not_fetched_where_that_is_off(server: LiveServer) -> None:
    """The SDK raises what it raises for a bad request."""
    told = job(server, await server.create_key(), remote="https://example.com/a.wav", options={})
    error = await run("python-7", "remote", told)

    assert (error["raised"], error["status"]) == ("BadRequestError", 400)
    assert "REMOTE_CONTENT_ERROR" in error["body"]


# ── what goes wrong ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_wrong_key_is_refused_live(server: LiveServer, pcm: Path) -> None:
    """Each SDK tells its user of 401 in its own way, and none goes on."""
    wrong = job(server, "wrong", pcm=str(pcm), options=LIVE, fails=True)
    seven, seven_sync, four, js_five, js_four = (
        await run("python-7", "live", wrong),
        await run("python-7", "live_sync", wrong),
        await run("python-4", "live", wrong),
        await run("javascript-5", "live", wrong),
        await run("javascript-4", "live", wrong),
    )

    assert (seven["raised"], seven["status"]) == ("ApiError", 401)
    assert (seven_sync["raised"], seven_sync["status"]) == ("InvalidStatus", 401)
    assert four["started"] is False
    assert any("401" in str(message.get("message")) for message in js_five)
    assert not any(message.get("event") == "open" for message in (*js_five, *js_four))


@pytest.mark.parametrize("sdk", SDKS)
async def test_a_wrong_key_is_refused_for_a_recording(server: LiveServer, sdk: str) -> None:
    """401, with the code that clients look for."""
    told = job(server, "wrong", file=str(CLIPS / "short.flac"), options={})
    error = await run(sdk, "recorded", told)

    assert "raised" in error
    assert str(error["status"]) == "401"
    assert "INVALID_AUTH" in str(error) or "Invalid credentials" in str(error)


async def test_what_cannot_be_is_refused_at_the_handshake(server: LiveServer, pcm: Path) -> None:
    """400 for a parameter that it would be wrong to ignore, 402 without quota, 429 over a key's limit."""
    options = LIVE | {"redact": "pii"}
    refused = await run("python-7", "live", job(server, await server.create_key(), pcm=str(pcm), options=options))
    poor = await server.create_key(quota_seconds=0)
    unpaid = await run("python-7", "live", job(server, poor, pcm=str(pcm), options=LIVE))
    rare = await server.create_key(sessions_per_minute=1)
    told = job(server, rare, pcm=str(pcm), options=LIVE)
    first, second = [await run("python-7", "live", told) for _ in range(2)]

    assert (refused["status"], unpaid["status"], second["status"]) == (400, 402, 429)
    assert_live(first)


async def test_the_quota_runs_out_in_mid_stream(server: LiveServer, pcm: Path) -> None:
    """What was paid for is told, then the socket closes with a code that is no success."""
    key = await server.create_key(quota_seconds=4)
    told = await run("python-7", "live", job(server, key, pcm=str(pcm), options=LIVE))

    finals = [result for result in results_of(told) if result["is_final"]]
    assert finals
    assert all(final["start"] + final["duration"] <= 4.001 for final in finals)
    assert any("1008" in str(message.get("error")) for message in told)


async def test_a_full_server_is_told_at_the_handshake(live_server: LiveServerFactory, pcm: Path) -> None:
    """503, which is worth another try, and nobody's session suffers."""
    from websockets.asyncio.client import connect

    async with live_server(keys=True, max_sessions=1) as server:
        key = await server.create_key()
        address = f"{server.ws_url}/v1/listen?encoding=linear16&sample_rate=16000"
        async with connect(address, additional_headers={"Authorization": f"Token {key}"}):
            full = await run("python-7", "live", job(server, key, pcm=str(pcm), options=LIVE))
    assert (full["raised"], full["status"]) == ("ApiError", 503)


async def test_a_server_that_stops_in_mid_stream(live_server: LiveServerFactory, pcm: Path) -> None:
    """The SDK hears the finals of what was received and then an error, so that its user connects again elsewhere."""
    async with live_server(keys=True) as server:
        told = job(server, await server.create_key(), pcm=str(pcm), options=LIVE)
        running = asyncio.ensure_future(run("python-7", "live", told))
        while not len(server.app.registry):  # noqa: ASYNC110  # it is another process that comes
            await asyncio.sleep(0.05)
    told = await running

    assert any("1012" in str(message.get("error")) for message in told) or "raised" in told
