"""A recording's words in the groups that Deepgram has for them: utterances, and paragraphs of sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from stream_server.compat.deepgram.words import Spoken
from stream_server.text.breaks import Break, judge

PARAGRAPH_SENTENCES = 5
"""A paragraph of one speaker ends behind so many."""

PARAGRAPH_PAUSE_SECONDS = 2.0
"""And at a sentence's end before a pause this long."""


def utterances(words: Sequence[Spoken], pause_seconds: float) -> list[list[Spoken]]:
    """Split words where the speaker changes, and at pauses."""
    return _split(words, lambda one, other: _changes(one, other) or other.start - one.end >= pause_seconds)


def sentences(words: Sequence[Spoken]) -> list[list[Spoken]]:
    """Split words where punctuation ends a sentence, and where the speaker changes."""
    return _split(words, lambda one, other: _changes(one, other) or judge(one.text, other.text) is Break.SENTENCE)


def paragraphs(words: Sequence[Spoken]) -> list[list[list[Spoken]]]:
    """Group sentences: those of one speaker in a row, a handful at most, without a long pause between."""
    groups: list[list[list[Spoken]]] = []
    for sentence in sentences(words):
        before = groups[-1][-1][-1] if groups else None
        first = sentence[0]
        if (
            before is None
            or _changes(before, first)
            or len(groups[-1]) == PARAGRAPH_SENTENCES
            or first.start - before.end >= PARAGRAPH_PAUSE_SECONDS
        ):
            groups.append([])
        groups[-1].append(sentence)
    return groups


def _changes(one: Spoken, other: Spoken) -> bool:
    return one.speaker != other.speaker


def _split(words: Sequence[Spoken], between: Callable[[Spoken, Spoken], bool]) -> list[list[Spoken]]:
    groups: list[list[Spoken]] = [[words[0]]] if words else []
    for one, other in pairwise(words):
        if between(one, other):
            groups.append([])
        groups[-1].append(other)
    return groups
