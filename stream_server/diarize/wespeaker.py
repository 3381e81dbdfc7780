"""WeSpeaker's embedders, ResNet34 and CAM++ alike: graphs of one shape, behind one front end.

A graph takes `feats`, float32 (batch, frames, 80), of any number of frames, and gives (batch, dimensions). Source: Wang
et al. 2023, "Wespeaker: a research and production oriented speaker embedding learning toolkit" (arXiv 2210.17016). As
in its `diar/extract_emb.py`, each window has its own mean taken away, and what is short is repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stream_server.diarize.clustering import ClusteringLimits
from stream_server.diarize.fbank import BANDS, log_mels
from stream_server.diarize.inference import open_graph
from stream_server.diarize.recognition import RecognitionLimits
from stream_server.diarize.voices import Embedding, normalised
from stream_server.events import Samples

_FRAMES = 300
"""Of a window: 3 s. WeSpeaker trains on 2 s and finishes on 6 s."""

_STEP_FRAMES = 150

_LEAST_FRAMES = 50
"""Less is repeated up to this: the networks take strides of several frames and need some for their statistics."""


class WespeakerEmbedder:
    """The normalised mean over windows of 3 s, half of each shared with the next; a shorter voice is one window.

    Owned by one thread.
    """

    # Not measured here, where the weights cannot be had. In wide use with these networks are 0.5 as the distance up to
    # which clusters join (sherpa-onnx's default) and cosines from 0.4 to 0.6 as one voice's; two people's are about 0,
    # while GE2E's, never negative, begin far higher.
    clustering = ClusteringLimits(join=0.5, weak_join=0.75, second_join=0.5)
    recognition = RecognitionLimits(threshold=0.5, margin=0.1)

    def __init__(self, graph: Path, *, threads: int = 1) -> None:
        """Open a graph and try it, front end included; raises `ModelUnavailable`."""
        self.name = "wespeaker"
        self._session = open_graph(graph, threads=threads)
        self._input = self._session.get_inputs()[0].name
        self.dimensions = self._embed(_windows(log_mels(np.zeros(0, np.float32)), None))[0].shape[0]

    def run(self, voices: Sequence[Samples], most_windows: int | None = None) -> list[Embedding]:
        """Return one embedding per piece of audio, in order; a batch equals its items."""
        windows = [_windows(log_mels(voice), most_windows) for voice in voices]
        embedded = iter(self._embed([window for mine in windows for window in mine]))
        return [normalised(np.mean([next(embedded) for _ in mine], axis=0)) for mine in windows]

    def _embed(self, windows: Sequence[Samples]) -> list[Embedding]:
        """Return each window's embedding; those of one length share a call, as padding would be heard."""
        found: dict[int, Embedding] = {}
        for length in sorted({len(window) for window in windows}):
            places = [place for place, window in enumerate(windows) if len(window) == length]
            stacked = np.stack([windows[place] for place in places])
            rows = self._session.run(None, {self._input: stacked})[0]
            found.update(zip(places, (normalised(row) for row in rows), strict=True))
        return [found[place] for place in range(len(windows))]


def _windows(mels: Samples, most: int | None) -> list[Samples]:
    """Cut a voice, shape (frames, 80), into windows, the mean of each of whose bands is 0."""
    if len(mels) <= _FRAMES:
        return [_centred(np.resize(mels, (max(len(mels), _LEAST_FRAMES), BANDS)))]
    starts = np.arange(0, len(mels) - _FRAMES + 1, _STEP_FRAMES)
    if most is not None and len(starts) > most:
        starts = np.linspace(0, len(mels) - _FRAMES, most).round().astype(int)
    return [_centred(mels[start : start + _FRAMES]) for start in starts.tolist()]


def _centred(mels: Samples) -> Samples:
    centred: Samples = mels - mels.mean(axis=0)
    return centred
