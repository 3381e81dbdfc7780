"""schemathesis holds a running server to its OpenAPI document: no 5xx, no answer that the document does not have."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest

from stream_server.store.voices import EnrolledAudio, Voice
from stream_server.webhooks.delivery import WebhookEvent
from stream_server.webhooks.endpoint import Endpoint, new_secret
from tests.live import LiveServer, LiveServerFactory
from tests.rest.test_records import entries
from tests.voices import voice

ROOT = Path(__file__).resolve().parents[2]

CLIP = ROOT / "tests" / "audio" / "clips" / "train.flac"

CONFIG = Path(__file__).with_name("schemathesis.toml")

ORGANISATION = "acme"

RECORDS = ["0a" * 16, "0b" * 16, "0c" * 16]
"""To listen to, to change, and to delete."""

EXAMPLES = 5
"""Of each operation, besides those that follow from its bounds: a minute's worth. A longer run by hand tries more."""


async def furnish(server: LiveServer, key: str) -> dict[str, Any]:
    """Put something of each kind into a server; return what it is called, by field and by operation."""
    app = server.app
    await app.records.write(
        [entry for name in RECORDS for entry in entries(name, ORGANISATION, "ann", "m1", started_at=1.0)]
    )
    tape = app.kept_audio.open(RECORDS[0], 16_000, 1)
    tape.write(np.zeros((16_000, 1), np.float32), 0)
    tape.close()
    voices, embedder = app.voices.enroller._store, app.voices.book.embedder
    await voices.add_voice(
        Voice(id="v1", organisation=ORGANISATION, name="Ann", created_at=1.0, embedder=embedder), (voice(1),)
    )
    audio = EnrolledAudio(
        id="a1", organisation=ORGANISATION, created_at=4e9, seconds=30.0, embedder=embedder, embeddings=(voice(2),)
    )
    await voices.add_audio(audio)
    endpoint = Endpoint(
        id="e1", organisation=ORGANISATION, url="https://192.0.2.1/", created_at=1.0, secrets=(new_secret(1.0),)
    )
    await app.webhooks.store.add_endpoint(endpoint, 100)
    event = WebhookEvent(
        id="w1",
        organisation=ORGANISATION,
        event_type="stt.job.failed",
        subject="j1",
        payload='{"job_id": "j1"}',
        created_at=1.0,
    )
    delivery = await app.webhooks.store.send(event, "e1")
    [kept, doomed, prosa] = [await submit(server, key) for _ in range(3)]
    return {
        "record_id": RECORDS[1],
        "speaker": 1,
        "into": 2,
        "audio_ids": ["a1"],
        "data": base64.b64encode(CLIP.read_bytes()).decode(),
        "model": app.settings.prosa_models[0],
        "path": kept["media"],
        "GET /v1/records/{id}": RECORDS[0],
        "GET /v1/records/{id}/audio": RECORDS[0],
        "DELETE /v1/records/{id}": RECORDS[2],
        "DELETE /v1/speakers/{id}": "v1",
        "GET /v1/media/{path}": kept["media"],
        "GET /v1/fetch/{path}": kept["media"],
        "GET /v1/recordings/{id}": kept["id"],
        "GET /v1/recordings/{id}/events": kept["id"],
        "POST /v1/recordings/{id}/cancel": kept["id"],
        "POST /v1/recordings/{id}/retry": kept["id"],
        "DELETE /v1/recordings/{id}": doomed["id"],
        "GET /v2/speech/stt/{job_id}": kept["id"],
        "GET /v2/speech/stt/{job_id}/status": kept["id"],
        "DELETE /v2/speech/stt/{job_id}": prosa["id"],
        **{
            label.format(prefix): name
            for prefix in ("/v1/webhooks", "/v2/speech/webhooks")
            for label, name in (
                ("GET {}/endpoints/{{id}}/deliveries", "e1"),
                ("GET {}/events/{{id}}", "w1"),
                ("POST {}/deliveries/{{id}}/replay", delivery.id),
            )
        },
    }


async def submit(server: LiveServer, key: str) -> dict[str, Any]:
    """Hand a recording in and wait until it is done."""
    headers = {"x-api-key": key}
    form = aiohttp.FormData({"label": "Monday"})
    form.add_field("file", CLIP.read_bytes(), filename="speech.flac")
    async with aiohttp.ClientSession(server.url, headers=headers) as client:
        async with client.post("/v1/recordings", data=form) as answer:
            assert answer.status == 202, await answer.text()
            recording = dict(await answer.json())
        async with client.get(f"/v1/recordings/{recording['id']}/events") as answer:
            assert "event: complete" in await answer.text()
    return recording


@pytest.mark.timeout(1_200)
async def test_the_server_answers_as_its_document_says(live_server: LiveServerFactory, tmp_path: Path) -> None:
    """Whatever is sent, well-formed or not, every answer is one of those that are described, and none is a failure."""
    async with live_server(keys=True, job_wait_seconds=1) as server:
        key = await server.create_key(ORGANISATION, scopes=frozenset({"transcribe", "usage", "admin"}))
        names = await furnish(server, key)
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "schemathesis.cli",
                "--config-file",
                str(CONFIG),
                "run",
                f"{server.url}/openapi.json",
            ),
            *("--header", f"Authorization: Bearer {key}", "--generation-with-security-parameters", "false"),
            *("--warnings", "off"),
            *("--max-examples", str(EXAMPLES), "--seed", "1"),
            *("--generation-database", "none", "--continue-on-failure", "--no-color", "--request-timeout", "120"),
            cwd=tmp_path,
            env=os.environ
            | {
                "SCHEMATHESIS_HOOKS": "tests.rest.schemathesis_hooks",
                "PYTHONPATH": str(ROOT),
                "SCHEMATHESIS_NAMES": json.dumps(names),
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await process.communicate()
    assert process.returncode == 0, told.decode(errors="replace").rpartition("= FAILURES =")[2]
