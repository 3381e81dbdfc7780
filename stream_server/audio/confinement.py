"""What a process that decodes for strangers may take of the machine."""

from __future__ import annotations

import resource
from contextlib import suppress
from pathlib import Path


def confine(memory_bytes: int) -> None:
    """Let this process have so much memory on top of what it has, where the system knows such a limit.

    Where it breaks it leaves no core file, which would have spoken words in it. If all of the machine's memory runs out
    the kernel ends it before anything that others live by.
    """
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        limit = pages * resource.getpagesize() + memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
