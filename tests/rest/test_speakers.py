"""Enrolled speakers over a real socket, with recordings of synthetic people and the networks that a server uses."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import av
import numpy as np
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from faster_whisper import decode_audio

from stream_server.audio.containers import Containers
from stream_server.audio.decoding import open_decoder
from stream_server.audio.fork_server import ForkServer
from stream_server.auth import Authenticator
from stream_server.diarize.enrollment import EnrollmentLimits
from stream_server.diarize.listener import Listener
from stream_server.diarize.recognition import recognise
from stream_server.enrolling import Enroller
from stream_server.events import Samples
from stream_server.hearing import MOST_WAITING, SampleHearer
from stream_server.open_voices import load_listener
from stream_server.rest.application import make_application
from stream_server.rest.speakers import Speakers
from stream_server.store.memory import MemoryStore
from stream_server.store.sealing import KEY_BYTES, Seal
from stream_server.store.sql import Database
from stream_server.store.sql_records import SqlRecordStore
from stream_server.store.sql_voices import SqlVoices
from stream_server.voices import VoiceBook
from tests.live import make_key

Client = TestClient[web.Request, web.Application]

CLIPS = Path(__file__).resolve().parents[1] / "audio" / "clips"
MOST_BYTES = 900_000


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Listener:
    """Give the networks that a server uses."""
    home = tmp_path_factory.mktemp("data")
    return load_listener("segmentation-2021", "ge2e", home)


@pytest.fixture
def live_store() -> MemoryStore:
    """Give a store of keys."""
    return MemoryStore()


@pytest_asyncio.fixture
async def voices(tmp_path: Path) -> AsyncIterator[SqlVoices]:
    """Give an empty store of voices."""
    database = await Database.open(tmp_path / "records.sqlite3")
    yield SqlVoices(database, Seal(bytes(KEY_BYTES)))
    await database.close()


@pytest.fixture
def book(voices: SqlVoices) -> VoiceBook:
    """Give the book that a live session would look into."""
    return VoiceBook(voices, "ge2e", refresh_seconds=1e9)


@pytest_asyncio.fixture
async def client(
    networks: Listener, live_store: MemoryStore, voices: SqlVoices, book: VoiceBook, fork_server: ForkServer
) -> AsyncIterator[Client]:
    """Give a client of the routes."""
    containers = Containers(fork_server, MOST_WAITING)
    hearer = SampleHearer(
        lambda: networks, lambda audio: open_decoder(audio, containers), EnrollmentLimits(), max_audio_seconds=60
    )
    routes = Speakers(
        authenticator=Authenticator(live_store, open_access=False),
        enroller=Enroller(voices, book, hearer, audio_hours=1),
        records=SqlRecordStore(voices._database),
        max_body_bytes=MOST_BYTES,
    ).routes()
    async with TestClient(TestServer(make_application(routes, max_body_bytes=MOST_BYTES))) as client:
        yield client
    await hearer.stop()
    await book.stop()


@pytest_asyncio.fixture
async def headers(live_store: MemoryStore) -> dict[str, str]:
    """Give a key of `acme`."""
    return {"x-api-key": await make_key(live_store, "acme")}


def clip(*names: str) -> Samples:
    """Return clips of one synthetic person, joined."""
    parts = [decode_audio(str(CLIPS / f"{name}.flac"), sampling_rate=16_000) for name in names]
    joined: Samples = np.concatenate(parts)
    return joined


def encoded(audio: Samples, container: str = "flac", codec: str = "flac", layout: str = "s16") -> bytes:
    """Return audio as a file."""
    held = io.BytesIO()
    with av.open(held, "w", format=container) as output:
        stream = output.add_stream(codec, rate=48_000 if codec == "libopus" else 16_000, layout="mono")
        resampler = av.AudioResampler(format=layout, layout="mono", rate=stream.rate)
        frame = av.AudioFrame.from_ndarray((audio * 32_767).astype(np.int16)[None], format="s16", layout="mono")
        frame.sample_rate = 16_000
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            piece.pts = None
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return held.getvalue()


RMS = ("train", "garden")
AWB = ("invoice", "release")


async def upload(client: Client, headers: dict[str, str], *names: str) -> dict[str, Any]:
    """Upload clips as one sample; return the answer."""
    data = encoded(clip(*names))
    async with client.post("/v1/enroll_audio", data=data, headers={**headers, "Content-Type": "audio/flac"}) as answer:
        assert answer.status == 201, await answer.text()
        return dict(await answer.json())


async def enroll(client: Client, headers: dict[str, str], name: str, *clips: str, **fields: Any) -> dict[str, Any]:
    """Enroll somebody; return the answer."""
    audio_id = (await upload(client, headers, *clips))["audio_id"]
    body = {"name": name, "audio_ids": [audio_id], **fields}
    async with client.post("/v1/enroll", json=body, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        return dict(await answer.json())


async def refusal(response: aiohttp.ClientResponse) -> tuple[int, str, str]:
    """Return an error's status, code and message."""
    error = (await response.json())["error"]
    return response.status, error["code"], error["message"]


