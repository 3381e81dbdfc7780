"""What the page says of the cost of telling voices apart."""

from __future__ import annotations

from typing import Any

from chapters.tables import table

WORDS = {"plain": "no voices", "voices": "voices told apart"}


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    ways = figures["ways"]
    later = ways["voices"]["final_ms"] - ways["plain"]["final_ms"]
    more = ways["voices"]["cpu_seconds_per_audio_second"] - ways["plain"]["cpu_seconds_per_audio_second"]
    words = (
        f"{figures['model']}, {figures['sessions']} sessions, each on a track that several people share: finals come "
        f"{later:+.0f} ms later (p95), a second of audio costs {more:+.3f} CPU seconds.\n"
    )
    rows = [
        (
            WORDS[way],
            round(found["final_ms"]),
            round(found["partial_age_ms"]),
            f"{found['cpu_seconds_per_audio_second']:.3f}",
            "–" if way == "plain" else f"{100 * found['untagged']:.1f}",
        )
        for way, found in ways.items()
    ]
    head = (
        "sessions with",
        "finals p95, ms",
        "partial's age p95, ms",
        "CPU s per audio s",
        "words without a speaker %",
    )
    return f"{words}\n{table(head, rows)}"
