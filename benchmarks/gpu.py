"""The same on a CUDA device: how many live sessions it holds, and what the engine does in a second.

    python benchmarks/gpu.py [--models tiny.en base] [--sessions 16 32 64 96 128] [--seconds 60]
        [--shape large-v3-turbo]

Runs capacity.py and engine.py with the device `cuda`, each in a process of its own, and samples nvidia-smi meanwhile.
`--shape` adds the engine's speed with a model of a large one's true shape and random weights, for machines that cannot
fetch it: each window then gets as many tokens as the transcripts of real speech of that length have on average.
Without a CUDA device it says so and measures nothing. Writes results/gpu.json.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, Self

import ctranslate2
from chapters import gpu as chapter
from random_whisper import SHAPES, write
from record import keep
from speech import RATE, SHARED, clips
from tokenizers import Tokenizer

from stream_server.asr.models import resolve
from stream_server.settings import default_data_directory

HERE = Path(__file__).parent
SAMPLE_SECONDS = 2.0
QUERY = ("nvidia-smi", "--query-gpu=name,utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits")
BATCHES = ("1", "4", "16", "32")
REPLICAS = ("1x1", "2x1", "4x1")
REPLICA_SECONDS = "5"
"""A GPU does hundreds of windows in that time."""


def devices() -> list[list[str]]:
    """Return name, busy per cent, MiB used and MiB in all of every GPU; nothing where nvidia-smi says nothing."""
    try:
        told = subprocess.run(QUERY, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    return [[cell.strip() for cell in line.split(",")] for line in told.splitlines()]


class Sampler:
    """Asks nvidia-smi about the first GPU now and then, in a thread of its own."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._seen: list[tuple[float, float]] = []
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            if found := devices():
                self._seen.append((float(found[0][1]), float(found[0][2])))

    @property
    def most(self) -> dict[str, float] | None:
        """Return the greatest share of time in which the GPU was busy, and its greatest memory."""
        if not self._seen:
            return None
        busy, memory = zip(*self._seen, strict=True)
        return {"busy_percent": max(busy), "memory_mebibytes": max(memory)}


def run(script: str, *options: str) -> dict[str, Any]:
    """Run a benchmark on the GPU, its result put aside; return its figures and how busy the GPU was."""
    with tempfile.TemporaryDirectory() as folder, Sampler() as sampler:
        command = [sys.executable, str(HERE / script), *options]
        subprocess.run(command, check=True, env=os.environ | {"BENCHMARK_RESULTS": folder})
        (result,) = Path(folder).glob("*.json")
        figures = json.loads(result.read_text("utf-8"))["figures"]
    return {"figures": figures, "gpu": sampler.most}


def spoken_tokens_per_second(folder: Path) -> float:
    """Return how many of Whisper's tokens real transcripts have for a second of their audio."""
    base = resolve("base", default_data_directory(), allow_download=True).path
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    pool = clips(folder)
    tokens = sum(len(tokenizer.encode(f" {clip.reference}", add_special_tokens=False).ids) for clip in pool)
    return tokens / sum(len(clip.audio) / RATE for clip in pool)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="*", default=["tiny.en", "base"])
    parser.add_argument("--sessions", nargs="+", default=["16", "32", "64", "96", "128"])
    parser.add_argument("--seconds", default="60")
    parser.add_argument("--shape", choices=SHAPES)
    parser.add_argument("--audio", type=Path, default=SHARED)
    options = parser.parse_args()
    if not ctranslate2.get_cuda_device_count():
        raise SystemExit("CTranslate2 sees no CUDA device here: nothing was measured, nothing was written")
    figures: dict[str, Any] = {"devices": [device[0] for device in devices()], "capacity": {}, "engine": {}}
    capacity, engine = figures["capacity"], figures["engine"]
    audio = ("--audio", str(options.audio))
    for model in options.models:
        sessions = ("--sessions", *options.sessions, "--seconds", options.seconds)
        capacity[model] = run("capacity.py", "--model", model, *sessions, "--server", "--device cuda", *audio)
        keep("gpu", figures)  # what is known by now: machines with a GPU are often lent, and taken back
    quick = ("--device", "cuda", "--batches", *BATCHES, "--replicas", *REPLICAS, "--seconds", REPLICA_SECONDS, *audio)
    for model in options.models:
        engine[model] = run("engine.py", "--model", model, *quick)
        keep("gpu", figures)
    if options.shape:
        rate = spoken_tokens_per_second(options.audio)
        with tempfile.TemporaryDirectory() as folder:
            path = write(options.shape, Path(folder) / f"{options.shape}-random")
            pinned = ("--tokens-per-second", f"{rate:.2f}")
            engine[path.name] = run("engine.py", "--model", str(path), *pinned, *quick)
        keep("gpu", figures)
    print(chapter.body(figures))


if __name__ == "__main__":
    main()
