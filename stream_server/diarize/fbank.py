"""What WeSpeaker's networks hear: Kaldi's log mel energies, by kaldi-native-fbank.

16 kHz mono, on the scale of 16-bit integers; windows of 25 ms every 10 ms (Hamming), only whole ones; mean taken away,
pre-emphasis of 0.97, power, 80 mel bands from 20 Hz to 8 kHz, natural logarithm, no dither. Source: WeSpeaker's runtime
(`runtime/binding/python`), which calls `torchaudio.compliance.kaldi.fbank`; a test computes the same by the formulas.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from stream_server.errors import ModelUnavailable
from stream_server.events import Samples
from stream_server.work import ENGINE_RATE

BANDS = 80

WINDOW = 400
"""Samples of one frame."""

FULL_SCALE = 32_768


def log_mels(audio: Samples) -> Samples:
    """Return log mel energies, shape (1 + (samples - 400) // 160, 80); audio shorter than a frame is padded with zeros.

    Raises `ModelUnavailable` without kaldi-native-fbank.
    """
    library, options = _library()
    computer = library.OnlineFbank(options)
    padded = np.pad(audio.astype(np.float32), (0, max(0, WINDOW - len(audio))))
    computer.accept_waveform(ENGINE_RATE, padded * np.float32(FULL_SCALE))
    computer.input_finished()
    return np.stack([computer.get_frame(frame) for frame in range(computer.num_frames_ready)])


@cache
def _library() -> tuple[Any, Any]:
    """Return kaldi-native-fbank and the options that it takes."""
    try:
        import kaldi_native_fbank as library
    except ImportError as error:
        raise ModelUnavailable(
            "WeSpeaker's networks need kaldi-native-fbank, which is not here: pip install 'stream-server[wespeaker]'"
        ) from error
    options = library.FbankOptions()
    options.frame_opts.samp_freq = ENGINE_RATE
    options.frame_opts.dither = 0.0
    options.frame_opts.window_type = "hamming"
    options.mel_opts.num_bins = BANDS
    return library, options
