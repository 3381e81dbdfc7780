"""What the page says of other servers beside ours."""

from __future__ import annotations

import math
import statistics
from typing import Any

from matplotlib.figure import Figure

from chapters.plots import canvas, label
from chapters.tables import table

NAMES = {
    "ours": "stream-server",
    "whisper_live": "WhisperLive",
    "whisper_live_batched": "WhisperLive, batching",
    "whisperlivekit": "WhisperLiveKit",
    "whisperlivekit_paced": "WhisperLiveKit, a second at a time",
    "loop": "a plain loop",
}
FINAL_SECONDS = 1.0


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    how = (
        f"The same {figures['clips']} clips in {figures['seconds']:g} s at 1×, the same weights and machine, one "
        f"server after another, rounds: {figures['rounds']}; medians over them. A clip's final latency is the time "
        "from its last speech until its words stand as they do in the end. Held: p95 at most a second, every session "
        "whole, words as with one session.\n"
    )
    parts = [how]
    for model in models(figures):
        parts += [f"### {model}\n", *_ratios(figures, model), table(HEAD, _rows(figures, model))]
    parts += [f"- not measured: {each['server']} with {each['model']}: {each['error']}" for each in figures["errors"]]
    return "\n".join(parts)


HEAD = (
    "server",
    "sessions",
    "held in rounds",
    "finals, s, p50 / p95",
    "word error rate %",
    "seconds of audio per CPU second",
    "cores",
    "MB",
)


def models(figures: dict[str, Any]) -> list[str]:
    """Return the models that were measured."""
    return list(dict.fromkeys(row["model"] for row in figures["rows"]))


def _groups(figures: dict[str, Any], model: str) -> dict[tuple[str, int], list[dict[str, Any]]]:
    groups: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in figures["rows"]:
        if row["model"] == model:
            groups.setdefault((row["server"], row["sessions"]), []).append(row)
    order = list(dict.fromkeys(row["server"] for row in figures["rows"]))
    return dict(sorted(groups.items(), key=lambda group: (order.index(group[0][0]), group[0][1])))


def _rows(figures: dict[str, Any], model: str) -> list[tuple[Any, ...]]:
    return [
        (
            NAMES.get(server, server),
            sessions,
            f"{sum(row['held'] for row in rows)} of {len(rows)}",
            " / ".join(_seconds(statistics.median(row["final_seconds"][share] for row in rows)) for share in (0, 1)),
            100 * statistics.median(row["words"]["rate"] for row in rows),
            statistics.median(row["audio_seconds_per_cpu_second"] for row in rows),
            f"{statistics.median(row['server_cores'] for row in rows):.2f}",
            round(statistics.median(row["server_megabytes"] for row in rows)),
        )
        for (server, sessions), rows in _groups(figures, model).items()
    ]


def _seconds(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"


def _ratios(figures: dict[str, Any], model: str) -> list[str]:
    found = figures.get("ratios" if model == "tiny.en" else f"ratios_{model}")
    if not found or found["sessions_held"] is None:
        return []
    held, cost = found["sessions_held"], found["audio_seconds_per_cpu_second"]
    said = (
        f"Ours over the best of the others, each at its own capacity: {held:.2f} times the sessions, {cost:.2f} times "
        "the audio per CPU second.\n"
    )
    return [said]


def plot(figures: dict[str, Any]) -> Figure:
    """Draw latency against sessions, a panel for each model."""
    shown = models(figures)
    figure, panels = canvas(len(shown))
    for panel, model in zip(panels, shown, strict=True):
        lines: dict[str, list[tuple[int, float]]] = {}
        for (server, sessions), rows in _groups(figures, model).items():
            p95 = statistics.median(row["final_seconds"][1] for row in rows)
            lines.setdefault(server, []).append((sessions, p95))
        for server, points in lines.items():
            panel.plot(*zip(*points, strict=True), marker="o", label=NAMES.get(server, server))
        panel.axhline(FINAL_SECONDS, color="0.5", linestyle=":")
        label(panel, "sessions", "p95 of finals, s", title=model, legend=True)
    return figure
