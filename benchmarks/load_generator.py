"""Many paced sessions from one process, cheaply: what a room full of browsers would send.

    python benchmarks/load_generator.py URL AUDIO.npy SESSIONS SECONDS

AUDIO.npy holds int16 samples at 16 kHz, shape (variants, n); session k streams variant k modulo their number in frames
of 20 ms at 1x. Frames are prepared beforehand (masked with zeros: RFC 6455 allows any mask) and written to the
transport.
Prints one JSON object: every session's finals with lags and sequence numbers, and how far the pace slipped.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import uvloop
from websockets.asyncio.client import ClientConnection, connect

FRAME_SAMPLES = 320
FRAME_SECONDS = 0.02


def binary_frame(payload: bytes) -> bytes:
    """Return a masked binary websocket frame."""
    return struct.pack("!BBHI", 0x82, 0x80 | 126, len(payload), 0) + payload


async def hear(socket: ClientConnection, session: dict[str, Any]) -> None:
    """Keep what matters of the events."""
    async for message in socket:
        event = json.loads(message)
        kind = event["type"]
        session["events"][kind] = session["events"].get(kind, 0) + 1
        if "sequence" in event:
            session["sequences"].append(event["sequence"])
        if kind == "final":
            session["finals"].append([event["start_sample"], event["end_sample"], event["text"]])
            session["lags_ms"].append(event["lag_ms"])
        elif kind in {"warning", "error", "lag"}:
            session["complaints"].append({key: event.get(key) for key in ("type", "code", "message", "lag_ms")})
        elif kind == "closed":
            session["closed"] = event.get("code")


async def speak(socket: ClientConnection, frames: list[bytes], start: float, session: dict[str, Any]) -> None:
    """Write every frame when it is due."""
    write, latest = socket.transport.write, 0.0
    for index, frame in enumerate(frames):
        due = start + index * FRAME_SECONDS
        wait = due - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        latest = max(latest, -wait)
        write(frame)
    session["slip_ms"] = round(latest * 1000)
    await socket.send('{"type":"finish"}')


async def run(url: str, variants: list[list[bytes]], count: int) -> dict[str, Any]:
    """Open every session, stream, and wait for every last word."""
    sessions: list[dict[str, Any]] = [
        {"variant": k % len(variants), "events": {}, "sequences": [], "finals": [], "lags_ms": [], "complaints": []}
        for k in range(count)
    ]
    sockets = []
    for _ in sessions:
        socket = await connect(f"{url.replace('http', 'ws', 1)}/v1/stream", compression=None, proxy=None)
        await socket.send('{"type":"start","audio":{"encoding":"pcm_s16le"}}')
        sockets.append(socket)
    hearing = [asyncio.create_task(hear(socket, session)) for socket, session in zip(sockets, sessions, strict=True)]
    start = time.monotonic() + 0.5
    await asyncio.gather(
        *(
            speak(socket, variants[session["variant"]], start + (k % 50) * FRAME_SECONDS / 50, session)
            for k, (socket, session) in enumerate(zip(sockets, sessions, strict=True))
        )
    )
    await asyncio.gather(*hearing)
    return {"sessions": sessions, "cpu_seconds": time.process_time()}


def main() -> None:
    """Run from the command line."""
    url, path, count, seconds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    audio = np.load(path)[:, : round(seconds * 16_000)]
    variants = [
        [binary_frame(row[at : at + FRAME_SAMPLES].tobytes()) for at in range(0, len(row), FRAME_SAMPLES)]
        for row in audio
    ]
    print(json.dumps(uvloop.run(run(url, variants, count))))


if __name__ == "__main__":
    main()
