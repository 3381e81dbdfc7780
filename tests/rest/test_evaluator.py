"""Evaluations run one at a time, in processes that never outlive their time."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest

from stream_server.errors import InternalError, InvalidConfiguration, MessageTooLarge, ServerFull
from stream_server.rest import evaluator as module
from stream_server.rest.evaluator import Evaluator

REQUEST: dict[str, Any] = {
    "reference": {"format": "text", "content": "a b c d"},
    "hypothesis": {"format": "text", "content": "a b x d"},
    "options": {"normalizer": "none"},
}
BAD: dict[str, Any] = REQUEST | {"reference": {"format": "stm", "content": "secret"}}


@pytest.fixture
async def started(monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[asyncio.subprocess.Process]:
    """Give the processes that are started."""
    processes: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
    start = asyncio.create_subprocess_exec

    async def note(*command: str, **options: Any) -> asyncio.subprocess.Process:
        process = await start(*command, **options)
        processes.put_nowait(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", note)
    return processes


def make_evaluator(*, max_words: int = 100, max_seconds: float = 100.0, max_waiting: int = 4) -> Evaluator:
    """Return an evaluator with room for everything."""
    return Evaluator(max_words=max_words, max_seconds=max_seconds, max_waiting=max_waiting)


def run_instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let the processes run this."""
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", code))


async def test_a_report() -> None:
    """One word of four is wrong."""
    report = await make_evaluator().evaluate(REQUEST)
    assert report["wer"]["rate"] == 0.25


async def test_errors_of_the_request() -> None:
    """What the process finds wrong is raised here; the bound on words is ours, whatever is asked for."""
    with pytest.raises(InvalidConfiguration, match="the reference, line 1"):
        await make_evaluator().evaluate(BAD)
    with pytest.raises(MessageTooLarge, match="3 words"):
        await make_evaluator(max_words=3).evaluate(REQUEST | {"options": {"max_words": 100}})


async def test_time_is_bounded(
    monkeypatch: pytest.MonkeyPatch, started: asyncio.Queue[asyncio.subprocess.Process]
) -> None:
    """What takes too long is ended, and told so."""
    run_instead(monkeypatch, "import signal; signal.pause()")
    with pytest.raises(MessageTooLarge, match=r"longer than 0[.]1 seconds"):
        await make_evaluator(max_seconds=0.1).evaluate(REQUEST)
    assert started.get_nowait().returncode == -9


async def test_who_goes_away_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, started: asyncio.Queue[asyncio.subprocess.Process]
) -> None:
    """A request that is cancelled takes its process along."""
    run_instead(monkeypatch, "import signal; signal.pause()")
    task = asyncio.create_task(make_evaluator().evaluate(REQUEST))
    process = await started.get()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert process.returncode == -9


@pytest.mark.parametrize("code", ["raise SystemExit(1)", "input()", "print('no answer')"])
async def test_a_process_that_fails(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """It is our fault, and the next request gets a process of its own."""
    run_instead(monkeypatch, code)
    evaluator = make_evaluator()
    for _ in range(2):
        with pytest.raises(InternalError):
            await evaluator.evaluate(REQUEST)


async def test_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits for the first, a third is told to come back, and afterwards there is room again."""
    evaluator = make_evaluator(max_waiting=1)
    running, most, begun, go = 0, 0, asyncio.Event(), asyncio.Event()

    async def run(request: bytes) -> bytes:
        nonlocal running, most
        running += 1
        most = max(most, running)
        begun.set()
        await go.wait()
        running -= 1
        return b'{"report": {}}'

    monkeypatch.setattr(evaluator, "_run", run)
    first, second = (asyncio.create_task(evaluator.evaluate(REQUEST)) for _ in range(2))
    await begun.wait()
    with pytest.raises(ServerFull) as caught:
        await evaluator.evaluate(REQUEST)
    assert caught.value.retry_after_seconds == 100.0
    go.set()
    assert await asyncio.gather(first, second) == [{}, {}]
    assert most == 1
    assert await evaluator.evaluate(REQUEST) == {}
