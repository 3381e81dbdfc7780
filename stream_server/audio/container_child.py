"""What decodes one compressed stream in a process of its own: bytes in, samples out, strictly in turns.

libav pulls: its demuxer calls `read` and waits there until bytes come. Here it may, for this process does nothing else.
The server asks with bytes, and is answered when libav starves for more. At any time one of the two waits, which is all
the back-pressure needed.
"""

from __future__ import annotations

import json
import socket
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from stream_server.audio.confinement import confine
from stream_server.audio.formats import match_channels
from stream_server.audio.libav import ByteSource, Damage, decode
from stream_server.audio.mp4 import index_comes_first
from stream_server.audio.resample import Resampler
from stream_server.audio.sniff import Kind
from stream_server.errors import BacklogExceeded, InternalError, StreamServerError, UnsupportedAudio
from stream_server.events import Samples

OPENING = struct.Struct("<I")
"""The size of what `Opening.write` gives, which comes first."""

BEGUN = b"\1"
"""Told before anything else: what goes wrong from here on is the stream's."""

QUESTION = struct.Struct("<?I")
"""Whether these bytes are the last, and how many they are."""

ANSWER = struct.Struct("<BII")
"""What kind of answer, frames skipped so far because they could not be decoded, the bytes of samples that follow."""

STARVED, CUT_SHORT, ENDED, FAILED = range(4)
"""It wants more bytes; it has more samples; there is nothing more; the same, and instead of samples follows why."""

MOST_SAMPLES = 2_000_000
"""Samples of an answer after which it is cut short; FLAC has a minute of silence in 200 bytes."""

MOST_SPOOLED = 512 << 20
"""Bytes of an MP4 whose index comes last that are kept on disk until its end."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a stream is, and what it may take: memory on top of what the process begins with."""

    kind: Kind
    channels: int
    sample_rate: int
    spool: Path | None
    memory_bytes: int

    def write(self) -> bytes:
        """Write it down for the process."""
        spool = None if self.spool is None else str(self.spool)
        said = json.dumps([self.kind.name, self.channels, self.sample_rate, spool, self.memory_bytes]).encode()
        return OPENING.pack(len(said)) + said

    @classmethod
    def read(cls, said: bytes) -> Opening:
        """Read what `write` wrote, but for its size."""
        kind, channels, sample_rate, spool, memory_bytes = json.loads(said)
        return cls(Kind[kind], channels, sample_rate, None if spool is None else Path(spool), memory_bytes)


class Abandoned(Exception):
    """The server has let go of the stream."""


class Turns:
    """The process' side of the conversation: `read` gives what was asked with, `put` and `end` add to the answer."""

    def __init__(self, stream: socket.socket) -> None:
        self.damage = Damage()
        self._stream = stream
        self._asked = stream.makefile("rb")
        self._bytes = memoryview(b"")
        self._complete = False
        self._decoded: list[Samples] = []
        self._decoded_samples = 0

    def begin(self) -> Opening:
        """Return what the stream is; it is asked for the first time."""
        opening = Opening.read(self._take(*OPENING.unpack(self._take(OPENING.size))))
        self._stream.sendall(BEGUN)
        return opening

    def listen(self) -> None:
        """Wait for the next question."""
        complete, size = QUESTION.unpack(self._take(QUESTION.size))
        self._complete = self._complete or complete
        self._bytes = memoryview(bytes(self._bytes) + self._take(size))

    def read(self, size: int) -> bytes:
        """Return 1 to `size` bytes, or none at the end; before waiting, answer with all that was decoded."""
        while not self._bytes and not self._complete:
            self._answer(STARVED)
            self.listen()
        piece, self._bytes = self._bytes[:size], self._bytes[size:]
        return bytes(piece)

    def put(self, samples: Samples) -> None:
        """Add decoded samples to the answer; wait for the next question once there are many."""
        self._decoded.append(samples)
        self._decoded_samples += samples.size
        if self._decoded_samples >= MOST_SAMPLES:
            self._answer(CUT_SHORT)
            self.listen()

    def end(self, error: StreamServerError | None) -> None:
        """Answer with the rest; what was decoded before an error is not lost."""
        if error is None:
            self._answer(ENDED)
            return
        if self._decoded:
            self._answer(CUT_SHORT)
            self.listen()
        self._say(FAILED, json.dumps({"code": error.code, "message": error.message}).encode())

    def _answer(self, kind: int) -> None:
        decoded, self._decoded, self._decoded_samples = self._decoded, [], 0
        self._say(kind, np.concatenate(decoded).tobytes() if decoded else b"")

    def _say(self, kind: int, content: bytes) -> None:
        with _unless_alone():
            self._stream.sendall(ANSWER.pack(kind, self.damage.frames, len(content)) + content)

    def _take(self, size: int) -> bytes:
        with _unless_alone():
            taken = self._asked.read(size)
            if len(taken) < size:
                raise Abandoned
            return taken


