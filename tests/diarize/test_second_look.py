"""Who said each word, by all that was heard."""

from __future__ import annotations

import numpy as np

from stream_server.diarize.clustering import ClusteringLimits, SpeakerClusters
from stream_server.diarize.second_look import look_again
from stream_server.diarize.voices import FRAME_SAMPLES, STEP_FRAMES, Heard
from tests.voices import RATE, WINDOW, hear, speech, voice

TALK = speech((0.5, 5, 0), (6, 10, 1), (11, 15, 0), (16, 20, 2), seconds=26)


def windows() -> list[Heard]:
    """Return what is heard, window by window."""
    starts = range(0, len(TALK) - WINDOW, STEP_FRAMES * FRAME_SAMPLES)
    return [hear(start // FRAME_SAMPLES, TALK[start : start + WINDOW]) for start in starts]


def test_words_keep_the_numbers_that_they_had_live() -> None:
    """Whatever numbers the clusters have of themselves."""
    heard = windows()
    clusters = SpeakerClusters()
    live = [clusters.assign(window) for window in heard]
    spans = [(at * RATE, at * RATE + 4_000) for at in (1, 2, 3, 7, 8, 12, 13, 17, 18)]
    speakers, centroids = look_again(heard, live, spans)
    assert speakers == (1, 1, 1, 2, 2, 1, 1, 3, 3)
    assert {number: int(np.argmax(centroid)) for number, centroid in centroids.items()} == {1: 0, 2: 1, 3: 2}
    assert float(centroids[1] @ voice(0)) > 0.99


def test_a_known_count_is_kept() -> None:
    """Two, if somebody says so, although three are heard."""
    heard = windows()
    speakers, centroids = look_again(
        heard,
        [[None] * 3 for _ in heard],
        [(at * RATE, at * RATE + 4_000) for at in (2, 7, 17)],
        ClusteringLimits(speaker_count=2),
    )
    assert len(centroids) == 2
    assert len(set(speakers)) == 2


def test_nothing_heard_is_nobody() -> None:
    """Words in silence, and a track without a window."""
    assert look_again([], [], [(0, 100)]) == ((None,), {})
    speakers, _ = look_again(windows(), [[None] * 3 for _ in windows()], [(23 * RATE, 24 * RATE)])
    assert speakers == (None,)
