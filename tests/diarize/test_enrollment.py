"""Which samples a voice is learned from, and what is kept of them; voices here are made, with known embeddings."""

from __future__ import annotations

import numpy as np
import pytest

from stream_server.diarize.enrollment import Enrollment, EnrollmentLimits, Quality, enroll
from stream_server.diarize.voices import FRAME_SECONDS, STEP_FRAMES, VOICES, Heard, normalised
from stream_server.errors import UnsuitableSample
from stream_server.events import Samples

FRAMES = 293
SECOND = 59
RATE = 16_000

Script = list[tuple[str, float, float]]
"""Who speaks, from second to second."""


def voice_of(name: str, moment: int) -> np.ndarray:
    """Return one person's embedding as a window hears it: near the person's own, never the same."""
    own = np.random.default_rng(ord(name)).standard_normal(64)
    return normalised(own + 0.3 * np.random.default_rng(1_000 * ord(name) + moment).standard_normal(64))


def listen(script: Script, seconds: float) -> list[Heard]:
    """Return what perfect networks would hear of a sample."""
    people = sorted({name for name, _, _ in script})
    windows = []
    for moment in range(int(seconds) + 4):
        frame = (moment + 1) * STEP_FRAMES - FRAMES
        activity = np.zeros((FRAMES, VOICES), np.float32)
        for name, begin, end in script:
            first, last = (min(FRAMES, max(0, round(at * SECOND) - frame)) for at in (begin, end))
            activity[first:last, people.index(name)] = 1
        alone = Heard(frame, activity, (None,) * VOICES).seconds_alone
        embeddings = [
            voice_of(people[place], moment) if place < len(people) and alone[place] >= 0.2 else None
            for place in range(VOICES)
        ]
        windows.append(Heard(frame, activity, tuple(embeddings)))
    return windows


def sound(seconds: float, level: float = 0.1) -> Samples:
    """Return noise of a level (RMS) that stands for speech."""
    noise = np.random.default_rng(1).standard_normal(round(seconds * RATE))
    return np.clip(level * noise, -0.9, 0.9).astype(np.float32)


def sample(script: Script, seconds: float, audio: Samples | None = None, **limits: float) -> Enrollment:
    """Enroll from a made sample."""
    heard = listen(script, seconds)
    return enroll(sound(seconds) if audio is None else audio, heard, EnrollmentLimits(**limits))


def test_a_good_sample_gives_its_voice() -> None:
    """Twelve seconds of one person give four embeddings, each like the person and of length one."""
    found = sample([("a", 0, 12)], 12)
    assert len(found.embeddings) in (3, 4)
    own = normalised(np.random.default_rng(ord("a")).standard_normal(64))
    for embedding in found.embeddings:
        assert np.linalg.norm(embedding) == pytest.approx(1, abs=1e-5)
        assert embedding @ own > 0.95
    assert found.quality.speech_seconds == pytest.approx(12, abs=0.2)
    assert found.quality.other_voice_share == 0
    assert found.quality.level_dbfs == pytest.approx(-20, abs=0.5)


@pytest.mark.parametrize(("seconds", "count"), [(5.5, 1), (6.5, 2), (9.5, 3), (30.5, 10)])
def test_there_is_one_embedding_for_every_few_seconds(seconds: float, count: int) -> None:
    """What is kept grows with the clean speech behind it."""
    assert len(sample([("a", 0, seconds)], seconds).embeddings) == count


def test_the_embeddings_of_a_sample_differ() -> None:
    """Each is of another part of it: together they tell how a voice varies."""
    first, *rest = sample([("a", 0, 12)], 12).embeddings
    assert all(0.8 < first @ other < 0.9999 for other in rest)


@pytest.mark.parametrize(
    ("script", "audio", "reason"),
    [
        ([("a", 0, 4)], sound(12), "too little speech"),
        ([("a", 0, 8), ("b", 8, 12)], sound(12), "more than one voice"),
        ([("a", 0, 12), ("b", 4, 8)], sound(12), "more than one voice"),
        ([], sound(12), "no voice"),
        ([], np.zeros(12 * RATE, np.float32), "too quiet"),
        ([("a", 0, 12)], sound(12, 0.001), "too quiet"),
        ([("a", 0, 12)], np.clip(10 * sound(12), -1, 1), "clipped"),
        ([], np.zeros(0, np.float32), "too quiet"),
    ],
)
def test_a_poor_sample_is_refused(script: Script, audio: Samples, reason: str) -> None:
    """The refusal says what is wrong."""
    with pytest.raises(UnsuitableSample, match=reason):
        sample(script, 12, audio)


def test_nothing_heard_at_all_is_refused() -> None:
    """Audio without a single window has no voice."""
    with pytest.raises(UnsuitableSample, match="no voice"):
        enroll(sound(1), [], EnrollmentLimits())


def test_a_little_of_another_voice_is_borne() -> None:
    """A word from beside is no reason to record again, and it is not learned."""
    found = sample([("a", 0, 20), ("b", 20, 21.5)], 22)
    assert 0 < found.quality.other_voice_share < 0.1
    other = normalised(np.random.default_rng(ord("b")).standard_normal(64))
    assert max(float(embedding @ other) for embedding in found.embeddings) < 0.6


def test_limits_are_the_callers() -> None:
    """Each limit decides by its own number."""
    short: Script = [("a", 0, 4)]
    assert sample(short, 6, speech_seconds=3).quality.speech_seconds == pytest.approx(4, abs=0.2)
    two: Script = [("a", 0, 8), ("b", 8, 12)]
    assert sample(two, 12, other_voice_share=0.5).quality.other_voice_share == pytest.approx(1 / 3, abs=0.05)
    assert sample([("a", 0, 12)], 12, sound(12, 0.001), level_dbfs=-70).quality.level_dbfs < -50
    clipped = np.clip(10 * sound(12), -1, 1)
    assert sample([("a", 0, 12)], 12, clipped, clipped_share=0.5).quality.clipped_share > 0.02


def test_the_speech_is_judged_and_not_the_pauses() -> None:
    """Long pauses make no sample too quiet."""
    audio = np.zeros(40 * RATE, np.float32)
    audio[: 6 * RATE] = sound(6, 0.01)
    quality = sample([("a", 0, 6)], 40, audio).quality
    assert quality.level_dbfs == pytest.approx(-40, abs=1)
    assert isinstance(quality, Quality)


def test_short_glimpses_serve_where_there_is_nothing_else() -> None:
    """Half-second remarks add up when the caller allows so little."""
    script: Script = [("a", at, at + 0.6) for at in range(0, 12, 6)]
    found = sample(script, 14, speech_seconds=1.0)
    assert found.quality.speech_seconds == pytest.approx(1.2, abs=3 * FRAME_SECONDS)
    assert len(found.embeddings) == 1
