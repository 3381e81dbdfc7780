"""What a track costs from the socket to the gate: websocket, decoding, speech detection, gate; 20 ms frames at 1x.

    python benchmarks/ingest.py [--tracks 50 100 200] [--seconds 40] [--bundle 16] [--sound noise]

Tracks of room noise, so that detection has all its work and recognition none (`--sound speech`: real speech for the
scripted engine). They come in three ways: a connection each; `--bundle` tracks on a msgpack connection, whose frames go
out together; the same, each frame at a time of its own. The load has a process of its own. CPU seconds are the server's
while all tracks stream, without their opening and closing. Tracks per core are 1 / (CPU seconds per second of track): a
claim about CPU, at a load that this machine carries. A probe, one session of real speech in a process of its own, tells
whether lag stays flat: its finals' latency in the last third of the time beside the first. The profile is of a run of
its own, at the last load. Writes results/ingest.json.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from chapters import ingest as chapter
from load_generator import FRAME_SECONDS, SPREAD_SECONDS
from processes import load, server_pid
from profiling import by_part, profile, shares
from record import keep
from speech import RATE, SHARED, clips, talk, talks
from watch import Watch

from stream_server.local_server import local_server

VARIANTS = 8
NOISE_RMS = 60
"""Of 32768: a quiet room."""

SETTLE_SECONDS = 2.0
SLIP_MS = 200


@dataclass(frozen=True, slots=True)
class Way:
    """How tracks come: so many on a connection, and whether each frame goes out at a time of its own."""

    name: str
    bundle: int = 1
    scatter: bool = False

    @property
    def options(self) -> list[str]:
        """Return the load generator's options."""
        if self.bundle == 1:
            return []
        return ["--tracks", str(self.bundle), *(["--scatter"] if self.scatter else [])]


def sounds(kind: str, seconds: float, folder: Path) -> np.ndarray:
    """Return what the tracks hear, shape (variants, samples)."""
    if kind == "speech":
        return np.stack([talk.audio for talk in talks(VARIANTS, seconds, folder)])
    random = np.random.default_rng(0)
    return random.normal(0, NOISE_RMS, (VARIANTS, round(seconds * RATE))).astype(np.int16)


def probing(seconds: float, folder: Path) -> np.ndarray:
    """Return what the probe says, shape (1, samples): the shortest clips, for many finals in little time."""
    pool = sorted(clips(folder), key=lambda clip: len(clip.audio))
    return talk(pool[:12], seconds).audio[None]


