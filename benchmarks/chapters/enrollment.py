"""What the page says of who is recognised by name."""

from __future__ import annotations

from typing import Any

from chapters.tables import table

NAMES = ("missed", "misnamed", "strangers_named")
PAIR = ("false_accepts", "false_rejects")
VOLUMES = ("volumes: equal error", "accepts", "rejects")


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    sentences = figures["sentences"]
    words = (
        f"{figures['clips']} sentences of {figures['speakers']} people; voices are enrolled from one or two and meet "
        f"those held back, as a live session hears them. Threshold {figures['threshold']}, margin "
        f"{figures['margin']}. Everything in per cent. *Strangers named*: with everybody else enrolled. *Impostors "
        "named*: two people of whom nothing else is known. Each person's sentences are of one "
        "recording: what another microphone or another room costs is not measured.\n"
    )
    pairs = (
        "One to one; *held out*: each speaker at the threshold that lets 1 % of strangers pass among the others; "
        "*volumes*: sentences up to 10 dB louder or quieter than samples.\n"
    )
    likeness = {
        kind: ", ".join(f"{name}: {value:.2f}" for name, value in figures["likeness"][kind].items())
        for kind in ("gain_db", "clipped_share")
    }
    changed = (
        f"How like itself a sentence is when it is so many dB louder ({likeness['gain_db']}) and when so much of it is "
        f"clipped ({likeness['clipped_share']}).\n"
    )
    named = ("sentences", "trials", *_heads(NAMES), "impostors named")
    one_to_one = ("sentences", "equal error", *_heads(PAIR), "held out: accepts", "rejects", *VOLUMES)
    at = ("missed (1)", "strangers (1)", "missed (2)", "strangers (2)")
    after = ("accepts (1)", "rejects (1)", "accepts (2)", "rejects (2)")
    return "\n".join(
        [
            words,
            table(named, [_named(*row) for row in sentences.items()]),
            pairs,
            table(one_to_one, [_pairwise(*row) for row in sentences.items()]),
            "Other thresholds, from one sentence and from two.\n",
            table(("threshold", *at), _by(sentences, "thresholds", ("missed", "strangers_named"))),
            "When a session has heard so many seconds of somebody: false accepts and false rejects.\n",
            table(("seconds", *after), _by(sentences, "heard_seconds", PAIR)),
            "Equal error of ways to compare with a voice's embeddings: their mean, or the best few of them.\n",
            table(("compared with", "1 sentence", "2 sentences"), _scores(sentences)),
            changed,
        ]
    )


def _named(count: str, row: dict[str, Any]) -> tuple[Any, ...]:
    at = row["at_the_limits"]
    return (count, row["trials"], *(_percent(at[name]) for name in NAMES), _percent(row["impostors_named"]))


def _pairwise(count: str, row: dict[str, Any]) -> tuple[Any, ...]:
    shares = [
        row["equal_error_rate"],
        *(row["at_the_limits"][name] for name in PAIR),
        *(row["held_out"][name] for name in PAIR),
        row["volumes"]["equal_error_rate"],
        *(row["volumes"][name] for name in PAIR),
    ]
    return (count, *map(_percent, shares))


def _by(sentences: dict[str, Any], kind: str, names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Return a row for each value, with the figures of each number of sentences."""
    return [
        (value, *(_percent(sentences[count][kind][value][name]) for count in sentences for name in names))
        for value in sentences["1"][kind]
    ]


def _scores(sentences: dict[str, Any]) -> list[tuple[Any, ...]]:
    ways = list(sentences["1"]["scores"])
    return [(name, *(_percent(sentences[count]["scores"][name]) for count in sentences)) for name in ways]


def _heads(names: tuple[str, ...]) -> list[str]:
    return [name.replace("_", " ") for name in names]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
