"""The audio of sessions that asked for it to be kept: one FLAC file a track, written while it is spoken.

Nothing here waits: audio is encoded and written by a thread, block by block, and what a crash leaves behind is a file
that plays up to its last block. A file's name is its record's id, so that it goes with the record.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import av
import numpy as np

from stream_server.events import Samples

BLOCK_SECONDS = 1.0
"""Written at once: so much is lost in a crash."""

MOST_WAITING_BLOCKS = 600
"""Ten minutes of audio that wait for the disk; beyond that a session's audio is given up, and the log says so."""

_NAME = re.compile(r"[0-9a-f]{1,64}")

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Track:
    """One file that is being written."""

    path: Path
    rate: int
    forgotten: Callable[[], bool]
    pending: list[Samples] = field(default_factory=list)
    count: int = 0
    container: Any = None
    stream: Any = None
    broken: bool = False
    """A block could not be written: what comes after it would stand at the wrong time."""


class KeptAudio:
    """A directory of recordings. Used in the event loop; files are written by a thread of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="kept-audio")
        self._waiting = 0
        self._forgotten: set[str] = set()
        """Records that were deleted, perhaps while they were running: nothing more is written of them."""

    async def stop(self) -> None:
        """Write what waits and end the thread."""
        await asyncio.to_thread(self._writer.shutdown)

    def open(self, record_id: str, rate: int, tracks: int) -> AudioTape:
        """Begin to keep a session's audio."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)

        def forgotten() -> bool:
            return record_id in self._forgotten

        return AudioTape(self, [_Track(self._path(record_id, index), rate, forgotten) for index in range(tracks)])

    def find(self, record_id: str, track: int) -> Path | None:
        """Return a track's file; None if nothing was kept of it."""
        path = self._path(record_id, track)
        return path if path.is_file() else None

    async def forget(self, record_ids: Sequence[str]) -> None:
        """Delete what was kept of records, for good, behind everything that was written before."""
        self._forgotten |= set(record_ids)
        await asyncio.get_running_loop().run_in_executor(self._writer, self._delete, record_ids)

    def _delete(self, record_ids: Sequence[str]) -> None:
        for record_id in filter(_NAME.fullmatch, record_ids):
            for path in self._directory.glob(f"{record_id}-*.flac"):
                path.unlink(missing_ok=True)

    def submit(self, step: Callable[[], None], *, always: bool = False) -> bool:
        """Have the thread do something; False if too much waits already, unless it must be done `always`."""
        if self._waiting >= MOST_WAITING_BLOCKS and not always:
            return False
        self._waiting += 1
        self._writer.submit(self._run, step)
        return True

    def _run(self, step: Callable[[], None]) -> None:
        try:
            step()
        except (OSError, av.FFmpegError) as error:
            _log.error("kept audio cannot be written (%s)", type(error).__name__)
        finally:
            self._waiting -= 1

    def _path(self, record_id: str, track: int) -> Path:
        if not _NAME.fullmatch(record_id):
            return self._directory / "none"
        return self._directory / f"{record_id}-{track}.flac"


class AudioTape:
    """One session's audio on its way to its files."""

    def __init__(self, keeper: KeptAudio, tracks: list[_Track]) -> None:
        self._keeper = keeper
        self._tracks = tracks
        self._given_up = False

    def write(self, samples: Samples, track: int | None) -> None:
        """Take audio, shape (n, channels): of one track, or a channel for each."""
        if samples.ndim != 2 or self._given_up:  # n and channels
            return
        tracks = self._tracks if track is None else self._tracks[track : track + 1]
        for channel, each in enumerate(tracks[: samples.shape[1]]):
            each.pending.append(samples[:, channel])
            each.count += len(samples)
            if each.count >= BLOCK_SECONDS * each.rate:
                self._flush(each)

    def close(self) -> None:
        """Write what is left and end the files."""
        for each in self._tracks:
            self._flush(each)
            self._keeper.submit(partial(_end, each), always=True)

    def _flush(self, track: _Track) -> None:
        if not track.count:
            return
        block = np.concatenate(track.pending)
        track.pending, track.count = [], 0
        if not self._keeper.submit(partial(_append, track, block)):
            self._given_up = True
            _log.error("the audio of a session is not kept to its end: too much waits for the disk")


def _append(track: _Track, block: Samples) -> None:
    """Encode a block and write it; in the thread."""
    if track.broken or track.forgotten():
        return
    track.broken = True  # until it is written
    if track.container is None:
        track.container = av.open(str(track.path), "w", format="flac", options={"flush_packets": "1"})
        track.stream = track.container.add_stream("flac", rate=track.rate, layout="mono")
    integers = (np.clip(block, -1, 1) * 32_767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(integers[None], format="s16", layout="mono")
    frame.sample_rate = track.rate
    track.container.mux(track.stream.encode(frame))
    track.broken = False


def _end(track: _Track) -> None:
    if track.container is not None:
        if not track.broken:
            track.container.mux(track.stream.encode(None))
        track.container.close()
        track.container = None
