"""Overlapping windows' opinions, frame by frame."""

from __future__ import annotations

import numpy as np

from stream_server.diarize.activity import SpeakerActivity, Turn, turns
from stream_server.diarize.voices import VOICES, frame_of, sample_of


def window(frames: int, **voices: tuple[int, int]) -> np.ndarray:
    """Return an activity in which voice `v0`, `v1` or `v2` speaks from one frame to another."""
    activity = np.zeros((frames, VOICES), np.float32)
    for name, (begin, end) in voices.items():
        activity[begin:end, int(name[1])] = 1
    return activity


def test_one_window_is_taken_as_it_is() -> None:
    """Two who overlap both speak there."""
    activity = SpeakerActivity()
    activity.add(0, window(10, v0=(1, 6), v2=(4, 9)), [1, None, 2])
    found = turns(activity.settle())
    assert found == [Turn(sample_of(1), sample_of(6), 1), Turn(sample_of(4), sample_of(9), 2)]


def test_local_order_does_not_matter() -> None:
    """The same voice in another place of the next window goes on with its turn."""
    activity = SpeakerActivity()
    activity.add(0, window(10, v0=(2, 10)), [1, None, None])
    activity.add(5, window(10, v2=(0, 7)), [None, None, 1])
    assert turns(activity.settle()) == [Turn(sample_of(2), sample_of(12), 1)]


def test_most_windows_decide() -> None:
    """One of three that hears a second voice is outvoted; one of three that names another speaker, too."""
    activity = SpeakerActivity()
    activity.add(0, window(10, v0=(0, 10)), [1, None, None])
    activity.add(0, window(10, v0=(0, 10), v1=(0, 10)), [1, 2, None])
    activity.add(0, window(10, v0=(0, 10)), [2, None, None])
    assert {turn.speaker for turn in turns(activity.settle())} == {1}


def test_settled_frames_stay() -> None:
    """What was settled is told once; a later window that begins before changes the rest alone."""
    activity = SpeakerActivity()
    activity.add(0, window(10, v0=(0, 10)), [1, None, None])
    assert activity.settle(4).tolist() == [[True]] * 4
    activity.add(0, window(12, v1=(0, 12)), [None, 2, None])
    activity.add(0, window(12, v1=(0, 12)), [None, 2, None])
    assert activity.settled == 4
    assert activity.settle().tolist() == [[False, True]] * 8
    assert activity.settle().size == 0


def test_unknown_voices_speak_as_nobody() -> None:
    """A frame in which only a voice without a name speaks has no turn."""
    activity = SpeakerActivity()
    activity.add(-5, window(10, v0=(0, 10)), [None, None, None])
    assert turns(activity.settle(), -5) == []


def test_frames_and_samples_agree() -> None:
    """A frame's first and last sample belong to it."""
    for frame in (-3, 0, 1, 292):
        assert frame_of(sample_of(frame)) == frame
        assert frame_of(sample_of(frame + 1) - 1) == frame
