"""`/v1/recordings` on a running server: real bodies, a real queue, the scripted engine."""

from __future__ import annotations

import io
import json
import threading
import wave
from typing import Any

import aiohttp
import pytest

from stream_server.asr.scripted import ScriptedEngine
from tests.child_server import RATE, speech
from tests.live import LiveServer, LiveServerFactory

Message = dict[str, Any]


def wav(seconds: float) -> bytes:
    """Return a recording of speech."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(speech(round(seconds * RATE)).tobytes())
    return file.getvalue()


async def ask(server: LiveServer, method: str, path: str, key: str = "", **options: Any) -> tuple[int, Message]:
    """Return status and body of a JSON answer."""
    headers = {"x-api-key": key} if key else {}
    async with (
        aiohttp.ClientSession(headers=headers) as client,
        client.request(method, f"{server.url}{path}", **options) as answer,
    ):
        return answer.status, await answer.json()


async def hand_in(server: LiveServer, key: str = "", *, seconds: float = 4, **fields: str) -> tuple[int, Message]:
    """Submit a recording as a form."""
    form = aiohttp.FormData(fields)
    form.add_field("file", io.BytesIO(wav(seconds)), filename="talk.wav")
    return await ask(server, "POST", "/v1/recordings", key, data=form)


async def follow(server: LiveServer, job_id: str, key: str = "") -> list[tuple[str, Message]]:
    """Return a job's events up to its end."""
    headers = {"x-api-key": key} if key else {}
    address = f"{server.url}/v1/recordings/{job_id}/events"
    async with aiohttp.ClientSession(headers=headers) as client, client.get(address) as answer:
        assert answer.content_type == "text/event-stream"
        text = await answer.text()
    events = [event.splitlines() for event in text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in events]


async def test_a_file_becomes_a_record(live_server: LiveServerFactory) -> None:
    """A form is taken in, followed by events to its end, listed, and read as the record of its id."""
    async with live_server() as server:
        status, job = await hand_in(server, label="Rapat", meeting_id="m1", speaker_count="2", channels="mixed")
        assert (status, job["status"], job["label"], job["meeting_id"]) == (202, "queued", "Rapat", "m1")
        events = await follow(server, job["id"])
        assert [name for name, _ in events][-1] == "complete"
        assert all(name == "progress" for name, _ in events[:-1])
        last = events[-1][1]
        assert (last["progress"], last["seconds"], last["mime_type"], last["error"]) == (1.0, 4.0, "audio/wav", None)
        _, record = await ask(server, "GET", f"/v1/records/{job['id']}")
        assert (record["kind"], record["seconds"], record["label"], record["outcome"]) == (
            "recording",
            4.0,
            "Rapat",
            "ok",
        )
        assert record["segments"]
        _, page = await ask(server, "GET", "/v1/recordings?meeting_id=m1&status=complete&q=rapat")
        assert ([one["id"] for one in page["recordings"]], page["total"]) == ([job["id"]], 1)
        _, usage = await ask(server, "GET", "/v1/usage?kind=recording")
        assert usage["total"]["billable_seconds"] == 4.0


async def test_words_are_written_as_is_wanted(live_server: LiveServerFactory) -> None:
    """`formatting` is an object, in a form its JSON: the scripted engine's German words have capitals."""
    async with live_server() as server:
        for formatting, lower in ((None, False), ({"capitals": False, "fillers": False}, True)):
            fields = {} if formatting is None else {"formatting": json.dumps(formatting)}
            _, job = await hand_in(server, language="de", **fields)
            await follow(server, job["id"])
            _, record = await ask(server, "GET", f"/v1/records/{job['id']}")
            text = record["segments"][0]["text"]
            assert text
            assert (text == text.lower()) is lower
            assert record["segments"][0]["words"][0].get("spoken", text.split()[0]).istitle()


@pytest.mark.parametrize(
    "fields",
    [
        *({"speaker_count": "no"}, {"channels": "all"}, {"nonsense": "x"}, {"url": "http://x.example/"}),
        *({"formatting": text} for text in ("no", "[]", '{"redacted": ["card"]}', '{"numbers": "yes"}')),
    ],
)
async def test_a_bad_form_is_refused(live_server: LiveServerFactory, fields: dict[str, str]) -> None:
    """What is wrong is told at once, and nothing is taken in."""
    async with live_server() as server:
        status, body = await hand_in(server, **fields)
        assert (status, body["error"]["code"]) == (400, "invalid_configuration")
        assert (await ask(server, "GET", "/v1/recordings"))[1]["total"] == 0


async def test_what_is_no_sound_is_refused(live_server: LiveServerFactory) -> None:
    """A file that holds none, no file at all, and a URL while fetching is off."""
    async with live_server() as server:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(b"no sound at all" * 99), filename="../../etc/passwd")
        status, body = await ask(server, "POST", "/v1/recordings", data=form)
        assert (status, body["error"]["code"]) == (415, "unsupported_audio")
        status, body = await ask(server, "POST", "/v1/recordings", json={})
        assert (status, body["error"]["code"]) == (400, "invalid_configuration")
        status, body = await ask(server, "POST", "/v1/recordings", json={"url": "http://127.0.0.1/a.wav"})
        assert (status, body["error"]["code"]) == (400, "invalid_url")


async def test_cancel_retry_and_archive(live_server: LiveServerFactory) -> None:
    """A job that ended is archived and no longer listed; one that was cancelled can be tried again and ends well."""
    async with live_server() as server:
        _, job = await hand_in(server, seconds=60)
        path = f"/v1/recordings/{job['id']}"
        status, cancelled = await ask(server, "POST", f"{path}/cancel")
        assert (status, cancelled["status"]) == (200, "cancelled")
        assert (await ask(server, "POST", f"{path}/retry"))[1]["status"] == "queued"
        assert (await follow(server, job["id"]))[-1][0] == "complete"
        status, archived = await ask(server, "DELETE", path)
        assert (status, archived["media"]) == (200, None)
        assert (await ask(server, "GET", "/v1/recordings"))[1]["total"] == 0
        assert (await ask(server, "GET", f"/v1/records/{job['id']}"))[0] == 200


async def test_a_job_is_its_organisations(live_server: LiveServerFactory) -> None:
    """No key, a foreign key, another user's key and an empty quota get nothing."""
    async with live_server(keys=True) as server:
        mine = await server.create_key("acme", user="ada")
        other = await server.create_key("acme", user="budi")
        foreign = await server.create_key("globex")
        poor = await server.create_key("acme", quota_seconds=0.0)
        assert (await hand_in(server))[0] == 401
        assert (await hand_in(server, poor))[0] == 402
        status, job = await hand_in(server, mine)
        assert status == 202
        for key in (other, foreign):
            for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/cancel"), ("DELETE", "")):
                assert (await ask(server, method, f"/v1/recordings/{job['id']}{path}", key))[0] == 404
            assert (await ask(server, "GET", "/v1/recordings", key))[1]["total"] == 0
        assert (await follow(server, job["id"], mine))[-1][0] == "complete"


async def test_too_many_wait(live_server: LiveServerFactory) -> None:
    """An organisation's line has an end."""
    free = threading.Event()
    engine = ScriptedEngine(cost_seconds=1, sleep=lambda _: free.wait() and None)
    async with live_server(engine_object=engine, max_waiting_jobs=1) as server:
        try:
            assert (await hand_in(server))[0] == 202
            status, body = await hand_in(server)
            assert (status, body["error"]["code"]) == (429, "too_many_jobs")
        finally:
            free.set()