async def test_a_person_is_enrolled_and_known_again(
    client: Client, headers: dict[str, str], networks: Listener, book: VoiceBook
) -> None:
    """From upload to a name: what was enrolled from some sentences is recognised in another, a stranger is not."""
    told = await upload(client, headers, "train", "garden", "train")
    assert told["audio_id"].startswith("audio_")
    assert told["speech_seconds"] > 10
    assert set(told["quality"]) == {"other_voice_share", "clipped_share", "level_dbfs"}
    body = {"name": "Rob", "audio_ids": [told["audio_id"]], "user": "u7"}
    async with client.post("/v1/enroll", json=body, headers=headers) as answer:
        made = await answer.json()
    assert set(made) == {"speaker_id", "name", "user", "created_at", "needs_enrollment"}
    assert (made["name"], made["user"], made["needs_enrollment"]) == ("Rob", "u7", False)
    await enroll(client, headers, "Alan", *AWB)
    known = book.voices("acme")
    centroids = networks.embedder.run([clip("garden"), clip("weather", "question")])
    found = [None if each is None else each.voice.name for each in recognise(centroids, known)]
    assert found == ["Rob", None]


async def test_voices_are_listed_and_deleted(client: Client, headers: dict[str, str], book: VoiceBook) -> None:
    """A deleted speaker is neither listed nor known, and can be deleted once."""
    first = await enroll(client, headers, "Rob", *RMS)
    second = await enroll(client, headers, "Alan", *AWB)
    async with client.get("/v1/speakers", headers=headers) as answer:
        assert await answer.json() == {"speakers": [first, second]}
    path = f"/v1/speakers/{first['speaker_id']}"
    async with client.delete(path, headers=headers) as answer:
        assert await answer.json() == {"speaker_id": first["speaker_id"], "deleted": True}
    assert [voice.name for voice in book.voices("acme")] == ["Alan"]
    async with client.get("/v1/speakers", headers=headers) as answer:
        assert await answer.json() == {"speakers": [second]}
    async with client.delete(path, headers=headers) as answer:
        assert (await refusal(answer))[:2] == (404, "not_found")


@pytest.mark.parametrize(
    ("container", "codec", "layout"),
    [("ogg", "libopus", "flt"), ("mp3", "libmp3lame", "fltp"), ("wav", "pcm_s16le", "s16"), ("webm", "libopus", "flt")],
)
async def test_any_container_may_come_in_a_form(
    client: Client, headers: dict[str, str], container: str, codec: str, layout: str
) -> None:
    """The first file of a form is the sample, whatever else is in it and whatever its type is called."""
    form = aiohttp.FormData()
    form.add_field("note", "not the sample")
    form.add_field("file", encoded(clip(*RMS), container, codec, layout), filename="sample.bin")
    async with client.post("/v1/enroll_audio", data=form, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        assert (await answer.json())["speech_seconds"] > 8


async def test_poor_samples_are_refused(client: Client, headers: dict[str, str]) -> None:
    """422 that says what is wrong: too short, two people, silence, noise, clipped, too quiet."""
    loud = np.clip(clip(*RMS) * 60, -1, 1)
    for audio, word in [
        (clip("phone"), "too little speech"),
        (clip(*RMS, *AWB), "more than one voice"),
        (np.zeros(160_000, np.float32), "too quiet"),
        (np.random.default_rng(1).normal(0, 0.05, 160_000).astype(np.float32), "no voice"),
        (loud.astype(np.float32), "clipped"),
        (clip(*RMS) * np.float32(0.002), "too quiet"),
    ]:
        data = encoded(audio)
        async with client.post("/v1/enroll_audio", data=data, headers={**headers, "Content-Type": "audio/flac"}) as got:
            status, code, message = await refusal(got)
        assert (status, code) == (422, "unsuitable_sample")
        assert word in message


@pytest.mark.parametrize(
    ("data", "content_type", "wanted"),
    [
        (b"this is no audio" * 200, "audio/wav", (415, "unsupported_audio")),
        (b"{}", "application/json", (415, "unsupported_audio")),
        (b"", "audio/wav", (422, "unsuitable_sample")),
        (encoded(np.zeros(16_000 * 30, np.float32), "wav", "pcm_s16le"), "audio/wav", (413, "message_too_large")),
        (b"--x\r\n", "multipart/form-data; boundary=x", (400, "invalid_configuration")),
        (b"--x--\r\n", "multipart/form-data; boundary=x", (400, "invalid_configuration")),
        (b"nothing of the kind", "multipart/form-data; boundary=x", (400, "invalid_configuration")),
        (b"", "multipart/form-data", (400, "invalid_configuration")),
        (b"--x\r\nname: \0\r\n\r\n", "multipart/form-data; boundary=x", (400, "invalid_configuration")),
    ],
)
async def test_bad_bodies(
    client: Client, headers: dict[str, str], data: bytes, content_type: str, wanted: tuple[int, str]
) -> None:
    """What is no sample is refused in our words."""
    async with client.post("/v1/enroll_audio", data=data, headers={**headers, "Content-Type": content_type}) as answer:
        assert (await refusal(answer))[:2] == wanted


async def test_a_long_sample_is_refused(client: Client, headers: dict[str, str]) -> None:
    """Seconds are bounded as bytes are: ten minutes of silence compress to nothing."""
    data = encoded(np.zeros(16_000 * 600, np.float32))
    assert len(data) < MOST_BYTES
    async with client.post("/v1/enroll_audio", data=data, headers={**headers, "Content-Type": "audio/flac"}) as answer:
        assert (await refusal(answer))[:2] == (413, "message_too_large")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("not json", "JSON object"),
        ("[1]", "JSON object"),
        ("[" * 5_000, "JSON object"),
        ({}, "name"),
        ({"name": "Ann"}, "audio_ids or record_id"),
        ({"name": "Ann", "audio_ids": ["a"], "record_id": "r"}, "audio_ids or record_id"),
        ({"name": 1, "audio_ids": ["a"]}, "name must be a string"),
        ({"name": "A" * 201, "audio_ids": ["a"]}, "name may have"),
        ({"name": "Ann", "audio_ids": "a"}, "audio_ids must be a list"),
        ({"name": "Ann", "audio_ids": []}, "audio_ids must be a list of 1"),
        ({"name": " ", "audio_ids": ["a"]}, "name must be a line"),
        ({"name": "Ann", "audio_ids": ["a"], "nick": "A"}, "nick"),
        ({"name": "Ann", "record_id": "r", "speaker": "one"}, "speaker must be a whole number"),
    ],
)
async def test_bad_fields(client: Client, headers: dict[str, str], body: object, word: str) -> None:
    """400 that names the field and never repeats a name."""
    text = body if isinstance(body, str) else json.dumps(body)
    async with client.post("/v1/enroll", data=text, headers=headers) as answer:
        status, code, message = await refusal(answer)
    assert (status, code) == (400, "invalid_configuration")
    assert word in message
    assert "Ann" not in message


