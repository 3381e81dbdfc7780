"""What was heard of voices in one window of a track, and the grid that windows lie on.

Frames have one width on every track, and windows begin between frames, so that what several windows say of one moment
can be added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FRAME_SAMPLES = 270
"""From one frame to the next at 16 kHz: 16.9 ms."""

FIELD_SAMPLES = 991
"""What the segmentation network sees for one frame."""

VOICES = 3
"""Local voices told apart in one window."""

STEP_FRAMES = 59
"""From one window to the next: 0.996 s."""

ACTIVE = 0.5
"""From this probability on a voice speaks."""

Activity: TypeAlias = npt.NDArray[np.float32]
"""Shape (frames, VOICES): the probability that a local voice speaks; their order means nothing between windows."""

Embedding: TypeAlias = npt.NDArray[np.float32]
"""Shape (dimensions,), length one."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """One window: its first frame (negative before a track's beginning), who spoke, and how each one sounds.

    A voice that never spoke alone, or too little, has no embedding.
    """

    frame: int
    activity: Activity
    embeddings: tuple[Embedding | None, ...]

    @property
    def alone(self) -> npt.NDArray[np.bool_]:
        """Return, shape (frames, VOICES), where exactly that voice speaks."""
        on = self.activity >= ACTIVE
        alone: npt.NDArray[np.bool_] = on & (on.sum(axis=1, keepdims=True) == 1)
        return alone

    @property
    def seconds(self) -> npt.NDArray[np.float64]:
        """Return for how long each voice speaks."""
        return _seconds(self.activity >= ACTIVE)

    @property
    def seconds_alone(self) -> npt.NDArray[np.float64]:
        """Return for how long each voice speaks alone."""
        return _seconds(self.alone)


FRAME_SECONDS = FRAME_SAMPLES / 16_000

_CENTRE = (FIELD_SAMPLES - FRAME_SAMPLES) // 2


def _seconds(frames: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    seconds: npt.NDArray[np.float64] = frames.sum(axis=0) * FRAME_SECONDS
    return seconds


def sample_of(frame: int) -> int:
    """Return the sample at which a frame begins: frames tile the centres of what the network sees."""
    return frame * FRAME_SAMPLES + _CENTRE


def frame_of(sample: int) -> int:
    """Return the frame that a sample belongs to."""
    return (sample - _CENTRE) // FRAME_SAMPLES


def normalised(vector: npt.NDArray[np.floating]) -> Embedding:
    """Return a vector of length one in the same direction."""
    unit: Embedding = (vector / max(float(np.linalg.norm(vector)), 1e-9)).astype(np.float32)
    return unit
