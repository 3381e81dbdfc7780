"""What the page says of marks and capitals that come back, or are kept."""

from __future__ import annotations

from typing import Any

from chapters.tables import table

LEAST_MARKS_F1, LEAST_CAPITALS = 0.6, 0.9

NAMES = {
    "en_spoken": "the sample meeting, pauses as they were spoken",
    "en_heard": "the sample meeting, pauses as tiny.en hears them",
    "id": "an Indonesian meeting, pauses as people make them",
    "en_spoken, one voice": "the sample meeting, pauses as spoken, nobody told apart",
    "en_heard, one voice": "the sample meeting, pauses as heard, nobody told apart",
    "en_later": "an English one, written when the rules stood (at the first try 0.67)",
    "id_later": "an Indonesian one, written when the rules stood",
}


def body(figures: dict[str, Any]) -> str:
    """Return the words and the tables."""
    words = (
        "Meetings without marks and capitals, with the silences between their words, restored by rules. A mark is "
        "right behind the right word if it is the same of comma, full stop and question mark; a word's capitals are "
        f"right if all its letters are. To be reached: {LEAST_MARKS_F1} for the F1 of marks, {LEAST_CAPITALS} of the "
        "words.\n"
    )
    kept = (
        "What models write of the sample meeting, numbers left alone, before the formatter and behind it; the words "
        "that they heard otherwise have no part in the capitals:\n"
    )
    return f"{words}\n{_table(figures['restored'])}\n{kept}\n{_table(figures['passed'])}"


def _table(rows: list[dict[str, Any]]) -> str:
    return table(
        ("", "marks right", "set", "due", "F1 of marks", "words with right capitals", "F1 of capitals"),
        [
            (
                NAMES.get(row["name"], row["name"]),
                *(row[name] for name in ("marks_right", "marks_set", "marks_due")),
                f"{row['marks_f1']:.2f}",
                f"{row['words_right']} of {row['words']} ({100 * row['capitals_accuracy']:.0f} %)",
                f"{row['capitals_f1']:.2f}",
            )
            for row in rows
        ],
    )
