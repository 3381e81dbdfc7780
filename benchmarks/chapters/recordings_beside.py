"""What the page says of live sessions beside finished recordings."""

from __future__ import annotations

from typing import Any

from chapters.tables import table


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    alone, beside = figures["ways"]["0"], figures["ways"]["4"]
    ratio = beside["final_ms"] / alone["final_ms"]
    pace = beside["recorded_seconds_done"] / figures["seconds"]
    words = (
        f"{figures['model']}, {figures['sessions']} live sessions: with four recordings being worked on finals come "
        f"{100 * (ratio - 1):+.0f} % later (p95); the recordings advance at {pace:.1f} times real time in sum.\n"
    )
    rows = [
        (
            "none" if name == "0" else "four",
            round(found["final_ms"]),
            round(found["partial_age_ms"]),
            round(found["recorded_seconds_done"]),
        )
        for name, found in figures["ways"].items()
    ]
    head = ("recordings beside", "finals p95, ms", "partial's age p95, ms", "seconds of recordings done meanwhile")
    return f"{words}\n{table(head, rows)}"
