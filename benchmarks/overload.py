"""What twice the load that the server carries does to it, and how soon it is over.

    python benchmarks/overload.py [--capacity N] [--seconds 40] [--model tiny.en] [--server "--max-batch 2"]

N is what `capacity.py` found, unless it is given. First half of N sessions alone, for what is normal. Then 2N sessions
come in over `--ramp` seconds; what was admitted speaks until `--seconds` have passed, then every other session ends and
the rest goes on. Meanwhile one session that never speaks hears how loaded the server says it is. As soon as the load is
gone a newcomer asks to be let in until it is, and speaks.

Shown must be: admitted sessions end normally, with every final and the words of normal days; refusals come at the
handshake, with 503 and Retry-After; clients were told what was given up; within ten seconds of the load going away the
server says `normal`, and the newcomer, who came in by then, waits no longer than is normal. Writes
results/overload.json.
"""

from __future__ import annotations

import argparse
import asyncio
import shlex
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from chapters import overload as chapter
from load_generator import Script, Session, enter, hear, make_script, speak
from processes import load, percentile
from record import keep
from record import load as recorded
from speech import RATE, SHARED, Talk, clips, talk, turned, word_errors

from stream_server.local_server import local_server

RECOVERY_SECONDS = 10.0
KNOCK_SECONDS = 0.5
KEEP_ALIVE_SECONDS = 5.0
PREPARE_SECONDS = 8.0
"""For the load's processes to start and make their frames."""

WORDS_RATIO, WORDS_MARGIN = 1.1, 0.02
"""Of all words; the crowd says more clips than those before it."""

USUAL_RATIO = 1.2
FINAL_MS = 1_000
"""What capacity.py asks of p95."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Seconds and numbers of one run."""

    capacity: int
    ramp: float
    loaded: float
    calm: float
    probe: float = 20.0

    def spoken(self, k: int, seconds: float) -> float:
        """Return for how long session k of half the crowd speaks when all end together."""
        return seconds - k * self.ramp / self.capacity


class Watcher:
    """A session that says nothing and notes what the server says of its load."""

    def __init__(self, url: str, script: Script) -> None:
        self.session = Session(variant=0)
        self._url, self._script = url, script

    async def watch(self) -> None:
        """Stay, until cancelled."""
        socket = await enter(self._url, self._script, self.session)
        assert socket is not None, "the watcher was refused"
        hearing = asyncio.create_task(hear(socket, self.session))
        try:
            while True:
                await asyncio.sleep(KEEP_ALIVE_SECONDS)
                await socket.send(self._script.encode({"type": "keep_alive"}))
        finally:
            await socket.send(self._script.encode({"type": "finish"}))
            await hearing

    def recovery(self, moment: float) -> tuple[float | None, int]:
        """Return when, from a moment on, nothing was given up for the first time, and how often something was later."""
        before = [level for at, level in self.session.loads if at <= moment]
        changes = [*([(moment, before[-1])] if before else [(moment, "normal")]), *self.session.loads[len(before) :]]
        first = next((number for number, (_, level) in enumerate(changes) if level == "normal"), None)
        if first is None:
            return None, 0
        return changes[first][0], sum(level != "normal" for _, level in changes[first:])


async def newcomer(url: str, script: Script) -> tuple[Session, float, int]:
    """Knock until let in, then speak; return the session, when it came in and how often it knocked."""
    knocks = 0
    while True:
        knocks += 1
        session = Session(variant=0)
        socket = await enter(url, script, session)
        if socket is not None:
            entered = time.monotonic()
            await asyncio.gather(hear(socket, session), speak(socket, script, session, entered + script.seconds))
            if "ready" in session.events:
                return session, entered, knocks
        await asyncio.sleep(KNOCK_SECONDS)


def words_of(talks: list[Talk], sessions: list[dict[str, Any]]) -> dict[str, Any]:
    """Compare what admitted sessions said and heard."""
    pairs = [
        (said.reference, " ".join(text for _, _, text in session["finals"]))
        for said, session in zip(talks, sessions, strict=True)
        if was_admitted(session) and said.reference
    ]
    errors = word_errors([said for said, _ in pairs], [heard for _, heard in pairs])
    return asdict(errors) | {"said": sum(len(said.split()) for said, _ in pairs)}


