"""Resampling keeps time exact and does not depend on how the input was cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_server.audio.resample import Resampler

RATES = (8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000)


def convert(samples: np.ndarray, source: int, target: int, cuts: list[int]) -> np.ndarray:
    """Resample in pieces of the given lengths, then the rest."""
    resampler = Resampler(source, target, samples.shape[1])
    parts = []
    for cut in cuts:
        parts.append(resampler.feed(samples[:cut]))
        samples = samples[cut:]
    parts += [resampler.feed(samples), resampler.flush()]
    return np.concatenate(parts)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(RATES),
    st.sampled_from(RATES),
    st.integers(0, 5_000),
    st.integers(1, 3),
    st.lists(st.integers(0, 700), max_size=12),
)
def test_cutting_changes_nothing(source: int, target: int, length: int, channels: int, cuts: list[int]) -> None:
    """Any cutting gives the same samples bit for bit, and exactly round(n * target / source) of them."""
    samples = np.random.default_rng(length).uniform(-1, 1, (length, channels)).astype(np.float32)
    whole = convert(samples, source, target, [])
    assert whole.shape == ((2 * length * target + source) // (2 * source), channels)
    assert np.array_equal(convert(samples, source, target, cuts), whole)


@pytest.mark.parametrize("source", [8_000, 44_100, 48_000])
def test_time_is_kept(source: int) -> None:
    """Output index i is input index i * source / target: a tone keeps its phase."""
    tone = np.sin(2 * np.pi * 440 * np.arange(source) / source).astype(np.float32)[:, None]
    converted = convert(tone, source, 16_000, [])[:, 0]
    expected = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    assert np.abs(converted - expected)[1_000:-1_000].max() < 1e-4


def test_speech_band_passes() -> None:
    """What lies below 7 kHz passes unweakened, what would alias is gone."""
    time = np.arange(48_000) / 48_000
    kept = convert(np.sin(2 * np.pi * 7_000 * time).astype(np.float32)[:, None], 48_000, 16_000, [])
    gone = convert(np.sin(2 * np.pi * 9_000 * time).astype(np.float32)[:, None], 48_000, 16_000, [])
    assert np.std(kept[1_000:-1_000]) == pytest.approx(np.sqrt(0.5), rel=0.01)
    assert np.std(gone[1_000:-1_000]) < 1e-3


@pytest.mark.parametrize("source", [8_000, 44_100, 48_000])
def test_delay_is_short(source: int) -> None:
    """Less than 35 ms of sound waits inside for what comes next."""
    resampler = Resampler(source, 16_000, 1)
    given_back = sum(len(resampler.feed(np.zeros((source // 50, 1), np.float32))) for _ in range(50))
    assert 16_000 - given_back < 0.035 * 16_000


def test_equal_rates_pass_untouched() -> None:
    """Between equal rates the very same array passes, at once, and nothing is left."""
    resampler = Resampler(16_000, 16_000, 2)
    samples = np.ones((5, 2), np.float32)
    assert resampler.feed(samples) is samples
    assert resampler.flush().shape == (0, 2)


def test_channels_stay_apart() -> None:
    """What is silent in one channel stays silent."""
    samples = np.zeros((4_000, 2), np.float32)
    samples[:, 1] = np.random.default_rng(1).uniform(-1, 1, 4_000)
    converted = convert(samples, 48_000, 16_000, [100, 7])
    assert not converted[:, 0].any()
    assert converted[:, 1].any()
