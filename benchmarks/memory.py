"""What a session costs in memory: the server's resident memory with none, and with more and more of them.

    python benchmarks/memory.py [--sessions 50 100 200] [--seconds 30] [--engine scripted]

Idle sessions have said what they want and send nothing; speaking ones send real speech at 1x in 20 ms frames. Each
number is measured on a server of its own, for memory that was used once is kept; a speaking session counts in the last
third of its time. What a session costs is the slope of a straight line. Recognition is scripted: the model's memory
does not depend on sessions. Writes results/memory.json.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import numpy as np
from chapters import memory as chapter
from load_generator import Session, enter, make_script
from processes import load, resident_bytes, server_pid
from record import keep
from speech import RATE, SHARED, talks
from watch import Watch

from stream_server.local_server import local_server

VARIANTS = 8
SETTLE_SECONDS = 2.0


async def idle(url: str, pid: int, count: int) -> float:
    """Return the server's bytes with so many sessions that send nothing."""
    script = make_script(np.zeros((1, RATE), np.int16), 0, {})
    async with AsyncExitStack() as stack:
        for _ in range(count):
            socket = await enter(url, script, Session(variant=0))
            assert socket is not None, "refused"
            stack.push_async_callback(socket.close)
            await socket.recv()
        await asyncio.sleep(SETTLE_SECONDS)
        return float(resident_bytes(pid))


async def speaking(url: str, pid: int, count: int, seconds: float, audio: Path) -> float:
    """Return the server's bytes, in the mean, while so many sessions speak."""
    async with Watch(pid, 0.5) as watch:
        result = await load(url, audio, count, seconds)
    ended = result["began"] + seconds
    return statistics.mean(reading.resident_bytes for reading in watch.between(ended - seconds / 3, ended))


async def run(counts: list[int], seconds: float, engine: str, folder: Path) -> dict[str, Any]:
    """Measure each number of sessions, idle and speaking."""
    audio = np.stack([talk.audio for talk in talks(VARIANTS, seconds, folder)])
    rows: list[dict[str, Any]] = []
    for count in [0, *counts]:
        row: dict[str, Any] = {"sessions": count}
        for kind in ("idle", "speaking"):
            with tempfile.TemporaryDirectory() as directory:
                data = Path(directory)
                np.save(data / "audio.npy", audio)
                async with local_server(data, ["--engine", engine, "--max-sessions", str(count + 1)]) as url:
                    pid = server_pid(data)
                    if kind == "idle" or not count:
                        row[kind] = await idle(url, pid, count)
                    else:
                        row[kind] = await speaking(url, pid, count, seconds, data / "audio.npy")
        rows.append(row)
        print(f"{count} sessions: {row['idle'] / 1e6:.1f} MB idle, {row['speaking'] / 1e6:.1f} MB speaking", flush=True)
    slopes = {
        kind: float(np.polyfit([row["sessions"] for row in rows], [row[kind] for row in rows], 1)[0])
        for kind in ("idle", "speaking")
    }
    return {"engine": engine, "seconds": seconds, "rows": rows, "bytes_per_session": slopes}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--seconds", type=float, default=30, help="for which sessions speak")
    parser.add_argument("--engine", choices=["scripted", "whisper"], default="scripted")
    parser.add_argument("--audio", type=Path, default=SHARED)
    options = parser.parse_args()
    figures = asyncio.run(run(options.sessions, options.seconds, options.engine, options.audio))
    keep("memory", figures)
    print(chapter.body(figures))


if __name__ == "__main__":
    main()
