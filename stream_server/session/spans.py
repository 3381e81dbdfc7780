"""Where words lie on a track: as they were timed, and as good as can be guessed where they were not."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.work import HypothesisWord

Span = tuple[int, int]
"""First and last sample, at the engine's rate."""


def spans_of(words: Sequence[HypothesisWord], start: int, end: int) -> list[Span]:
    """Return where each word of an utterance from `start` to `end` lies.

    Partials are not timed, but for words that a window has left behind: the others share what is left by their length.
    """
    spans: list[Span] = []
    for word in words:
        if word.start is None or word.end is None:
            break
        spans.append((start + word.start, start + word.end))
    rest = words[len(spans) :]
    return [*spans, *_spread(rest, spans[-1][1] if spans else start, end)] if rest else spans


def _spread(words: Sequence[HypothesisWord], start: int, end: int) -> list[Span]:
    room, letters = max(0, end - start), [len(word.text) + 1 for word in words]
    before, found = 0, []
    for count in letters:
        found.append((start + room * before // sum(letters), start + room * (before + count) // sum(letters)))
        before += count
    return found
