"""Real servers in processes of their own, to be killed, stopped and started again, and clients that count.

    server = await serve("--redis-url", url)          # the fixture `serve`; port and engine are chosen for you
    async with native(server, key) as client:
        await client.speak(audio)                      # at 1x; `speed=0` at once
        await client.finish()
    await server.stop()                                # SIGTERM; or server.kill()

Audio is int16 in arrays of shape (n,) or (n, channels).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import aiohttp
import av
import numpy as np
import numpy.typing as npt
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from stream_server.sample import sample_meeting
from stream_server.store.base import UsageFilter, UsageRow
from stream_server.store.redis import RedisStore

RATE = 16_000
BLOCK_SECONDS = 0.1

UNHURRIED = ("--load-slow-partials-ms", "600000", "--load-finals-only-ms", "600000", "--load-full-ms", "600000")
"""However busy the machine is, nobody is refused and all partials come: what gives way to load has tests of its own."""

PATIENCE_SECONDS = 30.0
"""For what a server writes down a moment after it has told of it; a busy machine takes its time."""

Pcm: TypeAlias = npt.NDArray[np.int16]
Message: TypeAlias = dict[str, Any]


@cache
def meeting(rate: int = RATE) -> Pcm:
    """Return the sample meeting's voices, mixed: a minute of nearly unbroken speech."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    with av.open(str(sample_meeting().audio)) as container:
        frames = [piece for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])


def speech(samples: int, rate: int = RATE) -> Pcm:
    """Return as many samples of speech as are wanted."""
    return np.resize(meeting(rate), samples)


