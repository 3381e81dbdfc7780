"""From the bytes a client sends to samples at the session clock's rate, whatever it declared."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Protocol

from stream_server.audio.containers import Containers
from stream_server.audio.formats import PcmDecoder, match_channels
from stream_server.audio.resample import Resampler
from stream_server.audio.sniff import Kind, sniff
from stream_server.audio.wav import ForeignCodec, WavDecoder
from stream_server.events import Samples
from stream_server.session.options import AudioFormat


class Decoder(Protocol):
    """Decodes one session's (or track's) bytes; used in the event loop.

    Answers are float32, shape (n, AudioFormat.channels), at AudioFormat.sample_rate: a list at once, or an awaitable of
    one where a process decodes, which must be awaited before the next call. If `more` is true after an answer it was
    cut short: ask again with `feed(b"")`, or `finish()`. `decoded` does all that.
    Raise `UnsupportedAudio`, `InvalidConfiguration` (wrong number of channels), `ServerFull` (no process left).
    """

    @property
    def more(self) -> bool:
        """Whether the last answer was cut short."""
        ...

    @property
    def broken_frames(self) -> int:
        """How many compressed frames were skipped so far because they could not be decoded."""
        ...

    def feed(self, data: bytes) -> list[Samples] | Awaitable[list[Samples]]:
        """Return the samples that these bytes complete."""
        ...

    def finish(self) -> list[Samples] | Awaitable[list[Samples]]:
        """Return the rest; no more bytes will come."""
        ...

    def close(self) -> None:
        """Free everything at once; must be called, also after `finish` and for a client that vanished."""
        ...


def open_decoder(audio_format: AudioFormat, containers: Containers) -> Decoder:
    """Return a decoder that finds out from the first bytes what it decodes."""
    return _SniffingDecoder(audio_format, containers)


def open_raw_decoder(audio_format: AudioFormat) -> Decoder:
    """Return a decoder of raw samples that takes them for what they were declared to be, whatever they look like."""
    return _RawDecoder(audio_format)


async def decoded(decoder: Decoder, data: bytes | None) -> AsyncIterator[list[Samples]]:
    """Feed `data`, or finish if it is None, and yield every answer, short cuts resolved."""
    while True:
        answer = decoder.finish() if data is None else decoder.feed(data)
        yield answer if isinstance(answer, list) else await answer
        if not decoder.more:
            return
        data = None if data is None else b""


class _RawDecoder:
    """Raw samples, resampled and mixed if they were declared to have another rate than the clock, or more channels."""

    more = False
    broken_frames = 0

    def __init__(self, audio_format: AudioFormat) -> None:
        assert audio_format.encoding is not None
        self._pcm = PcmDecoder(audio_format.encoding, audio_format.raw_channels or audio_format.channels)
        self._channels = audio_format.channels
        raw_rate, clock_rate = audio_format.raw_rate or audio_format.sample_rate, audio_format.sample_rate
        self._resampler = Resampler(raw_rate, clock_rate, audio_format.channels) if raw_rate != clock_rate else None

    def feed(self, data: bytes) -> list[Samples]:
        samples = match_channels(self._pcm.feed(data), self._channels)
        return _unless_empty(samples if self._resampler is None else self._resampler.feed(samples))

    def finish(self) -> list[Samples]:
        return [] if self._resampler is None else _unless_empty(self._resampler.flush())

    def close(self) -> None:
        """Nothing to end."""


class _WavAdapter:
    """A WAV stream at the clock's rate and in the declared channels."""

    more = False
    broken_frames = 0

    def __init__(self, audio_format: AudioFormat) -> None:
        self._format = audio_format
        self._wav = WavDecoder()
        self._resampler: Resampler | None = None

    def feed(self, data: bytes) -> list[Samples]:
        samples = self._wav.feed(data)
        return [] if samples is None else self._adapt(samples)

    def finish(self) -> list[Samples]:
        self._wav.finish()
        return [] if self._resampler is None else _unless_empty(self._resampler.flush())

    def close(self) -> None:
        """Nothing to end."""

    def _adapt(self, samples: Samples) -> list[Samples]:
        if self._resampler is None:
            assert self._wav.format is not None
            self._resampler = Resampler(self._wav.format.sample_rate, self._format.sample_rate, self._format.channels)
        return _unless_empty(self._resampler.feed(match_channels(samples, self._format.channels)))


class _SniffingDecoder:
    """Holds bytes until their kind is known, then hands them and all that follow to that kind's decoder."""

    def __init__(self, audio_format: AudioFormat, containers: Containers) -> None:
        self._format = audio_format
        self._containers = containers
        self._first = b""
        self._decoder: Decoder | None = None

    @property
    def more(self) -> bool:
        return self._decoder is not None and self._decoder.more

    @property
    def broken_frames(self) -> int:
        return self._decoder.broken_frames if self._decoder else 0

    def feed(self, data: bytes) -> list[Samples] | Awaitable[list[Samples]]:
        if self._decoder is None:
            self._first += data
            data = self._open(at_end=False)
            if self._decoder is None:
                return []
        try:
            return self._decoder.feed(data)
        except ForeignCodec as foreign:
            self._decoder = self._containers.open(Kind.WAV, self._format)
            return self._decoder.feed(foreign.header)

    def finish(self) -> list[Samples] | Awaitable[list[Samples]]:
        before: list[Samples] = []
        if self._decoder is None:
            if not self._first:
                return []
            answer = self._finish_first()
            if not isinstance(answer, list):
                return self._both(answer)
            before = answer
        assert self._decoder is not None
        answer = self._decoder.finish()
        return before + answer if isinstance(answer, list) else answer

    def close(self) -> None:
        if self._decoder is not None:
            self._decoder.close()

    def _open(self, at_end: bool) -> bytes:
        """Choose the decoder if the first bytes tell; return the bytes that it has to begin with."""
        kind = sniff(self._first, self._format.encoding is not None, at_end)
        if kind is None:
            return b""
        if kind is Kind.RAW:
            self._decoder = _RawDecoder(self._format)
        elif kind is Kind.WAV:
            self._decoder = _WavAdapter(self._format)
        else:
            self._decoder = self._containers.open(kind, self._format)
        first, self._first = self._first, b""
        return first

    def _finish_first(self) -> list[Samples] | Awaitable[list[Samples]]:
        first = self._open(at_end=True)
        assert self._decoder is not None
        return self._decoder.feed(first)

    async def _both(self, feeding: Awaitable[list[Samples]]) -> list[Samples]:
        """Await what was fed only now, then the end."""
        before = await feeding
        assert self._decoder is not None
        answer = self._decoder.finish()
        return before + (answer if isinstance(answer, list) else await answer)


def _unless_empty(samples: Samples) -> list[Samples]:
    return [samples] if len(samples) else []
