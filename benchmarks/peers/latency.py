"""How long words stay unsettled after they were said: one measure for every server, whatever it calls final.

Some servers have finals, some only a text that changes; what they have in common is what a reader sees. So a session is
a timeline, `(seconds since it began, the whole text shown)` for every change, and

    the final latency of a clip is the time from its last speech until the text shows its words as it does in the end,
    and never otherwise again.

Its words are those of the last text from the first to the last that is right, by alignment with what was said; they
are shown while they stand in the text in a row. Case, punctuation and spelling do not count, for words are normalised
as for word error rates. Words before the first and behind the last right one are not waited for, since nobody can tell
which clip they belong to; a clip without a right word has no latency, but its deletions count. What settles while the
clip is still being said has the latency 0. Beside it stands when the words were shown first, whatever came between.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import jiwer
from whisper_normalizer.english import EnglishTextNormalizer

from peers.talks import Said

Timeline = list[tuple[float, str]]

_normalizer = EnglishTextNormalizer()


@cache
def normalise(text: str) -> str:
    """Return a text's words as they are compared."""
    return " ".join(_normalizer(text).split())


@dataclass(frozen=True, slots=True)
class Latency:
    """How long after a clip's last speech its words settled, which is its final latency, and first stood there."""

    settled_seconds: float
    shown_seconds: float


def clip_latencies(timeline: Timeline, said: tuple[Said, ...]) -> list[Latency | None]:
    """Return every clip's latencies; None for one of which no word is right in the end."""
    shown = [(at, f" {normalise(text)} ") for at, text in timeline]
    runs = attribute(shown[-1][1] if shown else "", [normalise(each.reference) for each in said])
    return [
        None
        if run is None
        else Latency(
            max(0.0, settled(shown, run) - each.end_seconds),
            max(0.0, next(at for at, text in shown if run in text) - each.end_seconds),
        )
        for run, each in zip(runs, said, strict=True)
    ]


def tail(timeline: Timeline, said: tuple[Said, ...]) -> float:
    """Return how long after a session's last speech its words last changed, in seconds."""
    if not timeline:
        return 0.0
    whole = [(at, f"^ {normalise(text)} $") for at, text in timeline]
    return max(0.0, settled(whole, whole[-1][1]) - said[-1].end_seconds)


def settled(shown: Timeline, run: str) -> float:
    """Return from when on a run of words has always been in the text; it is in the last."""
    since = shown[-1][0]
    for at, text in reversed(shown):
        if run not in text:
            break
        since = at
    return since


def attribute(last: str, references: list[str]) -> list[str | None]:
    """Return each clip's words in the last text, with a space at either end; None where none is right."""
    words = last.split()
    if not words:
        return [None] * len(references)
    owner = [clip for clip, reference in enumerate(references) for _ in reference.split()]
    right: list[list[int]] = [[] for _ in references]
    for chunk in jiwer.process_words(" ".join(references), " ".join(words)).alignments[0]:
        if chunk.type == "equal":
            for offset in range(chunk.ref_end_idx - chunk.ref_start_idx):
                right[owner[chunk.ref_start_idx + offset]].append(chunk.hyp_start_idx + offset)
    return [f" {' '.join(words[own[0] : own[-1] + 1])} " if own else None for own in right]


def check() -> None:
    """Raise `AssertionError` unless the measure does what it says; takes no time, so every run begins with it."""
    said = (Said("the cat sat", 2.0), Said("on mats", 4.0))
    steady: Timeline = [(1.0, "The"), (2.5, "The cat sat."), (4.25, "The cat sat on"), (4.5, "The cat sat on mats")]
    half = Latency(0.5, 0.5)
    assert clip_latencies(steady, said) == [half, half]
    assert tail(steady, said) == 0.5
    assert clip_latencies([*steady, (9.0, "The cat sat. On mats!")], said) == [half, half], "punctuation counts"
    changed: Timeline = [*steady, (6.0, "The hat sat on mats"), (7.0, "The cat sat on mats")]
    assert clip_latencies(changed, said) == [Latency(5.0, 0.5), half], "what changes back is settled only then"
    assert tail(changed, said) == 3.0
    assert tail([*steady, (5.0, "The cat sat on mats. Bye."), (7.0, "The cat sat on mats.")], said) == 3.0, "longer"
    late: Timeline = [(1.5, "the cat sat"), (9.0, "the cat sat on mats")]
    assert clip_latencies(late, said) == [Latency(0.0, 0.0), Latency(5.0, 5.0)]
    assert clip_latencies([(2.5, "the cat spat"), (8.0, "the cat spat fire")], said) == [half, None], (
        "wrong words count"
    )
    assert clip_latencies([], said) == [None, None]
