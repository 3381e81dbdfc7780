"""What the Whisper engine does in a second: by batch, by length of the window, and by replicas and threads.

    python benchmarks/engine.py [--model tiny.en] [--threads 0] [--batches 1 2 4 8] [--windows 4 7 12 20 30]
        [--replicas 1x2 2x1] [--seconds 20] [--device cpu] [--tokens-per-second 3.5]

Real speech. A window of 7 s is what the encoder reads: the audio and the silence that the engine puts behind it. The
first table has seconds per item of encoding, decoding and alignment of finals, in CTranslate2, and of the rest; the
median of some rounds. The second compares replicas and threads: `2x1` is two replicas of one thread each, every
replica in a Python thread of its own as in the server, recognising finals of several lengths as fast as it can, for
`--seconds`, in a process of its own. `--tokens-per-second` is for a model that speaks nonsense (random_whisper.py):
each window gets so many tokens for a second of its audio, no more and no fewer. Writes results/engine_MODEL.json.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import count, product
from pathlib import Path
from typing import Any

import numpy as np
from chapters import engine as chapter
from processes import percentile, resident_bytes
from random_whisper import END_TOKEN
from record import keep
from speech import RATE, SHARED, clips
from stopwatch import Stopwatch

from stream_server.asr.loading import available_cores, find_engine, load_engines
from stream_server.asr.whisper import WhisperEngine
from stream_server.events import Samples
from stream_server.open_workers import engine_wish
from stream_server.settings import load_settings
from stream_server.work import Hypothesis, Transcribe

LIVE_WINDOWS = (4, 7, 12)
"""Seconds; what finals of conversation mostly have."""


@dataclass(slots=True)
class Setup:
    """Which model runs where on which speech."""

    model: str
    device: str
    folder: Path
    tokens_per_second: float | None = None
    watch: Stopwatch = field(default_factory=Stopwatch)

    def engines(self, *, replicas: int, threads: int) -> list[WhisperEngine]:
        """Load the model as the server does."""
        self.watch.install(END_TOKEN)
        settings = {"model": self.model, "device": self.device, "device_replicas": replicas, "cpu_threads": threads}
        wish = engine_wish(load_settings(settings))
        engines = load_engines(find_engine(wish, allow_download=True), wish)
        return [engine for engine in engines if isinstance(engine, WhisperEngine)]

    def speech(self) -> Samples:
        """Return all clips in one."""
        return np.concatenate([clip.audio for clip in clips(self.folder)]).astype(np.float32) / np.float32(32_768)

    def run(self, engine: WhisperEngine, items: list[Transcribe]) -> list[Hypothesis]:
        """Recognise; the stopwatch has the seconds of the steps afterwards."""
        self.watch.seconds.clear()
        if self.tokens_per_second is not None:
            self.watch.tokens = max(1, round(self.tokens_per_second * len(items[0].audio) / RATE))
        started = time.perf_counter()
        outcomes = engine.run(items)
        self.watch.seconds["rest"] = time.perf_counter() - started - sum(self.watch.seconds.values())
        heard = [outcome for outcome in outcomes if isinstance(outcome, Hypothesis)]
        assert len(heard) == len(items), "recognition failed"
        return heard


def cut(speech: Samples, engine: WhisperEngine, window_seconds: float, number: int) -> Transcribe:
    """Return the request for a final whose window has this length; each number begins elsewhere."""
    samples = int((window_seconds - engine.windows.final.silence_seconds) * RATE)
    begin = number * RATE // 2 % (len(speech) - samples)
    audio = speech[begin : begin + samples]
    return Transcribe(
        session_id="", work_id=0, track=0, utterance_id="", audio=audio, start=0, final=True, language="en"
    )


def grid(setup: Setup, threads: int, windows: list[float], batches: list[int], rounds: int) -> list[dict[str, Any]]:
    """Time the engine's steps for every length of window and batch."""
    (engine,), speech = setup.engines(replicas=1, threads=threads), setup.speech()
    rows = []
    for window, batch in product(windows, batches):
        items = [cut(speech, engine, window, number) for number in range(batch)]
        timed = []
        for _ in range(rounds + 1):  # the first of a shape allocates
            heard = setup.run(engine, items)
            timed.append(dict(setup.watch.seconds))
        row: dict[str, Any] = {"window": window, "batch": batch}
        for step in chapter.STEPS:
            row[step] = statistics.median(seconds.get(step, 0.0) for seconds in timed[1:]) / batch
        row["tokens"] = statistics.mean(sum(len(word.tokens) for word in each.words) for each in heard)
        row["windows_per_second"] = 1 / sum(row[step] for step in chapter.STEPS)
        rows.append(row)
        print(f"{window:g} s, batch {batch}: {row['windows_per_second']:.2f} windows/s", flush=True)
    engine.close()
    return rows


