"""Many paced sessions from one process, cheaply: what a room full of browsers would send.

    python benchmarks/load_generator.py URL AUDIO.npy SESSIONS SECONDS --output FILE [--start JSON]

AUDIO.npy holds int16 samples at 16 kHz, shape (variants, n); session k streams variant k modulo their number in frames
of 20 ms at 1x. Sessions begin spread over two seconds. Frames are prepared beforehand (masked with zeros: RFC 6455
allows any mask) and written to the transport.
Writes one JSON object: every session's finals with latencies and sequence numbers, and how far the pace slipped. A
latency is the time between sending a sample and hearing of it: of a partial its last sample, of a final the last
speech that the server's gate saw before it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import struct
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

RATE = 16_000
FRAME_SAMPLES = 320
FRAME_SECONDS = 0.02
SPREAD_SECONDS = 2.0


@dataclass
class Session:
    """One session's history."""

    variant: int
    start: float = 0.0
    refused: int | None = None
    events: dict[str, int] = field(default_factory=dict)
    sequences: list[int] = field(default_factory=list)
    finals: list[tuple[int, int, str]] = field(default_factory=list)
    lags_ms: list[int] = field(default_factory=list)
    complaints: list[dict[str, Any]] = field(default_factory=list)
    closed: str | None = "lost"
    slip_ms: int = 0
    first_partial_ms: list[float] = field(default_factory=list)
    partial_age_ms: list[float] = field(default_factory=list)
    final_ms: list[float] = field(default_factory=list)
    revised_words: int = 0
    final_words: int = 0
    _shown: dict[str, list[str]] = field(default_factory=dict)
    _began: dict[str, int] = field(default_factory=dict)
    _ended: dict[str, int] = field(default_factory=dict)

    def hear(self, event: dict[str, Any], now: float) -> None:
        """Keep what matters of an event."""
        kind = event["type"]
        self.events[kind] = self.events.get(kind, 0) + 1
        if "sequence" in event:
            self.sequences.append(event["sequence"])
        match kind:
            case "speech_started":
                self._began[event["utterance_id"]] = event["at_sample"]
            case "speech_ended":
                self._ended[event["utterance_id"]] = event["at_sample"]
            case "partial":
                self._partial(event, now)
            case "final":
                self._final(event, now)
            case "warning" | "error" | "lag":
                wanted = ("type", "code", "message", "level", "lag_ms")
                self.complaints.append({key: event[key] for key in wanted if key in event})
            case "closed":
                self.closed = event.get("error")

    def _since(self, sample: int, now: float) -> float:
        return round((now - self.start - sample / RATE) * 1000, 1)

    def _partial(self, event: dict[str, Any], now: float) -> None:
        utterance = event["utterance_id"]
        self.partial_age_ms.append(self._since(event["end_sample"], now))
        if utterance not in self._shown:
            self.first_partial_ms.append(self._since(self._began[utterance], now))
        self._revise(utterance, [word["text"] for word in (*event["stable"], *event["tentative"])])

    def _final(self, event: dict[str, Any], now: float) -> None:
        utterance = event["utterance_id"]
        words = [word["text"] for word in event["words"]]
        self.finals.append((event["start_sample"], event["end_sample"], event["text"]))
        self.lags_ms.append(event["lag_ms"])
        self.final_ms.append(self._since(self._ended.get(utterance, event["end_sample"]), now))
        self._revise(utterance, words)
        self.final_words += len(words)

    def _revise(self, utterance: str, words: list[str]) -> None:
        """Count words that a reader had read and that now are others."""
        before = self._shown.get(utterance, [])
        self.revised_words += sum(old != new for old, new in zip(before, words, strict=False))
        self.revised_words += max(0, len(before) - len(words))
        self._shown[utterance] = words


def binary_frame(payload: bytes) -> bytes:
    """Return a masked binary websocket frame."""
    return struct.pack("!BBHI", 0x82, 0x80 | 126, len(payload), 0) + payload


async def hear(socket: ClientConnection, session: Session) -> None:
    """Keep what matters of the events."""
    async for message in socket:
        session.hear(json.loads(message), time.monotonic())


async def speak(socket: ClientConnection, frames: list[bytes], session: Session) -> None:
    """Write every frame when it is due: when its last sample has been said."""
    write, latest = socket.transport.write, 0.0
    for index, frame in enumerate(frames):
        due = session.start + (index + 1) * FRAME_SECONDS
        wait = due - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        latest = max(latest, -wait)
        write(frame)
    session.slip_ms = round(latest * 1000)
    await socket.send('{"type":"finish"}')


async def run(url: str, variants: list[list[bytes]], count: int, options: dict[str, Any]) -> dict[str, Any]:
    """Open every session, stream, and wait for every last word."""
    sessions = [Session(variant=k % len(variants)) for k in range(count)]
    start = json.dumps({"type": "start", "audio": {"encoding": "pcm_s16le"}} | options)
    sockets: list[ClientConnection | None] = []
    for session in sessions:
        try:
            socket = await connect(f"{url.replace('http', 'ws', 1)}/v1/stream", compression=None, proxy=None)
            await socket.send(start)
            sockets.append(socket)
        except InvalidStatus as refusal:
            session.refused = refusal.response.status_code
            sockets.append(None)
    begin = time.monotonic() + 0.5
    tasks = []
    for k, (socket, session) in enumerate(zip(sockets, sessions, strict=True)):
        if socket is not None:
            session.start = begin + k * SPREAD_SECONDS / count
            tasks += [hear(socket, session), speak(socket, variants[session.variant], session)]
    await asyncio.gather(*tasks)
    return {"sessions": [asdict(session) for session in sessions], "cpu_seconds": time.process_time()}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("audio", type=Path)
    parser.add_argument("sessions", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--output", type=Path, required=True, help="where the JSON goes")
    parser.add_argument("--start", type=json.loads, default={}, help="more fields of the start message, as JSON")
    arguments = parser.parse_args()
    audio = np.load(arguments.audio)[:, : round(arguments.seconds * RATE)]
    variants = [
        [binary_frame(row[at : at + FRAME_SAMPLES].tobytes()) for at in range(0, len(row), FRAME_SAMPLES)]
        for row in audio
    ]
    told = json.dumps(uvloop.run(run(arguments.url, variants, arguments.sessions, arguments.start)))
    arguments.output.write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main()
