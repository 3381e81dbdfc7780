"""Where a running server's time goes: its busy stacks, sampled by py-spy."""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter
from pathlib import Path


async def profile(pid: int, seconds: float, into: Path) -> tuple[Counter[str], Counter[str]]:
    """Sample the server's busy stacks; return samples by thread, and of the main thread by innermost function.

    Both are empty where one process may not look at another.
    """
    by_thread: Counter[str] = Counter()
    by_function: Counter[str] = Counter()
    command = (str(Path(sys.executable).with_name("py-spy")), "record", "--pid", str(pid), "--threads")
    options = ("--format", "raw", "--output", str(into), "--rate", "50", "--duration", str(int(seconds)))
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, *options, stdout=quiet, stderr=quiet)
    if await process.wait() != 0:
        print("py-spy may not look at the server here: no profile")
        return by_thread, by_function
    for line in (await asyncio.to_thread(into.read_text)).splitlines():
        stack, _, count = line.rpartition(" ")
        thread, *calls = stack.split(";")
        name = re.sub(r"^thread \(\w+\): ", "", thread)
        by_thread[name] += int(count)
        if name == "MainThread" and calls:
            by_function[re.sub(r":\d+\)$", ")", calls[-1])] += int(count)
    return by_thread, by_function


def shares(samples: Counter[str], most: int) -> dict[str, float]:
    """Return percentages of all samples."""
    return {name: round(100 * count / samples.total(), 1) for name, count in samples.most_common(most)}


def by_part(by_function: Counter[str]) -> Counter[str]:
    """Return the samples of functions summed by the folder or library that they are in."""
    parts: Counter[str] = Counter()
    for name, count in by_function.items():
        file = name.rpartition("(")[2].rstrip(")")
        folder = file.rpartition("/")[0] or file
        parts["/".join(folder.split("/")[:2]) if folder.startswith("stream_server") else folder.split("/")[0]] += count
    return parts
