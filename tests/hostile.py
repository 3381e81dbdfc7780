"""What tests of bad input share: both wires as a client sees them, a neighbour that notices nothing, raw sockets."""

from __future__ import annotations

import asyncio
import io
import json
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import av
import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from tests.live import LiveServer

CLIPS = Path(__file__).parent / "audio" / "clips"
RATE = 16_000
PATIENCE_SECONDS = 60.0
"""For what must come about in the end, on however busy a machine."""
MARKER = "xylophone"
"""Stands in every bad message, so that a log that quotes one is found out."""

SPOKEN = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo", "lima")


@dataclass(frozen=True)
class Wire:
    """One dialect: how a session is opened and ended, and what its finals and errors look like."""

    name: str
    path: str

    def opening(self, encoding: str | None = "pcm_s16le", rate: int = RATE, **more: Any) -> str:
        """Return the message that asks for a session; partials come unless `partials` is False."""
        if self.name == "native":
            return json.dumps({"type": "start", "audio": {"encoding": encoding, "sample_rate": rate}, **more})
        audio = {"format": encoding or "wav", "sample_rate": rate, "channels": 1}
        return json.dumps({"model": "stt-general", "audio": audio, "include_partial": more.get("partials", True)})

    @property
    def ending(self) -> str | bytes:
        """Return the message after the last audio."""
        return '{"type":"finish"}' if self.name == "native" else b""

    def finals(self, messages: Iterable[dict[str, Any]]) -> list[str]:
        """Return the finals' texts."""
        kind, text = ("final", "text") if self.name == "native" else ("result", "transcript")
        return [message[text] for message in messages if message["type"] == kind]


NATIVE = Wire("native", "/v1/stream")
PROSA = Wire("prosa", "/v2/speech/stt")
WIRES = (NATIVE, PROSA)


@dataclass(frozen=True)
class End:
    """How a conversation went. `code` and `reason` are the close frame's."""

    messages: list[dict[str, Any]]
    code: int | None
    reason: str

    @property
    def errors(self) -> list[str]:
        """Return the codes of the native wire's errors."""
        return [message["code"] for message in self.messages if message["type"] == "error"]


@cache
def speech(name: str = "train", rate: int = RATE) -> bytes:
    """Return a clip as mono s16le."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    with av.open(str(CLIPS / f"{name}.flac")) as container:
        frames = [piece for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
        frames += resampler.resample(None)
    return b"".join(frame.to_ndarray().tobytes() for frame in frames)


@cache
def encoded(container: str, codec: str, name: str = "train", sample_format: str = "flt") -> bytes:
    """Return a clip in another container, by the encoders of PyAV's wheel."""
    file = io.BytesIO()
    samples = np.frombuffer(speech(name, 48_000), "<i2").astype(np.float32)[None] / 32_768
    with av.open(file, "w", format=container) as output:
        stream: Any = output.add_stream(codec, rate=48_000, layout="mono", format=sample_format)
        frame = av.AudioFrame.from_ndarray(samples, format=sample_format, layout="mono")
        frame.sample_rate = 48_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            output.mux(packet)
    return file.getvalue()


def pieces(data: bytes, size: int) -> list[bytes]:
    """Cut bytes."""
    return [data[at : at + size] for at in range(0, len(data), size)]


def dial(server: LiveServer, wire: Wire = NATIVE, key: str | None = None, **options: Any) -> connect:
    """Open a websocket; the messages' sizes are the test's business."""
    headers = {"x-api-key": key} if key else {}
    return connect(
        server.ws_url + wire.path, additional_headers=headers, compression=None, max_size=None, proxy=None, **options
    )


async def converse(connection: ClientConnection, frames: Iterable[str | bytes]) -> End:
    """Send frames, whether or not they are still wanted, while reading to the end."""

    async def send() -> None:
        with suppress(ConnectionClosed):
            for frame in frames:
                await connection.send(frame)

    messages: list[dict[str, Any]] = []
    sending = asyncio.create_task(send())
    with suppress(ConnectionClosed):
        while True:
            messages.append(json.loads(await connection.recv()))
    await sending
    return End(messages, connection.close_code, connection.close_reason or "")


async def talk(
    server: LiveServer, wire: Wire, frames: Iterable[str | bytes], key: str | None = None, **options: Any
) -> End:
    """Hold a whole conversation."""
    async with dial(server, wire, key, **options) as connection:
        return await converse(connection, frames)


async def status_of(server: LiveServer) -> tuple[int, dict[str, Any]]:
    """Return the readiness."""
    async with aiohttp.ClientSession() as client, client.get(f"{server.url}/health/ready") as answer:
        return answer.status, await answer.json()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that the loop, and nothing else, will bring about."""
    while not condition():  # noqa: ASYNC110 (what is watched has no events of its own)
        await asyncio.sleep(0.01)


# ── the neighbours ──────────────────────────────────────────────────────────────────────────────────────────────────

_FRAME = RATE * 2 // 50
_alone: dict[str, list[str]] = {}


async def heard_alone(server: LiveServer, wire: Wire, key: str | None) -> list[str]:
    """Return the finals of the neighbour's clip when nobody else is there; they are the same on every server."""
    if wire.name not in _alone:
        frames = [wire.opening(partials=False), *pieces(speech("question"), _FRAME), wire.ending]
        end = await talk(server, wire, frames, key)
        assert end.code == 1000
        _alone[wire.name] = wire.finals(end.messages)
        assert _alone[wire.name]
    return _alone[wire.name]


