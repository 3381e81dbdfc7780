"""Finished recordings: look into a file on this machine and decode it, in a process of its own for each.

A file of two kilobytes can make libav take gigabytes, and a decoder that is handed nonsense may never end or break the
process; here that ends one small process, and its file is refused. Both functions block and are called in a thread.
"""

from __future__ import annotations

import json
import os
import select
import struct
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from stream_server.audio.media_child import DONE, ERROR, HEADER, INFO
from stream_server.audio.media_file import MediaInfo
from stream_server.errors import InternalError, RecordingTooLong, StreamServerError, UnsupportedAudio
from stream_server.events import Samples
from stream_server.session.options import AudioFormat

__all__ = ["MediaInfo", "decode", "probe"]

COMMAND = (sys.executable, "-m", "stream_server.audio.media_child")

STALL_SECONDS = 60.0
"""For the next second of sound. The slowest that is honest is a film of gigabytes whose sound begins late."""

_ERRORS: dict[str, type[StreamServerError]] = {each.code: each for each in (UnsupportedAudio, RecordingTooLong)}


def probe(path: Path, raw: AudioFormat | None = None, *, name: str = "") -> MediaInfo:
    """Return what a file is; `raw` declares headerless bytes, `name` is what its owner calls it.

    Raises `UnsupportedAudio` that says what is wrong: empty, encrypted, without sound, of no known format.
    """
    with closing(_records({"path": str(path), "raw": _plain(raw), "name": name})) as records:
        kind, content = next(records)
    if kind != INFO:
        raise InternalError("a recording was looked into without an answer")
    return MediaInfo(**json.loads(content))


def decode(
    path: Path,
    *,
    raw: AudioFormat | None = None,
    name: str = "",
    rate: int = 16_000,
    per_channel: bool = False,
    longest_seconds: float,
) -> Iterator[Samples]:
    """Yield a file's sound, float32 of shape (n, channels), a second at a time; the channels mixed unless kept apart.

    Damaged packets are passed over, a file that breaks off ends there. Raises `UnsupportedAudio` if nothing can be
    decoded or there are more channels than may be kept apart, `RecordingTooLong` as soon as more than
    `longest_seconds` have come out, whatever the file says of itself.
    """
    options = {"rate": rate, "per_channel": per_channel, "longest_seconds": longest_seconds}
    with closing(_records({"path": str(path), "raw": _plain(raw), "name": name, "decode": options})) as records:
        for kind, content in records:
            if kind == DONE:
                return
            yield np.frombuffer(content, np.float32).reshape(-1, kind)


def _plain(raw: AudioFormat | None) -> dict[str, Any] | None:
    return None if raw is None else asdict(raw)


def _records(request: dict[str, Any]) -> Generator[tuple[int, bytes], None, None]:
    """Yield what a process answers until it is done; raise what it raises. Closing this ends the process."""
    if Path(request["path"]).stat().st_size == 0:
        raise UnsupportedAudio("the file is empty")  # which can be seen without a process
    with subprocess.Popen(  # noqa: S603  # a command of ours
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # libav's complaints and tracebacks may quote what the file says of itself
        bufsize=0,
        start_new_session=True,
    ) as child:
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            with suppress(BrokenPipeError), child.stdin:  # who has ended already answers nothing
                child.stdin.write(json.dumps(request).encode())
            kind = INFO
            while kind != DONE:
                kind, size = struct.unpack(HEADER, _read(child.stdout.fileno(), struct.calcsize(HEADER)))
                content = _read(child.stdout.fileno(), size)
                if kind == ERROR:
                    said = json.loads(content)
                    raise _ERRORS.get(said["code"], InternalError)(said["message"])
                yield kind, content
        finally:
            child.kill()


def _read(descriptor: int, size: int) -> bytes:
    """Return so many bytes of a pipe; raise `UnsupportedAudio` if its other end is silent for too long, or gone."""
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    parts: list[bytes] = []
    while size:
        if not waiting.poll(STALL_SECONDS * 1000):
            raise UnsupportedAudio("the file takes longer to decode than any recording does")
        part = os.read(descriptor, size)
        if not part:
            raise UnsupportedAudio("the file breaks what decodes it, or wants more memory than any recording does")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
