"""Raw sample formats: bytes of PCM in, float32 out.

Every decoder keeps the bytes of an unfinished frame (one sample of every channel) for the next call, so bytes may be
cut anywhere, even one by one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from stream_server.errors import InvalidConfiguration
from stream_server.events import Samples

LARGEST = np.nextafter(np.float32(1.0), np.float32(0.0))
"""The largest float32 below 1."""


class PcmDecoder:
    """Turn bytes of one raw encoding into samples.

    `encoding` is one of `session.options.ENCODINGS`, or "pcm_u8" (only WAV files have it); `channels` are interleaved.
    """

    def __init__(self, encoding: str, channels: int) -> None:
        self._convert, width = _CONVERTERS[encoding]
        self._channels = channels
        self._frame_bytes = width * channels
        self._carried = b""

    @staticmethod
    def frame_bytes(encoding: str, channels: int) -> int:
        """Return the bytes of one sample of every channel."""
        return _CONVERTERS[encoding][1] * channels

    def feed(self, data: bytes) -> Samples:
        """Return the whole frames that `data` completes, shape (n, channels), in [-1, 1)."""
        if self._carried:
            data = self._carried + data
        odd = len(data) % self._frame_bytes
        if odd:
            self._carried = data[-odd:]
            data = data[:-odd]
        else:
            self._carried = b""
        return self._convert(data).reshape(-1, self._channels)


def match_channels(samples: Samples, declared: int) -> Samples:
    """Give a file's audio, shape (n, m), the declared number of channels.

    Declared 1 is the mean of all m; declared m keeps each. Raises `InvalidConfiguration` for anything else.
    """
    found = samples.shape[1]
    if found == declared:
        return samples
    if declared == 1:
        mean: Samples = samples.mean(axis=1, dtype=np.float32, keepdims=True)
        return mean
    raise InvalidConfiguration(f"audio.channels says {declared}, but the audio that arrived has {found}")


def _from_u8(data: bytes) -> Samples:
    return (np.frombuffer(data, np.uint8).astype(np.float32) - np.float32(128)) * np.float32(2**-7)


def _from_s16le(data: bytes) -> Samples:
    return np.frombuffer(data, "<i2") * np.float32(2**-15)


def _from_s24le(data: bytes) -> Samples:
    widened = np.zeros((len(data) // 3, 4), np.uint8)
    widened[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    # 24 bits fit a float32 mantissa exactly, so nothing rounds up to 1.
    return widened.view("<i4")[:, 0].astype(np.float32) * np.float32(2**-31)


def _from_s32le(data: bytes) -> Samples:
    samples: Samples = np.frombuffer(data, "<i4").astype(np.float32) * np.float32(2**-31)
    np.minimum(samples, LARGEST, out=samples)
    return samples


def _from_f32le(data: bytes) -> Samples:
    read = np.frombuffer(data, "<f4")
    samples = np.where(np.isfinite(read), read, np.float32(0)).astype(np.float32, copy=False)
    return np.clip(samples, np.float32(-1), LARGEST, out=samples)


def _from_mulaw(data: bytes) -> Samples:
    return MULAW[np.frombuffer(data, np.uint8)]


def _from_alaw(data: bytes) -> Samples:
    return ALAW[np.frombuffer(data, np.uint8)]


def _mulaw_table() -> Samples:
    """Tabulate ITU-T G.711 µ-law, scaled as 16-bit audio (its loudest code is ±32124)."""
    code = ~np.arange(256, dtype=np.uint8)
    exponent = (code >> 4 & 7).astype(np.int32)
    magnitude = (((code & 15).astype(np.int32) << 3) + 132 << exponent) - 132
    return _scaled(np.where(code & 128, -magnitude, magnitude))


def _alaw_table() -> Samples:
    """Tabulate ITU-T G.711 A-law, scaled as 16-bit audio (its loudest code is ±32256)."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent = (code >> 4 & 7).astype(np.int32)
    mantissa = ((code & 15).astype(np.int32) << 4) + 8
    magnitude = np.where(exponent == 0, mantissa, mantissa + 256 << np.maximum(exponent - 1, 0))
    return _scaled(np.where(code & 128, magnitude, -magnitude))


def _scaled(values: npt.NDArray[np.int32]) -> Samples:
    return values.astype(np.float32) / np.float32(32768)


MULAW = _mulaw_table()
ALAW = _alaw_table()

_CONVERTERS: dict[str, tuple[Callable[[bytes], Samples], int]] = {
    "pcm_u8": (_from_u8, 1),
    "pcm_s16le": (_from_s16le, 2),
    "pcm_s24le": (_from_s24le, 3),
    "pcm_s32le": (_from_s32le, 4),
    "pcm_f32le": (_from_f32le, 4),
    "pcm_mulaw": (_from_mulaw, 1),
    "pcm_alaw": (_from_alaw, 1),
}
