"""How many live sessions the server carries besides recognition: scripted engine, real VAD, real speech, 20 ms frames.

    python benchmarks/many_sessions.py [--sessions 200] [--seconds 60] [--audio ../shared/audio]

The load comes from a process of its own. Every session's finals must be those that the same audio gives alone, in
order, with a gapless sequence. Prints the server's CPU per session, by thread and by function (py-spy),
and writes benchmarks/results/many_sessions.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from processes import cpu_seconds, load, server_pid
from record import keep
from speech import SHARED, talks

from stream_server.local_server import local_server

VARIANTS = 8
PROFILED_SECONDS = 15.0


async def profile(pid: int, seconds: float, into: Path) -> tuple[Counter[str], Counter[str]]:
    """Sample the server's busy stacks; return samples by thread, and of the main thread by innermost function."""
    by_thread: Counter[str] = Counter()
    by_function: Counter[str] = Counter()
    command = [
        str(Path(sys.executable).with_name("py-spy")),
        "record",
        "--pid",
        str(pid),
        "--format",
        "raw",
        "--output",
        str(into),
        "--rate",
        "50",
    ]
    process = await asyncio.create_subprocess_exec(
        *command,
        *("--duration", str(int(seconds)), "--threads"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await process.wait()
    for line in (await asyncio.to_thread(into.read_text)).splitlines():
        stack, _, count = line.rpartition(" ")
        thread, *calls = stack.split(";")
        name = re.sub(r"^thread \(\w+\): ", "", thread)
        by_thread[name] += int(count)
        if name == "MainThread" and calls:
            by_function[re.sub(r":\d+\)$", ")", calls[-1])] += int(count)
    return by_thread, by_function


def shares(samples: Counter[str], most: int) -> dict[str, float]:
    """Return percentages of all samples."""
    return {name: round(100 * count / samples.total(), 1) for name, count in samples.most_common(most)}


def check(result: dict[str, Any], alone: dict[int, list[Any]]) -> dict[str, Any]:
    """Return what went wrong, if anything, and the lags."""
    sessions = result["sessions"]
    lags = sorted(lag for session in sessions for lag in session["lags_ms"])
    return {
        "finals": sum(len(session["finals"]) for session in sessions),
        "finals_expected": sum(len(alone[session["variant"]]) for session in sessions),
        "sessions_with_other_finals": sum(session["finals"] != alone[session["variant"]] for session in sessions),
        "sessions_out_of_sequence": sum(
            session["sequences"] != list(range(1, len(session["sequences"]) + 1)) for session in sessions
        ),
        "complaints": Counter(
            f"{c['type']}: {c.get('code', c.get('level'))}" for s in sessions for c in s["complaints"]
        ),
        "pace_slip_ms_max": max(session["slip_ms"] for session in sessions),
        "final_lag_ms_p50_p95_max": [lags[len(lags) // 2], lags[len(lags) * 95 // 100], lags[-1]],
        "partials": sum(session["events"].get("partial", 0) for session in sessions),
    }


async def run(count: int, seconds: float, folder: Path) -> dict[str, Any]:
    """Measure the sessions alone for reference, then together."""
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory)
        np.save(data / "audio.npy", np.stack([talk.audio for talk in talks(VARIANTS, seconds, folder)]))
        options = ["--engine", "scripted", "--max-sessions", str(count + VARIANTS)]
        async with local_server(data, options) as url:
            reference = await load(url, data / "audio.npy", VARIANTS, seconds)
            alone = {session["variant"]: session["finals"] for session in reference["sessions"]}
            pid = server_pid(data)
            before, started = cpu_seconds(pid), time.monotonic()
            result = await load(url, data / "audio.npy", count, seconds)
            used = cpu_seconds(pid) - before
            elapsed = time.monotonic() - started
            # The profiler stops the process for each sample: it looks at a run of its own.
            profiling = asyncio.create_task(profile(pid, PROFILED_SECONDS, data / "stacks.txt"))
            await load(url, data / "audio.npy", count, PROFILED_SECONDS)
            by_thread, by_function = await profiling
    return {
        "sessions": count,
        "seconds": seconds,
        **check(result, alone),
        "elapsed_seconds": elapsed,
        "server_cpu_seconds": used,
        "server_cpu_percent_per_session": 100 * used / elapsed / count,
        "load_cpu_seconds": result["cpu_seconds"],
        "busy_percent_by_thread": shares(by_thread, 6),
        "main_thread_percent_by_function": shares(by_function, 15),
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--audio", type=Path, default=SHARED)
    arguments = parser.parse_args()
    figures = asyncio.run(run(arguments.sessions, arguments.seconds, arguments.audio))
    keep("many_sessions", figures)
    for key, value in figures.items():
        print(f"{key:32} {json.dumps(value) if not isinstance(value, float) else round(value, 2)}")


if __name__ == "__main__":
    main()
