"""OpenAI's audio endpoints on a running server, as its clients and `requests` call them."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from stream_server.asr.scripted import ScriptedEngine
from tests.live import LiveServer, LiveServerFactory

CLIP = Path(__file__).resolve().parents[1] / "audio" / "clips" / "train.flac"


class Caller:
    """Somebody with a key."""

    def __init__(self, server: LiveServer, http: aiohttp.ClientSession, key: str | None) -> None:
        self.server = server
        self.http = http
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def post(
        self, path: str, *fields: tuple[str, str], audio: bytes | None = None, first: bool = False
    ) -> tuple[int, dict[str, str], str]:
        """Send a form with a file, which may come first; return status, headers and body."""
        form = aiohttp.FormData(default_to_multipart=True)
        data = CLIP.read_bytes() if audio is None else audio
        if first and data:
            form.add_field("file", io.BytesIO(data), filename="unknown_file", content_type="application/octet-stream")
        for name, value in fields:
            form.add_field(name, value)
        if not first and data:
            form.add_field("file", io.BytesIO(data), filename="clip.flac")
        form.add_field("model", "whisper-1")
        async with self.http.post(f"{self.server.url}{path}", data=form, headers=self.headers) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, await answer.text()

    async def transcribe(self, *fields: tuple[str, str], **how: Any) -> tuple[int, dict[str, str], str]:
        """Ask for a transcription."""
        return await self.post("/v1/audio/transcriptions", *fields, **how)


@pytest.fixture
async def caller(live_server: LiveServerFactory) -> AsyncIterator[Caller]:
    """Give a caller of a server with the scripted engine."""
    async with live_server(keys=True) as server, aiohttp.ClientSession() as http:
        yield Caller(server, http, await server.create_key())


@pytest.mark.parametrize("first", [True, False])
async def test_the_file_may_come_first_or_last(caller: Caller, first: bool) -> None:
    """SDKs send it last, others first; the format is found in the bytes, and JSON is called JSON."""
    status, headers, body = await caller.transcribe(("model", "whisper-1"), ("language", "en"), first=first)
    assert (status, headers["content-type"]) == (200, "application/json")
    assert headers["x-request-id"]
    answer = json.loads(body)
    assert answer["text"]
    assert answer["usage"] == {"type": "duration", "seconds": 6}


async def test_every_format_is_the_same_words(caller: Caller) -> None:
    """JSON, text, subtitles: each has its type, and all of them say the same."""
    answers = {}
    for form in ("json", "text", "srt", "vtt", "verbose_json", "diarized_json"):
        status, headers, answers[form] = await caller.transcribe(("response_format", form))
        assert status == 200
        kind = "application/json" if form.endswith("json") else "text/plain; charset=utf-8"
        assert headers["content-type"] == kind
    text = json.loads(answers["json"])["text"]
    assert answers["text"] == f"{text}\n"
    verbose, diarized = json.loads(answers["verbose_json"]), json.loads(answers["diarized_json"])
    assert verbose["text"] == diarized["text"] == text
    assert " ".join(s["text"].strip() for s in verbose["segments"]) == text
    for subtitles in (answers["srt"], answers["vtt"]):
        lines = [line for line in subtitles.splitlines() if line and "-->" not in line and not line.isdigit()]
        assert " ".join(lines).removeprefix("WEBVTT ") == text


async def test_a_stream_appends_the_same_words(caller: Caller) -> None:
    """Joined deltas are the text that the plain answer has; the stream ends as the vendor's does."""
    _, _, plain = await caller.transcribe()
    status, headers, body = await caller.transcribe(("stream", "true"), ("model", "whisper-1"))
    assert status == 200
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["x-request-id"]
    lines = [line.removeprefix("data: ") for line in body.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    *deltas, done = [json.loads(line) for line in lines[:-1]]
    assert "".join(delta["delta"] for delta in deltas) == done["text"] == json.loads(plain)["text"]


async def test_translations_are_english(caller: Caller) -> None:
    """Whatever the clip's language is said to be."""
    status, _, body = await caller.post("/v1/audio/translations", ("response_format", "verbose_json"))
    assert status == 200
    assert json.loads(body)["language"] == "english"
    _, _, spoken = await caller.transcribe(("language", "id"))
    _, _, english = await caller.post("/v1/audio/translations", ("language", "id"))
    assert json.loads(spoken)["text"] != json.loads(english)["text"]


async def test_an_unknown_language_is_detected(caller: Caller) -> None:
    """The vendor never refuses one."""
    status, _, body = await caller.transcribe(("language", "tlh"), ("response_format", "verbose_json"))
    assert (status, json.loads(body)["language"]) == (200, "english")


@pytest.mark.parametrize(
    ("fields", "audio", "code", "param"),
    [
        ((), b"", "missing_required_parameter", "file"),
        ((("response_format", "yaml"),), None, "invalid_value", "response_format"),
        ((), b"this is no audio at all, just words " * 9, "unsupported_audio", None),
        ((("stream", "true"),), b"nor is this " * 50, "unsupported_audio", None),
    ],
)
async def test_what_is_refused_is_told_in_the_vendors_form(
    caller: Caller, fields: tuple[tuple[str, str], ...], audio: bytes | None, code: str, param: str | None
) -> None:
    """A status, a type, a code and the parameter; also before a stream."""
    status, headers, body = await caller.transcribe(*fields, audio=audio)
    error = json.loads(body)["error"]
    assert (status, error["code"], error["param"]) == (400, code, param)
    assert error["type"] == "invalid_request_error"
    assert headers["x-request-id"]
    assert headers["x-should-retry"] == "false"


async def test_keys_quotas_and_sizes(live_server: LiveServerFactory) -> None:
    """401 for a key that is none, 429 for an empty quota, 413 for too much."""
    async with live_server(keys=True, max_upload_bytes=1_000_000) as server, aiohttp.ClientSession() as http:
        nobody, poor = Caller(server, http, "wrong"), Caller(server, http, await server.create_key(quota_seconds=0))
        rich = Caller(server, http, await server.create_key())
        answers = [
            await nobody.transcribe(),
            await poor.transcribe(),
            await poor.transcribe(("stream", "true")),
            await rich.transcribe(audio=bytes(1_100_000)),
        ]
    told = [(status, json.loads(body)["error"]["code"]) for status, _, body in answers]
    assert told == [
        (401, "invalid_api_key"),
        (429, "insufficient_quota"),
        (429, "insufficient_quota"),
        (413, "message_too_large"),
    ]


async def test_a_quota_that_ends_in_mid_stream_is_an_error_event(live_server: LiveServerFactory) -> None:
    """The words so far stand, then comes what both SDKs raise."""
    async with live_server(keys=True) as server, aiohttp.ClientSession() as http:
        caller = Caller(server, http, await server.create_key(quota_seconds=3))
        status, _, body = await caller.transcribe(("stream", "true"))
    messages = [json.loads(line.removeprefix("data: ")) for line in body.splitlines() if line.startswith("data: ")]
    assert status == 200
    assert messages[-1]["error"]["code"] == "insufficient_quota"
    assert {message["type"] for message in messages[:-1]} <= {"transcript.text.delta"}


async def test_english_models_cannot_translate(live_server: LiveServerFactory) -> None:
    """A clear refusal instead of words in another language."""

    class English(ScriptedEngine):
        @property
        def capabilities(self) -> Any:
            return replace(super().capabilities, languages=("en",), translates=False)

    async with live_server(engine_object=English()) as server, aiohttp.ClientSession() as http:
        status, _, body = await Caller(server, http, None).post("/v1/audio/translations")
    assert status == 400
    assert "cannot translate" in json.loads(body)["error"]["message"]


async def test_models_have_both_shapes(caller: Caller) -> None:
    """The list is OpenAI's and Deepgram's; one model is found by its name, an unknown one is not."""
    url = f"{caller.server.url}/v1/models"
    async with caller.http.get(url, headers=caller.headers) as answer:
        listed = await answer.json()
    assert (listed["object"], listed["stt"], listed["tts"]) == ("list", [], [])
    assert {"scripted", "whisper-1"} <= {model["id"] for model in listed["data"]}
    async with caller.http.get(f"{url}/whisper-1", headers=caller.headers) as answer:
        assert (await answer.json())["object"] == "model"
    async with caller.http.get(f"{url}/gpt-9", headers=caller.headers) as answer:
        assert answer.status == 404
        assert (await answer.json())["error"]["code"] == "model_not_found"
    async with caller.http.get(url) as answer:
        assert answer.status == 401


async def test_a_browser_gets_a_key_of_its_own(caller: Caller) -> None:
    """It opens the session that was asked for, by the subprotocol, and acts for the key behind it."""
    url = f"{caller.server.url}/v1/realtime/client_secrets"
    heard = {"transcription": {"language": "id"}, "turn_detection": None, "format": {"type": "audio/pcmu"}}
    wanted = {"session": {"type": "transcription", "audio": {"input": heard}}, "expires_after": {"seconds": 30}}
    async with caller.http.post(url, json=wanted, headers=caller.headers) as answer:
        secret = await answer.json()
    assert secret["session"]["audio"]["input"]["turn_detection"] is None
    offers = [Subprotocol(name) for name in ("realtime", f"openai-insecure-api-key.{secret['value']}")]
    async with connect(f"{caller.server.ws_url}/v1/realtime", subprotocols=offers) as socket:
        session = json.loads(await socket.recv())["session"]["audio"]["input"]
        await socket.send(json.dumps({"type": "input_audio_buffer.append", "audio": "/" * 4_000}))
        await socket.send(json.dumps({"type": "input_audio_buffer.commit"}))
        committed = json.loads(await socket.recv())
    assert (session["turn_detection"], session["format"]) == (None, {"type": "audio/pcmu"})
    assert session["transcription"]["language"] == "id"
    assert committed["type"] == "input_audio_buffer.committed"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"session": []}, None),
        ({"session": [1]}, "session"),
        ({"session": {"audio": {"input": {"format": {"type": "audio/opus"}}}}}, None),
        ({"session": {"audio": {"input": {"transcription": {"prompt": "x" * 9_000}}}}}, "session"),
        ({"expires_after": {"seconds": 5}}, "expires_after.seconds"),
        ({"expires_after": {"seconds": "long"}}, "expires_after.seconds"),
        ({"expires_after": "long"}, "expires_after.seconds"),
    ],
)
async def test_a_secret_for_what_cannot_be_is_refused(caller: Caller, body: Any, param: str | None) -> None:
    """The session is judged before anybody opens it; an empty one is fine."""
    url = f"{caller.server.url}/v1/realtime/client_secrets"
    async with caller.http.post(url, json=body, headers=caller.headers) as answer:
        told = await answer.json()
    if body == {"session": []}:
        assert told["value"].startswith("ek_")
    else:
        assert (answer.status, told["error"]["param"]) == (400, param)


async def test_a_secret_transcribes_and_no_more(live_server: LiveServerFactory) -> None:
    """An admin's secret is no admin, and no secret begets another."""
    async with live_server(keys=True) as server, aiohttp.ClientSession() as http:
        admin = Caller(server, http, await server.create_key(scopes=("admin",)))
        url = f"{server.url}/v1/realtime/client_secrets"
        async with http.post(url, headers=admin.headers) as answer:
            browser = Caller(server, http, (await answer.json())["value"])
        status, _, _ = await browser.transcribe()
        async with http.get(f"{server.url}/v1/usage", headers=browser.headers) as usage:
            pass
        async with http.post(url, headers=browser.headers) as another:
            pass
    assert (status, usage.status, another.status) == (200, 403, 403)


async def test_a_secret_needs_a_key(caller: Caller) -> None:
    """Who has none gets none; none at all in the body asks for the usual."""
    url = f"{caller.server.url}/v1/realtime/client_secrets"
    async with caller.http.post(url) as answer:
        assert answer.status == 401
    async with caller.http.post(url, headers=caller.headers) as answer:
        assert answer.status == 200
