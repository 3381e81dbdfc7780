"""Many paced sessions from one process, cheaply: what a room full of browsers would send.

    python benchmarks/load_generator.py URL AUDIO.npy SESSIONS SECONDS --output FILE [--start JSON]
        [--ramp SECONDS [--at MOMENT]] [--tracks 16 [--scatter]]

AUDIO.npy holds int16 samples at 16 kHz, shape (variants, n); session k streams variant k modulo their number in frames
of 20 ms at 1x, from the beginning again when it has been said. Sessions connect first and begin spread over two
seconds; with `--ramp` each connects when its time has come, one after another over that time, from `--at` on, and all
end together.
With `--tracks` a session is a msgpack connection that carries so many tracks, session k the variants from k times as
many on; the frames of its tracks go out together every 20 ms, with `--scatter` each at a time of its own. Frames are
prepared beforehand (masked with zeros: RFC 6455 allows any mask) and written to the transport.
Voices are not told apart unless `--start` says so: speakers.py measures what that costs.
Writes one JSON object: every session's finals with latencies and sequence numbers, and how far the pace slipped. A
latency is the time between sending a sample and hearing of it: of a partial its last sample, of a final the last
speech that the server's gate saw before it. Moments are readings of the machine's monotonic clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import struct
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import numpy.typing as npt
import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

RATE = 16_000
FRAME_SAMPLES = 320
FRAME_SECONDS = 0.02
SPREAD_SECONDS = 2.0
NO_ANSWER = 0


@dataclass
class Session:
    """One session's history. `refused` is the status of a refused handshake, or `NO_ANSWER`."""

    variant: int
    start: float = 0.0
    refused: int | None = None
    retry_after: str | None = None
    events: dict[str, int] = field(default_factory=dict)
    sequences: list[int] = field(default_factory=list)
    finals: list[tuple[int, int, str]] = field(default_factory=list)
    lags_ms: list[int] = field(default_factory=list)
    complaints: list[dict[str, Any]] = field(default_factory=list)
    closed: str | None = "lost"
    slip_ms: int = 0
    first_partial_ms: list[float] = field(default_factory=list)
    partial_age_ms: list[float] = field(default_factory=list)
    partial_at: list[float] = field(default_factory=list)
    final_ms: list[float] = field(default_factory=list)
    final_at: list[float] = field(default_factory=list)
    words_at: list[tuple[int, str]] = field(default_factory=list)
    loads: list[tuple[float, str]] = field(default_factory=list)
    revised_words: int = 0
    final_words: int = 0
    untagged_words: int = 0
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
            case "load":
                self.loads.append((now, event["level"]))
            case "closed":
                self.closed = event.get("error")

    def _since(self, sample: int, now: float) -> float:
        return round((now - self.start - sample / RATE) * 1000, 1)

    def _partial(self, event: dict[str, Any], now: float) -> None:
        utterance = event["utterance_id"]
        self.partial_age_ms.append(self._since(event["end_sample"], now))
        self.partial_at.append(now)
        if utterance not in self._shown:
            self.first_partial_ms.append(self._since(self._began[utterance], now))
        self._revise(utterance, [word["text"] for word in (*event["stable"], *event["tentative"])])

    def _final(self, event: dict[str, Any], now: float) -> None:
        utterance = event["utterance_id"]
        words = [word["text"] for word in event["words"]]
        self.finals.append((event["start_sample"], event["end_sample"], event["text"]))
        self.words_at += [(word["start_sample"], word["text"]) for word in event["words"]]
        self.lags_ms.append(event["lag_ms"])
        self.final_at.append(now)
        self.final_ms.append(self._since(self._ended.get(utterance, event["end_sample"]), now))
        self._revise(utterance, words)
        self.final_words += len(words)
        self.untagged_words += sum("speaker" not in word for word in event["words"])

    def _revise(self, utterance: str, words: list[str]) -> None:
        """Count words that a reader had read and that now are others."""
        before = self._shown.get(utterance, [])
        self.revised_words += sum(old != new for old, new in zip(before, words, strict=False))
        self.revised_words += max(0, len(before) - len(words))
        self._shown[utterance] = words


def binary_frame(payload: bytes) -> bytes:
    """Return a masked binary websocket frame."""
    return struct.pack("!BBHI", 0x82, 0x80 | 126, len(payload), 0) + payload


def plain_frames(row: npt.NDArray[np.int16]) -> list[bytes]:
    """Return one track's frames as they go out on a connection of its own."""
    return [binary_frame(row[at : at + FRAME_SAMPLES].tobytes()) for at in range(0, len(row), FRAME_SAMPLES)]


def bundled_frames(rows: npt.NDArray[np.int16], *, scatter: bool) -> list[bytes]:
    """Return many tracks' frames as they go out on one connection: those of one moment together, or each for itself."""
    made = []
    for sequence, at in enumerate(range(0, rows.shape[1], FRAME_SAMPLES)):
        moment = [
            {"type": "audio", "track": track, "sequence": sequence, "samples": row[at : at + FRAME_SAMPLES].tobytes()}
            for track, row in enumerate(rows)
        ]
        frames = [binary_frame(msgpack.packb(message)) for message in moment]
        made += frames if scatter else [b"".join(frames)]
    return made


@dataclass(frozen=True, slots=True)
class Script:
    """What every session does: its first message, the frames of each variant, the time between two, and until when."""

    start: dict[str, Any]
    frames: list[list[bytes]]
    step_seconds: float
    seconds: float
    tracks: int = 0

    def encode(self, message: dict[str, Any]) -> str | bytes:
        """Return a message in the connection's spelling."""
        return bytes(msgpack.packb(message)) if self.tracks else json.dumps(message)

    @property
    def subprotocol(self) -> Any:
        """Return what is offered in the handshake."""
        return ["stream-server.v1.msgpack"] if self.tracks else None


