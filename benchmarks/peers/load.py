"""The load of the peers benchmark: paced sessions on any of the wires, from one process.

    python -m peers.load WIRE URL AUDIO.npy SESSIONS --output FILE [--settle SECONDS] [--seconds SECONDS]

AUDIO.npy holds int16 samples at 16 kHz, shape (variants, n); session k streams variant k modulo their number at 1x in
frames of 100 ms, near what the peers' own clients send. All sessions connect and wait until the server is ready; they
begin spread over two seconds. Writes one JSON object: of every session when it began on the machine's monotonic clock,
and its timeline, `[seconds since it began, text]` for every change of the text that a reader would see.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import uvloop
from load_generator import binary_frame
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from peers.wires import WIRES, Wire

RATE = 16_000
FRAME_SAMPLES = 1_600
FRAME_SECONDS = 0.1
SPREAD_SECONDS = 2.0
READY_SECONDS = 60.0
"""For a server to be ready for a session; WhisperLive loads its model at the first."""

SETTLE_SECONDS = 15.0
"""Without other words before the last count as said: so long WhisperLive's own client waits."""

PATIENCE_SECONDS = 60.0
"""For all words after the last sample; a session that takes longer is lost."""

LATE = f"not over after {PATIENCE_SECONDS:.0f} s"

PATIENTLY: dict[str, Any] = {
    "compression": None,
    "proxy": None,
    "max_size": None,
    "ping_interval": None,
    "open_timeout": None,
    "close_timeout": 2.0,
}
"""How to connect: a server that is too busy to answer a ping is late, not lost."""


@dataclass
class Session:
    """One session's history. `ended` is "normally" or says what happened instead."""

    variant: int
    start: float = 0.0
    ended: str = "not begun"
    slip_ms: int = 0
    timeline: list[tuple[float, str]] = field(default_factory=list)


async def enter(url: str, wire: Wire, session: Session) -> ClientConnection | None:
    """Connect and wait until the server is ready; None if it is not to be."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            socket = await connect(url + wire.path, **PATIENTLY)
            if wire.hello is not None:
                await socket.send(wire.hello)
            while not wire.ready:
                wire.hear(json.loads(await socket.recv()))
                if wire.error is not None:
                    session.ended = f"refused: {wire.error}"
                    return None
    except (OSError, InvalidHandshake, ConnectionClosed) as error:
        session.ended = f"refused: {error}"
        return None
    except TimeoutError:
        session.ended = "never ready"
        return None
    return socket


async def hear(socket: ClientConnection, wire: Wire, session: Session) -> None:
    """Note every change of the text until the server ends the session."""
    shown = ""
    with suppress(ConnectionClosed):
        async for message in socket:
            wire.hear(json.loads(message))
            if wire.text != shown:
                shown = wire.text
                session.timeline.append((round(time.monotonic() - session.start, 3), shown))
            if wire.over or wire.error is not None:
                return


async def speak(socket: ClientConnection, frames: list[bytes], session: Session) -> None:
    """Write every frame when it is due: when its last sample has been said."""
    write, latest = socket.transport.write, 0.0
    for index, frame in enumerate(frames):
        wait = session.start + (index + 1) * FRAME_SECONDS - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        if socket.transport.is_closing():
            return
        latest = max(latest, -wait)
        write(frame)
    session.slip_ms = round(latest * 1_000)


async def settle(session: Session, seconds: float) -> None:
    """Wait until the text has not changed for so long."""
    said = time.monotonic()
    while True:
        changed = session.start + session.timeline[-1][0] if session.timeline else said
        wait = max(changed, said) + seconds - time.monotonic()
        if wait <= 0:
            return
        await asyncio.sleep(wait)


async def live(socket: ClientConnection, wire: Wire, session: Session, frames: list[bytes], quiet: float) -> None:
    """Speak, hear everything out, and note how the session ended."""
    hearing = asyncio.create_task(hear(socket, wire, session))
    await speak(socket, frames, session)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            if wire.waits:
                await settle(session, quiet)
                wire.over = not hearing.done()
            with suppress(ConnectionClosed):
                await socket.send(wire.goodbye)
            if not wire.waits:
                await hearing
        session.ended = wire.error or ("normally" if wire.over else "closed early")
    except TimeoutError:
        session.ended = LATE
    hearing.cancel()
    with suppress(asyncio.CancelledError):
        await hearing
    await socket.close()


async def run(wire: str, url: str, variants: list[list[bytes]], count: int, quiet: float) -> dict[str, Any]:
    """Open every session, stream, and wait for every last word."""
    sessions = [Session(variant=k % len(variants)) for k in range(count)]
    wires = [WIRES[wire]() for _ in sessions]
    sockets = [await enter(url, each, session) for each, session in zip(wires, sessions, strict=True)]
    begin = time.monotonic() + 0.5
    tasks = []
    for k, (socket, each, session) in enumerate(zip(sockets, wires, sessions, strict=True)):
        session.start = begin + k * SPREAD_SECONDS / count
        if socket is not None:
            tasks.append(live(socket, each, session, variants[session.variant], quiet))
    await asyncio.gather(*tasks)
    return {"sessions": [asdict(session) for session in sessions], "began": begin}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wire", choices=WIRES)
    parser.add_argument("url")
    parser.add_argument("audio", type=Path)
    parser.add_argument("sessions", type=int)
    parser.add_argument("--output", type=Path, required=True, help="where the JSON goes")
    parser.add_argument("--settle", type=float, default=SETTLE_SECONDS)
    parser.add_argument("--seconds", type=float, help="say no more than so much")
    arguments = parser.parse_args()
    audio = np.load(arguments.audio)
    if arguments.seconds is not None:
        audio = audio[:, : round(arguments.seconds * RATE)]
    variants = [
        [binary_frame(row[at : at + FRAME_SAMPLES].tobytes()) for at in range(0, len(row), FRAME_SAMPLES)]
        for row in audio
    ]
    told = uvloop.run(run(arguments.wire, arguments.url, variants, arguments.sessions, arguments.settle))
    arguments.output.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
