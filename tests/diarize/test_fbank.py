"""What WeSpeaker's networks hear, beside the same by Kaldi's formulas."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from stream_server.diarize import fbank
from stream_server.diarize.fbank import BANDS, log_mels
from stream_server.errors import ModelUnavailable


def sound(seconds: float, level: float) -> np.ndarray:
    """Return a chord with noise, not centred on zero."""
    at = np.arange(int(seconds * 16_000)) / 16_000
    rng = np.random.default_rng(5)
    chord = sum(np.sin(2 * np.pi * hz * at) for hz in (130, 700, 2_100, 6_100))
    return (level * (chord / 4 + 0.2 * rng.standard_normal(len(at)) + 0.1)).astype(np.float32)


def by_formula(audio: np.ndarray) -> np.ndarray:
    """Return Kaldi's log mel energies in double precision (`feat/feature-window.cc`, `feat/mel-computations.cc`)."""
    frames = np.lib.stride_tricks.sliding_window_view(audio.astype(np.float64) * 32_768, 400)[::160]
    frames = frames - frames.mean(axis=1, keepdims=True)
    frames = frames - 0.97 * np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    hamming = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(400) / 399)
    power = np.abs(np.fft.rfft(frames * hamming, 512, axis=1)) ** 2

    def mel(hz: np.ndarray) -> np.ndarray:
        return 1127 * np.log(1 + hz / 700)

    edges = np.linspace(mel(np.array(20.0)), mel(np.array(8_000.0)), 82)
    bins = mel(np.arange(256) * 16_000 / 512)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return np.log(np.maximum(power[:, :256] @ triangles.T, np.finfo(np.float32).eps))


@pytest.mark.parametrize("level", [0.8, 0.01])
def test_equals_the_formulas(level: float) -> None:
    """Within a thousandth in every frame and band, loud or quiet."""
    audio = sound(1.5, level)
    ours = log_mels(audio)
    assert ours.shape == (148, BANDS)
    assert ours.dtype == np.float32
    assert np.abs(ours - by_formula(audio)).max() < 1e-3


def test_silence_is_finite() -> None:
    """The floor is Kaldi's."""
    assert np.allclose(log_mels(np.zeros(1_000, np.float32)), np.log(np.finfo(np.float32).eps), atol=1e-3)


@pytest.mark.parametrize(("samples", "frames"), [(0, 1), (399, 1), (400, 1), (559, 1), (560, 2)])
def test_frames_are_whole(samples: int, frames: int) -> None:
    """Less than one is padded to one; a rest at the end is left out."""
    assert log_mels(sound(0.1, 0.5)[:samples]).shape == (frames, BANDS)


def test_nothing_is_random() -> None:
    """There is no dither."""
    audio = sound(0.5, 0.001)
    assert np.array_equal(log_mels(audio), log_mels(audio))


def test_without_the_library_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    fbank._library.cache_clear()
    monkeypatch.setitem(sys.modules, "kaldi_native_fbank", None)
    with pytest.raises(ModelUnavailable, match=r"pip install 'stream-server\[wespeaker\]'"):
        log_mels(np.zeros(400, np.float32))
