"""What the embedder hears, beside librosa's."""

from __future__ import annotations

import numpy as np
import pytest

from stream_server.diarize.front_end import BANDS, HOP, mel_spectrogram, raise_volume


def tone(seconds: float, level: float) -> np.ndarray:
    """Return a chord with noise."""
    at = np.arange(int(seconds * 16_000)) / 16_000
    rng = np.random.default_rng(3)
    chord = sum(np.sin(2 * np.pi * hz * at) for hz in (110, 450, 1_700, 5_300))
    return (level * (chord / 4 + 0.1 * rng.standard_normal(len(at)))).astype(np.float32)


def test_equals_librosa() -> None:
    """Power mel spectrogram with the parameters that resemblyzer gives to librosa."""
    librosa = pytest.importorskip("librosa")
    audio = tone(2.0, 0.3)
    theirs = librosa.feature.melspectrogram(y=audio, sr=16_000, n_fft=400, hop_length=HOP, n_mels=BANDS).T
    ours = mel_spectrogram(audio)
    assert ours.shape == theirs.shape
    assert np.allclose(ours, theirs, rtol=1e-3, atol=1e-6 * theirs.max())


def test_quiet_audio_is_raised_and_loud_audio_is_not_lowered() -> None:
    """-30 dBFS is the least; silence stays silence."""
    quiet = raise_volume(tone(1.0, 0.001))
    assert 20 * np.log10(np.sqrt(np.mean(quiet**2))) == pytest.approx(-30, abs=0.01)
    loud = tone(1.0, 0.9)
    assert raise_volume(loud) is loud
    assert not raise_volume(np.zeros(100, np.float32)).any()
    assert len(raise_volume(np.zeros(0, np.float32))) == 0
