"""Spectrograms are those that Whisper was trained on."""

from __future__ import annotations

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from stream_server.asr.spectrogram import LogMel
from stream_server.events import Samples
from stream_server.work import ENGINE_RATE

TOLERANCE = 1e-4


def expected(extractor: FeatureExtractor, audio: Samples, samples: int) -> Samples:
    """Return what faster-whisper makes of the audio and silence behind it."""
    padded = np.pad(audio, (0, samples - len(audio)))
    return np.asarray(extractor(padded, padding=0)[:, : samples // 160], np.float32)


def sound(samples: int, volume: float) -> Samples:
    """Return tones over noise, with a gap, as loud as `volume`."""
    generator = np.random.default_rng(samples)
    time = np.arange(samples) / ENGINE_RATE
    tones = sum((np.sin(2 * np.pi * pitch * time) for pitch in (110.0, 440.0, 3_100.0)), np.zeros(samples))
    whole = (tones + 0.1 * generator.normal(size=samples)) * volume / 3
    whole[samples // 3 : samples // 2] = 0.0
    return whole.astype(np.float32)


@pytest.mark.parametrize("mels", [80, 128])
@pytest.mark.parametrize("volume", [1.0, 0.05, 1e-4])
def test_spectrograms_are_those_of_faster_whisper(mels: int, volume: float) -> None:
    """Windows of any length and volume, with silence behind and without, agree in every number within 1e-4."""
    extractor = FeatureExtractor(feature_size=mels)
    log_mel = LogMel(extractor.mel_filters)
    for length, samples in ((1, 8_000), (199, 8_000), (7_999, 8_000), (8_000, 8_000), (40_123, 80_000)):
        audio = sound(length, volume)
        assert np.abs(log_mel(audio, samples) - expected(extractor, audio, samples)).max() < TOLERANCE


def test_the_longest_window_is_mirrored_at_its_end() -> None:
    """Thirty seconds of sound without silence behind agree up to the last frame."""
    extractor = FeatureExtractor()
    audio = sound(30 * ENGINE_RATE, 0.5)
    made = LogMel(extractor.mel_filters)(audio, len(audio))
    assert made.shape == (80, 3_000)
    assert np.abs(made - expected(extractor, audio, len(audio))).max() < TOLERANCE


def test_silence_is_as_quiet_as_can_be_told() -> None:
    """No audio and digital silence give the same lowest number everywhere."""
    log_mel = LogMel(FeatureExtractor().mel_filters)
    for audio in (np.zeros(0, np.float32), np.zeros(16_000, np.float32)):
        assert set(log_mel(audio, 32_000).ravel().tolist()) == {-1.5}
