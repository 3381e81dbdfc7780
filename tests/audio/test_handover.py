"""Loop and thread take turns, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable

import numpy as np
import pytest

from stream_server.audio import handover
from stream_server.audio.handover import Abandoned, Handover
from stream_server.errors import UnsupportedAudio


def live(body: Callable[[], None]) -> threading.Thread:
    """Start a thread."""
    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    return thread


def sound(value: float) -> np.ndarray:
    """Return one sample."""
    return np.full((1, 1), value, np.float32)


def echo(meeting: Handover) -> Callable[[], None]:
    """Return a thread's body that turns every byte into one sample."""

    def body() -> None:
        while data := meeting.read(2):
            for byte in data:
                meeting.put(sound(byte))
        meeting.end(None)

    return body


def values(answer: list[np.ndarray]) -> list[float]:
    """Return the numbers of an answer."""
    return [float(samples[0, 0]) for samples in answer]


async def test_turns() -> None:
    """Each question is answered with all that its bytes gave, the last one with the rest."""
    meeting = Handover()
    thread = live(echo(meeting))
    assert values(await meeting.give(b"\x01\x02\x03", complete=False)) == [1, 2, 3]
    assert values(await meeting.give(b"", complete=False)) == []
    assert values(await meeting.give(b"\x04", complete=True)) == [4]
    thread.join()
    assert values(await meeting.give(b"\x05", complete=True)) == []


async def test_many_samples_come_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long answer is cut short and goes on when asked again."""
    monkeypatch.setattr(handover, "MOST_SAMPLES", 2)
    meeting = Handover()
    live(echo(meeting))
    pieces = [values(await meeting.give(bytes([1, 2, 3, 4, 5]), complete=True))]
    while meeting.more:
        pieces.append(values(await meeting.give(b"", complete=True)))
    assert pieces == [[1, 2], [3, 4], [5]]


async def test_error_comes_after_the_samples() -> None:
    """What was decoded before an error is not lost; then the error is raised, again and again."""
    meeting = Handover()

    def body() -> None:
        meeting.read(10)
        meeting.put(sound(7))
        meeting.end(UnsupportedAudio("broken"))

    live(body)
    assert values(await meeting.give(b"x", complete=False)) == [7]
    assert meeting.more
    for _ in range(2):
        with pytest.raises(UnsupportedAudio):
            await meeting.give(b"", complete=False)


async def test_close_wakes_a_starving_thread() -> None:
    """A thread that waits for bytes sees the end when the session is closed."""
    meeting = Handover()
    thread = live(echo(meeting))
    await meeting.give(b"\x01", complete=False)
    meeting.close()
    thread.join()
    assert await meeting.give(b"\x02", complete=False) == []


async def test_close_stops_a_busy_thread() -> None:
    """A thread that decodes for nobody is told so at its next samples, and the open question is cancelled."""
    meeting = Handover()
    stopped = threading.Event()
    go_on = threading.Event()

    def body() -> None:
        meeting.read(10)
        go_on.wait()
        try:
            meeting.put(sound(1))
        except Abandoned:
            stopped.set()

    thread = live(body)
    question = meeting.give(b"x", complete=False)
    meeting.close()
    go_on.set()
    thread.join()
    assert stopped.is_set()
    with pytest.raises(asyncio.CancelledError):
        await question


async def test_close_wakes_a_thread_with_too_many_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that waits to be asked for more ends too."""
    monkeypatch.setattr(handover, "MOST_SAMPLES", 1)
    meeting = Handover()

    def body() -> None:
        with contextlib.suppress(Abandoned):
            echo(meeting)()

    thread = live(body)
    await meeting.give(b"\x01\x02\x03", complete=False)
    meeting.close()
    thread.join()


async def test_a_cancelled_question_is_no_trouble() -> None:
    """An answer to a question that was cancelled is dropped."""
    meeting = Handover()
    thread = live(echo(meeting))
    meeting.give(b"\x01", complete=True).cancel()
    thread.join()
    await asyncio.sleep(0)


def test_a_closed_loop_ends_the_thread() -> None:
    """A thread whose loop is gone does not wait for it."""

    async def leave() -> threading.Thread:
        meeting = Handover()
        ready = threading.Event()
        meeting.give(b"", complete=False)

        def body() -> None:
            ready.wait()
            echo(meeting)()

        leave.ready = ready  # type: ignore[attr-defined]
        return live(body)

    thread = asyncio.run(leave())
    leave.ready.set()  # type: ignore[attr-defined]
    thread.join()


async def test_bytes_behind_the_end_are_not_kept() -> None:
    """A container that is complete may be followed by anything: it is answered and forgotten."""
    meeting = Handover()
    thread = live(lambda: meeting.end(None))
    thread.join()
    for _ in range(3):
        assert await meeting.give(bytes(1_000), complete=False) == []
    assert not meeting._bytes
