"""Whisper's encoder on short windows: the audio's own seconds, then a cached tail of encoded silence.

The encoder reads any number of mel frames, but the decoder stops in time only if it sees silence behind the words. So a
window is encoded together with some silence and rounded up to a grid; behind its positions stand those that 30 s of
silence had there, or as many of them as the model needs (see `windows`): the decoder pays for every one. That costs a
fifth to a ninth of encoding 30 s and gives its words. All lengths depend on the item alone, so that a batch of one is
encoded like a batch of eight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt

from stream_server.asr.spectrogram import FRAME_SAMPLES, LogMel
from stream_server.asr.windows import FULL_SECONDS, Window
from stream_server.events import Samples
from stream_server.work import ENGINE_RATE

POSITION_SAMPLES = 2 * FRAME_SAMPLES
"""Samples per encoder position: the encoder halves the frames."""

FULL_FRAMES = FULL_SECONDS * ENGINE_RATE // FRAME_SAMPLES
TAIL_GRID_SECONDS = 5
"""What window and tail together are rounded up to: few lengths, for only equal ones share a call of the decoder."""

SILENCE_LEVEL = -0.75
"""What digital silence becomes beside speech: eight decades below the peak, (1 - 8 + 4) / 4."""

Features = npt.NDArray[Any]
"""Encoder output of a batch, shape (n, positions, d), in the type the model computes in."""


class WindowEncoder:
    """Encode windows of audio as if each were 30 s long, or as much of that as its `Window` asks for.

    `filters` are those of the model's spectrogram, shape (mels, 201). `grid_seconds` is what windows are rounded up to:
    small saves work, large lets more of them share a call, which is what pays on a GPU.
    """

    def __init__(self, model: Any, filters: npt.NDArray[np.float32], grid_seconds: float) -> None:
        self._model = model
        self._spectrogram = LogMel(filters)
        self._mels = len(filters)
        self._grid = int(grid_seconds * ENGINE_RATE)

    def head(self, samples: int, window: Window) -> int:
        """Return how many samples are encoded for audio of this length."""
        wanted = samples + int(window.silence_seconds * ENGINE_RATE)
        return min(-(-wanted // self._grid) * self._grid, FULL_SECONDS * ENGINE_RATE)

    def positions(self, samples: int, window: Window) -> int:
        """Return how many positions the decoder sees of audio of this length, the tail included."""
        wanted = self.head(samples, window) / ENGINE_RATE + window.tail_seconds
        seconds = min(-(-wanted // TAIL_GRID_SECONDS) * TAIL_GRID_SECONDS, FULL_SECONDS)
        return int(seconds * ENGINE_RATE) // POSITION_SAMPLES

    def encode(self, audios: Sequence[Samples], window: Window) -> Features:
        """Return the features of audios (at most 30 s each) for which `positions` gives one number, in order."""
        positions = self.positions(len(audios[0]), window)
        features = np.empty((len(audios), positions, self.tail.shape[1]), self.tail.dtype)
        for head, members in _by_length([self.head(len(audio), window) for audio in audios]):
            outputs = self._run(np.stack([self._spectrogram(audios[member], head) for member in members]))
            encoded = outputs.shape[1]
            features[members, :encoded] = outputs
            features[members, encoded:] = self.tail[encoded:positions]
        return features

    @cached_property
    def tail(self) -> Features:
        """What the encoder makes of 30 s of silence, shape (1500, d)."""
        silence = np.full((1, self._mels, FULL_FRAMES), SILENCE_LEVEL, dtype=np.float32)
        return np.asarray(self._run(silence)[0])

    def _run(self, mel: npt.NDArray[np.float32]) -> Features:
        # The tail is joined on the CPU: on a GPU the output comes back here, and `generate` and `align` move the joined
        # features in again, about 1.5 MB of float16 an item. A join on the device would need a second framework.
        return np.array(self._model.encode(storage(mel), to_cpu=True))


def storage(array: npt.NDArray[Any]) -> Any:
    """Wrap an array for CTranslate2, which reads it in place: keep the array while the view is in use."""
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array))


def _by_length(lengths: list[int]) -> Iterator[tuple[int, list[int]]]:
    """Group indices by length: one call of the encoder takes one."""
    for length in sorted(set(lengths)):
        yield length, [index for index, other in enumerate(lengths) if other == length]
