"""What a process and its children cost: CPU seconds and memory, from /proc."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")


async def load(url: str, audio: Path, sessions: int, seconds: float, *options: str, **start: Any) -> dict[str, Any]:
    """Run the load generator in a process of its own.

    `options` are more of its options, `start` holds more fields of the start message. What several hear at once needs
    audio files of different names.
    """
    output = audio.with_suffix(".heard.json")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(HERE / "load_generator.py"), url, str(audio), str(sessions), str(seconds)),
        *("--output", str(output), "--start", json.dumps(start), *options),
    )
    if await process.wait() != 0:
        raise SystemExit("the load generator failed")
    return dict(json.loads(output.read_text("utf-8")))


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds a process has used, its ended children included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def resident_bytes(pid: int) -> int:
    """Return the memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def server_pid(data: Path) -> int:
    """Return the server's process id: the one that was started with this data directory."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if str(data).encode() in words and b"serve" in words:
            return int(entry.parent.name)
    raise SystemExit("the server's process is not found")


def percentile(values: list[float], share: float) -> float:
    """Return the value that this share of the values does not exceed; NaN without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
