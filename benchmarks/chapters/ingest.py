"""What the page says of the way from the socket to the gate."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from chapters.plots import canvas, label
from chapters.tables import ms, table

WANTED = ((1, 300), (2, 600))
"""Tracks per core that are asked for, with a connection each and bundled."""


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    rows = [
        (
            row["way"],
            row["tracks"],
            f"{1000 * row['cpu_seconds_per_track_second']:.2f}",
            round(row["tracks_per_core"]),
            round(row["frames_per_core_second"]),
            f"{row['server_cores']:.2f}",
            ms(row["probe_ms"]),
            row["pace_slip_ms"],
            "yes" if row["carried"] else "no",
        )
        for row in figures["rows"]
    ]
    head = (
        "tracks come",
        "tracks",
        "CPU ms per second of track",
        "tracks per core",
        "frames per second per core",
        "server, cores",
        "probe's finals, ms, first / last third",
        "load late by, ms",
        "carried",
    )
    wanted = " and ".join(f"{tracks} {'bundled' if many > 1 else 'with a connection each'}" for many, tracks in WANTED)
    return "\n".join(
        [
            f"Tracks of {figures['sound']} at 1× in 20 ms frames, detection on. Wanted are {wanted} per core.",
            "Carried: the load was on time, nobody was told of lag, and a probe's finals came no later at the end.\n",
            table(head, rows),
            *_further(figures),
            *(_profile(profile) for profile in figures["profiles"]),
        ]
    )


def _further(figures: dict[str, Any]) -> list[str]:
    costs = figures["cpu_seconds_per_further_track_second"]
    known = "; ".join(f"{way}: {1000 * cost:.2f} ms" for way, cost in costs.items() if cost is not None)
    return [f"What one track more costs, the slope over tracks: {known}.\n"] if known else []


def _profile(profile: dict[str, Any]) -> str:
    if not profile["by_thread"]:
        return ""
    threads, parts, functions = (
        ", ".join(f"{name} {share} %" for name, share in list(profile[key].items())[:8])
        for key in ("by_thread", "main_thread_by_part", "main_thread_by_function")
    )
    return (
        f"Where the time goes, {profile['way']}: {threads}. Of the main thread's: {parts}; by function: {functions}.\n"
    )


def plot(figures: dict[str, Any]) -> Figure:
    """Draw tracks per core against tracks, for each way."""
    figure, (panel,) = canvas()
    for way in dict.fromkeys(row["way"] for row in figures["rows"]):
        rows = [row for row in figures["rows"] if row["way"] == way]
        panel.plot([row["tracks"] for row in rows], [row["tracks_per_core"] for row in rows], marker="o", label=way)
    for _, tracks in WANTED:
        panel.axhline(tracks, color="0.5", linestyle=":")
    label(panel, "tracks", "tracks per core", legend=True)
    return figure