async def _live_beside(
    server: LiveServer, wire: Wire, key: str | None, begun: asyncio.Event, over: asyncio.Event
) -> End:
    """Speak a third at once, go on frame by frame while something happens next door, and end when it has.

    Slowly: what happens next door may be that others fall silent for too long, and the neighbour never does.
    """
    frames = pieces(speech("question"), _FRAME)
    third = len(frames) // 3

    async with dial(server, wire, key) as connection:

        async def speak() -> None:
            await connection.send(wire.opening(partials=False))
            for number, frame in enumerate(frames):
                await connection.send(frame)
                if number == third:
                    begun.set()
                if number > third and not over.is_set():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(over.wait(), 0.05)
            await over.wait()
            await connection.send(wire.ending)

        speaking = asyncio.create_task(speak())
        end = await converse(connection, ())
        await speaking
    return end


@asynccontextmanager
async def neighbours(server: LiveServer, key: str | None = None) -> AsyncIterator[None]:
    """Have one neighbour on each wire through the block: each gets its words; then the server is empty and ready."""
    alone = {wire: await heard_alone(server, wire, key) for wire in WIRES}
    await until(lambda: not len(server.app.registry))
    begun, over = {wire: asyncio.Event() for wire in WIRES}, asyncio.Event()
    living = {wire: asyncio.create_task(_live_beside(server, wire, key, begun[wire], over)) for wire in WIRES}
    try:
        for event in begun.values():
            await event.wait()
        yield
    finally:
        over.set()
        ends = {wire: await task for wire, task in living.items()}
    for wire, end in ends.items():
        assert (end.code, wire.finals(end.messages), end.errors) == (1000, alone[wire], [])
    async with asyncio.timeout(PATIENCE_SECONDS):
        await until(lambda: not len(server.app.registry))
    status, body = await status_of(server)
    assert (status, body["sessions"]) == (200, 0)


# ── raw sockets ─────────────────────────────────────────────────────────────────────────────────────────────────────


def address(server: LiveServer) -> tuple[str, int]:
    """Return where the server listens."""
    host, port = server.url.removeprefix("http://").split(":")
    return host, int(port)


def upgrade(path: str, *lines: str) -> bytes:
    """Return the head of a handshake."""
    head = [f"GET {path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade"]
    head += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", *lines]
    return "\r\n".join([*head, "", ""]).encode()


class Deaf:
    """A websocket client that sends but takes nothing from its socket, whose receive buffer is tiny, until `hear`."""

    def __init__(self, plain: socket.socket) -> None:
        self._socket = plain
        self._loop = asyncio.get_running_loop()

    async def shake_hands(self, server: LiveServer, wire: Wire, *headers: str) -> None:
        """Become a websocket."""
        await self._loop.sock_connect(self._socket, address(server))
        await self._loop.sock_sendall(self._socket, upgrade(wire.path, *headers))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += await self._loop.sock_recv(self._socket, 1)
        assert b" 101 " in head

    async def send(self, *frames: str | bytes) -> None:
        """Send messages; one that the server does not want any more is lost."""
        with suppress(ConnectionError):
            for frame in frames:
                opcode = Opcode.TEXT if isinstance(frame, str) else Opcode.BINARY
                data = frame.encode() if isinstance(frame, str) else frame
                await self._loop.sock_sendall(self._socket, Frame(opcode, data).serialize(mask=True))

    async def hear(self) -> End:
        """Read everything to the end, at last, and answer the close frame."""
        received, messages = bytearray(), []
        end = End(messages, None, "")
        with suppress(ConnectionError):
            while data := await self._loop.sock_recv(self._socket, 65_536):
                received += data
                while (frame := _pop_frame(received)) is not None:
                    opcode, payload = frame
                    if opcode == Opcode.CLOSE:
                        end = End(messages, int.from_bytes(payload[:2], "big"), payload[2:].decode())
                        await self._loop.sock_sendall(self._socket, Frame(Opcode.CLOSE, payload).serialize(mask=True))
                    elif opcode == Opcode.TEXT:
                        messages.append(json.loads(payload))
        return end


@asynccontextmanager
async def deaf_client(server: LiveServer, wire: Wire, *headers: str) -> AsyncIterator[Deaf]:
    """Connect one, and hang up in the end."""
    with socket.socket() as plain:
        plain.setblocking(False)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf = Deaf(plain)
        await deaf.shake_hands(server, wire, *headers)
        yield deaf


def _pop_frame(received: bytearray) -> tuple[int, bytes] | None:
    """Remove and return the first whole frame of a server."""
    if len(received) < 2:
        return None
    length, head = received[1] & 127, 2
    if length >= 126:
        width = 2 if length == 126 else 8
        length, head = int.from_bytes(received[2 : 2 + width], "big"), 2 + width
    if len(received) < head + length:
        return None
    opcode, payload = received[0] & 15, bytes(received[head : head + length])
    del received[: head + length]
    return opcode, payload


def reset(connection: ClientConnection) -> None:
    """Vanish: the server's kernel hears RST, no close frame, no FIN."""
    plain = connection.transport.get_extra_info("socket")
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.transport.abort()


def resident_bytes() -> int:
    """Return this process' memory, now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
