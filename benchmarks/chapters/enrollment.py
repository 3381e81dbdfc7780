"""What the page says of who is recognised by name."""

from __future__ import annotations

from typing import Any

from chapters.tables import table


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    sentences = figures["sentences"]
    words = (
        f"{figures['clips']} sentences of {figures['speakers']} people; voices are enrolled from one or two and meet "
        f"those held back, as a live session hears them. Threshold {figures['threshold']}, margin "
        f"{figures['margin']}. Everything in per cent. *Strangers named*: with everybody else enrolled.\n"
    )
    whole = [
        (
            count,
            row["trials"],
            _percent(row["equal_error_rate"]),
            *(_percent(row["at_the_limits"][name]) for name in ("false_accepts", "false_rejects")),
            *(_percent(row["at_the_limits"][name]) for name in ("missed", "misnamed", "strangers_named")),
        )
        for count, row in sentences.items()
    ]
    heads = ("sentences", "trials", "equal error", "false accepts", "false rejects")
    thresholds = [
        (value, *(_percent(sentences[count]["thresholds"][value][name]) for count in sentences for name in _SIDES))
        for value in sentences["1"]["thresholds"]
    ]
    heard = [
        (
            seconds,
            *(_percent(sentences[count]["heard_seconds"][seconds][name]) for count in sentences for name in _PAIR),
        )
        for seconds in sentences["1"]["heard_seconds"]
    ]
    ways = [(name, *(_percent(sentences[count]["scores"][name]) for count in sentences)) for name in _ways(sentences)]
    return "\n".join(
        [
            words,
            table((*heads, "missed", "misnamed", "strangers named"), whole),
            "Other thresholds: missed and strangers named, from one sentence and from two.\n",
            table(("threshold", "missed (1)", "strangers (1)", "missed (2)", "strangers (2)"), thresholds),
            "When a session has heard so many seconds of somebody: false accepts and false rejects.\n",
            table(("seconds", "accepts (1)", "rejects (1)", "accepts (2)", "rejects (2)"), heard),
            "Equal error of ways to compare with a voice's embeddings: their mean, or the best few of them.\n",
            table(("compared with", "1 sentence", "2 sentences"), ways),
        ]
    )


_SIDES = ("missed", "strangers_named")
_PAIR = ("false_accepts", "false_rejects")


def _ways(sentences: dict[str, Any]) -> list[str]:
    return list(sentences["1"]["scores"])


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
