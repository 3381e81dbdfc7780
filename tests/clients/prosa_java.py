"""Prosa's two public Java clients re-enacted: their messages, their waiting rules and the ways in which they fail.

Gson reads every number in a map as a Double; a cast of anything else throws, and what a throw costs differs: the 2022
client prints it and goes on, the 2023 client fails the whole job.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection

STATUSES = ("created", "queued", "in_progress", "failed", "complete")
CLOSE_CODES_2023 = {
    4000: "InvalidAuthenticationException",
    4001: "InvalidConfigurationException",
    4002: "InvalidModelException",
    4005: "InsufficientQuotaException",
    4029: "RateLimitedException",
}


class JavaError(Exception):
    """What Java would have thrown."""


@dataclass
class Transcript:
    """What the client has in hand when it ends. `failure` is the exception that its caller sees."""

    results: list[tuple[str, float, float]] = field(default_factory=list)
    partials: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    job_id: str | None = None
    metadata: tuple[float, float, bool, float] | None = None
    complete: bool = False
    close_code: int | None = None
    failure: str | None = None


def double(value: object) -> float:
    """Cast `(double)` as Gson's maps allow: a number, never a string, a boolean or null."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise JavaError("NullPointerException" if value is None else "ClassCastException")
    return float(value)


def string(value: object) -> str:
    """Cast `(String)` and use it."""
    if not isinstance(value, str):
        raise JavaError("NullPointerException" if value is None else "ClassCastException")
    return value


def status(value: object) -> str:
    """Look the status up in the enum, whatever its case."""
    name = string(value).lower()
    if name not in STATUSES:
        raise JavaError("IllegalArgumentException")
    return name


async def run_2022(url: str, key: str | None, audio: bytes, *, model: str = "stt-general-online") -> Transcript:
    """Run the 2022 client: key in a header, 16,000-byte frames at file speed, an empty one, then wait for the close."""
    transcript = Transcript()
    headers = {} if key is None else {"x-api-key": key}
    async with websockets.connect(url, additional_headers=headers, compression=None, origin=None) as socket:
        configuration = {"label": "example", "model": model, "include_filler": False, "include_partial": True}
        reading = asyncio.create_task(_read(socket, transcript, _read_2022, fatal=False))
        await _send(socket, [json.dumps(configuration), *_pieces(audio, 16_000), b""])
        await reading
    return transcript


async def run_2023(
    url: str,
    key: str | None,
    audio: bytes,
    *,
    model: str = "stt-general-online",
    audio_format: dict[str, Any] | None = None,
) -> Transcript:
    """Run the 2023 client: key in the first message, whole 8,000-byte buffers, then wait for `complete`.

    A job without `complete` hangs for ever: here the close then counts as the failure `hangs`.
    """
    transcript = Transcript()
    host = url.split("/")[2]
    async with websockets.connect(url, compression=None, origin=websockets.Origin(f"http://{host}")) as socket:
        token = {} if key is None else {"token": key}
        configuration: dict[str, Any] = {"label": "Example Job", "model": model, "include_partial": False}
        if audio_format is not None:
            configuration["audio"] = audio_format
        reading = asyncio.create_task(_read(socket, transcript, _read_2023, fatal=True))
        await _send(socket, [json.dumps(token), json.dumps(configuration), *stale_buffers(audio), b""])
        await reading
    if not transcript.complete and transcript.failure is None:
        code = transcript.close_code
        transcript.failure = "hangs" if code == 1000 else CLOSE_CODES_2023.get(code or 0, "Internal Server Error")
    return transcript


def stale_buffers(audio: bytes, size: int = 8_000) -> Iterator[bytes]:
    """Read like a Java stream into one buffer and send it whole: after the end it still holds older bytes."""
    buffer = bytearray(size)
    for piece in _pieces(audio, size):
        buffer[: len(piece)] = piece
        yield bytes(buffer)


def _pieces(audio: bytes, size: int) -> Iterator[bytes]:
    return (audio[start : start + size] for start in range(0, len(audio), size))


async def _send(socket: ClientConnection, frames: list[str | bytes]) -> None:
    try:
        for frame in frames:
            await socket.send(frame)
    except websockets.ConnectionClosed:
        pass  # both print it; the close code tells why


async def _read(
    socket: ClientConnection, transcript: Transcript, take: Callable[[dict[str, Any], Transcript], None], *, fatal: bool
) -> None:
    try:
        while True:
            message = json.loads(await socket.recv())
            transcript.types.append(message.get("type"))
            try:
                take(message, transcript)
            except JavaError as error:
                transcript.printed.append(str(error))
                if fatal:
                    transcript.failure = str(error)
                    return
    except websockets.ConnectionClosed:
        transcript.close_code = socket.close_code


def _read_2022(message: dict[str, Any], transcript: Transcript) -> None:
    match string(message.get("type")):
        case "created":
            transcript.job_id = string(message.get("id"))
        case "status":
            _take_status(message, transcript)
        case "partial":
            transcript.partials.append(str(message.get("transcript")))
        case "result":
            _take_result(message, transcript)
        case "metadata":
            reached = message.get("max_reached")
            if not isinstance(reached, bool):
                raise JavaError("ClassCastException")
            duration, used, longest = (double(message.get(n)) for n in ("duration", "quota_used", "max_duration"))
            transcript.metadata = (duration, used, reached, longest)
        case "quota":
            raise JavaError("ClassCastException")  # casts a Double to int, always


def _read_2023(message: dict[str, Any], transcript: Transcript) -> None:
    match string(message.get("type")):
        case "created":
            transcript.job_id = string(message.get("id"))
        case "status":
            _take_status(message, transcript)
            if transcript.statuses[-1] == "failed":
                raise JavaError("IllegalArgumentException")
        case "partial":
            transcript.partials.append(string(message.get("transcript")))
        case "result":
            if string(message.get("transcript")):
                _take_result(message, transcript)
        case "quota":
            raise JavaError("ClassCastException")


def _take_status(message: dict[str, Any], transcript: Transcript) -> None:
    transcript.statuses.append(status(message.get("status")))
    transcript.complete = transcript.complete or transcript.statuses[-1] == "complete"


def _take_result(message: dict[str, Any], transcript: Transcript) -> None:
    text, start, end = message.get("transcript"), double(message.get("time_start")), double(message.get("time_end"))
    transcript.results.append((str(text), start, end))
