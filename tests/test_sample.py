"""The sample meeting and the test clips are what their descriptions say."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from stream_server.sample import sample_meeting

CLIPS = Path(__file__).parent / "audio" / "clips"
LISTED = json.loads((CLIPS / "clips.json").read_text(encoding="utf-8"))


def decode(path: Path) -> npt.NDArray[np.int16]:
    """Return a file's samples, shape (n, channels)."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray().reshape(-1, frame.layout.nb_channels) for frame in container.decode(audio=0)]
    return np.concatenate(frames)


def test_the_recording_has_its_length_and_one_channel_per_track() -> None:
    """What the usage is compared with is the recording's own length."""
    meeting = sample_meeting()
    samples = decode(meeting.audio)
    assert samples.shape == (round(meeting.seconds * meeting.sample_rate), len(meeting.tracks))
    assert 55 <= meeting.seconds <= 70


def test_turns_follow_each_other_with_pauses() -> None:
    """People let each other finish, so the order of the turns is the order of the finals."""
    turns = sample_meeting().turns
    assert 10 <= len(turns) <= 14
    for earlier, later in pairwise(turns):
        assert 0.4 <= later.start - earlier.end <= 0.95
        assert earlier.speaker != later.speaker


def test_every_channel_is_silent_while_others_speak() -> None:
    """Each voice is on its own channel alone, for the whole of its turns."""
    meeting = sample_meeting()
    samples = decode(meeting.audio)
    expected = np.zeros(samples.shape, bool)
    for turn in meeting.turns:
        span = slice(round(turn.start * meeting.sample_rate), round(turn.end * meeting.sample_rate))
        expected[span, meeting.tracks.index(turn.speaker)] = True
        assert np.abs(samples[span, meeting.tracks.index(turn.speaker)]).max() > 3_000
    assert not samples[~expected].any()


def test_the_reference_is_all_turns() -> None:
    """The whole text is that of the turns, in order."""
    meeting = sample_meeting()
    assert meeting.reference == " ".join(turn.text for turn in meeting.turns)


@pytest.mark.parametrize("clip", LISTED, ids=lambda clip: clip["name"])
def test_clips_are_mono_and_as_long_as_listed(clip: dict[str, object]) -> None:
    """Every clip is there, at 16 kHz, mono, with its length."""
    samples = decode(CLIPS / str(clip["file"]))
    assert samples.shape == (round(float(str(clip["seconds"])) * 16_000), 1)


def test_clips_without_words_are_listed_as_such() -> None:
    """Silence and noise have an empty reference; nothing may come out of them."""
    assert [clip["name"] for clip in LISTED if not clip["reference"]] == ["silence", "noise"]


def test_recordings_stay_small() -> None:
    """A clone should not wait for them."""
    files = [sample_meeting().audio, *CLIPS.glob("*.flac")]
    assert sum(path.stat().st_size for path in files) < 1_500_000
