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
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from processes import cpu_seconds, load, server_pid
from profiling import profile, shares
from record import keep
from speech import SHARED, talks

from stream_server.local_server import local_server

VARIANTS = 8


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


async def run(count: int, seconds: float, profiled: float, folder: Path) -> dict[str, Any]:
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
            profiling = asyncio.create_task(profile(pid, profiled, data / "stacks.txt"))
            await load(url, data / "audio.npy", count, profiled)
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
    parser.add_argument("--profiled", type=float, default=15, help="seconds of the profile")
    parser.add_argument("--audio", type=Path, default=SHARED)
    arguments = parser.parse_args()
    figures = asyncio.run(run(arguments.sessions, arguments.seconds, arguments.profiled, arguments.audio))
    keep("many_sessions", figures)
    for key, value in figures.items():
        print(f"{key:32} {json.dumps(value) if not isinstance(value, float) else round(value, 2)}")


if __name__ == "__main__":
    main()
