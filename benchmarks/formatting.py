"""What it costs to write an utterance as people read it: every stage, twenty words, one core.

    python benchmarks/formatting.py [--rounds 20] [--words 20]

Utterances are the words of the golden cases of a language (`tests/text/golden`), one behind the other in a fixed
shuffled order and cut into twenties: numbers, dates, money and addresses far denser than in talk. Each is formatted
whole, as a final is, and as a partial of which two words are not settled; with the defaults, and with everything that
can be asked for: a vocabulary and replacements of a hundred entries each, fillers and repairs hidden, all secrets
masked. The garbage collector is left on; times are the core's own, whoever else uses the machine. Also how long it
takes to make the largest vocabulary and replacements ready, which a server does in a thread before the session opens,
and then to open one that finds them so. Writes results/formatting.json.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from typing import Any

import numpy as np
from chapters import formatting as chapter
from record import HERE, keep

from stream_server.text.formatting import MOST_CHARACTERS, MOST_TERMS, SECRETS, Formatting, Replacement, Term
from stream_server.text.pipeline import Formatter
from stream_server.text.tokens import passage_of

GOLDEN = HERE.parent / "tests" / "text" / "golden"

EVERYTHING = Formatting(
    fillers=False,
    repairs=False,
    vocabulary=tuple(Term(f"Produk {number}", (f"prodak {number}", f"proyek{number}")) for number in range(100)),
    replace=tuple(Replacement(f"kata {number}", f"Kata-{number}") for number in range(100)),
    redact=SECRETS,
    redact_names=("Budi Santoso", "Jane Doe"),
    participants=("Siti Aminah", "John Smith"),
)

WAYS: dict[str, tuple[Formatting, bool]] = {
    "defaults": (Formatting(), False),
    "raw words": (Formatting(), True),
    "secrets masked": (Formatting(redact=SECRETS, redact_names=("Budi Santoso", "Jane Doe")), False),
    "everything": (EVERYTHING, False),
    "everything, raw words": (EVERYTHING, True),
}
"""Options, and whether the engine writes no marks."""


def utterances(language: str, count: int) -> list[list[str]]:
    """Return the golden words of a language in utterances of so many."""
    paths = sorted(GOLDEN.glob(f"{language}_*.jsonl"))
    inputs = [json.loads(line)["input"].split() for path in paths for line in path.read_text("utf-8").splitlines()]
    random.Random(0).shuffle(inputs)
    words = [word for each in inputs for word in each if word[0] not in "<["]
    return [words[first : first + count] for first in range(0, len(words) - count + 1, count)]


def measure(said: list[list[str]], language: str, way: str, rounds: int, *, partial: bool) -> dict[str, Any]:
    """Return how long utterances took, in microseconds."""
    formatting, raw = WAYS[way]
    took: list[float] = []
    formatter = Formatter(formatting, raw=raw)
    for _ in range(rounds + 1):
        took = took[len(said) :] if len(took) == len(said) else took  # the first round warms up
        for words in said:
            pauses = [0.05] * len(words)
            settled = len(words) - 2 if partial else None
            started = time.thread_time()
            passage = passage_of(words, pauses, settled=settled, ended=not partial)
            formatter.format(passage, language)
            took.append(time.thread_time() - started)
    p50, p95, worst = np.percentile(np.array(took) * 1e6, [50, 95, 100])
    return {"language": language, "way": way, "partial": partial, "p50_us": p50, "p95_us": p95, "worst_us": worst}


def largest() -> Formatting:
    """Return as many terms and replacements as anybody may ask for, of two words each."""
    word = "".join(map(chr, range(ord("a"), ord("a") + MOST_CHARACTERS // MOST_TERMS // 16)))
    forms = [f"{word[number % 7 :]}{number} {word}" for number in range(MOST_TERMS * 6)]
    terms = tuple(Term(forms[each], tuple(forms[each + 1 : each + 6])) for each in range(0, len(forms), 6))
    replacements = tuple(Replacement(f"{form} {word}", word) for form in forms[:MOST_TERMS])
    return Formatting().with_vocabulary(terms, replacements)


def make_ready(rounds: int) -> dict[str, Any]:
    """Return how many milliseconds it takes at most to make the largest ready, and then for one more who has it."""
    formatting = largest()
    first, again = [], []
    for _ in range(rounds):
        started = time.thread_time()
        ready = Formatter(formatting)
        made = time.thread_time()
        Formatter(formatting)
        again.append(time.thread_time() - made)
        first.append(made - started)
        del ready
    return {"characters": formatting.size, "first_ms": max(first) * 1000, "again_ms": max(again) * 1000}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--words", type=int, default=20)
    options = parser.parse_args()
    rows = []
    counts = {}
    for language in ("id", "en"):
        said = utterances(language, options.words)
        counts[language] = len(said)
        for way in WAYS:
            for partial in (False, True):
                rows.append(measure(said, language, way, options.rounds, partial=partial))
                print(json.dumps(rows[-1]), flush=True)
    figures = {"words": options.words, "utterances": counts, "rounds": options.rounds, "rows": rows}
    figures["making"] = make_ready(options.rounds)
    keep("formatting", figures)
    print(chapter.body(figures))


if __name__ == "__main__":
    main()