def latencies(sessions: list[dict[str, Any]]) -> list[float]:
    """Return p50, p95 and the greatest latency of finals, in ms."""
    values = [ms for session in sessions for ms in session["final_ms"]]
    return [percentile(values, share) for share in (0.5, 0.95, 1.0)]


def was_admitted(session: dict[str, Any]) -> bool:
    """Tell whether a session began; one may be refused behind the handshake, too."""
    return "ready" in session["events"]


def account(sessions: list[dict[str, Any]]) -> dict[str, Any]:
    """Return who was let in, how they ended, and what they were told."""
    refused = [session for session in sessions if session["refused"] is not None]
    admitted = [session for session in sessions if was_admitted(session)]
    return {
        "asked": len(sessions),
        "admitted": len(admitted),
        "refused": dict(Counter(str(session["refused"]) for session in refused)),
        "refused_behind_the_handshake": len(sessions) - len(refused) - len(admitted),
        "refused_without_retry_after": sum(session["retry_after"] is None for session in refused),
        "ended": dict(Counter(str(session["closed"] or "well") for session in admitted)),
        "with_a_gap": sum(
            session["sequences"] != list(range(1, len(session["sequences"]) + 1)) for session in admitted
        ),
        "load_events": dict(Counter(level for session in admitted for _, level in session["loads"])),
        "sessions_told": sum(any(level != "normal" for _, level in session["loads"]) for session in admitted),
    }


async def crowd(
    url: str, data: Path, plan: Plan, pool: list[Talk], at: float
) -> tuple[list[Talk], list[dict[str, Any]]]:
    """Let 2N sessions come from a moment on, half of whom stay longer; return what they said and what came of it."""
    talks: list[Talk] = []
    loading = []
    for number, (name, seconds) in enumerate({"leaving": plan.loaded, "staying": plan.loaded + plan.calm}.items()):
        said = [
            talk(turned(pool, 2 * k + number, 2 * plan.capacity), plan.spoken(k, seconds)) for k in range(plan.capacity)
        ]
        talks += said
        samples = round(seconds * RATE)
        np.save(data / f"{name}.npy", np.stack([np.pad(each.audio, (0, samples - len(each.audio))) for each in said]))
        options = ("--ramp", str(plan.ramp), "--at", str(at))
        loading.append(load(url, data / f"{name}.npy", plan.capacity, seconds, *options))
    results = await asyncio.gather(*loading)
    return talks, [session for result in results for session in result["sessions"]]


