"""Words and their speakers: which windows of a track to listen to, and who said what by their answers.

One for each track that several people share. Windows are asked for about every second while somebody speaks, and at
once where an utterance may end; silence costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from stream_server.diarize.activity import SpeakerActivity, Speaking
from stream_server.diarize.clustering import ClusteringLimits, SpeakerClusters
from stream_server.diarize.voices import FRAME_SAMPLES, STEP_FRAMES, Embedding, Heard, frame_of

OVERLAP_SHARE = 0.5
"""Of a word: if two speak for so much of it, known or not, they spoke at once."""

ROOM_SAMPLES = FRAME_SAMPLES // 2
"""A word shorter than a frame is looked for so far around it."""

NEAR_SAMPLES = 16_000
"""A word in which no voice was made out is its neighbour's, if that one is no farther away."""

GUESSED = 0.5
"""What is left of the neighbour's confidence then."""


@dataclass(frozen=True, slots=True)
class SpeakerTag:
    """Who said a word. `confidence` is the share of the word's frames with a voice that are this speaker's."""

    speaker: int
    confidence: float
    overlap: bool


@dataclass(frozen=True, slots=True, eq=False)
class Voices:
    """Who is known to speak in the frames from `first` on, as it was known at one moment, and how many do."""

    first: int
    speaking: Speaking
    crowd: npt.NDArray[np.int_]

    @classmethod
    def of(cls, activity: SpeakerActivity, first: int, until: int) -> Voices:
        """Return what an activity knows by now of the frames from `first` to `until`."""
        first = max(first, activity.settled)
        skip = first - activity.settled
        return cls(first, activity.look(until)[skip:].copy(), activity.crowd(until)[skip:])

    def tag(self, start: int, end: int) -> SpeakerTag | None:
        """Return who spoke between two samples; None: nobody that is known."""
        begin, stop = frame_of(start - ROOM_SAMPLES), frame_of(end + ROOM_SAMPLES) + 1
        begin, stop = max(0, begin - self.first), max(0, stop - self.first)
        speaking = self.speaking[begin:stop]
        counts = speaking.sum(axis=0)
        if not counts.any():
            return None
        best = int(np.argmax(counts))
        voiced = int(speaking.any(axis=1).sum())
        crowded = int((self.crowd[begin:stop] > 1).sum())
        return SpeakerTag(best + 1, float(counts[best] / voiced), crowded >= OVERLAP_SHARE * len(speaking))

    def tag_words(self, spans: Sequence[tuple[int, int]]) -> list[SpeakerTag | None]:
        """Return who said each word of an utterance, given by first and last sample, in order.

        Where the network made out no voice, a word is its nearer neighbour's; None where that is too far.
        """
        tags = [self.tag(start, end) for start, end in spans]
        known = [index for index, tag in enumerate(tags) if tag is not None]
        return [
            tag if tag is not None else _from_neighbour(spans, tags, known, index) for index, tag in enumerate(tags)
        ]


def _from_neighbour(
    spans: Sequence[tuple[int, int]], tags: list[SpeakerTag | None], known: list[int], index: int
) -> SpeakerTag | None:
    gaps = [(_gap(spans[index], spans[other]), other) for other in known]
    gap, nearest = min(gaps, default=(NEAR_SAMPLES + 1, 0))
    tag = tags[nearest]
    if tag is None or gap > NEAR_SAMPLES:
        return None
    return replace(tag, confidence=GUESSED * tag.confidence, overlap=False)


def _gap(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(0, other[0] - one[1], one[0] - other[1])


class Tagger:
    """Duties of the owner: ask `window_due` as audio is judged, answer each with `take`, in order; then `tag` words.

    Positions are samples of the track at 16 kHz. Answers that are still out are unknown to `voices`. A tagger may go on
    at sample `begin` with the `clusters` of another.
    """

    def __init__(
        self,
        window_samples: int,
        limits: ClusteringLimits | None = None,
        *,
        begin: int = 0,
        clusters: SpeakerClusters | None = None,
    ) -> None:
        self.asked: int | None = None
        """The first frame of the last window that was asked for."""
        self._window_samples = window_samples
        self.clusters = clusters or SpeakerClusters(limits or ClusteringLimits())
        first_frame = begin // FRAME_SAMPLES - self._window_frames
        self._activity = SpeakerActivity(first_frame)
        self._next_frame = first_frame + STEP_FRAMES
        self._spoken_until: int | None = None

    @property
    def centroids(self) -> list[Embedding]:
        """Return how each speaker sounds, from 1 on."""
        return self.clusters.centroids

    @property
    def seconds(self) -> list[float]:
        """Return for about how long each speaker was heard alone, from 1 on."""
        return self.clusters.seconds

    @property
    def needed_from(self) -> int:
        """Return the first sample that a window may still want; one that is asked for `now` begins before the next."""
        return (self._next_frame - STEP_FRAMES) * FRAME_SAMPLES

    @property
    def asked_until(self) -> int:
        """Return where the last window that was asked for ends; before the track if none was."""
        return -1 if self.asked is None else self.asked * FRAME_SAMPLES + self._window_samples

    def window_due(self, position: int, *, speaking: bool, now: bool = False, sparing: int = 1) -> int | None:
        """Return the first frame of the next window, if one is due at `position`; else None.

        `now` asks for one that ends there, as an utterance does. With `sparing` they come so many times more rarely. A
        sample below 0 is before the track: silence.
        """
        if speaking:
            self._spoken_until = position
        latest = (position - self._window_samples) // FRAME_SAMPLES
        last = self._next_frame - STEP_FRAMES
        if not (latest >= last + sparing * STEP_FRAMES or (now and latest > last)):
            return None
        self._next_frame = latest + STEP_FRAMES
        if self._spoken_until is None or self._spoken_until <= latest * FRAME_SAMPLES:
            return None
        self.asked = latest
        return latest

    def take(self, heard: Heard) -> list[int | None]:
        """Take a window's answer; return the speaker of each of its voices."""
        speakers = self.clusters.assign(heard)
        self._activity.add(heard.frame, heard.activity, speakers)
        return speakers

    def voices(self, start: int, end: int) -> Voices:
        """Return what is known by now of who speaks between two samples."""
        return Voices.of(self._activity, frame_of(start - ROOM_SAMPLES), frame_of(end + ROOM_SAMPLES) + 1)

    def forget_before(self, position: int) -> None:
        """Let go of what lies before a sample: no word there will be asked about."""
        self._activity.settle(frame_of(position - ROOM_SAMPLES))

    @property
    def _window_frames(self) -> int:
        return -(-self._window_samples // FRAME_SAMPLES)
