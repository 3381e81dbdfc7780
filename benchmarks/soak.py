"""Whether the server is after half an hour, or after hours, what it was in the first minutes.

    python benchmarks/soak.py [--minutes 30 | --hours 8] [--sessions 4] [--unbroken] [--model tiny.en]
        [--server "--max-batch 2"]

Sessions of real speech at 1x: the same clips round and round, each session beginning at another one, with a pause
behind each clip. `--unbroken`: nobody ever pauses (what the server's detector hears as pauses is cut out, clips follow
each other at once), so that only its greatest length ends an utterance. Every minute has a row: the server's memory,
its CPU seconds per second of audio, and the latencies of the finals that came in it. Then flat or not, quantity by
quantity: the last third of the minutes beside the first, the first minute left out. The words must be all there: word
error rates of the first and the last third, and final messages without a gap. Writes results/soak.json, or
results/soak_unbroken.json.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import shlex
import statistics
import tempfile
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from breathless import breathless
from chapters import soak as chapter
from load_generator import FRAME_SAMPLES
from processes import load, percentile, server_pid
from record import keep
from speech import PAUSE_SECONDS, RATE, SHARED, Talk, clips, ring, turned, word_errors
from watch import Reading, Watch

from stream_server.local_server import local_server

FLAT = {
    "megabytes": 1.05,
    "cpu_seconds_per_audio_second": 1.15,
    "final_p95_ms": 1.15,
    "partial_p95_ms": 1.15,
    "word_error_rate": 1.1,
}
"""How much of the first third the last may have."""

READ_SECONDS = 1.0
AT_ONCE_SAMPLES = RATE // 2
"""Between two finals; a pause that ends an utterance is longer."""

WER_MARGIN = 0.01
"""A hundredth of all words more or less is chance."""


def said(count: int, folder: Path, *, unbroken: bool) -> list[Talk]:
    """Return what each session says round and round."""
    pool = clips(folder)
    if unbroken:
        pool = breathless(pool)
    pause = 0.0 if unbroken else PAUSE_SECONDS
    return [ring(turned(pool, number, count), pause_seconds=pause, grid=FRAME_SAMPLES) for number in range(count)]


def minute_rows(
    readings: list[Reading], sessions: list[dict[str, Any]], began: float, seconds: float, every: float
) -> list[dict[str, Any]]:
    """Return a row for each whole minute, or whatever `every` says; the last has what came after the end, too."""
    rows = []
    edges = [began + every * number for number in range(int(seconds / every) + 1)]
    for begin, end in pairwise(edges):
        until = end if end < edges[-1] else math.inf
        finals = came(sessions, "final_ms", "final_at", begin, until)
        partials = came(sessions, "partial_age_ms", "partial_at", begin, until)
        before, after = (max((r for r in readings if r.at <= edge), key=lambda r: r.at) for edge in (begin, end))
        audio = (after.at - before.at) * len(sessions)
        rows.append(
            {
                "minute": (end - began) / 60,
                "megabytes": after.resident_bytes / 1e6,
                "cpu_seconds_per_audio_second": (after.cpu_seconds - before.cpu_seconds) / audio,
                "finals": len(finals),
                "final_p50_ms": percentile(finals, 0.5) if finals else None,
                "final_p95_ms": percentile(finals, 0.95) if finals else None,
                "partials": len(partials),
                "partial_p95_ms": percentile(partials, 0.95) if partials else None,
            }
        )
    return rows


def came(sessions: list[dict[str, Any]], what: str, when: str, begin: float, until: float) -> list[float]:
    """Return the latencies of what came in a span of time."""
    return [
        ms for session in sessions for ms, at in zip(session[what], session[when], strict=True) if begin <= at < until
    ]


def words_between(talk: Talk, session: dict[str, Any], begin: int, end: int, lead: int) -> tuple[str, str]:
    """Return the words said and heard in a part of a session, cut where clips begin.

    A word counts for the clip that it begins in, or less than `lead` samples before.
    """
    starts = [
        (turn * len(talk.audio) + at, reference)
        for turn in range(end // len(talk.audio) + 1)
        for at, reference in talk.parts
    ]
    first, last = (max(at for at, _ in starts if at <= edge) for edge in (begin, end))
    said = " ".join(reference for at, reference in starts if first <= at < last)
    return said, " ".join(text for at, text in session["words_at"] if first - lead <= at < last - lead)


def words(talks: list[Talk], sessions: list[dict[str, Any]], samples: int, lead: int) -> dict[str, Any]:
    """Compare what was said and heard in each third of the time."""
    thirds = {}
    for number, name in enumerate(("first", "middle", "last")):
        begin, end = number * samples // 3, (number + 1) * samples // 3
        parts = [words_between(talks[session["variant"]], session, begin, end, lead) for session in sessions]
        references, heard = ([part[side] for part in parts if part[0]] for side in (0, 1))
        thirds[name] = {
            "errors": asdict(word_errors(references, heard)) if references else None,
            "words_said": sum(len(text.split()) for text in references),
            "words_heard": sum(len(text.split()) for text in heard),
        }
    return thirds


def trends(rows: list[dict[str, Any]], thirds: dict[str, Any]) -> dict[str, Any]:
    """Compare the last third with the first, and tell what is flat."""
    found = {}
    for name in (name for name in FLAT if name != "word_error_rate"):
        settled = [row for row in (rows[1:] if len(rows) > 3 else rows) if row[name] is not None]
        if settled:
            third = max(1, len(settled) // 3)
            first, last = (statistics.mean(row[name] for row in part) for part in (settled[:third], settled[-third:]))
            found[name] = trend(name, first, last) | {"slope_per_hour": slope_per_hour(settled, name)}
    first_words, last_words = (thirds[which]["errors"] for which in ("first", "last"))
    if first_words and last_words:
        rates = (first_words["rate"], last_words["rate"])
        found["word_error_rate"] = trend("word_error_rate", *rates, slack=WER_MARGIN)
    return found


def trend(name: str, first: float, last: float, slack: float = 0.0) -> dict[str, Any]:
    """Tell whether a quantity is flat."""
    ratio = last / first if first else None
    return {"first": first, "last": last, "ratio": ratio, "flat": last <= FLAT[name] * first + slack}


def slope_per_hour(rows: list[dict[str, Any]], name: str) -> float:
    """Return the slope of a straight line through the rows."""
    if len(rows) < 2:
        return 0.0
    return float(np.polyfit([row["minute"] / 60 for row in rows], [row[name] for row in rows], 1)[0])


async def run(
    talks: list[Talk], *, model: str, seconds: float, every: float, lead: int, options: list[str]
) -> dict[str, Any]:
    """Stream to one server for as long as it takes."""
    count, longest = len(talks), ("--max-session-seconds", str(seconds + 60))
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory)
        np.save(data / "audio.npy", np.stack([talk.audio for talk in talks]))
        async with local_server(data, ["--model", model, *longest, *options]) as url:
            watch = Watch(server_pid(data), READ_SECONDS)
            async with watch:
                result = await load(url, data / "audio.npy", count, seconds)
    sessions, began = result["sessions"], result["began"]
    rows = minute_rows(watch.readings, sessions, began, seconds, every)
    thirds = words(talks, sessions, round(seconds * RATE), lead)
    utterances = [end - start for session in sessions for start, end, _ in session["finals"]]
    follow = [
        later[0] - earlier[1] <= AT_ONCE_SAMPLES
        for session in sessions
        for earlier, later in pairwise(session["finals"])
    ]
    return {
        "model": model,
        "sessions": count,
        "seconds": seconds,
        "every_seconds": every,
        "server": options,
        "ended_well": sum(session["closed"] is None for session in sessions),
        "finals": len(utterances),
        "finals_without_gap": all(
            session["sequences"] == list(range(1, len(session["sequences"]) + 1)) for session in sessions
        ),
        "utterance_seconds_median": statistics.median(utterances) / RATE if utterances else None,
        "finals_that_follow_at_once": statistics.mean(follow) if follow else None,
        "lag_events": sum(session["events"].get("lag", 0) for session in sessions),
        "load_events": sum(session["events"].get("load", 0) for session in sessions),
        "pace_slip_ms": max(session["slip_ms"] for session in sessions),
        "thirds": thirds,
        "trends": trends(rows, thirds),
        "rows": rows,
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--hours", type=float, help="instead of minutes")
    parser.add_argument("--every", type=float, default=60, help="seconds between two rows")
    parser.add_argument("--sessions", type=int, default=4)
    parser.add_argument("--unbroken", action="store_true", help="speech without a pause")
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--audio", type=Path, default=SHARED)
    parser.add_argument("--server", default="", help="more options of `stream-server serve`")
    options = parser.parse_args()
    seconds = 3600 * options.hours if options.hours else 60 * options.minutes
    talks = said(options.sessions, options.audio, unbroken=options.unbroken)
    figures = asyncio.run(
        run(
            talks,
            model=options.model,
            seconds=seconds,
            every=options.every,
            lead=0 if options.unbroken else round(PAUSE_SECONDS * RATE / 2),
            options=shlex.split(options.server),
        )
    )
    figures["unbroken"] = options.unbroken
    keep("soak_unbroken" if options.unbroken else "soak", figures)
    print(chapter.body(figures))


if __name__ == "__main__":
    main()
