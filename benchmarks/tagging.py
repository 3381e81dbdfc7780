"""What telling voices apart costs live: the same sessions with it and without, taking turns on one server.

    python benchmarks/tagging.py [--model tiny.en] [--sessions 4] [--seconds 60] [--rounds 3]

Real speech at 1x, one speaker after another on a track that they share; `--sessions` should be half of what
capacity.py holds. How much later finals come (p95), what a second of audio costs, and how many words of finals have no
speaker, each the median of the rounds. Writes results/tagging.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from capacity import measure
from chapters import tagging as chapter
from peers.talks import talks
from processes import server_pid
from record import keep
from speech import SHARED

from stream_server.local_server import local_server


async def run(model: str, count: int, seconds: float, rounds: int, folder: Path) -> list[dict[str, Any]]:
    """Measure both ways in turns."""
    said = talks(seconds, folder)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory)
        np.save(data / "audio.npy", np.stack([talk.audio for talk in said]))
        async with local_server(data, ["--model", model]) as url:
            known: dict[str, Any] = {"pid": server_pid(data), "audio": data / "audio.npy", "said": said}
            for number in range(rounds):
                for diarize in (False, True):
                    row = await measure(url, count=count, seconds=seconds, diarize=diarize, **known)
                    rows.append(row | {"diarize": diarize, "round": number})
                    print(json.dumps(rows[-1]), flush=True)
    return rows


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians of both ways, and what the one costs more than the other."""
    ways = {}
    for diarize in (False, True):
        mine = [row for row in rows if row["diarize"] is diarize]
        ways["voices" if diarize else "plain"] = {
            "final_ms": statistics.median(row["final_ms"][1] for row in mine),
            "partial_age_ms": statistics.median(row["partial_age_ms"][1] for row in mine),
            "cpu_seconds_per_audio_second": statistics.median(1 / row["audio_seconds_per_cpu_second"] for row in mine),
            "untagged": statistics.median(row["untagged"] for row in mine),
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
    figures = {"model": options.model, "sessions": options.sessions, "ways": summary(rows), "rows": rows}
    keep("tagging", figures)
    print(chapter.body(figures))


if __name__ == "__main__":
    main()
