"""Streaming RIFF/WAVE.

The declared length of the data is not trusted either way: live clients write 0 or 0xFFFFFFFF, or the length of a first
piece, and Prosa's Java client sends the stale rest of its buffer after the real end.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from stream_server.audio.formats import PcmDecoder
from stream_server.errors import UnsupportedAudio
from stream_server.events import Samples

MOST_GARBAGE = 65_536
"""Bytes behind the declared end that are dropped if the stream ends with them; more, and the length was wrong."""

LARGEST_HEADER = 1 << 20
"""Bytes of chunks in front of the data."""

UNKNOWN_FROM = 0x7FFF_F000
"""Lengths from here on mean "until the end": sox writes this one, others 0x7FFFFFFF or 0xFFFFFFFF."""

_EXTENSIBLE = 0xFFFE
_ENCODINGS = {
    (1, 8): "pcm_u8",
    (1, 16): "pcm_s16le",
    (1, 24): "pcm_s24le",
    (1, 32): "pcm_s32le",
    (3, 32): "pcm_f32le",
    (6, 8): "pcm_alaw",
    (7, 8): "pcm_mulaw",
}
"""(format tag, bits per sample) → encoding."""


class ForeignCodec(Exception):
    """The file is sound but holds a codec that is not decoded here; `header` is every byte read so far."""

    def __init__(self, header: bytes) -> None:
        super().__init__("not PCM")
        self.header = header


@dataclass(frozen=True, slots=True)
class WavFormat:
    """What the `fmt ` chunk says."""

    encoding: str
    sample_rate: int
    channels: int


class WavDecoder:
    """Decode one WAV stream, cut anywhere.

    `feed` and `finish` return samples of shape (n, file's channels) at the file's rate, or None while the header is
    incomplete; `format` is None just as long. They raise `UnsupportedAudio` for a header that makes no sense and
    `ForeignCodec` for a codec that is somebody else's.
    """

    def __init__(self) -> None:
        self.format: WavFormat | None = None
        self._header = bytearray()
        self._at = 12  # where the next chunk begins in the header
        self._size64: int | None = None
        self._pcm: PcmDecoder | None = None
        self._expected: int | None = None  # bytes of data still to come; None: until the end
        self._held = bytearray()

    def feed(self, data: bytes) -> Samples | None:
        """Return the samples that `data` completes."""
        if self._pcm is not None:
            return self._pcm.feed(self._trusted(data))
        self._header += data
        found = self._find_data()
        if found is None:
            return None
        begin, size = found
        pcm = self._pcm = self._begin_data(size)
        data, self._header = bytes(self._header[begin:]), bytearray()
        return pcm.feed(self._trusted(data))

    def finish(self) -> Samples | None:
        """Drop what was held back as garbage; raise `UnsupportedAudio` if the stream ended inside its header."""
        if self.format is None:
            raise UnsupportedAudio("the WAV header is incomplete")
        return np.empty((0, self.format.channels), np.float32)

    def _trusted(self, data: bytes) -> bytes:
        """Return the bytes known to be audio; hold back those behind the declared end until they are too many."""
        if self._expected is None:
            return data
        inside, beyond = data[: self._expected], data[self._expected :]
        self._expected -= len(inside)
        self._held += beyond
        if len(self._held) <= MOST_GARBAGE:
            return inside
        inside += bytes(self._held)
        self._expected = None
        self._held.clear()
        return inside

    def _find_data(self) -> tuple[int, int] | None:
        """Walk the chunks; return where the data begins and its declared length, or None if more bytes are needed."""
        while len(self._header) >= self._at + 8:
            name, size = struct.unpack_from("<4sI", self._header, self._at)
            body = self._at + 8
            if name == b"data":
                return body, size if self._size64 is None else self._size64
            if body + size > LARGEST_HEADER:
                raise UnsupportedAudio("the WAV file has no audio in its first megabyte")
            if len(self._header) < body + size:
                return None
            if name == b"fmt ":
                self._read_format(body, size)
            elif name == b"ds64" and size >= 16:
                (self._size64,) = struct.unpack_from("<Q", self._header, body + 8)
            self._at = body + size + (size & 1)
        return None

    def _read_format(self, at: int, size: int) -> None:
        if size < 16:
            raise UnsupportedAudio("the WAV format chunk is too short")
        tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", self._header, at)
        if tag == _EXTENSIBLE and size >= 26:
            (tag,) = struct.unpack_from("<H", self._header, at + 24)
        if not 1 <= channels <= 32 or not 1_000 <= rate <= 384_000:
            raise UnsupportedAudio(f"the WAV header says {channels} channels at {rate} Hz, which makes no sense")
        encoding = _ENCODINGS.get((tag, bits))
        if encoding is None:
            raise ForeignCodec(bytes(self._header))
        self.format = WavFormat(encoding, rate, channels)

    def _begin_data(self, size: int) -> PcmDecoder:
        if self.format is None:
            raise UnsupportedAudio("the WAV file has data before its format")
        self._expected = size if 0 < size < UNKNOWN_FROM else None
        return PcmDecoder(self.format.encoding, self.format.channels)
