"""What finished recordings cost those who speak now: the same live sessions with four of them beside, and without.

    python benchmarks/recordings_beside.py [--model tiny.en] [--sessions 4] [--seconds 60] [--rounds 3]

Real speech at 1x on one server, both ways taking turns; the recordings are handed in before and are worked on all the
while (`--max-active-recordings`), each long enough not to end. Writes results/recordings_beside.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
from capacity import measure
from chapters import recordings_beside as chapter
from peers.talks import talks
from processes import server_pid
from record import keep
from recordings import write_flac
from speech import SHARED, clips, talk

from stream_server.local_server import local_server

RECORDINGS = 4
RECORDING_SECONDS = 7_200.0
"""Long enough that none ends while the live sessions are measured."""


async def hand_in(url: str, path: Path) -> str:
    """Submit a recording; return its job's id."""
    with path.open("rb") as file:
        form = aiohttp.FormData()
        form.add_field("file", file, filename=path.name)
        async with aiohttp.ClientSession() as client, client.post(f"{url}/v1/recordings", data=form) as answer:
            return str((await answer.json())["id"])


async def job(url: str, job_id: str, *, cancel: bool = False) -> dict[str, Any]:
    """Return a job as it is, or after it was cancelled."""
    async with aiohttp.ClientSession() as client:
        address = f"{url}/v1/recordings/{job_id}"
        request = client.post(f"{address}/cancel") if cancel else client.get(address)
        async with request as answer:
            return dict(await answer.json())


async def run(model: str, count: int, seconds: float, rounds: int, folder: Path) -> list[dict[str, Any]]:
    """Measure both ways in turns."""
    said = talks(seconds, folder)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory)
        np.save(data / "audio.npy", np.stack([each.audio for each in said]))
        write_flac(data / "recording.flac", talk(clips(folder), RECORDING_SECONDS).audio)
        options = ["--model", model, "--max-active-recordings", str(RECORDINGS)]
        async with local_server(data, options) as url:
            known: dict[str, Any] = {"pid": server_pid(data), "audio": data / "audio.npy", "said": said}
            for number in range(rounds):
                for beside in (0, RECORDINGS):
                    ids = [await hand_in(url, data / "recording.flac") for _ in range(beside)]
                    await asyncio.sleep(3.0 if ids else 0.0)
                    row = await measure(url, count=count, seconds=seconds, diarize=True, **known)
                    ended = [await job(url, each, cancel=True) for each in ids]
                    done = sum(each["progress"] * RECORDING_SECONDS for each in ended)
                    rows.append(row | {"recordings": beside, "round": number, "recorded_seconds_done": done})
                    print(json.dumps(rows[-1]), flush=True)
                    await asyncio.sleep(3.0)
    return rows


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians of both ways."""
    ways = {}
    for beside in (0, RECORDINGS):
        mine = [row for row in rows if row["recordings"] == beside]
        ways[str(beside)] = {
            "final_ms": statistics.median(row["final_ms"][1] for row in mine),
            "partial_age_ms": statistics.median(row["partial_age_ms"][1] for row in mine),
            "recorded_seconds_done": statistics.median(row["recorded_seconds_done"] for row in mine),
        }
    return ways


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--sessions", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--audio", type=Path, default=SHARED)
    options = parser.parse_args()
    rows = asyncio.run(run(options.model, options.sessions, options.seconds, options.rounds, options.audio))
    figures = {
        "model": options.model,
        "sessions": options.sessions,
        "seconds": options.seconds,
        "ways": summary(rows),
        "rows": rows,
    }
    keep("recordings_beside", figures)
    print(chapter.body(figures))


if __name__ == "__main__":
    main()
