"""Who of at most three local voices speaks, frame by frame: a network over windows of some seconds.

The voices' order means nothing between windows; they may overlap. Two released networks are known: the one of 2021
gives each voice's probability, that of 3.0 one of each combination.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from stream_server.diarize.inference import open_graph
from stream_server.diarize.voices import Activity
from stream_server.events import Samples
from stream_server.work import ENGINE_RATE

_POWERSET = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], np.float32)
"""The combinations of 3.0's seven classes."""


class Segmenter(Protocol):
    """Turns windows of `window_samples` into activities of (frames, VOICES)."""

    name: str
    window_samples: int

    def run(self, windows: Sequence[Samples]) -> list[Activity]:
        """Return one activity per window, in order; a window's does not depend on its neighbours."""
        ...


class OnnxSegmenter:
    """A network of 2021 or of 3.0, told apart by its number of classes; owned by one thread."""

    def __init__(self, graph: Path, name: str, *, threads: int = 1) -> None:
        self.name = name
        self._session = open_graph(graph, threads=threads)
        self._input = self._session.get_inputs()[0].name
        probe = self._session.run(None, {self._input: np.zeros((1, 1, ENGINE_RATE), np.float32)})[0]
        self._powerset = probe.shape[2] == len(_POWERSET)
        # Each was trained on windows of this length; the older one is better on five seconds than on ten.
        self.window_samples = (10 if self._powerset else 5) * ENGINE_RATE

    def run(self, windows: Sequence[Samples]) -> list[Activity]:
        """Return one activity per window; windows of one length share a call."""
        stacked = np.stack(windows)[:, None].astype(np.float32)
        output: npt.NDArray[np.float32] = self._session.run(None, {self._input: stacked})[0]
        return list(np.exp(output) @ _POWERSET if self._powerset else output)
