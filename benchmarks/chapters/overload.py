"""What the page says of twice the load."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from chapters.plots import canvas, label
from chapters.tables import ms, table

LEVELS = ("normal", "slow_partials", "finals_only", "full")


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    crowd, recovery = figures["crowd"], figures["recovery"]
    refused = ", ".join(f"{count} with {status}" for status, count in crowd["refused"].items()) or "none"
    ended = ", ".join(f"{count} {how}" for how, count in crowd["ended"].items()) or "none"
    told = ", ".join(f"{count} × `{level}`" for level, count in crowd["load_events"].items()) or "nothing"
    rows = [
        ("before, half the capacity", *_words(figures["normal"]["words"]), ms(figures["normal"]["final_ms"])),
        ("under load, and after it", *_words(figures["words"]), ms(figures["final_ms"])),
        ("those who stayed, from ten seconds after it on", None, None, ms(recovery["staying_ms"])),
        ("the newcomer", None, None, ms(recovery["newcomer_ms"])),
    ]
    points = [
        f"admitted: {crowd['admitted']}; ended: {ended}; with a gap in their finals: {crowd['with_a_gap']}",
        f"refused at the handshake: {refused}, {crowd['refused_without_retry_after']} of them without Retry-After",
        f"refused behind the handshake: {crowd['refused_behind_the_handshake']}",
        f"load events in admitted sessions: {told}; sessions told of something given up: {crowd['sessions_told']}",
        _recovery(recovery),
        "; ".join(f"{what}: {'yes' if was else 'no'}" for what, was in figures["verdict"].items()),
    ]
    return "\n".join(
        [
            f"{figures['model']}, capacity {figures['capacity']}: {crowd['asked']} sessions ask to come in.\n",
            *(f"- {point}" for point in points),
            "",
            table(("", "word error rate %", "words lost %", "finals, ms, p50 / p95 / greatest"), rows),
        ]
    )


def _recovery(recovery: dict[str, Any]) -> str:
    normal = recovery["normal_after_seconds"]
    again = "never" if normal is None else f"after {normal:.1f} s"
    return (
        f"the load gone, the server says `normal` {again} (and something else {recovery['relapses']} times later); a "
        f"newcomer is in after {recovery['newcomer_in_after_seconds']:.1f} s, having asked "
        f"{recovery['newcomer_knocks']} times"
    )


def _words(words: dict[str, Any]) -> tuple[float, float]:
    return 100 * float(words["rate"]), 100 * words["deletions"] / words["said"]


def plot(figures: dict[str, Any]) -> Figure:
    """Draw latencies and the level over time."""
    figure, (panel,) = canvas()
    finals, levels = figures["history"]["finals"], figures["history"]["levels"]
    panel.plot([at for at, _ in finals], [wait / 1000 for _, wait in finals], ".", markersize=3, label="a final")
    panel.axvline(figures["gone_after_seconds"], color="0.5", linestyle=":", label="half of them end")
    label(panel, "seconds since the crowd began to come", "final after last speech, s", legend=True)
    other = panel.twinx()
    end = max([figures["gone_after_seconds"], *(at for at, _ in finals)])
    moments = [0.0, *(at for at, _ in levels), end]
    heights = [0, *(LEVELS.index(level) for _, level in levels)]
    other.step(moments, [*heights, heights[-1]], where="post", color="tab:red", alpha=0.6)
    other.set_yticks(range(len(LEVELS)), [level.replace("_", " ") for level in LEVELS])
    other.set_ylim(-0.1, len(LEVELS) - 0.9)
    other.spines[["top"]].set_visible(False)
    return figure
