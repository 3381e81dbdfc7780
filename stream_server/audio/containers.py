"""Compressed and containered audio, decoded while it arrives, by a process for each stream.

A few bytes can make libav take gigabytes, hang or break; here that ends one small process, and its stream alone.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stream_server.audio.container_child import ANSWER, BEGUN, CUT_SHORT, ENDED, FAILED, QUESTION, Opening
from stream_server.audio.fork_server import ForkServer
from stream_server.audio.sniff import Kind
from stream_server.errors import (
    BacklogExceeded,
    InternalError,
    InvalidConfiguration,
    ServerFull,
    StreamServerError,
    UnsupportedAudio,
)
from stream_server.events import Samples
from stream_server.patience import patience
from stream_server.session.options import AudioFormat

RETRY_AFTER_SECONDS = 5.0

_ERRORS: dict[str, type[StreamServerError]] = {
    each.code: each for each in (UnsupportedAudio, InvalidConfiguration, BacklogExceeded)
}
"""What a stream may be told by its process; all else is a fault of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerLimits:
    """What the process of one stream may take: memory on top of what it begins with, and time for an answer."""

    memory_bytes: int = 256 << 20
    stall_seconds: float = 30.0


class Containers:
    """Opens decoders, at most `most` at once; made and used in the event loop.

    `spool` is the directory for MP4 files that must be complete first (None: the system's).
    """

    def __init__(
        self,
        fork_server: ForkServer,
        most: int,
        *,
        spool: Path | None = None,
        limits: ContainerLimits | None = None,
    ) -> None:
        self._fork_server = fork_server
        self._free = most
        self._spool = spool
        self._limits = limits or ContainerLimits()

    def open(self, kind: Kind, audio_format: AudioFormat) -> ContainerDecoder:
        """Begin to decode one stream; raise `ServerFull` if there are as many as may be, or the system has no more."""
        if not self._free:
            raise ServerFull(
                "the server decodes as many compressed streams as it can", retry_after_seconds=RETRY_AFTER_SECONDS
            )
        try:
            stream = self._fork_server.begin()
        except OSError:
            raise ServerFull("the server can begin no more decoders", retry_after_seconds=RETRY_AFTER_SECONDS) from None
        self._free -= 1
        opening = Opening(kind, audio_format.channels, audio_format.sample_rate, self._spool, self._limits.memory_bytes)
        return ContainerDecoder(stream, opening, stall_seconds=self._limits.stall_seconds, on_end=self._give_back)

    def _give_back(self) -> None:
        self._free += 1


class ContainerDecoder:
    """Decode one stream of a known kind into samples of shape (n, channels) as it was opened for.

    Its process lives until the stream ends or breaks, or until `close`; `on_end` is called then, once.
    """

    def __init__(
        self, stream: socket.socket, opening: Opening, *, stall_seconds: float, on_end: Callable[[], None]
    ) -> None:
        self.more = False
        """Whether the last answer was cut short; see `decoding.Decoder`."""
        self.broken_frames = 0
        """How many frames were skipped so far because they could not be decoded."""
        self._stream = stream
        self._kind = opening.kind
        self._channels = opening.channels
        self._opening: bytes | None = opening.write()
        self._stall_seconds = stall_seconds
        self._on_end: Callable[[], None] | None = on_end
        self._asked: asyncio.Task[list[Samples]] | None = None
        self._error: StreamServerError | None = None

    def feed(self, data: bytes) -> asyncio.Task[list[Samples]]:
        """Return what these bytes complete."""
        return self._ask(data, complete=False)

    def finish(self) -> asyncio.Task[list[Samples]]:
        """Return the rest; raises `UnsupportedAudio` if nothing could be decoded at all."""
        return self._ask(b"", complete=True)

    def close(self) -> None:
        """End the process, whatever it is doing; a question still open is cancelled."""
        if self._asked is not None and not self._asked.done():
            self._asked.add_done_callback(lambda _: self._stream.close())  # until then the loop watches it
            self._asked.cancel()
        else:
            self._stream.close()
        self._give_back()

    def _give_back(self) -> None:
        on_end, self._on_end = self._on_end, None
        if on_end is not None:
            on_end()

    def _ask(self, data: bytes, *, complete: bool) -> asyncio.Task[list[Samples]]:
        assert self._asked is None or self._asked.done(), "one question at a time"
        self._asked = asyncio.get_running_loop().create_task(self._answer(data, complete=complete))
        return self._asked

    async def _answer(self, data: bytes, *, complete: bool) -> list[Samples]:
        if self._on_end is None:
            if self._error is not None:
                raise self._error
            return []  # what comes behind a container's own end is nobody's
        over = True
        try:
            kind, content = await self._converse(QUESTION.pack(complete, len(data)) + data)
            self.more = kind == CUT_SHORT
            if kind == FAILED:
                said = json.loads(content)
                raise _ERRORS.get(said["code"], InternalError)(said["message"])
            over = kind == ENDED
            return [np.frombuffer(content, np.float32).reshape(-1, self._channels)] if content else []
        except StreamServerError as error:
            self._error = error
            raise
        finally:
            if over:  # also if this question was cancelled: its answer would be taken for the next one's
                self._stream.close()
                self._give_back()

    async def _converse(self, question: bytes) -> tuple[int, bytearray]:
        """Return an answer's kind and content."""
        loop, opening = asyncio.get_running_loop(), self._opening
        try:
            async with patience(self._stall_seconds):
                if opening is not None:
                    await loop.sock_sendall(self._stream, opening)
                    await self._receive(len(BEGUN))
                    self._opening = None
                await loop.sock_sendall(self._stream, question)
                kind, self.broken_frames, size = ANSWER.unpack(await self._receive(ANSWER.size))
                return kind, await self._receive(size)
        except TimeoutError:
            self.more = False
            raise UnsupportedAudio(f"the {self._kind.name} audio takes longer to decode than any stream does") from None
        except (ConnectionError, EOFError):
            self.more = False
            if self._opening is not None:
                raise InternalError("a process that decodes could not be begun") from None
            raise UnsupportedAudio(
                f"the {self._kind.name} audio breaks what decodes it, or wants more memory than any stream does"
            ) from None

    async def _receive(self, size: int) -> bytearray:
        loop, received = asyncio.get_running_loop(), bytearray(size)
        rest = memoryview(received)
        while rest:
            count = await loop.sock_recv_into(self._stream, rest)
            if not count:
                raise EOFError
            rest = rest[count:]
        return received
