"""One row: a server of its own, warmed up, loaded with so many sessions, and what came of it."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from processes import percentile
from speech import RATE, word_errors

from peers.costs import Costs
from peers.environments import HERE
from peers.latency import clip_latencies, tail
from peers.load import LATE
from peers.servers import KINDS, PeerDied, Running, Setting, running
from peers.talks import Talk
from peers.verdict import Row

WARM_UP = ("--seconds", "6", "--settle", "2")
SHARES = (0.5, 0.95)

OVER = ("normally", LATE)
"""How a session of a server that works may end."""

MOST_OTHER_CORES = 0.4
MOST_SLIP_MS = 300
"""Above either a row was disturbed: other work had the processors, or the load could not keep its pace."""


async def measure(name: str, setting: Setting, said: list[Talk]) -> Row:
    """Run a server and return one row.

    Raises `PeerDied` or `NoEnvironment` if it does not start, `PeerDied` too if it cannot hold a single session.
    """
    audio = setting.directory / "audio.npy"
    np.save(audio, np.stack([talk.audio for talk in said]))
    async with running(name, setting) as server:
        await load(name, server, audio, 1, *WARM_UP)
        async with Costs(server.roots) as costs:
            told = await load(name, server, audio, setting.sessions)
            await asyncio.sleep(1)
    broken = [session["ended"] for session in told["sessions"] if session["ended"] not in OVER]
    if setting.sessions == 1 and broken:
        raise PeerDied(f"it does not hold a single session: {broken[0]}")
    return row(told, costs, said)


async def load(name: str, server: Running, audio: Path, sessions: int, *options: str) -> dict[str, Any]:
    """Run the load in a process of its own and return what it heard."""
    output = audio.with_suffix(".heard.json")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "peers.load", KINDS[name].wire, server.url, str(audio), str(sessions)),
        *("--output", str(output), *options),
        cwd=HERE.parent,
    )
    if await process.wait() != 0:
        raise SystemExit("the load failed")
    return dict(json.loads(output.read_text("utf-8")))


def row(told: dict[str, Any], costs: Costs, said: list[Talk]) -> Row:
    """Return the figures of what was heard and what it cost.

    CPU seconds count from the first session's beginning to the last change of any text, or the last sample if that is
    later: what a server does afterwards, while its client waits whether there is more, is not held against it.
    """
    sessions = told["sessions"]
    talks = [said[session["variant"]] for session in sessions]
    timelines = [session["timeline"] for session in sessions]
    heard = [timeline[-1][1] if timeline else "" for timeline in timelines]
    clips = [
        clip for timeline, talk in zip(timelines, talks, strict=True) for clip in clip_latencies(timeline, talk.said)
    ]
    settled = [clip.settled_seconds for clip in clips if clip is not None]
    shown = [clip.shown_seconds for clip in clips if clip is not None]
    tails = [tail(timeline, talk.said) for timeline, talk in zip(timelines, talks, strict=True)]
    seconds = len(said[0].audio) / RATE
    last = max(
        session["start"] + max(seconds, timeline[-1][0] if timeline else 0.0)
        for session, timeline in zip(sessions, timelines, strict=True)
    )
    used, elsewhere = costs.between(told["began"], last)
    other_cores = elsewhere / (last - told["began"])
    slip = max(session["slip_ms"] for session in sessions)
    return {
        "sessions": len(sessions),
        "whole": sum(session["ended"] == "normally" for session in sessions),
        "ended": sorted({session["ended"] for session in sessions}),
        "final_seconds": quantiles(settled),
        "shown_seconds": quantiles(shown),
        "clips_unheard": clips.count(None),
        "tail_seconds": [statistics.median(tails), max(tails)],
        "words": asdict(word_errors([talk.reference for talk in talks], heard)),
        "audio_seconds_per_cpu_second": len(sessions) * seconds / used,
        "server_cores": used / (last - told["began"]),
        "other_cores": other_cores,
        "server_megabytes": costs.peak_bytes() / 1e6,
        "pace_slip_ms": slip,
        "disturbed": other_cores > MOST_OTHER_CORES or slip > MOST_SLIP_MS,
    }


def quantiles(values: list[float]) -> list[float] | None:
    """Return the median, p95 and the largest; None without values."""
    return [*(percentile(values, share) for share in SHARES), max(values)] if values else None
