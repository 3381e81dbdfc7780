"""Which local voices are one speaker: live, window by window, and again at the end with everything heard.

Both compare embeddings by cosine. Figures are from `benchmarks/diarization.py`, over the nine well-labelled recordings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import cut_tree, fcluster, linkage
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import squareform

from stream_server.diarize.voices import ACTIVE, FRAME_SECONDS, VOICES, Activity, Embedding, Heard, normalised

Labels = list[list[int | None]]
"""For each window the speaker of each local voice, counted from 1; None: not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusteringLimits:
    """What decides that two voices are one speaker's; distances are 1 - cosine, times in seconds.

    `join` and `second_join` belong to the embedder, the rest to windows of five seconds: with GE2E anything from 0.22
    to 0.28 and from 0.27 to 0.30 gives the same error.
    """

    join: float = 0.25
    """Live: at most so far from a speaker's mean."""
    weak_join: float = 0.6
    """Live: the same for a voice heard so little that it cannot be a speaker of its own."""
    bonus: float = 0.08
    """Live: how much nearer the speaker is who this voice was in the window before."""
    new_seconds: float = 1.25
    """Live: alone for so long, a voice that is like none becomes a new speaker."""
    learn_seconds: float = 1.0
    """Alone for so long, a voice tells how its speaker sounds."""
    heard_seconds: float = 0.1
    """What speaks less is nobody."""
    second_join: float = 0.28
    """Second look: clusters are joined while their mean distance is at most this."""
    most_speakers: int = 20
    speaker_count: int | None = None
    """Second look: how many there are, where somebody knows."""


SAME_VOICE = 0.7
"""Two local voices of successive windows are one if so much of what either says in both windows is said by both."""

SAME_SECONDS = 0.15

OVERLAPPING_WINDOWS = 5
"""Of five seconds, one a second: each second is heard so often."""

APART = 1.0
"""Distance of two voices in one window: the network has told them apart."""

TAKEN = 0.3
"""How much farther a speaker is who is already another voice of the window."""

MOST_ITEMS = 2_000
"""Second look: more than so many voices are thinned, as its cost is quadratic; the rest goes to the nearest cluster."""


