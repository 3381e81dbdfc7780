"""A process of its own answers, or is ended."""

from __future__ import annotations

import asyncio
import sys

import pytest

from stream_server.errors import InternalError
from stream_server.rest.child import ask

ECHO = "import sys; sys.stdout.write(sys.stdin.read().upper())"


def command(code: str) -> tuple[str, ...]:
    """Return what runs this."""
    return (sys.executable, "-c", code)


async def test_an_answer() -> None:
    """What is asked comes in on standard input, what is written comes back."""
    assert await ask(command(ECHO), b"question" * 100_000, 100.0) == b"QUESTION" * 100_000


@pytest.mark.parametrize("code", ["raise SystemExit(1)", "raise ValueError('secret')"])
async def test_a_process_that_fails(code: str) -> None:
    """It is our fault, and tells nothing of what was asked."""
    with pytest.raises(InternalError) as caught:
        await ask(command(code), b"secret", 100.0)
    assert "secret" not in str(caught.value)


async def test_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes too long is ended before that is told."""
    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def note(*arguments: str, **options: int) -> asyncio.subprocess.Process:
        started.append(await start(*arguments, **options))  # type: ignore[arg-type]  # whatever we are given
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", note)
    with pytest.raises(TimeoutError):
        await ask(command("import signal; signal.pause()"), b"", 0.1)
    assert [process.returncode for process in started] == [-9]
