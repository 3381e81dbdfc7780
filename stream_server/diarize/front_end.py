"""What GE2E hears: volume and a power mel spectrogram, as `resemblyzer` computes them with librosa.

16 kHz mono; windows of 25 ms every 10 ms (Hann, centred, zeros beyond the ends), 40 mel bands from 0 to 8 kHz on
Slaney's scale with Slaney's normalisation; power, not logarithmic. A test compares it with librosa.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from stream_server.events import Samples
from stream_server.work import ENGINE_RATE

WINDOW, HOP, BANDS = 400, 160, 40
TARGET_DBFS = -30.0


def raise_volume(audio: Samples) -> Samples:
    """Bring quiet audio to -30 dBFS; loud audio stays as it is."""
    rms = float(np.sqrt(np.mean(np.square(audio)))) if len(audio) else 0.0
    if rms <= 0:
        return audio
    gain = 10 ** ((TARGET_DBFS - 20 * np.log10(rms)) / 20)
    return audio * np.float32(gain) if gain > 1 else audio


def mel_spectrogram(audio: Samples) -> Samples:
    """Return mel power, shape (1 + samples // 160, 40)."""
    padded = np.pad(audio.astype(np.float32), WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    spectrum = np.fft.rfft(frames * _hann(), axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    mels: Samples = power @ _filters().T
    return mels


@cache
def _hann() -> npt.NDArray[np.float32]:
    """Return the periodic window."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


@cache
def _filters() -> npt.NDArray[np.float32]:
    """Return triangles of equal area over the spectrum, shape (40, 201)."""
    edges = _mel_to_hz(np.linspace(0, _hz_to_mel(ENGINE_RATE / 2), BANDS + 2))
    bins = np.arange(WINDOW // 2 + 1) * ENGINE_RATE / WINDOW
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


# Slaney's Auditory Toolbox: linear up to 1 kHz, 200/3 Hz a mel; above it 27 steps to 6.4 times the frequency.
_LINEAR_HZ, _KNEE_HZ, _STEP = 200 / 3, 1000.0, np.log(6.4) / 27


def _hz_to_mel(hz: float) -> float:
    return hz / _LINEAR_HZ if hz < _KNEE_HZ else _KNEE_HZ / _LINEAR_HZ + float(np.log(hz / _KNEE_HZ)) / _STEP


def _mel_to_hz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    knee = _KNEE_HZ / _LINEAR_HZ
    return np.where(mels < knee, mels * _LINEAR_HZ, _KNEE_HZ * np.exp(_STEP * (mels - knee)))
