"""A meeting on one microphone, from its first word to a voice known by name: the whole server, with real networks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
import redis
from faster_whisper import decode_audio
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from stream_server.sample import sample_meeting
from tests.conftest import RedisServer
from tests.live import LiveServer, LiveServerFactory


@pytest.fixture
async def server(live_server: LiveServerFactory) -> AsyncIterator[LiveServer]:
    """Give a server that tells voices apart."""
    async with live_server(diarization=True) as server:
        yield server


def meeting(seconds: float = 36.0) -> bytes:
    """Return the sample meeting as one microphone hears it."""
    audio = decode_audio(str(sample_meeting().audio), sampling_rate=16_000)[: round(seconds * 16_000)]
    return (audio * 32_767).astype("<i2").tobytes()


async def hold(server: LiveServer, audio: bytes, **options: Any) -> list[dict[str, Any]]:
    """Stream a session as fast as it is taken; return every event."""
    events = []
    async with connect(f"{server.ws_url}/v1/stream", max_size=None) as socket:
        await socket.send(json.dumps({"type": "start", "audio": {"encoding": "pcm_s16le"}} | options))
        for at in range(0, len(audio), 32_000):
            await socket.send(audio[at : at + 32_000])
        await socket.send(json.dumps({"type": "finish"}))
        with suppress(ConnectionClosed):
            while True:
                events.append(json.loads(await socket.recv()))
    return events


async def ask(server: LiveServer, method: str, path: str, **more: Any) -> tuple[int, Any]:
    """Ask over HTTP; return the status and the answer."""
    async with aiohttp.ClientSession() as client, client.request(method, server.url + path, **more) as answer:
        return answer.status, await answer.json() if answer.content_type == "application/json" else await answer.text()


async def record_of(server: LiveServer, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a session's record as soon as it is whole."""
    session = events[0]["session_id"]
    while True:
        status, record = await ask(server, "GET", f"/v1/records/{session}")
        if status == 200 and record["ended_at"] is not None:
            return dict(record)
        await asyncio.sleep(0.1)


def replayed(events: list[dict[str, Any]]) -> tuple[dict[str, list[int | None]], dict[int, str | None]]:
    """Return who said each word and what speakers are called, by finals and the revisions after them."""
    words: dict[str, list[int | None]] = {}
    names: dict[int, str | None] = {}
    for event in events:
        if event["type"] == "final":
            speakers = [word.get("speaker") for word in event["words"]]
            words[event["utterance_id"]] = [speaker["id"] if speaker else None for speaker in speakers]
            names |= {speaker["id"]: speaker.get("name") for speaker in speakers if speaker}
        elif event["type"] == "revision":
            for pair in event["merged"]:
                words = {
                    key: [pair["new"] if each == pair["old"] else each for each in row] for key, row in words.items()
                }
            for change in event["changes"]:
                row = words[change["utterance_id"]]
                row[change["first"] : change["stop"]] = [change["speaker"]] * (change["stop"] - change["first"])
            names |= {each["id"]: each["name"] for each in event["names"]}
    return words, names


def stored(record: dict[str, Any]) -> tuple[dict[str, list[int | None]], dict[int, str | None]]:
    """Return the same of a record."""
    words = {
        segment["utterance_id"]: [speaker_id(word.get("speaker")) for word in segment["words"]]
        for segment in record["segments"]
    }
    return words, {speaker["id"]: speaker["name"] for speaker in record["speakers"]}


def written_in(directory: Path) -> bytes:
    """Return all bytes of the database, what waits to be merged into it included."""
    return b"".join(path.read_bytes() for path in directory.glob("records.sqlite3*"))


def speaker_id(speaker: Any) -> int | None:
    """Return a speaker's id, however it is written."""
    return speaker["id"] if isinstance(speaker, dict) else speaker


