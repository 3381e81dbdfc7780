"""Words and their speakers: which windows of a track to listen to, and who said what by their answers.

One for each track that several people share. Windows are asked for about every second while somebody speaks, and at
once where an utterance may end; silence costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stream_server.diarize.activity import SpeakerActivity
from stream_server.diarize.clustering import ClusteringLimits, SpeakerClusters
from stream_server.diarize.voices import FRAME_SAMPLES, STEP_FRAMES, Heard, frame_of

OVERLAP_SHARE = 0.5
"""Of a word: if another speaks for so much of it, two spoke at once."""

ROOM_SAMPLES = FRAME_SAMPLES // 2
"""A word shorter than a frame is looked for so far around it."""


@dataclass(frozen=True, slots=True)
class SpeakerTag:
    """Who said a word. `confidence` is the share of the word's frames with a voice that are this speaker's."""

    speaker: int
    confidence: float
    overlap: bool


class Tagger:
    """Duties of the owner: ask `window_due` as audio is judged, answer each with `take`, in order; then `tag` words.

    Positions are samples of the track at 16 kHz. Answers that are still out are unknown to `tag`.
    """

    def __init__(self, window_samples: int, limits: ClusteringLimits | None = None) -> None:
        self._window_samples = window_samples
        self._clusters = SpeakerClusters(limits or ClusteringLimits())
        self._activity = SpeakerActivity(-self._window_frames)
        self._next_frame = STEP_FRAMES - self._window_frames
        self._spoken_until: int | None = None

    @property
    def speakers(self) -> int:
        """Return how many speakers are known."""
        return len(self._clusters.centroids)

    @property
    def needed_from(self) -> int:
        """Return the first sample that a window may still want."""
        return self._next_frame * FRAME_SAMPLES

    def window_due(self, position: int, *, speaking: bool, now: bool = False) -> tuple[int, int, int] | None:
        """Return the next window as (first frame, first sample, end), if one is due at `position`; else None.

        `now` asks for one that ends there, as an utterance does. A sample below 0 is before the track: silence.
        """
        if speaking:
            self._spoken_until = position
        latest = (position - self._window_samples) // FRAME_SAMPLES
        due = latest >= self._next_frame or (now and latest > self._next_frame - STEP_FRAMES)
        if not due:
            return None
        frame, self._next_frame = latest, latest + STEP_FRAMES
        start = frame * FRAME_SAMPLES
        if self._spoken_until is None or self._spoken_until <= start:
            return None
        return frame, start, start + self._window_samples

    def take(self, heard: Heard) -> None:
        """Take a window's answer."""
        self._activity.add(heard.frame, heard.activity, self._clusters.assign(heard))

    def tag(self, start: int, end: int) -> SpeakerTag | None:
        """Return who spoke between two samples; None: nobody that is known."""
        first, last = frame_of(start - ROOM_SAMPLES), frame_of(end + ROOM_SAMPLES) + 1
        offset = self._activity.settled
        speaking = self._activity.look(last)[max(0, first - offset) :]
        counts = speaking.sum(axis=0)
        if not counts.any():
            return None
        best = int(np.argmax(counts))
        others = np.delete(counts, best).max(initial=0)
        voiced = int(speaking.any(axis=1).sum())
        return SpeakerTag(best + 1, float(counts[best] / voiced), bool(others >= OVERLAP_SHARE * len(speaking)))

    def forget_before(self, position: int) -> None:
        """Let go of what lies before a sample: no word there will be asked about."""
        self._activity.settle(frame_of(position))

    @property
    def _window_frames(self) -> int:
        return -(-self._window_samples // FRAME_SAMPLES)
