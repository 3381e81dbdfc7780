"""What the page says of a CUDA device."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from chapters import capacity
from chapters.plots import canvas, label
from chapters.tables import table


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    parts = [f"Devices: {', '.join(figures['devices']) or 'not told'}.\n"]
    for model, found in figures["capacity"].items():
        held = found["figures"]
        parts.append(
            f"{model}: {held['held']} sessions held; at most {_use(found)}. At every number of sessions the same "
            f"{held['words']} words in {held['talks']} talks are said equally often.\n"
        )
        parts.append(table(capacity.HEAD, capacity.cells(found["figures"])))
    return "\n".join([*parts, speed(figures)])


def speed(figures: dict[str, Any]) -> str:
    """Return what the engine alone does in a second."""
    rows = [
        (model, f"{row['window']:g}", row["batch"], f"{row['windows_per_second']:.1f}")
        for model, found in figures["engine"].items()
        for row in found["figures"]["grid"]
    ]
    parts = ["The engine alone:\n"]
    parts += [
        f"{model} has random weights and gets {found['figures']['tokens_per_second']:g} tokens for a second of audio, "
        "as real transcripts have.\n"
        for model, found in figures["engine"].items()
        if found["figures"]["tokens_per_second"]
    ]
    parts += [
        f"{model}: {found['figures']['note']}.\n"
        for model, found in figures["engine"].items()
        if "note" in found["figures"]
    ]
    return "\n".join([*parts, table(("model", "window, s", "batch", "windows per second"), rows)])


def _use(found: dict[str, Any]) -> str:
    most = found["gpu"]
    if most is None:
        return "an unknown share of the GPU"
    return f"{most['busy_percent']:.0f} % of the GPU and {most['memory_mebibytes']:.0f} MiB of its memory"


def plot(figures: dict[str, Any]) -> Figure:
    """Draw latency against sessions for each model."""
    figure, (panel,) = canvas()
    for model, found in figures["capacity"].items():
        rows = found["figures"]["rows"]
        panel.plot([row["sessions"] for row in rows], [row["final_ms"][1] for row in rows], marker="o", label=model)
    panel.axhline(capacity.FINAL_MS, color="0.5", linestyle=":")
    label(panel, "sessions", "p95 of finals, ms", legend=bool(figures["capacity"]))
    return figure
