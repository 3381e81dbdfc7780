"""What the page says of how fast finished recordings become text."""

from __future__ import annotations

from typing import Any

from chapters.tables import table

NAMES = {
    "ours": "ours",
    "ours_with_voices": "ours, voices told apart",
    "sequential": "faster-whisper, sequential",
    "batched": "faster-whisper, batched",
}


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    rows = [
        (
            row["model"],
            NAMES[row["system"]],
            f"{row['wall']:.0f}",
            f"{figures['seconds'] / row['wall']:.0f}",
            f"{row['cpu']:.0f}",
            f"{row['rise_mb']:.0f}",
            f"{100 * row['word_error_rate']:.2f}",
        )
        for row in figures["rows"]
    ]
    words = (
        f"A recording of {figures['seconds']:.0f} s: clips of read speech joined with pauses, greedy, word times, "
        "voice activity detection, the same cores.\n"
    )
    head = ("model", "system", "wall, s", "times real time", "CPU, s", "memory above the model, MB", "words wrong %")
    return f"{words}\n{table(head, rows)}"
