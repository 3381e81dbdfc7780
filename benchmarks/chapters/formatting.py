"""What the page says of the cost of writing words as people read them."""

from __future__ import annotations

from typing import Any

from chapters.tables import table

LANGUAGES = {"id": "Indonesian", "en": "English"}


def body(figures: dict[str, Any]) -> str:
    """Return the words and the table."""
    usual = max(row["p95_us"] for row in figures["rows"] if row["way"] in ("defaults", "raw words"))
    worst = max(row["p95_us"] for row in figures["rows"])
    counts = ", ".join(f"{count} {LANGUAGES[code]}" for code, count in figures["utterances"].items())
    words = (
        f"Utterances of {figures['words']} words, cut out of the golden cases ({counts}), {figures['rounds']} times "
        f"each, in time of one core; to be under 1 ms at the 95th percentile: {usual / 1000:.2f} ms without wishes, "
        f"{worst / 1000:.2f} ms with all wishes at once, two hundred terms and replacements among them.\n"
    )
    making = figures["making"]
    words += (
        f"\nThe largest vocabulary with as many replacements, {making['characters']:,} characters to look up, is made "
        f"ready in {making['first_ms']:.0f} ms, in a thread before the session opens; while anybody has it, one more "
        f"who opens takes {making['again_ms']:.1f} ms.\n"
    )
    rows = [
        (
            LANGUAGES[row["language"]],
            row["way"],
            "partial" if row["partial"] else "final",
            *(f"{row[name] / 1000:.2f}" for name in ("p50_us", "p95_us", "worst_us")),
        )
        for row in figures["rows"]
    ]
    return f"{words}\n{table(('language', 'asked for', 'as', 'p50, ms', 'p95, ms', 'at most, ms'), rows)}"