class ChildServer:
    """One `stream-server serve`, with its data in `directory`."""

    def __init__(self, directory: Path, process: asyncio.subprocess.Process) -> None:
        self.directory = directory
        self.process = process
        self.url = ""

    @classmethod
    async def start(cls, directory: Path, *options: str) -> ChildServer:
        """Start one with the scripted engine; `url` stays empty if it ends instead of listening."""
        data = ("--port", "0", "--engine", "scripted", "--data-directory", str(directory), *UNHURRIED)
        with (directory / "server.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "stream_server", "serve", *data, *options),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        server = cls(directory, process)
        assert process.stdout is not None
        async for line in process.stdout:
            _, found, url = line.decode().strip().partition("listening on ")
            if found:
                server.url = url
                break
        return server

    @property
    def ws_url(self) -> str:
        """Where websockets are."""
        return self.url.replace("http", "ws", 1)

    @property
    def log(self) -> str:
        """What this directory's servers wrote to standard error."""
        return (self.directory / "server.log").read_text("utf-8")

    async def kill(self) -> None:
        """End it by `kill -9`."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """End it by SIGTERM; return its exit status."""
        self.process.terminate()
        return await self.process.wait()

    async def get(self, path: str, key: str | None = None) -> tuple[int, Message, Any]:
        """Return status, body and headers of a JSON answer."""
        headers = {"x-api-key": key} if key else {}
        async with aiohttp.ClientSession() as client, client.get(f"{self.url}{path}", headers=headers) as answer:
            return answer.status, await answer.json(), answer.headers

    async def ready_when(self, holds: Callable[[Message], bool]) -> Message:
        """Return the readiness as soon as `holds` is true of it."""
        while True:
            _, body, _ = await self.get("/health/ready")
            if holds(body):
                return body
            await asyncio.sleep(0.1)


def redis_pid(directory: Path) -> int | None:
    """Return the process of a data directory's embedded Redis; None if none runs."""
    with suppress(OSError, ValueError):
        pid = int((directory / "redis" / "redis.pid").read_text("ascii"))
        os.kill(pid, 0)
        return pid
    return None


@asynccontextmanager
async def store_of(url_or_directory: str | Path) -> AsyncIterator[RedisStore]:
    """Give the store behind a server: by Redis' URL, or a data directory with an embedded one."""
    given = url_or_directory
    store = RedisStore(given if isinstance(given, str) else f"unix://{given / 'redis' / 'redis.sock'}")
    try:
        yield store
    finally:
        await store.close()


Read = TypeVar("Read")


async def ledger(url_or_directory: str | Path, *, rows: int = 0, **wanted: Any) -> list[UsageRow]:
    """Return the rows that Redis holds, in samples; wait for so many `rows`, for a session's end is told first."""

    async def read() -> list[UsageRow]:
        async with store_of(url_or_directory) as store:
            return await store.query_usage(UsageFilter(**wanted))

    return await _read_until(read, lambda found: len(found) >= rows)


async def billed(url_or_directory: str | Path, *, at_last: int | None = None, **wanted: Any) -> int:
    """Return the sum of billable samples; `at_last`: wait until it is that, as `ledger` does."""

    async def read() -> int:
        return sum(row.billable_samples for row in await ledger(url_or_directory, **wanted))

    return await _read_until(read, lambda found: at_last in (None, found))


async def _read_until(read: Callable[[], Awaitable[Read]], enough: Callable[[Read], bool]) -> Read:
    """Read again and again until it is enough; after so many seconds return what is there."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_SECONDS
    while True:
        found = await read()
        if enough(found) or loop.time() > deadline:
            return found
        await asyncio.sleep(0.05)


Serve: TypeAlias = Callable[..., Awaitable[ChildServer]]


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    """Give a factory of servers that share a data directory; whatever is left of them ends with the test."""
    children: list[ChildServer] = []
    with tempfile.TemporaryDirectory(prefix="ss-child-") as name:

        async def start(*options: str) -> ChildServer:
            children.append(await ChildServer.start(Path(name), *options))
            return children[-1]

        yield start
        for child in children:
            await child.kill()
        if (pid := redis_pid(Path(name))) is not None:
            os.kill(pid, signal.SIGKILL)


class Client:
    """Speaks into an open websocket, counts what it sent and keeps what it is told."""

    def __init__(self, socket: ClientConnection, rate: int) -> None:
        self.socket = socket
        self.rate = rate
        self.sent = 0
        self.told: list[Message] = []
        self._listening = asyncio.create_task(self._listen())

    async def speak(self, audio: Pcm, *, speed: float = 1.0) -> None:
        """Send audio, `speed` times as fast as it was spoken, 0 at once; stop early if the server hangs up."""
        loop, block = asyncio.get_running_loop(), round(BLOCK_SECONDS * self.rate)
        start = loop.time()
        with suppress(ConnectionClosed):
            for first in range(0, len(audio), block):
                piece = audio[first : first + block]
                if speed:
                    await asyncio.sleep(start + (first + len(piece)) / self.rate / speed - loop.time())
                await self.socket.send(piece.astype("<i2").tobytes())
                self.sent += len(piece)

    async def say(self, message: Message | bytes) -> None:
        """Send one message."""
        with suppress(ConnectionClosed):
            await self.socket.send(message if isinstance(message, bytes) else json.dumps(message))

    async def arrived(self) -> None:
        """Return when the server has read everything that was sent: it answers a ping in its turn."""
        await (await self.socket.ping())

    async def finish(self) -> int | None:
        """Say that no more audio comes; see `closed`."""
        await self.say({"type": "finish"})
        return await self.closed()

    async def vanish(self) -> None:
        """Lose the connection as it is; return when all that had come by then is told."""
        self.socket.transport.abort()
        await self.closed()

    async def closed(self) -> int | None:
        """Return the close code once the server has closed."""
        await self._listening
        return self.socket.close_code

    def of_type(self, kind: str) -> list[Message]:
        """Return the messages of a type."""
        return [message for message in self.told if message["type"] == kind]

    @property
    def last(self) -> Message:
        """Return the last message."""
        return self.told[-1]

    @property
    def said(self) -> list[tuple[int, int, str]]:
        """Return the finals: from where to where, and the words."""
        return [(final["start_sample"], final["end_sample"], final["text"]) for final in self.of_type("final")]

    async def _listen(self) -> None:
        with suppress(ConnectionClosed):
            async for frame in self.socket:
                self.told.append(json.loads(frame))


@asynccontextmanager
async def native(server: ChildServer, key: str | None = None, **start: Any) -> AsyncIterator[Client]:
    """Open a session on the native wire; `start` holds the options, of `audio` what differs from s16le at 16 kHz."""
    audio = {"encoding": "pcm_s16le", "sample_rate": RATE} | start.pop("audio", {})
    async with _connect(server, "/v1/stream", key) as socket:
        client = Client(socket, audio["sample_rate"])
        await client.say({"type": "start", "audio": audio, **start})
        yield client


@asynccontextmanager
async def prosa(server: ChildServer, key: str | None = None, rate: int = RATE) -> AsyncIterator[Client]:
    """Open a session as a Prosa client does."""
    async with _connect(server, "/v2/speech/stt", key) as socket:
        client = Client(socket, rate)
        audio = {"format": "s16le", "sample_rate": rate, "channels": 1}
        await client.say({"model": "stt-general-online", "audio": audio})
        yield client


def _connect(server: ChildServer, path: str, key: str | None) -> connect:
    assert server.url, f"the server ended instead of listening: {server.log[-2000:]}"
    headers = {"x-api-key": key} if key else None
    return connect(f"{server.ws_url}{path}", additional_headers=headers, compression=None, proxy=None)
