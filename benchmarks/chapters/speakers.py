"""What the page says of who spoke when."""

from __future__ import annotations

from typing import Any

from chapters.tables import table


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    ways = list(figures["totals"])
    whole = [
        (
            way,
            *(f"{100 * figures['totals'][way][kind]:.1f}" for kind in ("overlap", "no overlap")),
            held_out(figures, way),
        )
        for way in ways
    ]
    each = [
        (
            row["recording"],
            row["speakers"],
            *(f"{100 * _rate(row[way]['overlap']):.1f} ({row[way]['speakers']})" for way in ways),
        )
        for row in figures["rows"]
    ]
    cost = figures["cpu_seconds_per_audio_second"]
    words = (
        f"Diarization error rates in per cent, ±0.25 s around labels' edges left out; {cost:.2f} CPU seconds per "
        "second of audio. Leave one out: each recording with the threshold that is best on the others.\n"
    )
    return "\n".join(
        [
            words,
            table(("when", "overlap scored", "not scored", "leave one out"), whole),
            "Each recording, overlap scored; in brackets the speakers found.\n",
            table(("recording", "speakers", *ways), each),
        ]
    )


def held_out(figures: dict[str, Any], way: str) -> str:
    """Return a way's error rate with thresholds chosen on other recordings."""
    return f"{100 * figures['leave_one_out'][way]:.1f}"


def _rate(parts: dict[str, float]) -> float:
    return (parts["missed"] + parts["false"] + parts["confused"]) / parts["total"]
