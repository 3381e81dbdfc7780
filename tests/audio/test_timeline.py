"""The timeline is an endless array of which only a window is kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.audio.timeline import SMALLEST, Timeline


def counted(start: int, length: int) -> np.ndarray:
    """Return samples that are their own indexes."""
    return np.arange(start, start + length, dtype=np.float32)


@given(st.lists(st.tuples(st.integers(0, 9_000), st.floats(0, 1), st.floats(0, 1)), max_size=30))
def test_indexes_mean_the_same_for_ever(steps: list[tuple[int, float, float]]) -> None:
    """Whatever was appended and forgotten, sample i is what was appended as the i-th."""
    timeline = Timeline()
    for length, forgotten, begin in steps:
        timeline.append(counted(timeline.end, length))
        timeline.forget_before(timeline.start + round(forgotten * (timeline.end - timeline.start)))
        start = timeline.start + round(begin * (timeline.end - timeline.start))
        assert np.array_equal(timeline.slice(start, timeline.end), counted(start, timeline.end - start))


def test_memory_is_bounded() -> None:
    """Hours of small chunks keep no more memory than the window that is not forgotten needs."""
    timeline = Timeline()
    for _ in range(20_000):
        timeline.append(np.zeros(320, np.float32))
        timeline.forget_before(max(0, timeline.end - 20_000))
    assert timeline.end == 6_400_000
    assert len(timeline._buffer) <= 4 * 20_320


def test_a_burst_is_given_back() -> None:
    """After a burst was forgotten its memory is free again."""
    timeline = Timeline()
    timeline.append(np.zeros(1_000_000, np.float32))
    timeline.forget_before(1_000_000)
    assert len(timeline._buffer) == SMALLEST


def test_appends_rarely_copy() -> None:
    """A million samples in chunks of ten are moved at most a few times in all."""
    timeline = Timeline()
    moves = 0
    for _ in range(100_000):
        buffer = timeline._buffer
        timeline.append(np.zeros(10, np.float32))
        moves += timeline._buffer is not buffer
    assert moves < 10


def test_slices_are_copies() -> None:
    """A slice given to a worker does not change with the timeline."""
    timeline = Timeline()
    timeline.append(counted(0, 10))
    piece = timeline.slice(2, 4)
    timeline.forget_before(10)
    timeline.append(counted(0, SMALLEST))
    assert piece.tolist() == [2.0, 3.0]


@pytest.mark.parametrize(("start", "end"), [(4, 8), (5, 11), (9, 8), (-1, 6)])
def test_what_is_not_there_cannot_be_had(start: int, end: int) -> None:
    """Asking for forgotten, future or backward ranges is an error."""
    timeline = Timeline()
    timeline.append(counted(0, 10))
    timeline.forget_before(5)
    with pytest.raises(IndexError):
        timeline.slice(start, end)


def test_the_future_cannot_be_forgotten() -> None:
    """Forgetting goes up to the end, not beyond, and never back."""
    timeline = Timeline()
    timeline.append(counted(0, 10))
    timeline.forget_before(7)
    timeline.forget_before(3)
    assert timeline.start == 7
    with pytest.raises(IndexError):
        timeline.forget_before(11)
