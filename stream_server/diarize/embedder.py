"""Voices as points: a network that puts what one person says close together, whatever is said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from stream_server.diarize.clustering import ClusteringLimits
from stream_server.diarize.front_end import mel_spectrogram, raise_volume
from stream_server.diarize.inference import open_graph
from stream_server.diarize.recognition import RecognitionLimits
from stream_server.diarize.voices import Embedding, normalised
from stream_server.events import Samples

_FRAMES = 160
"""Mel frames that GE2E was trained on: 1.6 s."""

_STEP_FRAMES = 80


class Embedder(Protocol):
    """Turns pieces of one voice each into embeddings.

    `clustering` and `recognition` say how like each other one person's are: no two embedders share a scale.
    """

    name: str
    dimensions: int
    clustering: ClusteringLimits
    recognition: RecognitionLimits

    def run(self, voices: Sequence[Samples], most_windows: int | None = None) -> list[Embedding]:
        """Return one embedding per piece of audio, in order; a batch equals its items.

        `most_windows` spreads so many of the network's windows over longer audio, which bounds its cost.
        """
        ...


class Ge2eEmbedder:
    """GE2E (Wan et al. 2018): the normalised mean over windows of 1.6 s, half of each shared with the next.

    Owned by one thread.
    """

    clustering = ClusteringLimits()
    recognition = RecognitionLimits()

    def __init__(self, graph: Path, *, threads: int = 1) -> None:
        self.name = "ge2e"
        self.dimensions = 256
        self._session = open_graph(graph, threads=threads)

    def run(self, voices: Sequence[Samples], most_windows: int | None = None) -> list[Embedding]:
        """Return one embedding per piece of audio; one that is shorter than a window is padded with silence."""
        windows: list[Samples] = []
        counts: list[int] = []
        for voice in voices:
            mine = _windows(mel_spectrogram(raise_volume(voice)), most_windows)
            windows += mine
            counts.append(len(mine))
        embedded = self._session.run(None, {"mels": np.stack(windows)})[0]
        parts = np.split(embedded, np.cumsum(counts)[:-1])
        return [normalised(part.mean(axis=0)) for part in parts]


def _windows(mels: Samples, most: int | None) -> list[Samples]:
    if len(mels) < _FRAMES:
        mels = np.pad(mels, ((0, _FRAMES - len(mels)), (0, 0)))
    starts = range(0, len(mels) - _FRAMES + 1, _STEP_FRAMES)
    if most is not None and len(starts) > most:
        chosen = np.linspace(0, len(mels) - _FRAMES, most).round().astype(int)
        return [mels[start : start + _FRAMES] for start in chosen]
    return [mels[start : start + _FRAMES] for start in starts]