@dataclass(slots=True)
class SpeakerClusters:
    """Speakers as they become known. `assign` is called with every window of a track, in order.

    Speakers have the numbers 1, 2, 3 …, and a number means one cluster for good. Cost and memory depend on the number
    of speakers alone.
    """

    limits: ClusteringLimits = field(default_factory=ClusteringLimits)
    sums: list[npt.NDArray[np.float64]] = field(default_factory=list)
    """What was heard of each speaker, weighed by seconds; somebody else may have heard it before."""
    learnt: list[float] = field(default_factory=list)
    """For about how many seconds."""
    _last: tuple[Heard, list[int | None]] | None = None

    @property
    def centroids(self) -> list[Embedding]:
        """Return how each speaker sounds, from 1 on."""
        return [normalised(total) for total in self.sums]

    @property
    def seconds(self) -> list[float]:
        """Return for about how long each speaker was heard alone."""
        return list(self.learnt)

    def assign(self, heard: Heard) -> list[int | None]:
        """Return the speaker of each local voice; None while there is too little to tell."""
        limits = self.limits
        seconds, alone = heard.seconds, heard.seconds_alone
        present = [voice for voice in range(VOICES) if seconds[voice] >= limits.heard_seconds]
        labels = self._match(heard, present, alone)
        for voice in present:
            embedding = heard.embeddings[voice]
            if embedding is None:
                continue
            new = labels[voice] is None and alone[voice] >= limits.new_seconds
            if new and len(self.sums) < limits.most_speakers:
                self.sums.append(np.zeros(len(embedding)))
                self.learnt.append(0.0)
                labels[voice] = len(self.sums)
                self._learn(len(self.sums), embedding, float(alone[voice]))
            elif (speaker := labels[voice]) is not None and alone[voice] >= limits.learn_seconds:
                self._learn(speaker, embedding, float(alone[voice]) / OVERLAPPING_WINDOWS)  # so much of it is new
        self._last = heard, labels
        return labels

    def _match(self, heard: Heard, present: list[int], alone: npt.NDArray[np.float64]) -> list[int | None]:
        """Give each voice the speaker it is most like, each speaker once, if it is like enough."""
        labels: list[int | None] = [None] * VOICES
        if not present or not self.sums:
            return labels
        before = self._speakers_before(heard)
        centroids = np.stack(self.centroids)
        likeness = np.stack([self._likeness(heard.embeddings[voice], centroids) for voice in present])
        for row, voice in enumerate(present):
            if (speaker := before[voice]) is not None:
                likeness[row, speaker - 1] += self.limits.bonus
        for row, column in zip(*linear_sum_assignment(-likeness), strict=True):
            voice = present[row]
            enough = self.limits.join if alone[voice] >= self.limits.new_seconds else self.limits.weak_join
            if likeness[row, column] >= 1 - enough:
                labels[voice] = int(column) + 1
        return labels

    def _likeness(self, embedding: Embedding | None, centroids: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        if embedding is None:  # like everybody, a little: who it was in the window before decides
            return np.full(len(centroids), 1 - self.limits.weak_join - self.limits.bonus / 2)
        return (centroids @ embedding).astype(np.float64)

    def _speakers_before(self, heard: Heard) -> list[int | None]:
        """Return who each voice was in the window before."""
        if self._last is None:
            return [None] * VOICES
        last, labels = self._last
        return [None if voice is None else labels[voice] for voice in continued(last, heard)]

    def _learn(self, speaker: int, embedding: Embedding, seconds: float) -> None:
        self.sums[speaker - 1] += embedding * seconds
        self.learnt[speaker - 1] += seconds


def continued(last: Heard, heard: Heard) -> list[int | None]:
    """Return for each local voice which one of the window before it is, by what both windows hear."""
    shift = heard.frame - last.frame
    before, now = _overlap(last.activity, heard.activity, shift)
    both = before.T.astype(float) @ now.astype(float)
    either = np.maximum(1, before.sum(axis=0)[:, None] + now.sum(axis=0)[None] - both)
    found: list[int | None] = [None] * VOICES
    for old, new in zip(*linear_sum_assignment(-both), strict=True):
        if both[old, new] / either[old, new] >= SAME_VOICE and both[old, new] * FRAME_SECONDS >= SAME_SECONDS:
            found[new] = int(old)
    return found


def _overlap(last: Activity, now: Activity, shift: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    shared = last[shift:]
    return shared >= ACTIVE, now[: len(shared)] >= ACTIVE


def second_look(windows: Sequence[Heard], limits: ClusteringLimits | None = None) -> Labels:
    """Return the speakers of all windows' voices, with everything at hand: average linkage over the embeddings.

    Voices heard alone for long enough make the clusters, two of one window being far from each other; the others go to
    the nearest cluster. Speakers are counted in the order of their first word.
    """
    limits = limits or ClusteringLimits()
    items = [
        (index, voice, float(heard.seconds_alone[voice]), embedding)
        for index, heard in enumerate(windows)
        for voice, embedding in enumerate(heard.embeddings)
        if embedding is not None and heard.seconds[voice] >= limits.heard_seconds
    ]
    labels: Labels = [[None] * VOICES for _ in windows]
    if not items:
        return labels
    embeddings = np.stack([item[3] for item in items]).astype(np.float32)  # kept in half of it
    seconds = np.array([item[2] for item in items])
    where = np.array([item[0] for item in items])
    strong = np.flatnonzero(seconds >= limits.learn_seconds)
    strong = strong if len(strong) else np.array([int(np.argmax(seconds))])
    chosen = strong if len(strong) <= MOST_ITEMS else strong[np.linspace(0, len(strong) - 1, MOST_ITEMS).astype(int)]
    clusters = _cluster(embeddings[chosen], where[chosen], limits)
    centroids = np.stack(
        [
            normalised((embeddings[chosen[clusters == each]] * seconds[chosen[clusters == each], None]).sum(axis=0))
            for each in range(int(clusters.max()) + 1)
        ]
    )
    known = dict(zip(chosen.tolist(), clusters.tolist(), strict=True))
    for index in range(len(windows)):
        mine = np.flatnonzero(where == index).tolist()
        taken = {known[item]: None for item in mine if item in known}
        for item in sorted((item for item in mine if item not in known), key=lambda item: -seconds[item]):
            likeness = centroids @ embeddings[item]
            likeness[list(taken)] -= TAKEN
            known[item] = int(np.argmax(likeness))
            taken[known[item]] = None
    numbers: dict[int, int] = {}
    for item, (index, voice, *_rest) in enumerate(items):
        labels[index][voice] = numbers.setdefault(known[item], len(numbers) + 1)
    return labels


def _cluster(
    embeddings: npt.NDArray[np.float32], windows: npt.NDArray[np.int_], limits: ClusteringLimits
) -> npt.NDArray[np.int_]:
    """Return each voice's cluster, counted from 0."""
    if len(embeddings) == 1:
        return np.zeros(1, int)
    distances = np.maximum(0, 1 - embeddings @ embeddings.T).astype(np.float64)
    distances[windows[:, None] == windows[None]] = APART
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), "average")
    clusters: npt.NDArray[np.int_] = fcluster(tree, limits.second_join, "distance") - 1
    wanted = limits.speaker_count or min(int(clusters.max()) + 1, limits.most_speakers)
    if clusters.max() + 1 != wanted:
        clusters = cut_tree(tree, n_clusters=min(wanted, len(embeddings)))[:, 0].astype(int)
    return clusters


def keep_numbers(second: Labels, live: Labels, windows: Sequence[Heard], known: int = 0) -> Labels:
    """Return the second look with the numbers that were given live, as far as they mean the same people.

    Each speaker of the second look takes the live number with which it shares most speech, each number once; who shares
    none takes a new one, above those of the `known`.
    """
    shared: dict[tuple[int, int], float] = {}
    for labels, told, heard in zip(second, live, windows, strict=True):
        for mine, theirs, seconds in zip(labels, told, heard.seconds, strict=True):
            if mine is not None and theirs is not None:
                shared[mine, theirs] = shared.get((mine, theirs), 0.0) + float(seconds)
    mine, theirs = _highest(second), _highest(live)
    weights = np.zeros((mine, theirs))
    for (row, column), seconds in shared.items():
        weights[row - 1, column - 1] = seconds
    names = {
        int(row) + 1: int(column) + 1
        for row, column in zip(*linear_sum_assignment(-weights), strict=True)
        if weights[row, column] > 0
    }
    theirs = max(theirs, known)
    for number in range(1, mine + 1):
        if number not in names:
            theirs += 1
            names[number] = theirs
    return [[None if label is None else names[label] for label in row] for row in second]


def _highest(labels: Labels) -> int:
    return max((label for row in labels for label in row if label is not None), default=0)
