"""The sample meeting through the real networks: who speaks when, live and at the second look."""

from __future__ import annotations

import numpy as np
import pytest
from faster_whisper.audio import decode_audio

from stream_server.diarize.activity import SpeakerActivity, Turn, turns
from stream_server.diarize.clustering import SpeakerClusters, second_look
from stream_server.diarize.listener import Listener
from stream_server.diarize.tagger import Tagger
from stream_server.diarize.voices import FRAME_SAMPLES, STEP_FRAMES, Heard
from stream_server.events import Samples
from stream_server.open_voices import load_listener
from stream_server.sample import Meeting, sample_meeting
from stream_server.work import ENGINE_RATE


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Listener:
    """Give the networks that a server uses when it is given none."""
    home = tmp_path_factory.mktemp("data")
    return load_listener("segmentation-2021", "ge2e", home)


@pytest.fixture(scope="module")
def meeting() -> Meeting:
    """Give the sample meeting."""
    return sample_meeting()


@pytest.fixture(scope="module")
def audio(meeting: Meeting) -> Samples:
    """Give the meeting as one microphone hears it."""
    mixed: Samples = decode_audio(str(meeting.audio), sampling_rate=ENGINE_RATE)
    return mixed


@pytest.fixture(scope="module")
def heard(listener: Listener, audio: Samples) -> list[Heard]:
    """Give what the networks hear, window by window."""
    return listener.hear_all(audio, STEP_FRAMES)


def agreement(meeting: Meeting, found: list[Turn]) -> dict[str, int]:
    """Return each person's number; fail unless most of every turn, its edges left out, is that number's."""
    numbers: dict[str, int] = {}
    for turn in meeting.turns:
        edges = round((turn.start + 0.25) * ENGINE_RATE), round((turn.end - 0.25) * ENGINE_RATE)
        shares: dict[int, int] = {}
        for each in found:
            shared = min(each.end, edges[1]) - max(each.start, edges[0])
            shares[each.speaker] = shares.get(each.speaker, 0) + max(0, shared)
        number = numbers.setdefault(turn.speaker, max(shares, key=lambda speaker: shares[speaker]))
        assert shares[number] >= 0.8 * (edges[1] - edges[0]), (turn, shares)
        assert sum(shares.values()) - shares[number] <= 0.1 * (edges[1] - edges[0]), (turn, shares)
    return numbers


def test_the_second_look_finds_three_people(meeting: Meeting, heard: list[Heard]) -> None:
    """Numbered in the order of speaking, every turn right."""
    activity = SpeakerActivity(heard[0].frame)
    for window, labels in zip(heard, second_look(heard), strict=True):
        activity.add(window.frame, window.activity, labels)
    assert agreement(meeting, turns(activity.settle(), heard[0].frame)) == {"Anna": 1, "Ben": 2, "Callum": 3}


def test_live_numbers_are_right_two_seconds_later(meeting: Meeting, heard: list[Heard]) -> None:
    """As windows come, with what a speaker's first second costs."""
    frame = heard[0].frame
    clusters, activity = SpeakerClusters(), SpeakerActivity(frame)
    settled = []
    for window in heard:
        activity.add(window.frame, window.activity, clusters.assign(window))
        settled.append(activity.settle(window.frame + len(window.activity) - 2 * STEP_FRAMES))
    settled.append(activity.settle())
    widest = max(part.shape[1] for part in settled)
    speaking = np.concatenate([np.pad(part, ((0, 0), (0, widest - part.shape[1]))) for part in settled])
    assert agreement(meeting, turns(speaking, frame)) == {"Anna": 1, "Ben": 2, "Callum": 3}


def test_words_are_tagged(meeting: Meeting, listener: Listener, audio: Samples) -> None:
    """The tagger asks, the networks answer, and the middle of every turn has its speaker."""
    tagger = Tagger(listener.window_samples)
    padded = np.pad(audio, (listener.window_samples, 0))
    for position in range(512, len(audio), 512):
        speaking = any(turn.start * ENGINE_RATE < position <= turn.end * ENGINE_RATE for turn in meeting.turns)
        frame = tagger.window_due(position, speaking=speaking)
        if frame is not None:
            window = padded[frame * FRAME_SAMPLES + listener.window_samples :][: listener.window_samples]
            tagger.take(listener.listen([(frame, window)])[0])
    numbers = {"Anna": 1, "Ben": 2, "Callum": 3}
    for turn in meeting.turns:
        middle = round((turn.start + turn.end) / 2 * ENGINE_RATE)
        tag = tagger.voices(middle, middle + 4_800).tag(middle, middle + 4_800)
        assert tag is not None
        assert tag.speaker == numbers[turn.speaker]
        assert not tag.overlap


def test_silence_and_noise_name_nobody(listener: Listener) -> None:
    """Neither has a voice in it."""
    random = np.random.default_rng(4)
    for sound in (np.zeros(160_000), random.normal(0, 0.003, 160_000)):
        windows = listener.hear_all(sound.astype(np.float32), STEP_FRAMES)
        assert not [label for row in second_look(windows) for label in row if label is not None]


def test_a_batch_of_windows_equals_each(listener: Listener, audio: Samples) -> None:
    """What is heard in a window does not depend on its neighbours."""
    length = listener.window_samples
    windows = [(at // FRAME_SAMPLES, audio[at : at + length]) for at in range(0, 4 * 59 * 270, 59 * 270)]
    for alone, together in zip(windows, listener.listen(windows), strict=True):
        (single,) = listener.listen([alone])
        assert np.allclose(single.activity, together.activity, atol=1e-4)
        for one, other in zip(single.embeddings, together.embeddings, strict=True):
            assert (one is None) == (other is None)
            assert one is None or np.allclose(one, other, atol=1e-4)


def test_windows_reach_beyond_both_ends(listener: Listener) -> None:
    """A recording shorter than a window is heard whole."""
    heard = listener.hear_all(np.zeros(8_000, np.float32), STEP_FRAMES)
    assert len(heard) == 1
    assert heard[0].frame < 0
