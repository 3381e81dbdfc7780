"""Which rows are held, how many sessions that makes for each server, and how ours compares: pure, from rows."""

from __future__ import annotations

import statistics
from typing import Any

Row = dict[str, Any]

OURS = "ours"
FINAL_SECONDS = 1.0
WER_MARGIN = 1.10
SPARE_DELETIONS = 1.0
"""Words that a session may lose more than one alone: so much a server's own figure varies between runs."""

FAILURES = 2
"""After so many numbers of sessions that are not held, a server is not loaded further in a round."""


def judge(rows: list[Row]) -> None:
    """Set `held` in every row, against what the same server made of one session with the same weights."""
    for row in rows:
        alone = [each for each in of(rows, row["server"], row["model"]) if each["sessions"] == 1]
        row["held"] = is_held(row, alone)


def is_held(row: Row, alone: list[Row]) -> bool:
    """Tell whether p95 of the final latency is at most a second, nothing is lost and words are as good as alone."""
    final = row["final_seconds"]
    in_time = row["whole"] == row["sessions"] and final is not None and final[1] <= FINAL_SECONDS
    if not in_time or row["sessions"] == 1:
        return bool(in_time)
    if not alone:
        return False
    rate = statistics.mean(each["words"]["rate"] for each in alone)
    lost = statistics.mean(each["words"]["deletions"] for each in alone)
    words = row["words"]
    return bool(words["rate"] <= WER_MARGIN * rate and words["deletions"] / row["sessions"] <= lost + SPARE_DELETIONS)


def of(rows: list[Row], server: str, model: str) -> list[Row]:
    """Return one server's rows with one model."""
    return [row for row in rows if (row["server"], row["model"]) == (server, model)]


def is_exhausted(rows: list[Row]) -> bool:
    """Tell whether a server, by its rows of one round, need not be loaded further."""
    return sum(not row["held"] for row in rows) >= FAILURES


def capacity(rows: list[Row]) -> tuple[int, float] | None:
    """Return the most sessions held, and the audio per CPU second there, of one server's rows in one round.

    If none is held that is 0, and what one session costs. None without a row of one session.
    """
    held = max((row for row in rows if row["held"]), key=lambda row: row["sessions"], default=None)
    if held:
        return held["sessions"], held["audio_seconds_per_cpu_second"]
    alone = next((row for row in rows if row["sessions"] == 1), None)
    return (0, alone["audio_seconds_per_cpu_second"]) if alone else None


def ratios(rows: list[Row], model: str) -> dict[str, Any]:
    """Return ours over the best of the others, each at its own capacity: medians of every round's ratio.

    A peer that holds no session counts as one that holds one; ours does not.
    """
    servers = {row["server"] for row in rows if row["model"] == model}
    held, cost = [], []
    for number in sorted({row["round"] for row in rows if row["model"] == model}):
        reached = {
            server: capacity([row for row in of(rows, server, model) if row["round"] == number]) for server in servers
        }
        ours = reached.pop(OURS, None)
        others = [each for each in reached.values() if each is not None]
        if ours is None or not others:
            continue
        held.append(ours[0] / max(1, *(sessions for sessions, _ in others)))
        cost.append(ours[1] / max(audio for _, audio in others))
    return {
        "sessions_held": statistics.median(held) if held else None,
        "audio_seconds_per_cpu_second": statistics.median(cost) if cost else None,
        "sessions_held_by_round": held,
        "audio_seconds_per_cpu_second_by_round": cost,
    }
