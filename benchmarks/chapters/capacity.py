"""What the page says of how many sessions a machine holds."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from chapters.plots import canvas, label
from chapters.tables import ms, table

FINAL_MS = 1_000
HEAD = (
    "sessions",
    "held",
    "finals, ms, p50 / p95 / p99",
    "first partial, ms, p50 / p95",
    "partial's age, ms, p50 / p95",
    "partials a second",
    "word error rate %",
    "server, cores",
    "server, MB",
)


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    options = f"; options: `{' '.join(figures['server'])}`" if figures.get("server") else ""
    return "\n".join(
        [
            f"Held: {figures['held']} sessions of real speech at 1×, {figures['seconds']:g} s each{options}.\n",
            table(HEAD, cells(figures)),
        ]
    )


def cells(figures: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the table's rows."""
    return [
        (
            row["sessions"],
            "yes" if row["held"] else "no",
            ms(row["final_ms"]),
            ms(row["first_partial_ms"][:2]),
            ms(row["partial_age_ms"][:2]),
            f"{row['partials_per_second']:.2f}",
            100 * row["words"]["rate"],
            f"{row['server_cores']:.2f}",
            round(row["server_megabytes"]),
        )
        for row in figures["rows"]
    ]


def plot(figures: dict[str, Any]) -> Figure:
    """Draw latency and words against sessions."""
    figure, (left, right) = canvas(2)
    sessions = [row["sessions"] for row in figures["rows"]]
    for place, share in enumerate(("p50", "p95")):
        left.plot(sessions, [row["final_ms"][place] for row in figures["rows"]], marker="o", label=share)
    left.axhline(FINAL_MS, color="0.5", linestyle=":")
    label(left, "sessions", "ms", title="final after last speech", legend=True)
    right.plot(sessions, [100 * row["words"]["rate"] for row in figures["rows"]], marker="o")
    label(right, "sessions", "%", title="word error rate")
    return figure