def drift(finals_ms: list[float]) -> list[float]:
    """Return the median latency in ms of the first and of the last third of a session's finals."""
    third = max(1, len(finals_ms) // 3)
    return [statistics.median(part) if part else float("nan") for part in (finals_ms[:third], finals_ms[-third:])]


def is_carried(row: dict[str, Any]) -> bool:
    """Tell whether the machine kept pace: load on time, no lag told, no session lost, the probe's lag flat."""
    first, last = row["probe_ms"]
    on_time = row["pace_slip_ms"] <= SLIP_MS and not row["complaints"] and not row["lost"]
    return on_time and last <= first + SLIP_MS


async def measure(url: str, pid: int, data: Path, *, tracks: int, way: Way, seconds: float) -> dict[str, Any]:
    """Stream so many tracks and return one row."""
    options = way.options
    connections = -(-tracks // way.bundle)
    async with Watch(pid, 0.25) as watch:
        result, probed = await asyncio.gather(
            load(url, data / "tracks.npy", connections, seconds, *options), load(url, data / "probe.npy", 1, seconds)
        )
    begin, end = result["began"] + SPREAD_SECONDS + SETTLE_SECONDS, result["began"] + seconds
    readings = watch.between(begin, end)
    sessions, probe = result["sessions"], probed["sessions"][0]
    streamed = connections * way.bundle * (readings[-1].at - readings[0].at)
    used = readings[-1].cpu_seconds - readings[0].cpu_seconds
    row = {
        "way": way.name,
        "connections": connections,
        "tracks": connections * way.bundle,
        "cpu_seconds_per_track_second": used / streamed,
        "tracks_per_core": streamed / used,
        "frames_per_core_second": streamed / used / FRAME_SECONDS,
        "server_cores": used / (readings[-1].at - readings[0].at),
        "probe_ms": drift(probe["final_ms"]),
        "pace_slip_ms": max(session["slip_ms"] for session in sessions),
        "lost": sum(session["closed"] is not None for session in [*sessions, probe]),
        "complaints": sum(len(session["complaints"]) + len(session["loads"]) for session in [*sessions, probe]),
        "load_cores": result["cpu_seconds"] / seconds,
    }
    return row | {"carried": is_carried(row)}


async def look(url: str, pid: int, data: Path, *, tracks: int, way: Way, profiled: float) -> dict[str, Any]:
    """Profile the server under so many tracks."""
    seconds = profiled + SPREAD_SECONDS + SETTLE_SECONDS
    loading = asyncio.create_task(load(url, data / "tracks.npy", -(-tracks // way.bundle), seconds, *way.options))
    await asyncio.sleep(SPREAD_SECONDS + SETTLE_SECONDS)
    by_thread, by_function = await profile(pid, profiled, data / "stacks.txt")
    await loading
    return {
        "way": way.name,
        "by_thread": shares(by_thread, 6),
        "main_thread_by_part": shares(by_part(by_function), 8),
        "main_thread_by_function": shares(by_function, 12),
    }


async def run(
    loads: list[int], seconds: float, profiled: float, bundle: int, *, kind: str, folder: Path
) -> dict[str, Any]:
    """Measure each way at each load on one server."""
    ways = [
        Way("a connection each"),
        Way(f"{bundle} a connection, frames together", bundle),
        Way(f"{bundle} a connection, each frame by itself", bundle, scatter=True),
    ]
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory)
        longest = max(seconds, profiled + SPREAD_SECONDS + SETTLE_SECONDS)
        np.save(data / "tracks.npy", sounds(kind, longest, folder))
        np.save(data / "probe.npy", probing(seconds, folder))
        async with local_server(data, ["--engine", "scripted", "--max-sessions", str(max(loads) + 8)]) as url:
            pid = server_pid(data)
            for way in ways:
                for tracks in loads:
                    row = await measure(url, pid, data, tracks=tracks, way=way, seconds=seconds)
                    rows.append(row)
                    print(f"{row['tracks']} tracks, {way.name}: {row['tracks_per_core']:.0f} a core", flush=True)
            profiles = [await look(url, pid, data, tracks=loads[-1], way=way, profiled=profiled) for way in ways[:2]]
    further = {way.name: further_track([row for row in rows if row["way"] == way.name]) for way in ways}
    figures = {"seconds": seconds, "bundle": bundle, "sound": kind, "cpu_seconds_per_further_track_second": further}
    return figures | {"rows": rows, "profiles": profiles}


def further_track(rows: list[dict[str, Any]]) -> float | None:
    """Return what one track more costs, the slope of the server's cores over tracks; None for a single load."""
    if len(rows) < 2:
        return None
    return float(np.polyfit([row["tracks"] for row in rows], [row["server_cores"] for row in rows], 1)[0])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--profiled", type=float, default=12, help="seconds of the profile")
    parser.add_argument("--bundle", type=int, default=16, help="tracks on one connection")
    parser.add_argument("--sound", choices=["noise", "speech"], default="noise")
    parser.add_argument("--audio", type=Path, default=SHARED)
    options = parser.parse_args()
    figures = asyncio.run(
        run(
            options.tracks,
            options.seconds,
            options.profiled,
            options.bundle,
            kind=options.sound,
            folder=options.audio,
        )
    )
    keep("ingest", figures)
    print(chapter.body(figures))


if __name__ == "__main__":
    main()
