"""Where a client's audio comes from: a file, standard input or the microphone."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer

from stream_server.session.options import AudioFormat

BLOCK_MS = 100
"""Audio per message: short enough to be live, long enough to be cheap."""

STDIN_BYTES = 16_384
MICROPHONE_RATE = 16_000
CHANNELS_AT_MOST = 8


class SourceError(Exception):
    """The audio cannot be read; one sentence for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Audio to stream.

    `blocks` starts it and yields bytes in the format `audio`; `tracks` names its channels or is empty.
    `bytes_per_second` is given if the audio should be sent at the pace of speech; None: it comes when it comes.
    """

    audio: AudioFormat
    blocks: Callable[[], AsyncIterator[bytes]]
    tracks: tuple[str, ...] = ()
    bytes_per_second: int | None = None


def open_source(name: str, audio: AudioFormat | None = None, tracks: tuple[str, ...] = ()) -> Source:
    """Return the source that a person names: a file, `-` for standard input or `mic`.

    `audio` declares what standard input carries; without it a container is expected. Raises `SourceError`.
    """
    if name == "-":
        return Source(audio=audio or AudioFormat(), blocks=_read_stdin, tracks=tracks)
    if name == "mic":
        return _microphone(tracks)
    return file_source(Path(name), tracks)


def file_source(path: Path, tracks: tuple[str, ...] = ()) -> Source:
    """Return a file's audio, every channel kept, as s16le; a rate the wire does not take is resampled to 16 kHz.

    Raises `SourceError` if there is no such file or no audio in it.
    """
    try:
        with av.open(str(path)) as container:
            stream = next(iter(container.streams.audio), None)
            if stream is None:
                raise SourceError(f"{path} holds no audio")
            rate, channels = stream.rate, stream.channels
    except (av.FFmpegError, OSError) as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or 'not an audio file'}") from error
    if channels > CHANNELS_AT_MOST:
        raise SourceError(f"{path} has {channels} channels; at most {CHANNELS_AT_MOST} can be streamed")
    rate = rate if 8_000 <= rate <= 48_000 else 16_000
    audio = AudioFormat(encoding="pcm_s16le", sample_rate=rate, channels=channels)

    def blocks() -> AsyncIterator[bytes]:
        return _in_thread(_decode(path, audio))

    return Source(audio=audio, blocks=blocks, tracks=tracks, bytes_per_second=rate * channels * 2)


def _decode(path: Path, audio: AudioFormat) -> Iterator[bytes]:
    """Yield a file's samples as interleaved s16le in blocks of `BLOCK_MS`; the last one may be shorter."""
    size = audio.sample_rate * BLOCK_MS // 1000 * audio.channels * 2
    pending = bytearray()
    try:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler(format="s16", rate=audio.sample_rate)
            for frame in _frames(container):
                for resampled in resampler.resample(frame):
                    pending += _interleaved(resampled)
                while len(pending) >= size:
                    yield bytes(pending[:size])
                    del pending[:size]
            for resampled in resampler.resample(None):
                pending += _interleaved(resampled)
    except (av.FFmpegError, OSError) as error:
        raise SourceError(f"{path} cannot be decoded: {error.strerror or 'damaged audio'}") from error
    for start in range(0, len(pending), size):
        yield bytes(pending[start : start + size])


def _frames(container: InputContainer) -> Iterator[av.AudioFrame]:
    """Yield what can be decoded; a damaged packet, as at the end of a cut file, is passed over."""
    for packet in container.demux(audio=0):
        with suppress(av.InvalidDataError):
            yield from packet.decode()


def _interleaved(frame: av.AudioFrame) -> bytes:
    return np.ascontiguousarray(frame.to_ndarray(), dtype="<i2").tobytes()


async def _in_thread(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Iterate in a thread: decoding must not hold up the socket."""
    while (block := await asyncio.to_thread(next, blocks, None)) is not None:
        yield block


async def _read_stdin() -> AsyncIterator[bytes]:
    """Yield standard input as it comes. A pipe is watched, so that Ctrl-C need not wait for it; a file is read."""
    descriptor = sys.stdin.fileno()
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        while data := await asyncio.to_thread(os.read, descriptor, STDIN_BYTES):
            yield data
        return
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    with closing(transport):
        while data := await reader.read(STDIN_BYTES):
            yield data


def _microphone(tracks: tuple[str, ...]) -> Source:
    """Return the default microphone, mono at 16 kHz. Raises `SourceError` without sounddevice or PortAudio."""
    try:
        import sounddevice
    except ImportError as error:
        raise SourceError("the microphone needs sounddevice: pip install 'stream-server[mic]'") from error
    except OSError as error:
        raise SourceError("the microphone needs the PortAudio library: apt-get install libportaudio2") from error
    audio = AudioFormat(encoding="pcm_s16le", sample_rate=MICROPHONE_RATE)
    return Source(audio=audio, blocks=lambda: _listen(sounddevice), tracks=tracks)


async def _listen(sounddevice: Any) -> AsyncIterator[bytes]:
    """Yield what the microphone hears until the caller stops iterating."""
    loop = asyncio.get_running_loop()
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    def take(data: Any, *_: object) -> None:
        loop.call_soon_threadsafe(heard.put_nowait, bytes(data))

    try:
        stream = sounddevice.RawInputStream(
            samplerate=MICROPHONE_RATE,
            blocksize=MICROPHONE_RATE * BLOCK_MS // 1000,
            channels=1,
            dtype="int16",
            callback=take,
        )
    except sounddevice.PortAudioError as error:
        raise SourceError("no microphone can be opened at 16 kHz") from error
    with stream:
        while True:
            yield await heard.get()