@contextmanager
def _unless_alone() -> Iterator[None]:
    try:
        yield
    except ConnectionError:
        raise Abandoned from None


def live(stream: socket.socket) -> None:
    """Decode what comes over a socket, to its end."""
    turns = Turns(stream)
    with suppress(Abandoned):
        opening = turns.begin()
        confine(opening.memory_bytes)
        converse(turns, opening)


def converse(turns: Turns, opening: Opening) -> None:
    """Answer every question; raises `Abandoned`."""
    error: StreamServerError | None = None
    turns.listen()
    try:
        for samples in _converted(turns, opening):
            turns.put(samples)
    except Abandoned:
        raise
    except StreamServerError as raised:
        error = raised
    except MemoryError:
        error = UnsupportedAudio(f"the {opening.kind.name} audio wants more memory than any stream does")
    # The process' outermost boundary: whoever waits for samples must hear of it.
    except Exception as raised:  # noqa: BLE001
        error = InternalError(f"decoding {opening.kind.name} failed ({type(raised).__name__})")
    turns.end(error)


def _converted(turns: Turns, opening: Opening) -> Iterator[Samples]:
    """Yield samples in the declared channels and rate.

    soxr resamples, not libav, so that the law of time is the same for every kind of audio.
    """
    resampler: Resampler | None = None
    rate = 0
    with _source(turns, opening) as source:
        for samples, found_rate in decode(source, opening.kind, turns.damage):
            if resampler is None or found_rate != rate:
                if resampler is not None:
                    yield resampler.flush()
                resampler, rate = Resampler(found_rate, opening.sample_rate, opening.channels), found_rate
            yield resampler.feed(match_channels(samples, opening.channels))
    if resampler is not None:
        yield resampler.flush()


@contextmanager
def _source(turns: Turns, opening: Opening) -> Iterator[ByteSource | IO[bytes]]:
    """Yield the stream itself, or a complete file on disk for an MP4 whose index comes last."""
    if opening.kind is not Kind.MP4:
        yield _Rest(b"", turns)
        return
    head = b""
    while (streams := index_comes_first(head)) is None:
        data = turns.read(65_536)
        if not data:
            break
        head += data
    rest = _Rest(head, turns)
    if streams:
        yield rest
        return
    with tempfile.TemporaryFile(dir=opening.spool) as file:
        _spool(rest, file)
        yield file


class _Rest:
    """A stream some of whose bytes were read already; unseekable, so that libav does not try."""

    def __init__(self, head: bytes, turns: Turns) -> None:
        self._head = head
        self._turns = turns

    def read(self, size: int) -> bytes:
        if not self._head:
            return self._turns.read(size)
        data, self._head = self._head[:size], self._head[size:]
        return data


def _spool(source: _Rest, file: IO[bytes]) -> None:
    size = 0
    while data := source.read(65_536):
        size += len(data)
        if size > MOST_SPOOLED:
            raise BacklogExceeded(f"an MP4 file with its index at the end may have {MOST_SPOOLED >> 20} MiB")
        file.write(data)
    file.seek(0)
