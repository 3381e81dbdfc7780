"""What the page says of speech detection."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from chapters.plots import canvas, even, label
from chapters.tables import table


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    rows = [(row["tracks"], row["ours_us"], row["onnxruntime_us"], f"{row['ratio']:.2f}") for row in figures["rows"]]
    return "\n".join(
        [
            "CPU microseconds per frame of 32 ms, by tracks in one call; the ratio is the median of pairs.\n",
            table(("tracks", "ours", "onnxruntime", "ratio"), rows),
        ]
    )


def plot(figures: dict[str, Any]) -> Figure:
    """Draw the cost of a frame against the tracks in a call."""
    figure, (panel,) = canvas()
    tracks = [row["tracks"] for row in figures["rows"]]
    for key, name in (("ours_us", "ours"), ("onnxruntime_us", "onnxruntime")):
        panel.plot(tracks, [row[key] for row in figures["rows"]], marker="o", label=name)
    panel.set_xscale("log", base=2)
    even(panel, tracks, tracks)
    panel.minorticks_off()
    label(panel, "tracks in a call", "µs per frame", legend=True)
    return figure
