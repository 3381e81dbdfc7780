"""The second look: who said each word of a track, now that all of it was heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from stream_server.diarize.activity import SpeakerActivity
from stream_server.diarize.clustering import OVERLAPPING_WINDOWS, ClusteringLimits, Labels, keep_numbers, second_look
from stream_server.diarize.tagger import ROOM_SAMPLES, Voices
from stream_server.diarize.voices import Embedding, Heard, frame_of, normalised

Span = tuple[int, int]

LEAST_SECONDS = 2.0
"""Of a speaker, to say how it sounds: less than that resembles many."""


def look_again(
    windows: Sequence[Heard],
    live: Sequence[Sequence[int | None]],
    spans: Sequence[Span],
    limits: ClusteringLimits | None = None,
    known: int = 0,
) -> tuple[tuple[int | None, ...], dict[int, Embedding]]:
    """Return the speaker of each span (in order, samples) and how each speaker sounds.

    Speakers keep the numbers that they had live, as far as they mean the same people; `known` had one. Memory is that
    of the windows around one span, whatever the length of the track.
    """
    if not windows:
        return (None,) * len(spans), {}
    labels = keep_numbers(second_look(windows, limits), [list(row) for row in live], windows, known)
    return tuple(_speakers(windows, labels, spans)), centroids_of(windows, labels)


def centroids_of(windows: Sequence[Heard], labels: Labels) -> dict[int, Embedding]:
    """Return the mean embedding, weighed by seconds alone, of each speaker who was heard for `LEAST_SECONDS`."""
    sums: dict[int, npt.NDArray[np.float64]] = {}
    seconds: dict[int, float] = {}
    for heard, row in zip(windows, labels, strict=True):
        for voice, speaker in enumerate(row):
            embedding = heard.embeddings[voice]
            if speaker is not None and embedding is not None:
                alone = float(heard.seconds_alone[voice])
                sums[speaker] = sums.get(speaker, np.zeros(len(embedding))) + embedding * alone
                seconds[speaker] = seconds.get(speaker, 0.0) + alone / OVERLAPPING_WINDOWS
    return {each: normalised(total) for each, total in sorted(sums.items()) if seconds[each] >= LEAST_SECONDS}


def _speakers(windows: Sequence[Heard], labels: Labels, spans: Sequence[Span]) -> Iterator[int | None]:
    """Add windows up as far as each utterance's words need, and let go of what lies behind them."""
    activity, added = SpeakerActivity(windows[0].frame), 0
    for group in _groups(spans):
        last = frame_of(group[-1][1] + ROOM_SAMPLES) + 1
        while added < len(windows) and windows[added].frame <= last:
            activity.add(windows[added].frame, windows[added].activity, labels[added])
            added += 1
        activity.settle(frame_of(group[0][0] - ROOM_SAMPLES))
        voices = Voices.of(activity, activity.settled, last)
        yield from (None if tag is None else tag.speaker for tag in voices.tag_words(group))


def _groups(spans: Sequence[Span], gap: int = 16_000) -> Iterator[list[Span]]:
    """Group words that follow each other closely."""
    group: list[Span] = []
    for span in spans:
        if group and (span[0] - group[-1][1] > gap or span[1] - group[0][0] > 30 * gap):
            yield group
            group = []
        group.append(span)
    if group:
        yield group
