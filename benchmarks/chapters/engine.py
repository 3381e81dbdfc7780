"""What the page says of the engine's speed."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from chapters.plots import canvas, even, label
from chapters.tables import table

STEPS = ("encode", "decode", "align", "rest")


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    grid = [
        (
            f"{row['window']:g}",
            row["batch"],
            *(f"{row[step]:.3f}" for step in STEPS),
            row["tokens"],
            f"{row['windows_per_second']:.2f}",
        )
        for row in figures["grid"]
    ]
    replicas = [
        (
            f"{row['replicas']} × {row['threads']}",
            row["batch"],
            f"{row['windows_per_second']:.2f}",
            *(round(ms) for ms in row["call_ms"]),
            round(row["megabytes"]),
        )
        for row in figures["replicas"]
    ]
    how = f"on {figures['device']}"
    if figures["tokens_per_second"]:
        how += f", random weights, {figures['tokens_per_second']:g} tokens per second of audio"
    parts = [
        f"Seconds per window of finals in real speech, {how}, {figures['threads']} threads:\n",
        table(("window, s", "batch", *STEPS, "tokens", "windows per second"), grid),
    ]
    if replicas:
        head = ("replicas × threads", "batch", "windows per second", "call ms p50", "call ms p95", "process, MB")
        parts += [
            "Replicas, each in a thread of its own, and the threads of one inference, on finals of several lengths:\n",
            table(head, replicas),
        ]
    return "\n".join(parts)


def plot(figures: dict[str, Any]) -> Figure:
    """Draw where a window's time goes, and what batches and replicas give."""
    figure, (left, right) = canvas(2)
    rows = [row for row in figures["grid"] if row["batch"] == min(each["batch"] for each in figures["grid"])]
    bottom = [0.0] * len(rows)
    for step in STEPS:
        values = [row[step] for row in rows]
        left.bar(range(len(rows)), values, bottom=bottom, label=step)
        bottom = [sum(pair) for pair in zip(bottom, values, strict=True)]
    even(left, range(len(rows)), [f"{row['window']:g}" for row in rows])
    label(left, "window, s", "seconds", title="one window alone", legend=True)
    shapes = list(dict.fromkeys((row["replicas"], row["threads"]) for row in figures["replicas"]))
    batches = list(dict.fromkeys(row["batch"] for row in figures["replicas"]))
    for place, batch in enumerate(batches):
        speeds = [row["windows_per_second"] for row in figures["replicas"] if row["batch"] == batch]
        places = [number + 0.8 * place / len(batches) for number in range(len(speeds))]
        right.bar(places, speeds, 0.8 / len(batches), label=f"batch {batch}")
    even(right, [number + 0.4 - 0.4 / max(1, len(batches)) for number in range(len(shapes))],
         [f"{many} × {threads}" for many, threads in shapes])  # fmt: skip
    label(right, "replicas × threads", "windows per second", title="replicas", legend=bool(batches))
    return figure