async def enter(url: str, script: Script, session: Session) -> ClientConnection | None:
    """Connect and say what is wanted; None if the server refuses."""
    address = f"{url.replace('http', 'ws', 1)}/v1/stream"
    try:
        socket = await connect(address, compression=None, proxy=None, subprotocols=script.subprotocol)
    except InvalidStatus as refusal:
        session.refused = refusal.response.status_code
        session.retry_after = refusal.response.headers.get("Retry-After")
        return None
    except (OSError, TimeoutError, InvalidHandshake):
        session.refused = NO_ANSWER
        return None
    session.start = time.monotonic()
    await socket.send(script.encode(script.start))
    return socket


async def hear(socket: ClientConnection, session: Session) -> None:
    """Keep what matters of the events, until the connection ends."""
    with suppress(ConnectionClosed):
        async for message in socket:
            event = json.loads(message) if isinstance(message, str) else msgpack.unpackb(message)
            session.hear(event, time.monotonic())


async def speak(socket: ClientConnection, script: Script, session: Session, until: float) -> None:
    """Write every frame when it is due, when its last sample has been said, up to a moment; then finish."""
    write, latest = socket.transport.write, 0.0
    frames, step = script.frames[session.variant], script.step_seconds
    for index in range(round((until - session.start) / step)):
        wait = session.start + (index + 1) * step - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        if socket.transport.is_closing():
            break
        latest = max(latest, -wait)
        write(frames[index % len(frames)])
    session.slip_ms = round(latest * 1000)
    with suppress(ConnectionClosed):
        await socket.send(script.encode({"type": "finish"}))


async def all_at_once(url: str, script: Script, sessions: list[Session]) -> float:
    """Connect all, then stream all; return when the first began."""
    sockets = [await enter(url, script, session) for session in sessions]
    begin = time.monotonic() + 0.5
    tasks = []
    for k, (socket, session) in enumerate(zip(sockets, sessions, strict=True)):
        if socket is not None:
            session.start = begin + k * SPREAD_SECONDS / len(sessions)
            tasks += [hear(socket, session), speak(socket, script, session, session.start + script.seconds)]
    await asyncio.gather(*tasks)
    return begin


async def one_after_another(url: str, script: Script, sessions: list[Session], ramp_seconds: float, at: float) -> float:
    """Let each connect in its turn and stream until all end; return when the first connected."""
    begin = max(at, time.monotonic())

    async def live(k: int, session: Session) -> None:
        await asyncio.sleep(begin + k * ramp_seconds / len(sessions) - time.monotonic())
        socket = await enter(url, script, session)
        if socket is not None:
            await asyncio.gather(hear(socket, session), speak(socket, script, session, begin + script.seconds))

    await asyncio.gather(*(live(k, session) for k, session in enumerate(sessions)))
    return begin


async def run(url: str, script: Script, count: int, ramp_seconds: float | None, at: float) -> dict[str, Any]:
    """Open every session, stream, and wait for every last word."""
    sessions = [Session(variant=k % len(script.frames)) for k in range(count)]
    if ramp_seconds is None:
        began = await all_at_once(url, script, sessions)
    else:
        began = await one_after_another(url, script, sessions, ramp_seconds, at)
    heard = [asdict(session) for session in sessions]
    return {"sessions": heard, "began": began, "cpu_seconds": time.process_time()}


def make_script(
    audio: npt.NDArray[np.int16], seconds: float, options: dict[str, Any], tracks: int = 0, *, scatter: bool = False
) -> Script:
    """Prepare what every session does."""
    start = {"type": "start", "audio": {"encoding": "pcm_s16le"}, "diarize": False} | options
    if not tracks:
        return Script(start, [plain_frames(row) for row in audio], FRAME_SECONDS, seconds)
    start |= {"independent_tracks": True, "tracks": [f"track {track}" for track in range(tracks)]}
    bundles = np.resize(np.arange(len(audio)), (len(audio), tracks))
    made = {tuple(bundle): bundled_frames(audio[bundle], scatter=scatter) for bundle in np.unique(bundles, axis=0)}
    frames = [made[tuple(bundle)] for bundle in bundles]
    return Script(start, frames, FRAME_SECONDS / (tracks if scatter else 1), seconds, tracks)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("audio", type=Path)
    parser.add_argument("sessions", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--output", type=Path, required=True, help="where the JSON goes")
    parser.add_argument("--start", type=json.loads, default={}, help="more fields of the start message, as JSON")
    parser.add_argument("--ramp", type=float, help="seconds over which sessions connect")
    parser.add_argument("--at", type=float, default=0.0, help="moment at which the first connects")
    parser.add_argument("--tracks", type=int, default=0, help="carry so many on each connection")
    parser.add_argument("--scatter", action="store_true", help="send each track's frames at a time of their own")
    arguments = parser.parse_args()
    audio = np.load(arguments.audio)[:, : round(arguments.seconds * RATE)]
    if arguments.tracks and audio.shape[1] < round(arguments.seconds * RATE):
        parser.error("frames with sequence numbers cannot be sent again: the audio must be as long as the sessions")
    script = make_script(audio, arguments.seconds, arguments.start, arguments.tracks, scatter=arguments.scatter)
    told = json.dumps(uvloop.run(run(arguments.url, script, arguments.sessions, arguments.ramp, arguments.at)))
    arguments.output.write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main()
