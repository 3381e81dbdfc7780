"""Speakers out of local voices, live and at the second look; voices here are made, with known embeddings."""

from __future__ import annotations

import numpy as np
import pytest

from stream_server.diarize import clustering
from stream_server.diarize.clustering import (
    ClusteringLimits,
    SpeakerClusters,
    continued,
    keep_numbers,
    second_look,
)
from stream_server.diarize.voices import STEP_FRAMES, VOICES, Heard, normalised

FRAMES = 293
SECOND = 59

Script = list[tuple[str, float, float]]
"""Who speaks, from second to second."""


def voice_of(name: str, moment: int) -> np.ndarray:
    """Return one person's embedding as a window hears it: near the person's own, never the same."""
    own = np.random.default_rng(ord(name)).standard_normal(64)
    noise = np.random.default_rng(1_000 * ord(name) + moment).standard_normal(64)
    return normalised(own + 0.3 * noise)


def windows(script: Script, seconds: float, *, shuffle: bool = True) -> list[Heard]:
    """Return what a perfect network would hear, its local voices in changing order."""
    heard = []
    for moment in range(int(seconds)):
        frame = (moment + 1) * STEP_FRAMES - FRAMES
        activity = np.zeros((FRAMES, VOICES), np.float32)
        order = np.random.default_rng(moment).permutation(VOICES) if shuffle else np.arange(VOICES)
        names: dict[str, int] = {}
        for name, begin, end in script:
            first, last = (min(FRAMES, max(0, round(at * SECOND) - frame)) for at in (begin, end))
            if last > first and (name in names or len(names) < VOICES):
                place = names.setdefault(name, int(order[len(names)]))
                activity[first:last, place] = 1
        bare = Heard(frame, activity, (None,) * VOICES)
        embeddings: list[np.ndarray | None] = [None] * VOICES
        for name, place in names.items():
            if bare.seconds_alone[place] >= 0.2:
                embeddings[place] = voice_of(name, moment)
        heard.append(Heard(frame, activity, tuple(embeddings)))
    return heard


def speakers(heard: list[Heard], labels: list[list[int | None]], script: Script) -> dict[str, set[int]]:
    """Return the numbers that each person was given, over all windows."""
    found: dict[str, set[int]] = {}
    for window, row in zip(heard, labels, strict=True):
        for voice, label in enumerate(row):
            said = np.flatnonzero(window.alone[:, voice]) + window.frame
            if label is None or not len(said):  # where two speak nothing tells the one from the other
                continue
            shares = {name: sum(_says(script, name, frame) for frame in said) for name, _, _ in script}
            found.setdefault(max(shares, key=lambda name: shares[name]), set()).add(label)
    return found


def _says(script: Script, name: str, frame: int) -> bool:
    """Tell whether somebody speaks in a frame."""
    return any(round(begin * SECOND) <= frame < round(end * SECOND) for who, begin, end in script if who == name)


TALK: Script = [("a", 0.5, 6), ("b", 6.5, 12), ("a", 12.2, 15), ("c", 15.5, 22), ("b", 21, 26), ("a", 26.5, 30)]


def live(heard: list[Heard], limits: ClusteringLimits | None = None) -> list[list[int | None]]:
    """Return the labels that every window was given as it came."""
    clusters = SpeakerClusters(limits or ClusteringLimits())
    return [clusters.assign(window) for window in heard]


def test_live_numbers_count_from_one_and_mean_one_person() -> None:
    """Three people, overlap included: three numbers in the order of their first words."""
    heard = windows(TALK, 30)
    assert speakers(heard, live(heard), TALK) == {"a": {1}, "b": {2}, "c": {3}}


def test_the_second_look_finds_the_same_people() -> None:
    """The same windows, all at once."""
    heard = windows(TALK, 30)
    assert speakers(heard, second_look(heard), TALK) == {"a": {1}, "b": {2}, "c": {3}}


