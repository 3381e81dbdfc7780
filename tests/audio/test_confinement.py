"""A process that decodes for strangers takes no more of the machine than it may."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of these limits")

PROGRAM = """
import resource
from pathlib import Path
from stream_server.audio.confinement import confine
before = bytearray(64 << 20)
confine(32 << 20)
within = bytearray(16 << 20)
try:
    bytearray(32 << 20)
except MemoryError:
    print("no more", resource.getrlimit(resource.RLIMIT_CORE), Path("/proc/self/oom_score_adj").read_text())
"""


def test_a_process_is_confined() -> None:
    """What it has is its own, a little more is allowed, a lot is not; it leaves no core and is the first to go."""
    said = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True).stdout
    assert said.split("\n")[0] == "no more (0, 0) 1000"
