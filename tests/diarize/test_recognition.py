"""Names for those who are enrolled and for nobody else; voices here are points on a circle: cosines are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.diarize.recognition import EnrolledVoice, RecognitionLimits, likeness, recognise
from stream_server.diarize.voices import Embedding, normalised

LIMITS = RecognitionLimits(threshold=0.9, margin=0.02)


def at(degrees: float) -> Embedding:
    """Return the point at an angle; cosines of points are cosines of the angles between them."""
    angle = math.radians(degrees)
    return np.array([math.cos(angle), math.sin(angle)], np.float32)


def voice(name: str, *degrees: float) -> EnrolledVoice:
    """Return a voice with one embedding at each angle."""
    return EnrolledVoice(f"voice_{name}", name, tuple(at(each) for each in degrees))


def names(centroids: list[Embedding], *voices: EnrolledVoice) -> list[str | None]:
    """Return whom each speaker is taken for."""
    found = recognise(centroids, voices, LIMITS)
    return [None if each is None else each.voice.name for each in found]


def test_speakers_get_their_names() -> None:
    """Each the voice that it is like, in the order of the speakers."""
    assert names([at(92), at(1)], voice("a", 0), voice("b", 90)) == ["b", "a"]


def test_a_stranger_stays_unnamed() -> None:
    """Below the threshold nobody is named, however much better than the rest."""
    assert names([at(40), at(2)], voice("a", 0)) == [None, "a"]


def test_of_two_that_sound_alike_neither_is_named() -> None:
    """A speaker between two enrolled voices may be either."""
    assert names([at(5)], voice("a", 0), voice("b", 10)) == [None]
    assert names([at(0)], voice("a", 0), voice("b", 20)) == ["a"]


def test_a_voice_names_one_speaker_of_a_record() -> None:
    """The one that is most like it."""
    assert names([at(5), at(1), at(3)], voice("a", 0)) == [None, "a", None]


def test_nobody_takes_a_second_best_name() -> None:
    """A person found twice is not given a colleague's name besides."""
    assert names([at(0), at(4)], voice("a", 0), voice("b", 20)) == ["a", None]


def test_several_samples_count_together() -> None:
    """A voice is the mean of its embeddings."""
    assert voice("a", 0, 20).mean == pytest.approx(at(10), abs=1e-6)
    assert likeness([at(10)], [voice("a", 0, 20)])[0, 0] == pytest.approx(1, abs=1e-6)


def test_scores_and_margins_are_told() -> None:
    """The cosine with the voice and how far the next one is behind."""
    (found,) = recognise([at(0)], [voice("a", 10), voice("b", 60)], LIMITS)
    assert found is not None
    assert found.score == pytest.approx(math.cos(math.radians(10)), abs=1e-6)
    assert found.margin == pytest.approx(found.score - 0.5, abs=1e-6)


def test_nothing_to_compare() -> None:
    """Without voices nobody is named; without speakers there is no answer."""
    assert recognise([at(0)], []) == [None]
    assert recognise([], [voice("a", 0)]) == []


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 6))
def test_laws_of_every_answer(seed: int, speakers: int, enrolled: int) -> None:
    """Each name once, only for those above the threshold, always the speaker's own best, in any order of voices."""
    random = np.random.default_rng(seed)
    centroids = [normalised(random.standard_normal(3)) for _ in range(speakers)]
    voices = [EnrolledVoice(str(n), str(n), (normalised(random.standard_normal(3)),)) for n in range(enrolled)]
    limits = RecognitionLimits(threshold=0.5, margin=0.01)
    found = recognise(centroids, voices, limits)
    named = [each.voice.id for each in found if each is not None]
    assert len(named) == len(set(named))
    scores = likeness(centroids, voices)
    for row, each in zip(scores, found, strict=True):
        assert each is None or (each.score >= 0.5 and each.voice is voices[int(np.argmax(row))])
    again = recognise(centroids, voices[::-1], limits)
    assert [each and each.voice.id for each in again] == [each and each.voice.id for each in found]