def test_a_short_word_makes_no_new_speaker() -> None:
    """A 0.3 s "yes" by somebody who never says more is nobody, live; a known person's is that person's."""
    script: Script = [("a", 0.5, 6), ("b", 7, 12), ("z", 13, 13.3), ("b", 18.5, 18.8), ("a", 20, 25)]
    heard = windows(script, 25)
    found = speakers(heard, live(heard, ClusteringLimits(weak_join=0.1)), script)
    assert "z" not in found
    assert found["a"] == {1}
    assert found["b"] == {2}


def test_who_is_heard_in_one_window_is_not_one_speaker() -> None:
    """Two who sound alike enough to be joined are kept apart where the network has told them apart."""
    own = np.random.default_rng(1).standard_normal((2, 64))
    alike = {0: normalised(own[0]), 1: normalised(own[0] + 0.8 * own[1])}
    limits = ClusteringLimits()
    assert 0.15 < 1 - float(alike[0] @ alike[1]) < limits.second_join

    def told(script: Script) -> set[int]:
        heard = [
            Heard(w.frame, w.activity, tuple(e if e is None else alike[v] for v, e in enumerate(w.embeddings)))
            for w in windows(script, 10, shuffle=False)
        ]
        return {label for row in second_look(heard, limits) for label in row if label is not None}

    assert told([("a", 0, 5), ("b", 5, 10)]) == {1, 2}
    assert told([("a", 0, 10)]) == {1}


def test_silence_names_nobody() -> None:
    """No voice, no number, no cluster."""
    heard = windows([], 10)
    assert live(heard) == [[None] * VOICES] * 10
    assert second_look(heard) == [[None] * VOICES] * 10
    assert second_look([]) == []


@pytest.mark.parametrize("most", [1, 2])
def test_no_more_speakers_than_there_may_be(most: int) -> None:
    """With a hint, voices beyond it go to the nearest, or stay unknown."""
    heard = windows(TALK, 30)
    limits = ClusteringLimits(most_speakers=most)
    for labels in (live(heard, limits), second_look(heard, limits)):
        assert {label for row in labels for label in row if label is not None} <= set(range(1, most + 1))


def test_a_voice_is_followed_from_window_to_window() -> None:
    """By what both windows hear, whatever place it has."""
    first, second = windows([("a", 0, 4), ("b", 4, 9)], 9)[5:7]
    followed = continued(first, second)
    for new, old in enumerate(followed):
        if old is not None:
            shared = first.activity[STEP_FRAMES:, old]
            assert (shared * second.activity[: len(shared), new]).sum() > 0
    assert sum(old is not None for old in followed) == 2


def test_long_meetings_are_thinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look at more voices than it compares with each other gives the same people."""
    monkeypatch.setattr(clustering, "MOST_ITEMS", 40)
    script: Script = [("ab"[turn % 2], 4.0 * turn, 4.0 * turn + 3.5) for turn in range(50)]
    heard = windows(script, 200)
    labels = second_look(heard)
    assert {label for row in labels for label in row if label is not None} == {1, 2}


def test_the_second_look_keeps_live_numbers() -> None:
    """Whoever was number 3 stays number 3, and whom live took for another gets a new number."""
    heard = windows(TALK, 30)
    second = second_look(heard)
    swapped = [[None if label is None else {1: 3, 2: 1, 3: 2}[label] for label in row] for row in second]
    assert keep_numbers(second, swapped, heard) == swapped
    merged = [[None if label is None else {1: 1, 2: 2, 3: 2}[label] for label in row] for row in second]
    kept = keep_numbers(second, merged, heard)
    assert speakers(heard, kept, TALK)["a"] == {1}
    assert speakers(heard, kept, TALK)["b"] | speakers(heard, kept, TALK)["c"] == {2, 3}


def test_a_second_look_without_live_numbers_keeps_its_own() -> None:
    """Nothing was told: 1, 2, 3."""
    heard = windows(TALK, 30)
    second = second_look(heard)
    assert keep_numbers(second, [[None] * VOICES for _ in heard], heard) == second
    assert keep_numbers([], [], []) == []
