"""Every benchmark that leaves a result, in a short form, in under ten minutes: whether they run, roughly what comes.

    python benchmarks/short.py [NAME ...]

One after another; what is named runs alone. Results and a page of them go to `results/short/`, which git ignores:
figures of seconds say little, and none of them is evidence. What cannot run here is left out and said aloud. Exit
status 1: something failed.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
from peers import environments
from record import HERE
from speech import SHARED

RESULTS = HERE / "results" / "short"


@dataclass(frozen=True, slots=True)
class Part:
    """A benchmark's script and the options that make it short."""

    script: str
    options: str

    @property
    def name(self) -> str:
        """Return the script's name and what tells it from others of the same."""
        return Path(self.script).stem + (" --unbroken" if "--unbroken" in self.options else "")


PARTS = (
    Part("vad.py", ""),
    Part("engine.py", "--windows 4 12 --batches 1 4 --rounds 1 --seconds 4 --replica-batches 1"),
    Part("live_accuracy.py", f"tiny.en {shlex.quote(str(SHARED))} --limit 3 --parallel 2"),
    Part("capacity.py", "--sessions 1 3 --seconds 15"),
    Part("load_and_words.py", "--models tiny.en --clips 3 --together 4"),
    Part("overload.py", "--capacity 4 --ramp 3 --seconds 13 --calm 14"),
    Part("soak.py", "--minutes 0.5 --every 10 --sessions 2"),
    Part("soak.py", "--minutes 0.5 --every 10 --sessions 1 --unbroken"),
    Part("memory.py", "--sessions 20 --seconds 6"),
    Part("ingest.py", "--tracks 32 --seconds 6 --profiled 4"),
    Part("many_sessions.py", "--sessions 30 --seconds 8 --profiled 5"),
    Part("peers.py", "--models tiny.en --sessions 1 --rounds 1 --seconds 10"),
    Part("gpu.py", "--models tiny.en --sessions 4 --seconds 15"),
    Part("diarization.py", ""),
    Part("enrollment.py", ""),
    Part("tagging.py", "--sessions 2 --seconds 20 --rounds 1"),
    Part("formatting.py", "--rounds 2"),
    Part("restoring.py", "--models tiny.en"),
    Part("recordings.py", "--seconds 60 --models tiny.en"),
    Part("fifty_recordings.py", "--each 2 --seconds 20"),
    Part("recordings_beside.py", "--sessions 1 --seconds 15 --rounds 1"),
    Part("browser.py", "--seconds 5 --minutes 0.4"),
    Part("report.py", ""),
)


def reason_to_leave_out(part: Part) -> str | None:
    """Return why a part cannot run here."""
    if (
        part.script in ("live_accuracy.py", "diarization.py", "enrollment.py")
        and not (SHARED / "manifest.json").exists()
    ):
        return "it needs recordings beside the repository, in ../shared/audio"
    if part.script == "browser.py" and not any(map(shutil.which, ("chromium", "chromium-browser"))):
        return "there is no Chromium here (Debian: apt-get install chromium)"
    if part.script == "gpu.py" and not ctranslate2.get_cuda_device_count():
        return "CTranslate2 sees no CUDA device"
    if part.script == "peers.py":
        try:
            for name in environments.CHECKS:
                environments.python(environments.DEFAULT, name)
        except environments.NoEnvironment as missing:
            return str(missing)
    return None


def run(part: Part) -> str:
    """Run a part; return a line on it that ends with what came of it."""
    reason = reason_to_leave_out(part)
    if reason is not None:
        print(f"\n── {part.name}: LEFT OUT: {reason}", flush=True)
        return f"left out: {reason}"
    print(f"\n── {part.script} {part.options}", flush=True)
    started = time.monotonic()
    command = [sys.executable, str(HERE / part.script), *shlex.split(part.options)]
    done = subprocess.run(
        command, check=False, env=os.environ | {"BENCHMARK_RESULTS": str(RESULTS), "PYTHONPATH": str(HERE.parent)}
    )
    return f"{'FAILED' if done.returncode else 'ran'}, {time.monotonic() - started:.0f} s"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="scripts without .py; all, if none is named")
    names = parser.parse_args().names
    chosen = [part for part in PARTS if not names or Path(part.script).stem in names]
    if not names:
        shutil.rmtree(RESULTS, ignore_errors=True)
    started = time.monotonic()
    outcomes = [(part.name, run(part)) for part in chosen]
    print(f"\n── all of it: {time.monotonic() - started:.0f} s")
    for name, outcome in outcomes:
        print(f"{name:20} {outcome}")
    if any(outcome.startswith("FAILED") for _, outcome in outcomes):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
