"""Who spoke when, from windows that overlap: each frame hears up to five opinions, and their mean decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stream_server.diarize.voices import ACTIVE, Activity, sample_of

Speaking = npt.NDArray[np.bool_]
"""Shape (frames, speakers)."""


@dataclass(frozen=True, slots=True, order=True)
class Turn:
    """One speaker's stretch of speech; `start` and `end` in samples, `speaker` counted from 1."""

    start: int
    end: int
    speaker: int


class SpeakerActivity:
    """Adds windows up and settles frames in order, from `first_frame` on; memory holds the unsettled ones alone.

    How many speak in a frame is the mean of what the windows count, rounded; those with the highest mean activity are
    the ones.
    """

    def __init__(self, first_frame: int = 0) -> None:
        self.settled = first_frame
        """The first frame that may still change."""
        self._scores = np.zeros((0, 0))
        self._counts = np.zeros(0)
        self._windows = np.zeros(0)

    def add(self, frame: int, activity: Activity, speakers: Sequence[int | None]) -> None:
        """Add a window that begins at `frame`; `speakers` names its voices, counted from 1; None: not known."""
        activity, frame = activity[max(0, self.settled - frame) :], max(frame, self.settled)
        first, last = frame - self.settled, frame - self.settled + len(activity)
        self._make_room(last, max((each for each in speakers if each is not None), default=0))
        self._windows[first:last] += 1
        self._counts[first:last] += (activity >= ACTIVE).sum(axis=1)
        for voice, speaker in enumerate(speakers):
            if speaker is not None:
                self._scores[first:last, speaker - 1] += activity[:, voice]

    def look(self, until: int | None = None) -> Speaking:
        """Return what is known of the frames from `settled` until `until`, or of all."""
        crowd = self.crowd(until)
        windows = np.maximum(self._windows[: len(crowd)], 1)
        return decide(self._scores[: len(crowd)] / windows[:, None], crowd)

    def crowd(self, until: int | None = None) -> npt.NDArray[np.int_]:
        """Return how many speak in the frames from `settled` until `until`, or in all, known or not."""
        count = len(self._windows) if until is None else min(len(self._windows), max(0, until - self.settled))
        return np.rint(self._counts[:count] / np.maximum(self._windows[:count], 1)).astype(int)

    def settle(self, until: int | None = None) -> Speaking:
        """Return what is known of the frames before `until` (or of all) and forget them."""
        speaking = self.look(until)
        count = len(speaking)
        self.settled += count
        self._scores, self._counts, self._windows = (
            kept[count:].copy() for kept in (self._scores, self._counts, self._windows)
        )
        return speaking

    def _make_room(self, frames: int, speakers: int) -> None:
        more = max(0, frames - len(self._windows))
        self._windows = np.pad(self._windows, (0, more))
        self._counts = np.pad(self._counts, (0, more))
        self._scores = np.pad(self._scores, ((0, more), (0, max(0, speakers - self._scores.shape[1]))))


def decide(scores: npt.NDArray[np.float64], counts: npt.NDArray[np.int_]) -> Speaking:
    """Return the `counts` highest scores of each frame as speaking; a score of nothing never is."""
    speaking = np.zeros(scores.shape, bool)
    if scores.shape[1]:
        order = np.argsort(-scores, axis=1, kind="stable")
        rows = np.arange(len(scores))
        for rank in range(min(scores.shape[1], int(counts.max(initial=0)))):
            best = order[:, rank]
            speaking[rows, best] = (counts > rank) & (scores[rows, best] > 0)
    return speaking


def turns(speaking: Speaking, frame: int = 0) -> list[Turn]:
    """Return the turns in frames, the first of which is `frame`, in order of their start."""
    found: list[Turn] = []
    for speaker in range(speaking.shape[1]):
        edges = np.flatnonzero(np.diff(speaking[:, speaker].astype(np.int8), prepend=0, append=0))
        found += [
            Turn(max(0, sample_of(frame + begin)), sample_of(frame + end), speaker + 1)
            for begin, end in edges.reshape(-1, 2).tolist()
            if sample_of(frame + end) > 0
        ]
    return sorted(found)


def speakers_in(found: Iterable[Turn]) -> set[int]:
    """Return who speaks at all."""
    return {turn.speaker for turn in found}
