"""Sound made on the spot, files made of it, and the recordings that may stand beside the repository."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

Samples = npt.NDArray[np.float32]
Encode = Callable[..., bytes]

ENCODINGS = {
    "flac": ("flac", "flac", "s16"),
    "mp3": ("mp3", "libmp3lame", "fltp"),
    "ogg": ("ogg", "libopus", "flt"),
    "webm": ("webm", "libopus", "flt"),
    "mp4": ("mp4", "aac", "fltp"),
    "adts": ("adts", "aac", "fltp"),
    "adpcm_wav": ("wav", "adpcm_ms", "s16"),
    "aiff": ("aiff", "pcm_s16be", "s16"),
}


@pytest.fixture(scope="session")
def tone() -> Callable[..., Samples]:
    """Return a maker of tones, shape (n, channels): 300 Hz on channel 0, 600 Hz on channel 1, and so on."""

    def make(seconds: float = 1.0, rate: int = 48_000, channels: int = 1) -> Samples:
        time = np.arange(round(seconds * rate)) / rate
        waves = [0.4 * np.sin(2 * np.pi * 300 * (channel + 1) * time) for channel in range(channels)]
        return np.stack(waves, axis=1).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def encode() -> Encode:
    """Return an encoder of samples into one of `ENCODINGS`, in memory, by the encoders of PyAV's wheel."""

    def make(name: str, samples: Samples, rate: int = 48_000, **options: str) -> bytes:
        container_format, codec, sample_format = ENCODINGS[name]
        file = io.BytesIO()
        layout = "mono" if samples.shape[1] == 1 else "stereo"
        with av.open(file, "w", format=container_format, options=options) as container:
            stream: Any = container.add_stream(codec, rate=rate, layout=layout, format=sample_format)
            resampler = av.AudioResampler(sample_format, layout, rate)
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.reshape(1, -1)), "flt", layout)
            frame.sample_rate = rate
            for part in resampler.resample(frame):
                container.mux(stream.encode(part))
            container.mux(stream.encode(None))
        return file.getvalue()

    return make


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Return the folder of real recordings; skip where it is not."""
    folder = Path(__file__).parents[3] / "shared" / "audio"
    if not folder.is_dir():
        pytest.skip("needs ../shared/audio")
    return folder
