"""What the workers of voices do beyond the networks."""

from __future__ import annotations

import numpy as np

from stream_server.diarize.clustering import ClusteringLimits
from stream_server.diarize.listening import SecondLooks
from stream_server.diarize.voices import STEP_FRAMES, VOICES, Heard, normalised
from stream_server.work import LookAgain


def heard(index: int, *embedding: float) -> Heard:
    """Return a window in which one voice speaks all the time."""
    activity = np.zeros((293, VOICES), np.float32)
    activity[:, 0] = 1
    return Heard(index * STEP_FRAMES, activity, (normalised(np.array(embedding)), None, None))


def test_second_looks_go_by_the_embedders_limits() -> None:
    """Two voices at a distance of 0.4 are two for one embedder and one for another; the count asked for goes first."""
    windows = (*(heard(at, 1.0, 0.0) for at in range(3)), *(heard(at, 0.6, 0.8) for at in range(9, 12)))
    ask = LookAgain(session_id="s", work_id=1, windows=windows, live=((None,) * 3,) * len(windows), spans=())
    for limits, voices in ((None, 2), (ClusteringLimits(second_join=0.5), 1)):
        (answer,) = SecondLooks(limits).run([ask])
        assert len(answer.centroids) == voices
    known = LookAgain(session_id="s", work_id=2, windows=windows, live=ask.live, spans=(), speaker_count=2)
    (answer,) = SecondLooks(ClusteringLimits(second_join=0.5)).run([known])
    assert len(answer.centroids) == 2
