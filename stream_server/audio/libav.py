"""Decode compressed audio with libav (PyAV) from anything that has `read`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Protocol

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from stream_server.audio.sniff import Kind
from stream_server.errors import UnsupportedAudio
from stream_server.events import Samples

FORMATS = {
    Kind.WAV: "wav",
    Kind.FLAC: "flac",
    Kind.MP3: "mp3",
    Kind.OGG: "ogg",
    Kind.WEBM: "matroska",
    Kind.MP4: "mov",
    Kind.ADTS: "aac",
    Kind.AIFF: "aiff",
}
"""libav's demuxers; naming one spares its guessing, which wants more bytes than a live stream has sent."""

OPTIONS = {"probesize": "4096", "analyzeduration": "0"}
"""So that libav gives its first packet as soon as it can. `fflags=nobuffer` would lose the packets it probed."""

READ_BYTES = 4096
"""libav's buffer; a read that could be answered never waits for a full one."""

MOST_FAILURES = 64
"""Reads in a row that may fail before the rest of the stream counts as garbage."""

HOPELESS = (av.error.ExitError, av.error.MemoryError)
"""What libav says when it was stopped or has no room. All else is a packet that makes no sense: each codec has its own
words for that, "not permitted" among them.
"""


class ByteSource(Protocol):
    """A stream of bytes, blocking; an empty answer is the end."""

    def read(self, size: int, /) -> bytes:
        """Return 1 to `size` bytes, none at the end."""
        ...


@dataclass(slots=True)
class Damage:
    """What was skipped."""

    frames: int = 0


def decode(source: ByteSource | IO[bytes], kind: Kind, damage: Damage) -> Iterator[tuple[Samples, int]]:
    """Yield (samples of shape (n, channels), sample rate) as they come; only the first audio track is read.

    Broken frames are counted in `damage` and skipped; a stream that breaks off ends quietly. Raises `UnsupportedAudio`
    if nothing at all could be decoded, `MemoryError` if there is no room for what it wants.
    """
    count = 0
    try:
        with av.open(source, "r", format=FORMATS[kind], options=OPTIONS, buffer_size=READ_BYTES) as container:
            for frame in frames(container, _audio_stream(container, kind), damage):
                count += 1
                yield frame_samples(frame), frame.sample_rate
    except av.error.MemoryError:
        raise  # what wants all memory is no stream that merely breaks off
    except av.FFmpegError as error:
        if not count:
            raise UnsupportedAudio(f"the {kind.name} audio cannot be decoded") from error
        damage.frames += 1
    if not count:
        raise UnsupportedAudio(f"the {kind.name} audio holds no sound that can be decoded")


def _audio_stream(container: InputContainer, kind: Kind) -> AudioStream:
    if not container.streams.audio:
        raise UnsupportedAudio(f"the {kind.name} file has no audio track")
    stream = container.streams.audio[0]
    # Threads inside the codec would only add delay.
    stream.codec_context.thread_count = 1
    return stream


def frames(
    container: InputContainer, stream: AudioStream, damage: Damage, *, most_failures: int = MOST_FAILURES
) -> Iterator[AudioFrame]:
    """Yield what can be decoded; packets that cannot are counted in `damage` and passed over."""
    failures = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            decoded = packet.decode()
        except av.error.EOFError:
            return
        except HOPELESS:
            raise
        except av.FFmpegError:
            damage.frames += 1
            failures += 1
            if failures > most_failures:
                return
            packets = container.demux(stream)  # an exception ended the generator; libav itself can go on
            continue
        failures = 0
        yield from decoded


def frame_samples(frame: AudioFrame) -> Samples:
    """Return float32 in [-1, 1], shape (n, channels), whatever libav decoded into."""
    values = frame.to_ndarray()
    values = values.T if frame.format.is_planar else values.reshape(-1, frame.layout.nb_channels)
    if values.dtype.kind == "f":
        return values.astype(np.float32)
    if values.dtype == np.uint8:
        return (values.astype(np.float32) - np.float32(128)) * np.float32(2**-7)
    scale = np.float32(2.0 ** (1 - 8 * values.dtype.itemsize))
    return values.astype(np.float32) * scale
