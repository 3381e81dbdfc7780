"""A track's recent audio, addressed by sample index."""

from __future__ import annotations

import numpy as np

from stream_server.events import Samples

SMALLEST = 16_384
"""Samples of capacity that a timeline never goes below."""


class Timeline:
    """Hold mono audio from the last forgotten sample up to `end`.

    Indexes count from the track's first sample for ever; what lies before `start` was somebody else's. Memory is at
    most four times what is not forgotten; appends cost amortised constant time per sample. Asking for what is forgotten
    or has not come is our bug and raises IndexError.
    """

    def __init__(self, start: int = 0) -> None:
        self._buffer = np.empty(SMALLEST, np.float32)
        self._origin = start  # the sample index of self._buffer[0]
        self._start = start
        self._end = start

    @property
    def start(self) -> int:
        """Index of the first sample still held."""
        return self._start

    @property
    def end(self) -> int:
        """Index after the last sample."""
        return self._end

    def append(self, samples: Samples) -> None:
        """Add samples, shape (n,), behind the last."""
        end = self._end + len(samples)
        if end - self._origin > len(self._buffer):
            self._move(end - self._start)
        self._buffer[self._end - self._origin : end - self._origin] = samples
        self._end = end

    def slice(self, start: int, end: int) -> Samples:
        """Return a copy of the samples [start, end)."""
        if not self._start <= start <= end <= self._end:
            raise IndexError(f"[{start}, {end}) is not within [{self._start}, {self._end})")
        return self._buffer[start - self._origin : end - self._origin].copy()

    def forget_before(self, index: int) -> None:
        """Give up every sample before `index`; what is already forgotten may be forgotten again."""
        if index > self._end:
            raise IndexError(f"{index} is after the end, {self._end}")
        self._start = max(self._start, index)
        held = self._end - self._start
        if len(self._buffer) > SMALLEST and held * 4 < len(self._buffer):
            self._move(held)

    def _move(self, needed: int) -> None:
        """Put what is held at the front of a buffer with room for as much again as is needed."""
        held = self._buffer[self._start - self._origin : self._end - self._origin]
        buffer = np.empty(max(SMALLEST, 2 * needed), np.float32)
        buffer[: len(held)] = held
        self._buffer = buffer
        self._origin = self._start
