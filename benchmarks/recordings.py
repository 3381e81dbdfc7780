"""How fast a finished recording becomes text, beside faster-whisper's own two pipelines on the same file.

    python benchmarks/recordings.py                      an hour, tiny.en and base
    python benchmarks/recordings.py --seconds 300 --models tiny.en

Every run is a process of its own: it loads the model, notes its memory, then works on the file: the clips of
`speech.py` joined with pauses, as FLAC. All use greedy decoding, int8, the same cores, voice activity detection and
word times. Ours runs whole: file to transcript through `FileTranscriber`, with and without telling voices apart.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
from record import keep
from speech import RATE, clips, talk, word_errors

SYSTEMS = ("ours", "ours_with_voices", "sequential", "batched")
SAMPLED_SECONDS = 0.2


class Peak:
    """Follows the memory of this process; `rise` is how far it went above where it began, in MB."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._first = self._process.memory_info().rss
        self._most = self._first
        self._over = threading.Event()
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        while not self._over.wait(SAMPLED_SECONDS):
            self._most = max(self._most, self._process.memory_info().rss)

    @property
    def rise(self) -> float:
        """Return the rise so far."""
        return (self._most - self._first) / 1e6


def run_ours(model: str, path: Path, *, voices: bool) -> dict[str, Any]:
    """Transcribe as the server does."""
    from stream_server.app import App
    from stream_server.auth import ANONYMOUS
    from stream_server.jobs.recording import Recording
    from stream_server.session.options import SessionOptions
    from stream_server.settings import load_settings
    from stream_server.store.memory import MemoryStore

    async def work() -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as directory:
            flags = {"port": 0, "model": model, "data_directory": directory, "diarization": voices}
            async with App(load_settings(flags), store=MemoryStore()) as app:
                peak, began, used = Peak(), time.monotonic(), time.process_time()
                options = SessionOptions(language="en")
                said = await app.recordings.transcriber.transcribe(ANONYMOUS, Recording(media=path, options=options))
                seconds, cpu = time.monotonic() - began, time.process_time() - used
                text = " ".join(segment.text for segment in said.segments)
                return {"wall": seconds, "cpu": cpu, "rise_mb": peak.rise, "text": text}

    return asyncio.run(work())


def run_theirs(model: str, path: Path, *, batched: bool) -> dict[str, Any]:
    """Transcribe as faster-whisper does."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    from stream_server.asr.loading import available_cores
    from stream_server.asr.models import resolve
    from stream_server.settings import default_data_directory

    found = resolve(model, default_data_directory(), allow_download=True).path
    whisper = WhisperModel(str(found), device="cpu", compute_type="int8", cpu_threads=available_cores())
    whisper.transcribe(np.zeros(RATE, np.float32), language="en", beam_size=1)
    peak, began, used = Peak(), time.monotonic(), time.process_time()
    common = {"language": "en", "beam_size": 1, "word_timestamps": True, "vad_filter": True}
    if batched:
        segments, _ = BatchedInferencePipeline(whisper).transcribe(str(path), batch_size=8, **common)
    else:
        segments, _ = whisper.transcribe(str(path), **common)
    text = " ".join(segment.text for segment in segments)
    seconds, cpu = time.monotonic() - began, time.process_time() - used
    return {"wall": seconds, "cpu": cpu, "rise_mb": peak.rise, "text": text}


def run(system: str, model: str, path: Path) -> dict[str, Any]:
    """Run one system on a file."""
    if system.startswith("ours"):
        return run_ours(model, path, voices=system == "ours_with_voices")
    return run_theirs(model, path, batched=system == "batched")


def write_flac(path: Path, audio: np.ndarray) -> None:
    """Write int16 mono at 16 kHz."""
    with av.open(str(path), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=RATE, layout="mono")
        for first in range(0, len(audio), RATE):
            frame = av.AudioFrame.from_ndarray(audio[None, first : first + RATE], format="s16", layout="mono")
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main() -> None:
    """Run every system on every model, print a table, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3_600.0)
    parser.add_argument("--models", nargs="+", default=["tiny.en", "base"])
    parser.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=SYSTEMS)
    parser.add_argument("--child", nargs=3, metavar=("SYSTEM", "MODEL", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        system, model, file = arguments.child
        print(json.dumps(run(system, model, Path(file))))
        return
    said = talk(clips(longest_seconds=60.0), arguments.seconds)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "recording.flac"
        write_flac(path, said.audio)
        for model in arguments.models:
            for system in arguments.systems:
                command = [sys.executable, __file__, "--child", system, model, str(path)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                row = json.loads(done.stdout.splitlines()[-1])
                errors = word_errors([said.reference], [row.pop("text")])
                rows.append({"model": model, "system": system, **row, "word_error_rate": errors.rate})
                print(
                    f"{model:8} {system:17} {row['wall']:7.1f} s  {arguments.seconds / row['wall']:6.1f} x  "
                    f"CPU {row['cpu']:7.1f} s  +{row['rise_mb']:5.0f} MB  {errors.rate:6.2%} of words wrong",
                    flush=True,
                )
    for model in arguments.models:
        mine = {row["system"]: row for row in rows if row["model"] == model}
        if "ours" in mine:
            for other in ("sequential", "batched"):
                if other in mine:
                    print(f"{model}: {mine[other]['wall'] / mine['ours']['wall']:.2f} times as fast as {other}")
    keep("recordings", {"seconds": arguments.seconds, "rows": rows})


if __name__ == "__main__":
    main()
