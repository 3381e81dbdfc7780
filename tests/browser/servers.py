"""Servers for as long as a block runs, in processes of their own, with a Redis that outlives them."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.child_server import ChildServer, redis_pid


@asynccontextmanager
async def data_directory() -> AsyncIterator[Path]:
    """Give a directory for servers' data; whatever Redis they leave there ends with it."""
    with tempfile.TemporaryDirectory(prefix="ss-browser-", ignore_cleanup_errors=True) as name:
        yield Path(name)
        if (pid := redis_pid(Path(name))) is not None:
            os.kill(pid, signal.SIGKILL)


@asynccontextmanager
async def running_server(*options: str) -> AsyncIterator[ChildServer]:
    """Run one with the scripted engine, unless the options say otherwise."""
    async with data_directory() as directory:
        server = await ChildServer.start(directory, *options)
        assert server.url, server.log
        yield server
        await server.kill()
