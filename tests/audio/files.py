"""Recordings in files of every kind, made by the encoders of PyAV's wheel."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Making:
    """How a kind of file is made: libav's muxer, the sound's codec, format and rate, and the pictures' codec."""

    muxer: str
    codec: str
    sample_format: str
    rate: int = 48_000
    pictures: str = ""


MAKINGS = {
    "wav": Making("wav", "pcm_s16le", "s16"),
    "mp3": Making("mp3", "libmp3lame", "fltp"),
    "m4a": Making("ipod", "aac", "fltp"),
    "ogg": Making("ogg", "libopus", "flt"),
    "weba": Making("webm", "libopus", "flt"),
    "flac": Making("flac", "flac", "s16"),
    "wma": Making("asf", "wmav2", "fltp", 44_100),
    "amr": Making("amr", "libopencore_amrnb", "s16", 8_000),
    "mp4": Making("mp4", "aac", "fltp", pictures="mpeg4"),
    "webm": Making("webm", "libopus", "flt", pictures="libvpx"),
    "mov": Making("mov", "pcm_s16le", "s16", pictures="mpeg4"),
    "avi": Making("avi", "libmp3lame", "fltp", pictures="mpeg4"),
    "mkv": Making("matroska", "aac", "fltp", pictures="libvpx"),
    "wmv": Making("asf", "wmav2", "fltp", 44_100, pictures="wmv2"),
    "mpg": Making("mpeg", "mp2", "s16", pictures="mpeg2video"),
}


def make_file(
    path: Path, samples: Samples | None, *, kind: str = "", rate: int = 16_000, options: dict[str, str] | None = None
) -> Path:
    """Write a file of a kind (else its suffix says which); samples, shape (n, channels), None: only pictures."""
    making = MAKINGS[kind or path.suffix[1:]]
    with av.open(str(path), "w", format=making.muxer, options=options or {}) as container:
        pictures: Any = container.add_stream(making.pictures, rate=25) if making.pictures else None
        if pictures:
            pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        if samples is not None:
            _add_sound(container, making, samples, rate)
        if pictures:
            for number in range(25):
                picture = av.VideoFrame(64, 48, "yuv420p")
                picture.pts, picture.time_base = number, Fraction(1, 25)
                container.mux(pictures.encode(picture))
            container.mux(pictures.encode(None))
    return path


def _add_sound(container: Any, making: Making, samples: Samples, rate: int) -> None:
    layout = {1: "mono", 2: "stereo"}[samples.shape[1]]
    stream = container.add_stream(making.codec, rate=making.rate, layout=layout, format=making.sample_format)
    if making.codec == "wmav2":  # has no usual rate
        stream.bit_rate = 64_000
    resampler = av.AudioResampler(making.sample_format, layout, making.rate, frame_size=stream.frame_size or None)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.reshape(1, -1)), "flt", layout)
    frame.sample_rate = rate
    for part in [*resampler.resample(frame), *resampler.resample(None)]:
        container.mux(stream.encode(part))
    container.mux(stream.encode(None))
