"""Who may send no recording hears so in the words of the API that he speaks, whichever way the recording would come."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import aiohttp
import pytest

from tests.live import LiveServerFactory

AUDIO = b"no sound: it is refused before anybody looks"
WAYS: dict[str, tuple[str, str, dict[str, str]]] = {
    "native": ("/v1/recordings", "x-api-key: {}", {}),
    "prosa": ("/v2/speech/stt", "x-api-key: {}", {"config": json.dumps({"model": "stt-general"})}),
    "deepgram": ("/v1/listen", "authorization: Token {}", {}),
    "openai": ("/v1/audio/transcriptions", "authorization: Bearer {}", {"model": "whisper-1"}),
}
"""The path, how the key is told, the fields beside the file: Deepgram has none, the file is the body."""


async def refusal(url: str, key: str, way: str) -> tuple[int, Any]:
    """Send a recording; return the status and the body."""
    path, header, fields = WAYS[way]
    name, _, value = header.format(key).partition(": ")
    data: Any = AUDIO
    if way != "deepgram":
        data = aiohttp.FormData(fields, default_to_multipart=True)
        data.add_field("file", AUDIO, filename="a.wav")
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{url}{path}", data=data, headers={name: value}) as answer,
    ):
        return answer.status, await answer.json()


def code_of(body: Any, way: str) -> str:
    """Return the code of an error where each API has it."""
    if way in ("native", "openai"):
        return str(body["error"]["code"])
    return str(body["status"] if way == "prosa" else body["err_code"])


@pytest.mark.parametrize(
    ("way", "poor", "eager"),
    [
        ("native", (402, "quota_exceeded"), (429, "too_many_uploads")),
        ("prosa", (402, "quota_empty"), (429, "too_many_uploads")),
        ("deepgram", (402, "ASR_PAYMENT_REQUIRED"), (429, "TOO_MANY_REQUESTS")),
        ("openai", (429, "insufficient_quota"), (429, "rate_limit_exceeded")),
    ],
)
async def test_quota_and_share_are_refused_in_the_vendors_form(
    way: str, poor: tuple[int, str], eager: tuple[int, str], live_server: LiveServerFactory
) -> None:
    """A key with nothing left, and an organisation that has its share on the way in; nothing is kept of either."""
    async with live_server(keys=True, max_organisation_uploads=1) as server:
        status, body = await refusal(server.url, await server.create_key("poor", quota_seconds=0.0), way)
        assert (status, code_of(body, way)) == poor
        with ExitStack() as shares:
            shares.enter_context(server.app.recordings.uploads._shares.take("eager"))
            status, body = await refusal(server.url, await server.create_key("eager"), way)
        assert (status, code_of(body, way)) == eager
        assert list(server.app.recordings.uploads.directory.iterdir()) == []
        assert await server.app.recordings.jobs.count_queued() == 0
