"""What the page says of memory per session."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from chapters.plots import canvas, label
from chapters.tables import table

KINDS = ("idle", "speaking")


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    slopes = figures["bytes_per_session"]
    per_session = " and ".join(f"{slopes[kind] / 1000:.0f} kB {kind}" for kind in KINDS)
    rows = [(row["sessions"], *(row[kind] / 1e6 for kind in KINDS)) for row in figures["rows"]]
    words = (
        f"A session costs {per_session} (the slope). The server's resident memory, {figures['engine']} engine; "
        f"speaking sessions in the last third of {figures['seconds']:.0f} s:\n"
    )
    return "\n".join([words, table(("sessions", "idle, MB", "speaking, MB"), rows)])


def plot(figures: dict[str, Any]) -> Figure:
    """Draw memory against sessions."""
    figure, (panel,) = canvas()
    for kind in KINDS:
        sessions = [row["sessions"] for row in figures["rows"]]
        panel.plot(sessions, [row[kind] / 1e6 for row in figures["rows"]], marker="o", label=kind)
    label(panel, "sessions", "server, MB", legend=True)
    return figure
