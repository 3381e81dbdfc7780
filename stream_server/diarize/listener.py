"""Listens to windows: who speaks in each, and how everyone sounds who speaks alone.

The segmentation network tells frame by frame which voices speak; the embedder hears, for each voice, only the frames in
which nobody else does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stream_server.diarize.clustering import ClusteringLimits
from stream_server.diarize.embedder import Embedder
from stream_server.diarize.segmentation import Segmenter
from stream_server.diarize.voices import FRAME_SAMPLES, FRAME_SECONDS, VOICES, Embedding, Heard, sample_of
from stream_server.events import Samples

LEAST_SECONDS = 0.2
"""A voice heard alone for less has no embedding."""


MOST_WINDOWS = 3
"""Of the embedder, on one voice: the five that fit into five seconds give the same error for a sixth more work."""


class Listener:
    """A segmentation network and an embedder; owned by one thread."""

    def __init__(self, segmenter: Segmenter, embedder: Embedder) -> None:
        self.segmenter = segmenter
        self.embedder = embedder

    @property
    def window_samples(self) -> int:
        """Return the length of a window."""
        return self.segmenter.window_samples

    @property
    def clustering(self) -> ClusteringLimits:
        """Return how like each other one person's voices are, as this embedder hears them."""
        return self.embedder.clustering

    def listen(self, windows: Sequence[tuple[int, Samples]]) -> list[Heard]:
        """Return what is heard in windows, given by first frame and audio; none depends on its neighbours."""
        activities = self.segmenter.run([audio for _, audio in windows])
        silent = [
            Heard(frame, activity, (None,) * VOICES) for (frame, _), activity in zip(windows, activities, strict=True)
        ]
        pieces: list[Samples] = []
        places: list[tuple[int, int]] = []
        for index, heard in enumerate(silent):
            alone = heard.alone
            for voice in np.flatnonzero(alone.sum(axis=0) * FRAME_SECONDS >= LEAST_SECONDS).tolist():
                pieces.append(_cut(windows[index][1], np.flatnonzero(alone[:, voice]).tolist()))
                places.append((index, voice))
        embedded = dict(zip(places, self.embedder.run(pieces, MOST_WINDOWS), strict=True)) if pieces else {}
        return [Heard(heard.frame, heard.activity, _in_order(embedded, index)) for index, heard in enumerate(silent)]

    def hear_all(self, audio: Samples, step_frames: int) -> list[Heard]:
        """Listen to a whole recording, window by window; the first and the last reach beyond it into silence."""
        length = self.window_samples
        ahead = -(-length // FRAME_SAMPLES) - step_frames
        padded = np.pad(audio, (ahead * FRAME_SAMPLES, length))
        step = step_frames * FRAME_SAMPLES
        heard: list[Heard] = []
        for start in range(0, ahead * FRAME_SAMPLES + len(audio) - length + step, step):
            window = padded[start : start + length].astype(np.float32)
            heard += self.listen([(start // FRAME_SAMPLES - ahead, window)])
        return heard


def _in_order(embedded: dict[tuple[int, int], Embedding], index: int) -> tuple[Embedding | None, ...]:
    return tuple(embedded.get((index, voice)) for voice in range(VOICES))


def _cut(audio: Samples, frames: list[int]) -> Samples:
    """Return the audio of frames, joined."""
    return np.concatenate([audio[sample_of(frame) : sample_of(frame + 1)] for frame in frames])