async def test_events_and_revisions_are_the_record(server: LiveServer) -> None:
    """Three people are three; replaying what the client heard gives what is stored."""
    events = await hold(server, meeting())
    record = await record_of(server, events)
    said, names = replayed(events)
    kept, known = stored(record)
    assert kept == said
    spoken = [speaker for row in said.values() for speaker in row]
    assert {speaker for speaker in spoken if speaker and spoken.count(speaker) > 3} == {1, 2, 3}
    assert {speaker: name for speaker, name in known.items() if name} == {
        key: name for key, name in names.items() if name
    }
    status, text = await ask(server, "GET", f"/v1/records/{record['id']}?format=txt")
    assert status == 200
    assert "Speaker 2:" in text


async def test_a_voice_of_one_meeting_is_known_in_the_next(server: LiveServer) -> None:
    """Enrolled from a record, named live in another session and in the first record again; forgotten when deleted."""
    first = await record_of(server, await hold(server, meeting()))
    body = {"name": "Anna", "record_id": first["id"], "speaker": 1}
    status, voice = await ask(server, "POST", "/v1/enroll", json=body)
    assert status == 201, voice

    events = await hold(server, meeting())
    named = [
        word["speaker"]
        for event in events
        if event["type"] == "final"
        for word in event["words"]
        if word.get("speaker")
    ]
    _, names = replayed(events)
    assert names[1] == "Anna"
    assert {speaker["id"] for speaker in named if speaker.get("name") == "Anna"} == {1}
    assert {name for speaker, name in names.items() if speaker != 1} == {None}

    status, found = await ask(server, "POST", "/v1/recognize_speakers", json={"record_id": first["id"]})
    assert status == 200
    assert {each["id"]: each["name"] for each in found["speakers"]} == {1: "Anna", 2: None, 3: None}
    assert stored(await record_of(server, [{"session_id": first["id"]}]))[1][1] == "Anna"

    status, _ = await ask(server, "DELETE", f"/v1/speakers/{voice['speaker_id']}")
    assert status == 200
    _, names = replayed(await hold(server, meeting()))
    assert set(names.values()) == {None}
    status, found = await ask(server, "POST", "/v1/recognize_speakers", json={"record_id": first["id"]})
    assert [each["name"] for each in found["speakers"]] == [None] * 3


async def test_speakers_of_a_running_session_are_renamed_and_merged(server: LiveServer) -> None:
    """The client hears of it as one event each, and the record says the same."""
    audio = meeting()
    async with connect(f"{server.ws_url}/v1/stream", max_size=None) as socket:
        await socket.send(json.dumps({"type": "start", "audio": {"encoding": "pcm_s16le"}}))
        events: list[dict[str, Any]] = [json.loads(await socket.recv())]
        await socket.send(audio)
        while sum(event["type"] == "final" for event in events) < 5:
            events.append(json.loads(await socket.recv()))
        session = events[0]["session_id"]
        while True:  # the record is written a moment later
            status, _ = await ask(
                server, "POST", "/v1/update_all_cluster", json={"record_id": session, "speaker": 1, "name": "Dewi"}
            )
            if status == 200:
                break
            await asyncio.sleep(0.1)
        status, _ = await ask(
            server, "POST", "/v1/update_all_cluster", json={"record_id": session, "speaker": 2, "into": 1}
        )
        assert status == 200
        await socket.send(json.dumps({"type": "finish"}))
        with suppress(ConnectionClosed):
            while True:
                events.append(json.loads(await socket.recv()))
    reasons = [event["reason"] for event in events if event["type"] == "revision"]
    assert reasons[:2] == ["renamed", "merged"]
    record = await record_of(server, events)
    assert stored(record)[0] == replayed(events)[0]
    assert stored(record)[1][1] == "Dewi"
    assert 2 not in {speaker for row in stored(record)[0].values() for speaker in row}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"record_id": "x", "speaker": 1, "name": "A", "into": 2}, 400),
        ({"record_id": "x", "speaker": 1, "colour": 2}, 400),
        ({"record_id": "x", "speaker": 1, "name": "A"}, 404),
    ],
)
async def test_bad_changes_are_refused(live_server: LiveServerFactory, body: dict[str, Any], status: int) -> None:
    """With a sentence, in the usual form."""
    async with live_server() as server:
        answered, error = await ask(server, "POST", "/v1/update_all_cluster", json=body)
        assert answered == status
        assert set(error["error"]) >= {"code", "message"}