async def test_unknown_samples_and_records(client: Client, headers: dict[str, str]) -> None:
    """404 for what is not there, was used, or is another organisation's."""
    for body in ({"audio_ids": ["audio_none"]}, {"record_id": "r", "speaker": 1}):
        async with client.post("/v1/enroll", json={"name": "Ann", **body}, headers=headers) as answer:
            assert (await refusal(answer))[:2] == (404, "not_found")


async def test_organisations_do_not_see_each_other(
    client: Client, headers: dict[str, str], live_store: MemoryStore
) -> None:
    """Neither samples nor speakers of one exist for another."""
    sample = await upload(client, headers, *RMS)
    made = await enroll(client, headers, "Alan", *AWB)
    other = {"x-api-key": await make_key(live_store, "other")}
    body = {"name": "Thief", "audio_ids": [sample["audio_id"]]}
    async with client.post("/v1/enroll", json=body, headers=other) as answer:
        assert answer.status == 404
    async with client.get("/v1/speakers", headers=other) as answer:
        assert await answer.json() == {"speakers": []}
    async with client.delete(f"/v1/speakers/{made['speaker_id']}", headers=other) as answer:
        assert answer.status == 404


async def test_keys(client: Client, live_store: MemoryStore) -> None:
    """A missing or unknown key is 401, one without the scope 403, before a byte is read."""
    plain = await make_key(live_store, "acme", scopes=("usage",))
    calls = [
        ("POST", "/v1/enroll_audio"),
        ("POST", "/v1/enroll"),
        ("GET", "/v1/speakers"),
        ("DELETE", "/v1/speakers/voice_1"),
    ]
    for method, path in calls:
        for keys, status in (({}, 401), ({"x-api-key": "wrong"}, 401), ({"x-api-key": plain}, 403)):
            async with client.request(method, path, headers=keys) as answer:
                assert answer.status == status


async def test_names_and_keys_stay_out_of_logs(
    client: Client, headers: dict[str, str], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Whether somebody was enrolled or refused."""
    made = await enroll(client, headers, "Rumpelstiltskin", *RMS)
    async with client.post("/v1/enroll", json={"name": "Rumpel\nstiltskin", "audio_ids": ["x"]}, headers=headers):
        pass
    async with client.delete(f"/v1/speakers/{made['speaker_id']}", headers=headers):
        pass
    written = "".join(capsys.readouterr()) + caplog.text
    assert "stiltskin" not in written
    assert headers["x-api-key"] not in written


async def test_a_client_that_leaves_halfway_costs_nothing(client: Client, headers: dict[str, str]) -> None:
    """The sample is dropped and the next one is heard."""
    assert client.port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    head = "POST /v1/enroll_audio HTTP/1.1\r\nHost: localhost\r\nContent-Type: audio/flac\r\nContent-Length: 500000\r\n"
    writer.write(f"{head}x-api-key: {headers['x-api-key']}\r\n\r\n".encode() + encoded(clip("train"))[:20_000])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await upload(client, headers, *RMS))["speech_seconds"] > 8
    del reader
