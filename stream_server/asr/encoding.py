"""Whisper's encoder on short windows: the audio's own seconds, then a cached tail of encoded silence.

The encoder reads any number of mel frames, but the decoder stops in time only if it sees silence to the end of its
usual 30 s. So a window is encoded together with two seconds of silence and rounded up to a grid; behind its positions
stand those that 30 s of silence had there. That costs a fifth to a ninth of encoding 30 s and gives its words. The
length depends on the item alone, so that a batch of one is encoded like a batch of eight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt

from stream_server.events import Samples
from stream_server.work import ENGINE_RATE

FULL_SECONDS = 30
FRAME_SAMPLES = 160
"""Samples per mel frame."""

POSITION_SAMPLES = 2 * FRAME_SAMPLES
"""Samples per encoder position: the encoder halves the frames."""

FULL_FRAMES = FULL_SECONDS * ENGINE_RATE // FRAME_SAMPLES
SILENCE_SECONDS = 2.0
"""Real silence behind the audio; with less, windows cut in mid-speech make the decoder loop.

Measured with benchmarks/engine_wer.py (greedy, 51 clips): 1 s gives 10.7 % (tiny.en) and 22.4 % (base, one clip loops),
2 s gives 10.1 % and 8.9 %, 3 s gives 8.2 % with base.
"""

SILENCE_LEVEL = -0.75
"""What digital silence becomes beside speech: eight decades below the peak, (1 - 8 + 4) / 4."""

Features = npt.NDArray[Any]
"""Encoder output of a batch, shape (n, 1500, d), in the type the model computes in."""


class WindowEncoder:
    """Encode windows of audio as if each were 30 s long.

    `extract` makes the log-mel spectrogram and `mels` is its height. `grid_seconds` is what windows are rounded up to:
    small saves work, large lets more of them share a call, which is what pays on a GPU.
    """

    def __init__(self, model: Any, extract: Any, mels: int, grid_seconds: int) -> None:
        self._model = model
        self._extract = extract
        self._mels = mels
        self._grid = grid_seconds * ENGINE_RATE

    def window(self, samples: int) -> int:
        """Return how many samples are encoded for audio of this length."""
        wanted = samples + int(SILENCE_SECONDS * ENGINE_RATE)
        return min(-(-wanted // self._grid) * self._grid, FULL_SECONDS * ENGINE_RATE)

    def encode(self, audios: Sequence[Samples]) -> Features:
        """Return the features of each audio (at most 30 s), in order."""
        encoded: dict[int, Features] = {}
        for window, members in _by_window([self.window(len(audio)) for audio in audios]):
            heads = self._run(np.stack([self._spectrogram(audios[member], window) for member in members]))
            encoded.update(zip(members, heads, strict=True))
        positions = FULL_FRAMES // 2
        return np.stack(
            [np.concatenate([head, self.tail[len(head) : positions]]) for _, head in sorted(encoded.items())]
        )

    @cached_property
    def tail(self) -> Features:
        """What the encoder makes of 30 s of silence, shape (1500, d)."""
        silence = np.full((1, self._mels, FULL_FRAMES), SILENCE_LEVEL, dtype=np.float32)
        return np.asarray(self._run(silence)[0])

    def _spectrogram(self, audio: Samples, window: int) -> npt.NDArray[np.float32]:
        padded = np.zeros(window, dtype=np.float32)
        padded[: len(audio)] = audio
        return np.asarray(self._extract(padded, padding=0)[:, : window // FRAME_SAMPLES], dtype=np.float32)

    def _run(self, mel: npt.NDArray[np.float32]) -> Features:
        # The tail is joined on the CPU: on a GPU the output comes back here, and `generate` and `align` move the joined
        # features in again, about 1.5 MB of float16 an item. A join on the device would need a second framework.
        return np.array(self._model.encode(storage(mel), to_cpu=True))


def storage(array: npt.NDArray[Any]) -> Any:
    """Wrap an array for CTranslate2, which reads it in place: keep the array while the view is in use."""
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array))


def _by_window(windows: list[int]) -> Iterator[tuple[int, list[int]]]:
    """Group indices by window: one call of the encoder takes one length."""
    for window in sorted(set(windows)):
        yield window, [index for index, other in enumerate(windows) if other == window]
