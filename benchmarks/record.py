"""Keep a benchmark's figures beside the machine and the commit that gave them.

A result is `results/NAME.json`: `{"machine", "commit", "command", "figures"}`; `docs/benchmarks.md` is made of them by
`report.py`. The environment variable `BENCHMARK_RESULTS` names another folder, so that what short forms and trials give
is never taken for a result.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ELSEWHERE = os.environ.get("BENCHMARK_RESULTS", "")
RESULTS = Path(ELSEWHERE).resolve() if ELSEWHERE else HERE / "results"


def machine() -> str:
    """Describe this machine in a line."""
    cpu = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{os.cpu_count()} × {cpu}, {memory:.0f} GiB, Linux {platform.machine()}, Python {platform.python_version()}"


def commit() -> str:
    """Return the commit's short name; a plus sign says that the tree had changes."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=HERE, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain", "--", "..", ":!results") else "")


def keep(name: str, figures: dict[str, Any]) -> Path:
    """Write a result and print where."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    words = [f"…/{Path(word).name}" if Path(word).is_absolute() else word for word in sys.argv[1:]]
    command = " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *words])
    result = {"machine": machine(), "commit": commit(), "command": command, "figures": figures}
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"written to {path}\n")
    return path


def load(name: str) -> dict[str, Any] | None:
    """Return a result; None if there is none."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None
