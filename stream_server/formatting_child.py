"""Format in a process of its own: a request on standard input, the answer's JSON on standard output."""

from __future__ import annotations

import os
import pickle
import sys

from stream_server.transcript_formatting import answer

NICENESS = 10
"""Sessions go first: nobody waits for a transcript as for a caption."""

if __name__ == "__main__":
    os.nice(NICENESS)
    request, transcript = pickle.load(sys.stdin.buffer)  # noqa: S301  # the server that began this process wrote it
    sys.stdout.buffer.write(answer(request, transcript))
