"""What the page says of words under load."""

from __future__ import annotations

from typing import Any

from chapters.tables import table

KINDS = ("substitutions", "deletions", "insertions")
HEAD = ("model", "load", "answers after, s", "partials", "word error rate %", "substituted", "lost", "put in")


def body(figures: dict[str, Any]) -> str:
    """Return the words and table."""
    rows = [
        (
            *(model, row["level"].replace("_", " "), f"{row['seconds']:g}", row["partials"]),
            *(100 * row["words"]["rate"], *(row["words"][kind] for kind in KINDS)),
        )
        for model, found in figures["models"].items()
        for row in found["loads"]
    ]
    company = "; ".join(
        f"{model}: {found['company']['differing']} of {found['company']['windows']}, "
        f"up to {found['company']['together']} together"
        for model, found in figures["models"].items()
        if "company" in found
    )
    told = (
        f"{figures['clips']} clips of {figures['words']} words on a virtual clock, on {figures['device']}. A final "
        "begins with the words that partials have shown as stable, so it depends on when partials came."
    )
    return f"{told}\n\n{table(HEAD, rows)}\nWindows whose words are others in a batch than alone: {company}.\n"
