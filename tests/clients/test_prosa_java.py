"""The re-enacted clients against a scripted server: they fail where the real ones were seen to fail."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.clients.prosa_java import run_2022, run_2023, stale_buffers

RESULT = {"type": "result", "transcript": "hello", "time_start": 0, "time_end": 1}
COMPLETE = {"type": "status", "status": "complete"}


@asynccontextmanager
async def scripted(*messages: dict[str, Any], code: int = 1000) -> AsyncIterator[str]:
    """Serve a connection that reads to the empty frame, says `messages` and closes."""

    async def answer(socket: ServerConnection) -> None:
        async for frame in socket:
            if frame == b"":
                break
        for message in messages:
            await socket.send(json.dumps(message))
        await socket.close(code)

    async with serve(answer, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2/speech/stt"


@pytest.mark.parametrize(
    ("message", "printed", "failure"),
    [
        ({**RESULT, "time_start": None}, "NullPointerException", "NullPointerException"),
        ({**RESULT, "time_end": "1.0"}, "ClassCastException", "ClassCastException"),
        ({**RESULT, "transcript": ""}, None, None),
        ({**RESULT, "transcript": None}, None, "NullPointerException"),
        ({"type": "quota", "active": False, "timestamp": 1.0, "quota_used": 1.0}, *["ClassCastException"] * 2),
        ({"type": "metadata", "duration": 1, "quota_used": 1, "max_reached": False}, "NullPointerException", None),
        ({"type": "status", "status": "failed"}, None, "IllegalArgumentException"),
        ({"type": "status", "status": "processing"}, *["IllegalArgumentException"] * 2),
        ({"status": "complete"}, *["NullPointerException"] * 2),
        ({"type": "news", "more": None}, None, None),
        ({"type": "status", "status": "COMPLETE"}, None, None),
    ],
)
async def test_each_client_fails_where_it_was_seen_to(
    message: dict[str, Any], printed: str | None, failure: str | None
) -> None:
    """What costs the 2022 client one message costs the 2023 client its job, or nothing."""
    async with scripted(message, COMPLETE) as url:
        old, new = await run_2022(url, "KEY", b"\0" * 40), await run_2023(url, "KEY", b"\0" * 40)
    assert old.printed == ([printed] if printed else [])
    assert new.failure == failure


async def test_without_complete_the_2023_client_hangs() -> None:
    """A close of 1000 alone is not an end for it."""
    async with scripted(RESULT) as url:
        assert (await run_2023(url, "KEY", b"")).failure == "hangs"


async def test_after_complete_a_bad_close_is_only_printed() -> None:
    """`complete` decides, whatever the code."""
    async with scripted(RESULT, COMPLETE, code=1011) as url:
        assert (await run_2023(url, "KEY", b"")).failure is None


@pytest.mark.parametrize(("code", "failure"), [(4005, "InsufficientQuotaException"), (1011, "Internal Server Error")])
async def test_a_close_code_becomes_an_exception(code: int, failure: str) -> None:
    """The 2023 client knows five codes; the rest is a server error to it."""
    async with scripted(code=code) as url:
        assert (await run_2023(url, "KEY", b"")).failure == failure


def test_the_last_buffer_is_stale() -> None:
    """A 40,044-byte file becomes 48,000 bytes, old ones at the end."""
    audio = bytes(range(250)) * 160 + b"the real end" + b"\0" * 32
    sent = b"".join(stale_buffers(audio))
    assert len(audio) == 40_044
    assert len(sent) == 48_000
    assert sent[40_044:] == sent[32_044:40_000]
