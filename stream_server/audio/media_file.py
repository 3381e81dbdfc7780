"""Look into a file, and decode its sound in memory that does not grow.

Files are strangers': libav may open the containers of `file_kinds` and nothing that they point to, runs decoders of
sound alone, and is stopped when it does not come forward. It can still be made to take all memory there is by a few
bytes that announce millions of packets: `audio.media` has this done in a process that may not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard, Disposition

from stream_server.audio.encryption import is_encrypted
from stream_server.audio.file_kinds import DEMUXERS, find_kind, is_gsm
from stream_server.audio.formats import PcmDecoder, match_channels
from stream_server.audio.libav import Damage, frame_samples, frames
from stream_server.audio.resample import Resampler
from stream_server.audio.sniff import Kind, sniff
from stream_server.errors import RecordingTooLong, UnsupportedAudio
from stream_server.events import Samples
from stream_server.session.options import AudioFormat

CHANNELS_AT_MOST = 8
"""Kept apart; what a session has at most."""

RATES = (1_000, 384_000)
"""Hz that a file may say: beyond it a few bytes would become hours."""

STALL_SECONDS = 20.0
"""libav gives a file up that it has not opened, or whose next packet it has not read, by then."""

PROBE_BYTES = 5_000_000
"""libav's own default: so much is read before its guess stands."""

MOST_FAILURES = 4096
"""Packets in a row that cannot be decoded, a minute and a half of speech, before the rest counts as garbage."""

READ_BYTES = 65_536

HEAD_BYTES = 4096

