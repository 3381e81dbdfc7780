"""What comes back when a recording is transcribed has the shape that the OpenAPI document says, in every form."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from jsonschema import Draft202012Validator

from tests.live import LiveServerFactory

CLIP = (Path(__file__).resolve().parents[1] / "audio" / "clips" / "train.flac").read_bytes()

EVERYTHING = {"punctuate": "true", "paragraphs": "true", "utterances": "true", "diarize": "true", "language": "multi"}


class Described:
    """A client that holds every answer to the document."""

    def __init__(self, session: aiohttp.ClientSession, document: dict[str, Any]) -> None:
        self._session = session
        self._document = document

    async def call(self, method: str, path: str, place: str | None = None, **request: Any) -> Any:
        """Call an operation, its answer in `place` if the path has parameters; return what it answered."""
        async with self._session.request(method, place or path, **request) as answer:
            text = await answer.text()
            assert answer.status < 300, text
            described = self._document["paths"][path][method.lower()]["responses"][str(answer.status)]
            schema = described["content"][answer.content_type]["schema"] if described.get("content") else {}
            if answer.content_type != "application/json":
                return text
            Draft202012Validator({"components": self._document["components"], **schema}).validate(json.loads(text))
            return json.loads(text)


@pytest_asyncio.fixture
async def server(live_server: LiveServerFactory) -> AsyncIterator[Described]:
    """Give a client of a running server."""
    async with live_server(keys=True) as running:
        headers = {"Authorization": f"Bearer {await running.create_key()}"}
        async with aiohttp.ClientSession(running.url, headers=headers) as session:
            async with session.get("/openapi.json") as answer:
                document = await answer.json()
            yield Described(session, document)


def form(**fields: str) -> aiohttp.FormData:
    """Return a form with a recording."""
    data = aiohttp.FormData(fields)
    data.add_field("file", CLIP, filename="speech.flac")
    return data


@pytest.mark.parametrize("query", [{}, EVERYTHING, {"detect_language": "true", "multichannel": "true"}])
async def test_deepgrams_answers(server: Described, query: dict[str, str]) -> None:
    """With every part that can be asked for, and without."""
    answer = await server.call("POST", "/v1/listen", params=query, data=CLIP)
    assert answer["results"]["channels"][0]["alternatives"][0]["words"]


@pytest.mark.parametrize("shape", ["json", "verbose_json", "diarized_json", "text", "srt", "vtt"])
async def test_openais_answers(server: Described, shape: str) -> None:
    """In each of the formats; what can be added is there too."""
    fields = {"response_format": shape, "include[]": "logprobs", "timestamp_granularities[]": "word"}
    answer = await server.call("POST", "/v1/audio/transcriptions", data=form(**fields))
    assert "alpha" in (answer if isinstance(answer, str) else answer["text"])


async def test_openais_models(server: Described) -> None:
    """All of them, and each."""
    listed = await server.call("GET", "/v1/models")
    for model in listed["data"]:
        await server.call("GET", "/v1/models/{id}", f"/v1/models/{model['id']}")


async def test_prosas_answers(server: Described) -> None:
    """A job that is waited for, listed, read and taken away."""
    [model, *_] = await server.call("GET", "/v2/speech/stt/models")
    body = {
        "config": {"model": model["name"], "wait": True},
        "request": {"label": "Monday", "data": base64.b64encode(CLIP).decode()},
    }
    job = await server.call("POST", "/v2/speech/stt", json=body)
    assert job["result"]["data"]
    assert (await server.call("GET", "/v2/speech/stt"))["length"] == 1
    assert await server.call("GET", "/v2/speech/stt/count") == 1
    place = f"/v2/speech/stt/{job['job_id']}"
    assert await server.call("GET", "/v2/speech/stt/{job_id}", place) == job
    await server.call("GET", "/v2/speech/stt/{job_id}/status", f"{place}/status")
    await server.call("DELETE", "/v2/speech/stt/{job_id}", place)


async def test_our_own_answers(server: Described) -> None:
    """A recording that is handed in and followed, its record in every form, its file played and deleted."""
    recording = await server.call("POST", "/v1/recordings", data=form(label="Monday"))
    place = f"/v1/recordings/{recording['id']}"
    assert "event: complete" in await server.call("GET", "/v1/recordings/{id}/events", f"{place}/events")
    assert (await server.call("GET", "/v1/recordings/{id}", place))["status"] == "complete"
    assert (await server.call("GET", "/v1/recordings"))["total"] == 1
    record = f"/v1/records/{recording['id']}"
    assert (await server.call("GET", "/v1/records/{id}", record))["segments"][0]["words"]
    for shape in ("txt", "md", "srt", "vtt"):
        assert "alpha" in (await server.call("GET", "/v1/records/{id}", record, params={"format": shape})).lower()
    assert (await server.call("GET", "/v1/records"))["records"]
    signed = await server.call("POST", "/v1/generate_signature", json={"paths": [recording["media"], "none"]})
    assert (len(signed["signatures"]), len(signed["failed"])) == (1, 1)
    await server.call("POST", "/v1/recordings/{id}/retry", f"{place}/retry")
    await server.call("DELETE", "/v1/recordings/{id}", place)
