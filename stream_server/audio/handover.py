"""Hand bytes from the event loop to a demuxing thread and samples back, strictly in turns.

libav pulls: its demuxer calls `read` and must block there until bytes come. So each container session has a thread of
its own, against the house's rule and bounded by `containers.Slots`. The loop's side gives bytes and gets a future; the
thread answers it when it starves for more. At any time one of the two waits, which is all the back-pressure needed.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque

from stream_server.errors import StreamServerError
from stream_server.events import Samples

MOST_SAMPLES = 2_000_000
"""Samples of an answer after which the thread waits to be asked again; FLAC has a minute of silence in 200 bytes."""


class Abandoned(Exception):
    """The session is gone; raised in the thread to end it."""


class Handover:
    """The meeting point; `give` and `close` belong to the loop, `read`, `put` and `end` to the thread."""

    def __init__(self) -> None:
        self.more = False
        """Whether the last answer was cut short: ask again with no bytes."""
        self._turn = threading.Condition()
        self._loop = asyncio.get_running_loop()
        self._bytes: deque[bytes] = deque()
        self._complete = False
        self._closed = False
        self._ended = False
        self._error: StreamServerError | None = None
        self._asked: asyncio.Future[list[Samples]] | None = None
        self._decoded: list[Samples] = []
        self._decoded_samples = 0

    # ── the loop ────────────────────────────────────────────────────────────────────────────────────────────────────

    def give(self, data: bytes, complete: bool) -> asyncio.Future[list[Samples]]:
        """Pass bytes on; `complete` says that they are the last. Await the answer before giving more."""
        future: asyncio.Future[list[Samples]] = self._loop.create_future()
        with self._turn:
            assert self._asked is None, "one question at a time"
            self._asked = future
            if data and not self._ended:  # what comes behind a container's own end is nobody's
                self._bytes.append(data)
            self._complete = self._complete or complete
            if self._ended or self._closed:
                self._answer()
            self._turn.notify()
        return future

    def close(self) -> None:
        """Make the thread end as soon as it comes out of libav; a question still open is cancelled."""
        with self._turn:
            self._closed = True
            self._bytes.clear()
            if self._asked is not None:
                self._asked.cancel()
                self._asked = None
            self._turn.notify()

    # ── the thread ──────────────────────────────────────────────────────────────────────────────────────────────────

    def read(self, size: int) -> bytes:
        """Return 1 to `size` bytes, or none at the end; before waiting, answer with all that was decoded."""
        with self._turn:
            while not (self._bytes or self._complete or self._closed):
                if not self._answer():
                    return b""
                self._turn.wait()
            if not self._bytes:
                return b""
            first = self._bytes.popleft()
            if len(first) > size:
                self._bytes.appendleft(first[size:])
            return first[:size]

    def put(self, samples: Samples) -> None:
        """Add decoded samples to the next answer; wait for the next question once there are many."""
        with self._turn:
            if self._closed:
                raise Abandoned
            self._decoded.append(samples)
            self._decoded_samples += samples.size
            if self._decoded_samples >= MOST_SAMPLES:
                self._answer(more=True)
                while self._asked is None and not self._closed:
                    self._turn.wait()

    def end(self, error: StreamServerError | None) -> None:
        """Answer with the rest; `error` is raised to whoever asks after that."""
        with self._turn:
            self._ended = True
            self._bytes.clear()
            self._error = error
            self._answer()

    # ── either, holding the lock ────────────────────────────────────────────────────────────────────────────────────

    def _answer(self, more: bool = False) -> bool:
        """Answer the open question, if any; return False if its loop is gone."""
        future, self._asked = self._asked, None
        if future is None:
            return True
        decoded, self._decoded, self._decoded_samples = self._decoded, [], 0
        error = self._error if self._ended and not decoded else None
        self.more = more or (self._error is not None and error is None)
        try:
            self._loop.call_soon_threadsafe(_resolve, future, decoded, error)
        except RuntimeError:  # the loop was closed under us: nobody is left to answer
            self._closed = True
        return not self._closed


def _resolve(future: asyncio.Future[list[Samples]], decoded: list[Samples], error: StreamServerError | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(decoded)
