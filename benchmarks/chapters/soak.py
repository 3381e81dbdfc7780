"""What the page says of hours of work."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.figure import Figure

from chapters.plots import canvas, label
from chapters.tables import ms, table

NAMES = {
    "megabytes": "memory, MB",
    "cpu_seconds_per_audio_second": "CPU seconds per second of audio",
    "final_p95_ms": "p95 of finals, ms",
    "partial_p95_ms": "p95 of partials' age, ms",
    "word_error_rate": "word error rate",
}
MOST_ROWS = 12


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    trends = [
        (
            NAMES[name],
            _number(name, trend["first"]),
            _number(name, trend["last"]),
            f"{trend['ratio']:.2f}" if trend["ratio"] else None,
            _number(name, trend["slope_per_hour"]) if "slope_per_hour" in trend else None,
            "yes" if trend["flat"] else "no",
        )
        for name, trend in figures["trends"].items()
    ]
    rows = figures["rows"]
    shown = rows[:: max(1, -(-len(rows) // MOST_ROWS))]
    minutes = [
        (
            row["minute"],
            row["megabytes"],
            f"{row['cpu_seconds_per_audio_second']:.3f}",
            row["finals"],
            ms([row["final_p50_ms"], row["final_p95_ms"]]),
            ms([row["partial_p95_ms"]]),
        )
        for row in shown
    ]
    return "\n".join(
        [
            _summary(figures),
            table(("", "first third", "last third", "ratio", "slope per hour", "flat"), trends),
            table(
                ("minute", "memory, MB", "CPU s per s of audio", "finals", "finals, ms p50 / p95", "partials, p95"),
                minutes,
            ),
        ]
    )


def _summary(figures: dict[str, Any]) -> str:
    said, heard = (sum(third[key] for third in figures["thirds"].values()) for key in ("words_said", "words_heard"))
    median, follow = figures["utterance_seconds_median"] or 0, figures["finals_that_follow_at_once"] or 0
    return (
        f"{figures['sessions']} sessions of real speech{', nobody pauses' if figures['unbroken'] else ''}, "
        f"{figures['seconds'] / 60:g} minutes at 1×, {figures['model']}. {figures['ended_well']} ended well; "
        f"{figures['finals']} finals, {'no gap' if figures['finals_without_gap'] else 'with gaps'} in their numbers; "
        f"{heard} words heard of {said} said; {figures['load_events']} load and {figures['lag_events']} lag events. "
        f"The median utterance had {median:.1f} s; {100 * follow:.0f} % follow the one before without a pause.\n"
    )


def _number(name: str, value: float) -> str:
    return f"{value:.0f}" if name.endswith("_ms") else f"{value:.1f}" if name == "megabytes" else f"{value:.3f}"


def plot(figures: dict[str, Any]) -> Figure:
    """Draw memory, CPU and latency over the minutes."""
    figure, panels = canvas(3)
    minutes = [row["minute"] for row in figures["rows"]]
    for panel, name in zip(panels, ("megabytes", "cpu_seconds_per_audio_second", "final_p95_ms"), strict=True):
        values = [math.nan if row[name] is None else row[name] for row in figures["rows"]]
        panel.plot(minutes, values, marker=".")
        label(panel, "minutes", "", title=NAMES[name])
    return figure
