"""The process that forks decoders, one for all tests, and a look at those that it has forked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator

import psutil
import pytest
import pytest_asyncio

from stream_server.audio.container_child import BEGUN, Opening
from stream_server.audio.fork_server import ForkServer
from stream_server.audio.sniff import Kind

OPENING = Opening(Kind.OGG, channels=1, sample_rate=16_000, spool=None, memory_bytes=1 << 24)


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer]:
    """Give a fork server; tests that end it, or count what it forks, have one of their own."""
    made = ForkServer()
    yield made
    asyncio.run(made.close())


@pytest_asyncio.fixture
async def own() -> AsyncIterator[ForkServer]:
    """Give a fork server of a test's own."""
    made = ForkServer()
    yield made
    await made.close()


async def begun(server: ForkServer) -> tuple[socket.socket, psutil.Process]:
    """Begin a fork, and return its socket and the process once it says that it is there."""
    before = forks_of(server)
    stream = server.begin()
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(stream, OPENING.write())
    assert await loop.sock_recv(stream, 1) == BEGUN
    [fork] = [each for each in forks_of(server) if each not in before]
    return stream, fork


def process_of(server: ForkServer) -> psutil.Process:
    """Return the process that forks."""
    assert server._process is not None
    return psutil.Process(server._process.pid)


def forks_of(server: ForkServer) -> list[psutil.Process]:
    """Return what it has forked, the youngest last; those that it has not buried are among them."""
    return forks(process_of(server)) if server._process is not None else []


def forks(process: psutil.Process) -> list[psutil.Process]:
    """Return what a process that forks has forked."""
    return sorted(process.children(), key=lambda each: each.pid)


def fork_servers(process: psutil.Process | None = None) -> list[psutil.Process]:
    """Return the processes that fork for a process: this one, if none is named."""
    return [each for each in (process or psutil.Process()).children() if _forks(each)]


def _forks(process: psutil.Process) -> bool:
    try:
        return "stream_server.audio.fork_server_child" in process.cmdline()
    except psutil.Error:  # it has just ended
        return False
