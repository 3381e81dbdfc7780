"""What Deepgram's own SDKs tell of a recording that fails when the status of the answer is out."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from stream_server.compat.deepgram.errors import farewell
from stream_server.errors import EngineFailed
from stream_server.rest.patience import Patience
from tests.sdks.deepgram import CLIPS
from tests.sdks.environments import ScriptFailed, node_client, python_client, run_script

pytestmark = [pytest.mark.sdks, pytest.mark.timeout(300)]

REASON = "nobody could hear it"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Give a server that answers every recording with its headers, and with a failure after that."""
    patience = Patience(silent_seconds=0.1, drip_seconds=0.1, look_seconds=0.1)

    out = asyncio.Event()

    async def fail() -> web.Response:
        await out.wait()
        raise EngineFailed(REASON)

    async def note(_request: web.Request, _response: web.StreamResponse) -> None:
        out.set()

    async def listen(request: web.Request) -> web.StreamResponse:
        await request.read()
        return await patience.answer(request, fail(), farewell=lambda error: farewell(error, uuid.uuid4().hex))

    application = web.Application()
    application.on_response_prepare.append(note)
    application.router.add_post("/v1/listen", listen)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    yield f"http://{host}:{port}"
    await runner.cleanup()


async def transcribed(client: Path, script: str, url: str) -> Any:
    """Return what an SDK makes of the answer."""
    told = json.dumps({"url": url, "key": "k", "file": str(CLIPS / "garden.flac"), "options": {}})
    return await run_script(client, script, "recorded", told)


async def test_python_7_raises_with_the_reason(url: str) -> None:
    """The text of the answer is in the error."""
    client = await asyncio.to_thread(python_client, "deepgram-7")
    told = await transcribed(client, "deepgram_7.py", url)
    assert told["raised"] == "ApiError"
    assert REASON in told["body"]


async def test_javascript_5_returns_the_reason(url: str) -> None:
    """It raises nothing: what it returns has no results, and an `error` with the text of the answer."""
    client = await asyncio.to_thread(node_client, "deepgram-js-5")
    told = await transcribed(client, "deepgram_js_5.mjs", url)
    assert (told["ok"], told["error"]["reason"]) == (False, "non-json")
    assert REASON in told["error"]["rawBody"]


async def test_python_4_raises_that_it_is_no_json(url: str) -> None:
    """The reason is not told."""
    client = await asyncio.to_thread(python_client, "deepgram-4")
    assert (await transcribed(client, "deepgram_4.py", url))["raised"] == "JSONDecodeError"


async def test_javascript_4_raises_that_it_is_no_json(url: str) -> None:
    """The message has the first letters of the text; the error is none of those that the SDK returns."""
    client = await asyncio.to_thread(node_client, "deepgram-js-4")
    with pytest.raises(ScriptFailed, match=r"SyntaxError: .* is not valid JSON"):
        await transcribed(client, "deepgram_js_4.mjs", url)
