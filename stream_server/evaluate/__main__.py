"""Evaluate in a process of its own: a request on standard input, the answer on standard output."""

from __future__ import annotations

import os
import sys

from stream_server.evaluate.request import answer

NICENESS = 10
"""Sessions go first: nobody waits for a report as for a caption."""

if __name__ == "__main__":
    os.nice(NICENESS)
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read()))