RAW_MIME_TYPES = {"pcm_mulaw": "audio/basic", "pcm_alaw": "audio/x-alaw-basic"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """What a file says of itself: nothing was decoded yet. `seconds` is None where it does not say."""

    format: str
    mime_type: str
    sample_rate: int
    channels: int
    seconds: float | None


def probe(path: Path, raw: AudioFormat | None = None, *, name: str = "") -> MediaInfo:
    """Return what a file is, looking into it in this very process; see `media.probe`."""
    head = _head(path)
    if raw is not None and _is_raw(head, raw):
        return _raw_info(path, raw)
    with _opened(path, head, name) as (container, stream):
        kind = find_kind(container.format.name, head, container.metadata.get("major_brand", ""))
        called, mime_type = kind.called(video=any(map(_is_film, container.streams.video)))
        length = container.duration
        return MediaInfo(
            format=called,
            mime_type=mime_type,
            sample_rate=stream.rate,
            channels=stream.channels,
            seconds=length / av.time_base if length and length > 0 else None,
        )


def decode(
    path: Path,
    *,
    raw: AudioFormat | None = None,
    name: str = "",
    rate: int = 16_000,
    per_channel: bool = False,
    longest_seconds: float,
) -> Iterator[Samples]:
    """Yield a file's sound in this very process; see `media.decode`."""
    head = _head(path)
    pieces = _raw_pieces(path, raw) if raw is not None and _is_raw(head, raw) else _pieces(path, head, name)
    left = round(longest_seconds * rate)
    for block in _blocks(_converted(pieces, rate, per_channel=per_channel), rate):
        left -= len(block)
        if left < 0:
            raise RecordingTooLong(f"the recording is longer than the {longest_seconds:g} s that are taken")
        yield block


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise UnsupportedAudio("the file is empty")
    return head


def _raw_info(path: Path, raw: AudioFormat) -> MediaInfo:
    assert raw.encoding is not None
    frames_there = path.stat().st_size / PcmDecoder.frame_bytes(raw.encoding, raw.channels)
    return MediaInfo(
        format="raw",
        mime_type=RAW_MIME_TYPES.get(raw.encoding, "audio/pcm"),
        sample_rate=raw.sample_rate,
        channels=raw.channels,
        seconds=frames_there / raw.sample_rate,
    )


def _is_raw(head: bytes, raw: AudioFormat) -> bool:
    """Tell whether bytes are what was declared, and no container in spite of it."""
    if raw.encoding is None:
        return False
    try:
        return sniff(head, raw_declared=True, at_end=True) is Kind.RAW
    except UnsupportedAudio:  # of those that cannot be decoded live
        return False


# ── libav ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def _options() -> dict[str, str]:
    """Return what keeps libav to this file and to sound."""
    readable = [name for name in av.codecs_available if _reads_sound(name)]
    return {
        "protocol_whitelist": "file",
        "format_whitelist": DEMUXERS,
        "codec_whitelist": ",".join(sorted(readable)),
        "probesize": str(PROBE_BYTES),
    }


def _reads_sound(name: str) -> bool:
    try:
        return av.Codec(name, "r").type == "audio"
    except av.codec.codec.UnknownCodecError:  # it only writes
        return False


@contextmanager
def _opened(path: Path, head: bytes, name: str) -> Iterator[tuple[InputContainer, AudioStream]]:
    """Give a file and its best sound; every complaint of libav's becomes `UnsupportedAudio`."""
    forced = "gsm" if is_gsm(head, name) else None
    try:
        with av.open(f"file:{path}", format=forced, options=_options(), timeout=STALL_SECONDS) as container:
            stream = container.streams.best("audio")
            if not isinstance(stream, AudioStream):
                raise UnsupportedAudio("the file has no sound in it")
            if "enc_key_id" in stream.metadata or _is_encrypted(path):
                raise UnsupportedAudio("the file is encrypted")
            if not _codec(stream) or not stream.rate or not stream.channels:
                raise UnsupportedAudio("the file's sound is of a kind that cannot be decoded")
            if not RATES[0] <= stream.rate <= RATES[1]:
                raise UnsupportedAudio(f"the file says {stream.rate} Hz, which makes no sense")
            yield container, stream
    except (av.FFmpegError, ValueError) as error:  # ValueError: text in it that is no text
        raise UnsupportedAudio("the file is of no known format, or damaged beyond use") from error


def _is_encrypted(path: Path) -> bool:
    with path.open("rb") as file:
        return is_encrypted(file)


def _is_film(stream: av.VideoStream) -> bool:
    """Tell moving pictures from the cover of an album."""
    return not stream.disposition & Disposition.attached_pic


def _codec(stream: AudioStream) -> AudioCodecContext | None:
    """Return what decodes a stream; PyAV's annotations do not know that there may be none."""
    return stream.codec_context


# ── from bytes to blocks ────────────────────────────────────────────────────────────────────────────────────────────


def _pieces(path: Path, head: bytes, name: str) -> Iterator[tuple[Samples, int]]:
    """Yield (samples of shape (n, channels), rate) as libav decodes them."""
    nothing = True
    with _opened(path, head, name) as (container, stream):
        for other in container.streams:
            if other is not stream:
                other.discard = Discard.all
        stream.codec_context.thread_count = 1  # other recordings are decoded beside it
        for frame in frames(container, stream, Damage(), most_failures=MOST_FAILURES):
            if frame.samples and RATES[0] <= frame.sample_rate <= RATES[1]:
                nothing = False
                yield frame_samples(frame), frame.sample_rate
    if nothing:
        raise UnsupportedAudio("the file holds no sound that can be decoded")


def _raw_pieces(path: Path, raw: AudioFormat) -> Iterator[tuple[Samples, int]]:
    assert raw.encoding is not None
    pcm = PcmDecoder(raw.encoding, raw.channels)
    with path.open("rb") as file:
        while data := file.read(READ_BYTES):
            yield pcm.feed(data), raw.sample_rate


def _converted(pieces: Iterator[tuple[Samples, int]], rate: int, *, per_channel: bool) -> Iterator[Samples]:
    """Yield everything at one rate, in one channel or in as many as the first piece has.

    soxr resamples, not libav, so that the law of time is the same for every kind of audio.
    """
    resampler: Resampler | None = None
    found_rate = channels = 0
    for samples, piece_rate in pieces:
        channels = channels or (samples.shape[1] if per_channel else 1)
        if channels > CHANNELS_AT_MOST:
            raise UnsupportedAudio(f"the file has {channels} channels; {CHANNELS_AT_MOST} can be kept apart")
        if resampler is None or piece_rate != found_rate:
            if resampler is not None:
                yield resampler.flush()
            resampler, found_rate = Resampler(piece_rate, rate, channels), piece_rate
        yield resampler.feed(_fitted(samples, channels))
    if resampler is not None:
        yield resampler.flush()


def _fitted(samples: Samples, channels: int) -> Samples:
    """Return samples in so many channels, also where a file changes its mind halfway."""
    if channels == 1 or samples.shape[1] == channels:
        return match_channels(samples, channels)
    fitted = np.zeros((len(samples), channels), np.float32)
    shared = min(channels, samples.shape[1])
    fitted[:, :shared] = samples[:, :shared]
    return fitted


def _blocks(pieces: Iterator[Samples], size: int) -> Iterator[Samples]:
    """Yield the same samples in blocks of at least `size`; the last may be shorter."""
    pending: list[Samples] = []
    count = 0
    for piece in pieces:
        pending.append(piece)
        count += len(piece)
        if count >= size:
            yield np.concatenate(pending)
            pending, count = [], 0
    if count:
        yield np.concatenate(pending)