def compete(setup: Setup, shape: tuple[int, int], batch: int, seconds: float) -> dict[str, Any]:
    """Keep every replica busy for a while; return how much they did together and how long each call took."""
    replicas, threads = shape
    engines, speech = setup.engines(replicas=replicas, threads=threads), setup.speech()
    calls: list[tuple[float, float]] = []

    def work(engine: WhisperEngine, until: float, begin: int) -> None:
        for turn in count(begin):
            started = time.perf_counter()
            if started >= until:
                return
            window = LIVE_WINDOWS[turn % len(LIVE_WINDOWS)]
            setup.run(engine, [cut(speech, engine, window, turn * batch + number) for number in range(batch)])
            calls.append((started, time.perf_counter()))

    began = time.perf_counter()
    workers = [
        threading.Thread(target=work, args=(engine, began + seconds, number)) for number, engine in enumerate(engines)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # A call that runs over the end counts as far as it lies before it.
    done = sum(min(1.0, (began + seconds - start) / (end - start)) for start, end in calls)
    waits = [1000 * (end - start) for start, end in calls]
    return {
        "replicas": len(engines),
        "threads": threads,
        "batch": batch,
        "windows_per_second": done * batch / seconds,
        "call_ms": [percentile(waits, 0.5), percentile(waits, 0.95)],
        "megabytes": resident_bytes(os.getpid()) / 1e6,
    }


def compare(setup: Setup, shapes: list[tuple[int, int]], batches: list[int], seconds: float) -> list[dict[str, Any]]:
    """Compare shapes, each in a process of its own, so that none inherits another's memory."""
    rows = []
    for batch, shape in product(batches, shapes):
        plain = (setup.model, setup.device, setup.folder, setup.tokens_per_second)
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
            row = process.submit(compete_apart, plain, shape, batch, seconds).result()
        rows.append(row)
        print(f"{shape[0]}x{shape[1]}, batch {batch}: {row['windows_per_second']:.2f} windows/s", flush=True)
    return rows


def compete_apart(setup: tuple[Any, ...], shape: tuple[int, int], batch: int, seconds: float) -> dict[str, Any]:
    """Begin in another process, to which no stopwatch can be sent."""
    return compete(Setup(*setup), shape, batch, seconds)


def shape(word: str) -> tuple[int, int]:
    """Read `2x1`: replicas and the threads of each."""
    many, _, threads = word.partition("x")
    return int(many), int(threads)


def fitting_shapes() -> list[tuple[int, int]]:
    """Return all shapes that use every core of this machine once."""
    cores = available_cores()
    return [(many, cores // many) for many in range(1, cores + 1) if cores % many == 0]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--threads", type=int, default=0, help="of the first table; 0: all cores")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--windows", type=float, nargs="*", default=[4, 7, 12, 20, 30])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--replicas", type=shape, nargs="*", default=fitting_shapes(), metavar="RxT")
    parser.add_argument("--replica-batches", type=int, nargs="+", default=[1, 4], help="windows in a replica's call")
    parser.add_argument("--seconds", type=float, default=20, help="for each of replicas and threads")
    parser.add_argument("--tokens-per-second", type=float, help="instead of as many as the model says")
    parser.add_argument("--audio", type=Path, default=SHARED)
    options = parser.parse_args()
    setup = Setup(options.model, options.device, options.audio, options.tokens_per_second)
    threads = options.threads or available_cores()
    timed = grid(setup, threads, options.windows, options.batches, options.rounds)
    compared = compare(setup, options.replicas, options.replica_batches, options.seconds)
    name = Path(options.model).name
    figures = {"model": name, "device": options.device, "threads": threads}
    figures |= {"tokens_per_second": options.tokens_per_second, "grid": timed, "replicas": compared}
    keep(f"engine_{name}", figures)
    print(chapter.body(figures))


if __name__ == "__main__":
    main()
