"""Compressed and containered audio, decoded while it arrives by a thread per session."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from stream_server.audio.formats import match_channels
from stream_server.audio.handover import Abandoned, Handover
from stream_server.audio.libav import ByteSource, Damage, decode
from stream_server.audio.mp4 import index_comes_first
from stream_server.audio.resample import Resampler
from stream_server.audio.sniff import Kind
from stream_server.errors import BacklogExceeded, InternalError, ServerFull, StreamServerError
from stream_server.events import Samples
from stream_server.session.options import AudioFormat

MOST_SPOOLED = 512 << 20
"""Bytes of an MP4 whose index comes last that are kept on disk until its end."""


class Slots:
    """Bounds how many containers are decoded at once, each of which costs a thread."""

    def __init__(self, limit: int) -> None:
        self._free = threading.BoundedSemaphore(limit)

    def take(self) -> None:
        """Take one; raise `ServerFull` if none is free."""
        if not self._free.acquire(blocking=False):
            raise ServerFull("the server decodes as many compressed streams as it can", retry_after_seconds=5.0)

    def give_back(self) -> None:
        """Return one."""
        self._free.release()


class ContainerDecoder:
    """Decode one stream of a known kind into samples of shape (n, channels) as `audio_format` declares.

    Must be made and used in the event loop. The thread lives until the stream ends or `close`.
    """

    def __init__(self, kind: Kind, audio_format: AudioFormat, slots: Slots, spool: Path | None = None) -> None:
        slots.take()
        self._kind = kind
        self._format = audio_format
        self._slots = slots
        self._spool = spool
        self._damage = Damage()
        self._handover = Handover()
        self.thread = threading.Thread(target=self._live, name=f"decode-{kind.name.lower()}", daemon=True)
        self.thread.start()

    @property
    def more(self) -> bool:
        """Whether the last answer was cut short; see `decoding.Decoder`."""
        return self._handover.more

    @property
    def broken_frames(self) -> int:
        """How many frames were skipped so far because they could not be decoded."""
        return self._damage.frames

    def feed(self, data: bytes) -> asyncio.Future[list[Samples]]:
        """Return what these bytes complete."""
        return self._handover.give(data, complete=False)

    def finish(self) -> asyncio.Future[list[Samples]]:
        """Return the rest; raises `UnsupportedAudio` if nothing could be decoded at all."""
        return self._handover.give(b"", complete=True)

    def close(self) -> None:
        """End the thread, whatever it is waiting for."""
        self._handover.close()

    # ── the thread ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _live(self) -> None:
        error: StreamServerError | None = None
        try:
            for samples in self._converted():
                self._handover.put(samples)
        except Abandoned:
            pass
        except StreamServerError as raised:
            error = raised
        # The thread's outermost boundary: whoever waits for samples must hear of it.
        except Exception as raised:  # noqa: BLE001
            error = InternalError(f"decoding {self._kind.name} failed ({type(raised).__name__})")
        finally:
            # Before the answer, so that who hears of the end finds the slot free.
            self._slots.give_back()
            self._handover.end(error)

    def _converted(self) -> Iterator[Samples]:
        """Yield samples in the declared channels and rate.

        soxr resamples, not libav, so that the law of time is the same for every kind of audio.
        """
        channels = self._format.channels
        resampler: Resampler | None = None
        rate = 0
        with self._source() as source:
            for samples, found_rate in decode(source, self._kind, self._damage):
                if resampler is None or found_rate != rate:
                    if resampler is not None:
                        yield resampler.flush()
                    resampler, rate = Resampler(found_rate, self._format.sample_rate, channels), found_rate
                yield resampler.feed(match_channels(samples, channels))
        if resampler is not None:
            yield resampler.flush()

    @contextmanager
    def _source(self) -> Iterator[ByteSource | IO[bytes]]:
        """Yield the stream itself, or a complete file on disk for an MP4 whose index comes last."""
        if self._kind is not Kind.MP4:
            yield _Rest(b"", self._handover)
            return
        head = b""
        while (streams := index_comes_first(head)) is None:
            data = self._handover.read(65_536)
            if not data:
                break
            head += data
        rest = _Rest(head, self._handover)
        if streams:
            yield rest
            return
        with tempfile.TemporaryFile(dir=self._spool) as file:
            _spool(rest, file)
            yield file


class _Rest:
    """A stream some of whose bytes were read already; unseekable, so that libav does not try."""

    def __init__(self, head: bytes, handover: Handover) -> None:
        self._head = head
        self._handover = handover

    def read(self, size: int) -> bytes:
        if not self._head:
            return self._handover.read(size)
        data, self._head = self._head[:size], self._head[size:]
        return data


def _spool(source: _Rest, file: IO[bytes]) -> None:
    size = 0
    while data := source.read(65_536):
        size += len(data)
        if size > MOST_SPOOLED:
            raise BacklogExceeded(f"an MP4 file with its index at the end may have {MOST_SPOOLED >> 20} MiB")
        file.write(data)
    file.seek(0)