async def test_no_voice_stands_readable_in_the_database(server: LiveServer, tmp_path: Path) -> None:
    """Neither of a record nor of an enrolled voice: what is kept is sealed."""
    first = await record_of(server, await hold(server, meeting(20)))
    await ask(server, "POST", "/v1/enroll", json={"name": "Anna", "record_id": first["id"], "speaker": 1})
    (voice,) = server.app.voices.book.voices("default")
    written = written_in(tmp_path)
    for embedding in voice.embeddings:
        assert np.asarray(embedding, "<f4").tobytes()[:64] not in written


async def test_a_users_key_reaches_that_users_records_alone(live_server: LiveServerFactory) -> None:
    """Others are not found: neither to rename, nor to recognise, nor to enroll from, nor to listen to."""
    async with live_server(keys=True) as server:
        mine = await server.create_key(user="ana")
        others = await server.create_key(user="budi")
        sound = meeting(6)
        async with connect(f"{server.ws_url}/v1/stream", additional_headers={"x-api-key": mine}) as socket:
            start = {"type": "start", "audio": {"encoding": "pcm_s16le"}, "tracks": ["Ana"], "keep_audio": True}
            await socket.send(json.dumps(start))
            record = json.loads(await socket.recv())["session_id"]
            await socket.send(sound)
            await socket.send(json.dumps({"type": "finish"}))
            with suppress(ConnectionClosed):
                while True:
                    await socket.recv()
        rename = ("POST", "/v1/update_all_cluster", {"record_id": record, "speaker": 1, "name": "x"})
        for method, path, body in (
            rename,
            ("POST", "/v1/recognize_speakers", {"record_id": record}),
            ("POST", "/v1/enroll", {"name": "x", "record_id": record, "speaker": 1}),
            ("GET", f"/v1/records/{record}/audio", None),
        ):
            status, _ = await ask(server, method, path, json=body, headers={"x-api-key": others})
            assert status == 404, path
        async with asyncio.timeout(10):
            while (await ask(server, *rename[:2], json=rename[2], headers={"x-api-key": mine}))[0] != 200:  # noqa: ASYNC110  # the record is written a moment later
                await asyncio.sleep(0.1)


async def test_a_deleted_voice_is_in_no_store(
    live_server: LiveServerFactory, redis_server: RedisServer, tmp_path: Path
) -> None:
    """Neither its name nor its id nor what was learned is left in the database's files or anywhere in Redis."""
    async with live_server(diarization=True, redis_url=redis_server.url) as server:
        first = await record_of(server, await hold(server, meeting(20)))
        body = {"name": "Zebedee", "record_id": first["id"], "speaker": 1}
        _, voice = await ask(server, "POST", "/v1/enroll", json=body)
        await hold(server, meeting(20))  # it is known there
        assert b"Zebedee" in written_in(tmp_path)
        await ask(server, "DELETE", f"/v1/speakers/{voice['speaker_id']}")
        assert not server.app.voices.book.voices("default")
        for record in (await ask(server, "GET", "/v1/records"))[1]["records"]:
            await ask(server, "DELETE", f"/v1/records/{record['id']}")
    files = written_in(tmp_path)
    with redis_server.client as client:
        kept = b"".join(dumped(client))
    for trace in (b"Zebedee", voice["speaker_id"].encode()):
        assert trace not in files
        assert trace not in kept


def dumped(client: redis.Redis) -> list[bytes]:
    """Return every key of Redis with its value, as Redis would write them down."""
    found = []
    for key in client.scan_iter():
        found += [str(key).encode(), client.execute_command("DUMP", key, NEVER_DECODE=True)]
    return found
