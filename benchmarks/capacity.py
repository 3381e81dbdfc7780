"""How many live sessions one machine holds: latency, words and cost against the number of sessions.

    python benchmarks/capacity.py [--model tiny.en] [--sessions 1 2 4 8] [--seconds 60] [--server "--cpu-threads 2"]

Real speech at 1x in 20 ms frames, the load in a process of its own. Held means: p95 of the finals at most a second
after the last speech (endpointing of 500 ms included), no session refused or ended early, word error rate within 10 %
(relative) of the first number's. All say the same clips, each beginning at another; where the first number has several
sessions these share all clips out among them, and the further numbers should be multiples of it, so that at each the
same words are said equally often. Words are counted as they were heard, not as they are written. Stops at the first
number that is not held. Writes results/capacity_MODEL.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shlex
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from peers.talks import talks
from processes import cpu_seconds, load, percentile, resident_bytes, server_pid
from record import keep
from speech import SHARED, word_errors
from speech import talks as share_out

from stream_server.local_server import local_server

FINAL_MS = 1_000
WER_MARGIN = 1.10
SHARES = (0.5, 0.95, 0.99)
AS_HEARD = {"numbers": False, "spelling": False}
"""Formatting that leaves words as the engine wrote them: "10 m" would be three errors where "ten meters" was said."""


class Said(Protocol):
    """What one session says: int16 samples at 16 kHz, and the words in them."""

    @property
    def audio(self) -> npt.NDArray[np.int16]:
        """Return the samples."""
        ...

    @property
    def reference(self) -> str:
        """Return all words."""
        ...


async def measure(
    url: str, *, pid: int, audio: Path, said: Sequence[Said], count: int, seconds: float, **start: Any
) -> dict[str, Any]:
    """Stream `count` sessions and return one row; `start` holds more fields of their start message."""
    cpu, started = cpu_seconds(pid), time.monotonic()
    result = await load(url, audio, count, seconds, **{"formatting": AS_HEARD} | start)
    used, elapsed = cpu_seconds(pid) - cpu, time.monotonic() - started
    sessions = result["sessions"]
    heard = [" ".join(text for _, _, text in session["finals"]) for session in sessions]
    errors = word_errors([said[session["variant"]].reference for session in sessions], heard)
    waits = {
        name: [percentile([ms for session in sessions for ms in session[name]], share) for share in SHARES]
        for name in ("first_partial_ms", "partial_age_ms", "final_ms")
    }
    whole = sum(session["closed"] is None and session["refused"] is None for session in sessions)
    return {
        "sessions": count,
        "whole": whole,
        **waits,
        "words": asdict(errors),
        "partials_per_second": sum(len(session["partial_age_ms"]) for session in sessions) / count / seconds,
        "flicker": sum(session["revised_words"] for session in sessions)
        / max(1, sum(session["final_words"] for session in sessions)),
        "untagged": sum(session["untagged_words"] for session in sessions)
        / max(1, sum(session["final_words"] for session in sessions)),
        "audio_seconds_per_cpu_second": count * seconds / used,
        "server_cores": used / elapsed,
        "server_megabytes": resident_bytes(pid) / 1e6,
        "pace_slip_ms": max(session["slip_ms"] for session in sessions),
        "lag_events": sum(session["events"].get("lag", 0) for session in sessions),
    }


def is_held(row: dict[str, Any], first: dict[str, Any]) -> bool:
    """Tell whether a row meets the criteria."""
    return bool(
        row["final_ms"][1] <= FINAL_MS
        and row["whole"] == row["sessions"]
        and row["words"]["rate"] <= WER_MARGIN * first["words"]["rate"]
    )


async def run(model: str, counts: list[int], seconds: float, folder: Path, options: list[str]) -> dict[str, Any]:
    """Measure each number of sessions on one server."""
    said: Sequence[Said] = share_out(counts[0], seconds, folder) if counts[0] > 1 else talks(seconds, folder)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory)
        np.save(data / "audio.npy", np.stack([talk.audio for talk in said]))
        async with local_server(data, ["--model", model, "--max-sessions", "1000", *options]) as url:
            pid = server_pid(data)
            for count in counts:
                row = await measure(url, pid=pid, audio=data / "audio.npy", said=said, count=count, seconds=seconds)
                row["held"] = is_held(row, rows[0] if rows else row)
                rows.append(row)
                print(json.dumps(row), flush=True)
                if not row["held"]:
                    break
    held = [row["sessions"] for row in rows if row["held"]]
    words = sum(len(talk.reference.split()) for talk in said)
    spoken = {"talks": len(said), "words": words}
    return {"model": model, "seconds": seconds, "server": options, "held": max(held, default=0), "rows": rows} | spoken


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 2, 4, 6, 8, 10, 12, 16, 20])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--audio", type=Path, default=SHARED)
    parser.add_argument("--server", default="", help="more options of `stream-server serve`")
    arguments = parser.parse_args()
    figures = asyncio.run(
        run(
            arguments.model,
            arguments.sessions,
            arguments.seconds,
            arguments.audio,
            shlex.split(arguments.server),
        )
    )
    keep(f"capacity_{arguments.model}", figures)


if __name__ == "__main__":
    main()
