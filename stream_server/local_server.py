"""A server in a process of its own, for as long as a block of code runs: the demo, tests and benchmarks."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

START_PATIENCE_SECONDS = 120.0
"""For the server to load its model; joining the parts of a model wheel takes some seconds the first time."""

STOP_PATIENCE_SECONDS = 40.0
"""For the server's own grace, 20 s, and the end of its Redis."""

LISTENING = "listening on "

REMOVAL_TRIES = 50
"""Ten a second, to remove a directory in which a Redis that ends still writes its last words."""


class ServerDied(Exception):
    """The server did not start; one sentence for a person."""


@asynccontextmanager
async def local_server(
    directory: Path, options: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> AsyncIterator[str]:
    """Run `stream-server serve` on a free loopback port with its data in `directory`; yield its URL.

    However the block ends, the server is stopped in order, and by force if it must be; its embedded Redis ends with
    it. The process has a session of its own: Ctrl-C in a terminal reaches us alone. Its log is `server.log` in the
    directory. Its environment is ours unless one is given. Raises `ServerDied` if it does not start.
    """
    command = ("serve", "--host", "127.0.0.1", "--port", "0", "--data-directory", str(directory), *options)
    log = directory / "server.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "stream_server", *command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=environment,
            start_new_session=True,
        )
    assert process.stdout is not None
    drain: asyncio.Task[None] | None = None
    try:
        url = await _wait_until_listening(process.stdout)
        if url is None:
            raise ServerDied(f"the server did not start: {_last_words(log)}")
        drain = asyncio.create_task(_drain(process.stdout))
        yield url
    finally:
        await _stop(process)
        _stop_redis(directory)
        if drain is not None:
            await drain


@asynccontextmanager
async def passing_directory(prefix: str) -> AsyncIterator[Path]:
    """Give a temporary directory for a server's data; afterwards it is gone, whatever Redis writes as it ends."""
    directory = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield directory
    finally:
        for _ in range(REMOVAL_TRIES):
            if _removed(directory):
                break
            await asyncio.sleep(0.1)


@contextmanager
def ended_by_signals(task: asyncio.Task[Any]) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM cancel the task, so that its cleaning up runs; later ones change nothing."""
    loop = asyncio.get_running_loop()
    taken: list[signal.Signals] = []

    def end() -> None:
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):  # not the main thread, or no Unix
            loop.add_signal_handler(number, end)
            taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)


def _removed(directory: Path) -> bool:
    shutil.rmtree(directory, ignore_errors=True)
    return not directory.exists()


async def _wait_until_listening(lines: asyncio.StreamReader) -> str | None:
    """Return the URL that the server prints once it can take a session; None if it ends or takes too long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(START_PATIENCE_SECONDS):
            while line := await lines.readline():
                _, found, url = line.decode("utf-8", "replace").strip().partition(LISTENING)
                if found:
                    return url.split()[0]
    return None


async def _drain(lines: asyncio.StreamReader) -> None:
    """Read what the server prints, so that it never waits for us."""
    while await lines.read(65_536):
        pass


async def _stop(process: asyncio.subprocess.Process) -> None:
    """End the server in order, by force if it must be."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_PATIENCE_SECONDS)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _stop_redis(directory: Path) -> None:
    """End the Redis that a server ended by force has left; one that ended in order took its note along."""
    for note in directory.rglob("redis.pid"):
        with suppress(OSError, ValueError):
            os.kill(int(note.read_text("ascii")), signal.SIGTERM)


def _last_words(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it left no message"
