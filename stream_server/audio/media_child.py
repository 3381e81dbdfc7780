"""What decodes a file in a process of its own: a request on standard input, records on standard output.

A record is a kind and a size (`HEADER`), and so many bytes. Kinds from 1 on are samples of so many channels.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stream_server.audio.confinement import confine
from stream_server.audio.media_file import decode, probe
from stream_server.errors import StreamServerError
from stream_server.session.options import AudioFormat

HEADER = "<iI"

DONE, INFO, ERROR = 0, -1, -2

MOST_MEMORY_BYTES = 1 << 30
"""Beside what the process has when it begins; the index of an honest day of film has a fifth of that."""


def answer(request: dict[str, Any]) -> Iterator[tuple[int, bytes]]:
    """Yield the records that answer a request."""
    path, raw = Path(request["path"]), request["raw"] and AudioFormat(**request["raw"])
    try:
        if options := request.get("decode"):
            for block in decode(path, raw=raw, name=request["name"], **options):
                yield block.shape[1], block.tobytes()
        else:
            yield INFO, json.dumps(asdict(probe(path, raw, name=request["name"]))).encode()
        yield DONE, b""
    except StreamServerError as error:
        yield ERROR, json.dumps({"code": error.code, "message": error.message}).encode()


if __name__ == "__main__":
    confine(MOST_MEMORY_BYTES)
    with suppress(BrokenPipeError):  # nobody wants the rest
        for kind, content in answer(json.load(sys.stdin.buffer)):
            sys.stdout.buffer.write(struct.pack(HEADER, kind, len(content)) + content)
            sys.stdout.buffer.flush()