async def normally(url: str, data: Path, plan: Plan, pool: list[Talk]) -> dict[str, Any]:
    """Return words and latencies of half of what the server carries."""
    count = max(1, plan.capacity // 2)
    talks = [talk(turned(pool, k, count), plan.loaded) for k in range(count)]
    np.save(data / "normal.npy", np.stack([each.audio for each in talks]))
    sessions = (await load(url, data / "normal.npy", count, plan.loaded))["sessions"]
    return {"sessions": count, "words": words_of(talks, sessions), "final_ms": latencies(sessions)}


async def after(at: float, url: str, script: Script) -> tuple[Session, float, int]:
    """Send a newcomer at a moment."""
    await asyncio.sleep(at - time.monotonic())
    return await newcomer(url, script)


def history(sessions: list[dict[str, Any]], levels: list[tuple[float, str]], at: float) -> dict[str, Any]:
    """Return what came when, in seconds since the crowd began to come."""
    return {
        "finals": sorted(
            [round(heard - at, 2), round(ms)]
            for session in sessions
            for heard, ms in zip(session["final_at"], session["final_ms"], strict=True)
        ),
        "levels": [[round(moment - at, 2), level] for moment, level in levels],
    }


def verdict(figures: dict[str, Any]) -> dict[str, bool]:
    """Tell of each thing that must be shown whether it was."""
    crowd, normal, recovery = figures["crowd"], figures["normal"], figures["recovery"]
    words, before = figures["words"], normal["words"]
    usual = max(FINAL_MS, USUAL_RATIO * normal["final_ms"][1])
    back = [recovery["normal_after_seconds"], recovery["newcomer_in_after_seconds"]]
    return {
        "nothing lost": crowd["ended"] == {"well": crowd["admitted"]}
        and not crowd["with_a_gap"]
        and words["deletions"] / words["said"] <= before["deletions"] / before["said"] + WORDS_MARGIN,
        "words as before": words["rate"] <= WORDS_RATIO * before["rate"] + WORDS_MARGIN,
        "refused at the handshake only": set(crowd["refused"]) <= {"503"}
        and not crowd["refused_without_retry_after"]
        and not crowd["refused_behind_the_handshake"],
        "told of it": bool(crowd["sessions_told"]),
        "over in time": all(seconds is not None and seconds <= RECOVERY_SECONDS for seconds in back),
        "latency as before": recovery["newcomer_ms"][1] <= usual and recovery["staying_ms"][1] <= usual,
    }


async def run(plan: Plan, model: str, pool: list[Talk], options: list[str]) -> dict[str, Any]:
    """Do it all on one server."""
    silent = make_script(np.zeros((1, RATE), np.int16), 0, {})
    speech = make_script(talk(pool, plan.probe).audio[None], plan.probe, {})
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory)
        async with local_server(data, ["--model", model, "--max-sessions", "1000", *options]) as url:
            watcher = Watcher(url, silent)
            watching = asyncio.create_task(watcher.watch())
            normal = await normally(url, data, plan, pool)
            at = time.monotonic() + PREPARE_SECONDS
            gone = at + plan.loaded
            (talks, sessions), (new, entered, knocks) = await asyncio.gather(
                crowd(url, data, plan, pool, at), after(gone, url, speech)
            )
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
    settled = [
        ms
        for session in sessions
        for ms, heard in zip(session["final_ms"], session["final_at"], strict=True)
        if heard - ms / 1000 > gone + RECOVERY_SECONDS
    ]
    normal_at, relapses = watcher.recovery(gone)
    figures = {
        "model": model,
        "capacity": plan.capacity,
        "plan": asdict(plan),
        "server": options,
        "normal": normal,
        "crowd": account(sessions),
        "words": words_of(talks, sessions),
        "final_ms": latencies(sessions),
        "recovery": {
            "normal_after_seconds": None if normal_at is None else normal_at - gone,
            "relapses": relapses,
            "newcomer_in_after_seconds": entered - gone,
            "newcomer_knocks": knocks,
            "newcomer_ms": latencies([asdict(new)]),
            "newcomer_loads": [level for _, level in new.loads],
            "staying_ms": [percentile(settled, share) for share in (0.5, 0.95, 1.0)],
        },
        "gone_after_seconds": plan.loaded,
        "history": history(sessions, watcher.session.loads, at),
    }
    return figures | {"verdict": verdict(figures)}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--capacity", type=int, help="sessions that the server carries")
    parser.add_argument("--ramp", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=40, help="for which all of the crowd are there")
    parser.add_argument("--calm", type=float, default=30, help="seconds for which half of them go on")
    parser.add_argument("--audio", type=Path, default=SHARED)
    parser.add_argument("--server", default="", help="more options of `stream-server serve`")
    options = parser.parse_args()
    found = recorded(f"capacity_{options.model}")
    capacity = options.capacity or (found["figures"]["held"] if found else 0)
    if not capacity:
        parser.error(f"no result says what {options.model} carries: run capacity.py first, or give --capacity")
    plan = Plan(capacity=capacity, ramp=options.ramp, loaded=options.seconds, calm=options.calm)
    figures = asyncio.run(run(plan, options.model, clips(options.audio), shlex.split(options.server)))
    keep("overload", figures)
    print(chapter.body(figures))


if __name__ == "__main__":
    main()
