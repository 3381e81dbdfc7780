"""The process that decodes and who asks it take turns, and nobody waits for ever."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stream_server.audio import container_child
from stream_server.audio.container_child import (
    ANSWER,
    BEGUN,
    CUT_SHORT,
    ENDED,
    FAILED,
    QUESTION,
    STARVED,
    Abandoned,
    Opening,
    Turns,
    converse,
)
from stream_server.audio.sniff import Kind
from stream_server.errors import UnsupportedAudio

OPENING = Opening(Kind.OGG, channels=1, sample_rate=16_000, spool=None, memory_bytes=1 << 20)


class Asker:
    """The server's end; the process' part is a thread here."""

    def __init__(self) -> None:
        self.socket, self._theirs = socket.socketpair()
        self.turns = Turns(self._theirs)
        self.abandoned = False
        self._thread: threading.Thread | None = None

    def live(self, body: Callable[[Turns], None]) -> None:
        """Start the process' part."""

        def run() -> None:
            try:
                body(self.turns)
            except Abandoned:
                self.abandoned = True

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def ask(self, data: bytes, *, complete: bool = False) -> tuple[int, Any]:
        """Return the kind of an answer and its samples, or what it says has failed."""
        self.socket.sendall(QUESTION.pack(complete, len(data)) + data)
        kind, _, size = ANSWER.unpack(self.take(ANSWER.size))
        content = self.take(size)
        return kind, json.loads(content) if kind == FAILED else np.frombuffer(content, np.float32).tolist()

    def take(self, size: int) -> bytes:
        """Return so many bytes of what it says."""
        return self.socket.recv(size, socket.MSG_WAITALL) if size else b""

    def close(self) -> None:
        """Let go, and wait until the process' part has ended."""
        self.socket.close()
        if self._thread is not None:
            self._thread.join()
        self.turns._asked.close()
        self._theirs.close()


@pytest.fixture
def asker() -> Iterator[Asker]:
    """Give one who asks."""
    made = Asker()
    yield made
    made.close()


def echo(turns: Turns) -> None:
    """Turn every byte into one sample."""
    turns.listen()
    while data := turns.read(2):
        for byte in data:
            turns.put(np.full((1, 1), byte, np.float32))
    turns.end(None)


def test_turns(asker: Asker) -> None:
    """Each question is answered with all that its bytes gave, the last one with the rest."""
    asker.live(echo)
    assert asker.ask(b"\x01\x02\x03") == (STARVED, [1, 2, 3])
    assert asker.ask(b"") == (STARVED, [])
    assert asker.ask(b"\x04", complete=True) == (ENDED, [4])


def test_many_samples_come_in_pieces(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long answer is cut short and goes on when asked again."""
    monkeypatch.setattr(container_child, "MOST_SAMPLES", 2)
    asker.live(echo)
    assert asker.ask(bytes([1, 2, 3, 4, 5]), complete=True) == (CUT_SHORT, [1, 2])
    assert asker.ask(b"", complete=True) == (CUT_SHORT, [3, 4])
    assert asker.ask(b"", complete=True) == (ENDED, [5])


def test_an_error_comes_after_the_samples(asker: Asker) -> None:
    """What was decoded before an error is not lost; then the error is told."""

    def body(turns: Turns) -> None:
        turns.listen()
        turns.put(np.full((1, 1), 7, np.float32))
        turns.end(UnsupportedAudio("broken"))

    asker.live(body)
    assert asker.ask(b"x") == (CUT_SHORT, [7])
    assert asker.ask(b"") == (FAILED, {"code": "unsupported_audio", "message": "broken"})


@pytest.mark.parametrize("most", [1, 1_000])
def test_who_lets_go_ends_it(asker: Asker, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Whether it starves or has more samples than were wanted."""
    monkeypatch.setattr(container_child, "MOST_SAMPLES", most)
    asker.live(echo)
    asker.ask(b"\x01\x02\x03")
    asker.close()
    assert asker.abandoned


@pytest.mark.parametrize("opening", [OPENING, Opening(Kind.MP4, 2, 8_000, Path("/a b"), 1)])
def test_it_is_told_what_the_stream_is(asker: Asker, opening: Opening) -> None:
    """Before the first question, and says that it has begun."""
    heard: list[Opening] = []
    asker.live(lambda turns: heard.append(turns.begin()))
    asker.socket.sendall(opening.write())
    assert asker.take(len(BEGUN)) == BEGUN
    asker.close()
    assert heard == [opening]


@pytest.mark.parametrize(
    ("surprise", "code", "words"),
    [(ZeroDivisionError, "internal_error", "ZeroDivisionError"), (MemoryError, "unsupported_audio", "more memory")],
)
def test_a_surprise_is_an_answer_too(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, surprise: type[Exception], code: str, words: str
) -> None:
    """Whatever goes wrong, whoever asks hears of it."""

    def fail(*_: object) -> None:
        raise surprise

    monkeypatch.setattr(container_child, "decode", fail)
    asker.live(lambda turns: converse(turns, OPENING))
    kind, said = asker.ask(b"\xff")
    assert (kind, said["code"]) == (FAILED, code)
    assert words in said["message"]


def test_a_change_of_rate_keeps_the_time(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chained streams of different rates each take their own time on the clock."""
    parts = [(np.zeros((8_000, 1), np.float32), 8_000), (np.zeros((48_000, 1), np.float32), 48_000)]
    monkeypatch.setattr(container_child, "decode", lambda *_: iter(parts))
    asker.live(lambda turns: converse(turns, OPENING))
    kind, samples = asker.ask(b"", complete=True)
    assert (kind, len(samples)) == (ENDED, 32_000)


def test_the_disk_is_bounded(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, encode: Callable[..., bytes], tone: Any, tmp_path: Path
) -> None:
    """More than the limit is refused."""
    monkeypatch.setattr(container_child, "MOST_SPOOLED", 1_000)
    asker.live(lambda turns: converse(turns, Opening(Kind.MP4, 1, 16_000, tmp_path, 1 << 20)))
    kind, said = asker.ask(encode("mp4", tone(1.0)))
    assert (kind, said["code"]) == (FAILED, "backlog_exceeded")
    assert list(tmp_path.iterdir()) == []
