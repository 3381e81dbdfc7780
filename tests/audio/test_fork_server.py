"""Forks begin when asked, and none outlives whoever asked."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys

import psutil
import pytest

from stream_server.audio import fork_server as module
from stream_server.audio.fork_server import ForkServer
from tests.decoders import OPENING, begun, fork_servers, forks, forks_of, process_of
from tests.hostile import until


async def test_a_fork_ends_with_its_socket(own: ForkServer) -> None:
    """And no other does; nobody is left unburied."""
    streams = [await begun(own) for _ in range(3)]
    streams[1][0].close()
    await until(lambda: forks_of(own) == [streams[0][1], streams[2][1]])
    for stream, _ in streams:
        stream.close()
    await until(lambda: forks_of(own) == [])


async def test_a_fork_that_hangs_ends_with_its_socket(own: ForkServer) -> None:
    """It need not even notice."""
    stream, fork = await begun(own)
    fork.suspend()
    stream.close()
    await until(lambda: forks_of(own) == [])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
async def test_the_end_of_a_fork_is_seen(own: ForkServer, number: int) -> None:
    """However it ends, its socket ends, while others that were forked before and after it go on."""
    first, (stream, fork), last = [await begun(own) for _ in range(3)]
    fork.send_signal(number)
    assert await asyncio.get_running_loop().sock_recv(stream, 1) == b""
    await until(lambda: forks_of(own) == [first[1], last[1]])
    for each in (stream, first[0], last[0]):
        each.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_service_manager_ends_nobody_early(own: ForkServer, number: int) -> None:
    """Sessions that are ending need their decoders, though every process of a service is told to stop."""
    stream, fork = await begun(own)
    for process in (fork, process_of(own)):
        process.send_signal(number)
    again, other = await begun(own)
    assert forks_of(own) == [fork, other]
    stream.close()
    again.close()


async def test_it_is_begun_anew_if_it_has_died(own: ForkServer) -> None:
    """What it forked goes on to its own end."""
    stream, fork = await begun(own)
    first = process_of(own)
    first.kill()
    await until(lambda: gone(first))
    other, _ = await begun(own)
    assert process_of(own) != first
    assert not gone(fork)
    for each in (stream, other):
        each.close()
    await until(lambda: gone(fork))


async def test_closing_ends_all(own: ForkServer) -> None:
    """Also those that hang; a fork server that was never begun, or is closed already, may be closed."""
    streams = [await begun(own) for _ in range(2)]
    streams[0][1].suspend()
    first = process_of(own)
    await own.close()
    assert not any(each.is_running() for each in (first, *(fork for _, fork in streams)))
    await own.close()
    await ForkServer().close()
    for stream, _ in streams:
        stream.close()


async def test_one_that_hangs_holds_up_no_end(own: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that forks is given a while to end, then it is killed."""
    monkeypatch.setattr(module, "CLOSING_SECONDS", 0.1)
    stream, _ = await begun(own)
    hanging = process_of(own)
    hanging.suspend()
    stream.close()
    await own.close()
    await until(lambda: not hanging.is_running())


async def test_nothing_stays_open(own: ForkServer) -> None:
    """Neither here nor there, however many streams there were."""

    async def forth_and_back() -> tuple[int, int]:
        stream, _ = await begun(own)
        stream.close()
        await until(lambda: forks_of(own) == [])
        return psutil.Process().num_fds(), process_of(own).num_fds()

    first = await forth_and_back()
    for _ in range(5):
        assert await forth_and_back() == first


OWNER = f"""
import time
from stream_server.audio.fork_server import ForkServer
server = ForkServer()
streams = [server.begin() for _ in range(2)]
for stream in streams:
    stream.setblocking(True)
    stream.sendall({OPENING.write()!r})
    stream.recv(1)
print("begun", flush=True)
time.sleep(1000)
"""


async def test_a_server_that_is_killed_leaves_nobody() -> None:
    """Not even a fork that hangs."""
    owner = await asyncio.create_subprocess_exec(sys.executable, "-c", OWNER, stdout=asyncio.subprocess.PIPE)
    assert owner.stdout is not None
    assert await owner.stdout.readline() == b"begun\n"
    process = psutil.Process(owner.pid)
    [server] = fork_servers(process)
    left = [server, *forks(server)]
    assert len(left) == 3
    left[-1].suspend()
    owner.kill()
    await owner.wait()
    await until(lambda: all(gone(each) for each in left))


def gone(process: psutil.Process) -> bool:
    """Tell whether a process has ended; whoever became its parent may not have buried it."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_the_system_may_have_no_more(own: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No descriptor, no memory for a process: it is told, and nothing stays open."""
    stream, _ = await begun(own)
    descriptors = psutil.Process().num_fds()

    def fail(*_: object, **__: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(socket, "send_fds", fail)
        with pytest.raises(OSError):
            own.begin()
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", fail)
        with pytest.raises(OSError):
            ForkServer().begin()
    assert psutil.Process().num_fds() == descriptors
    stream.close()


async def test_a_fork_server_that_cannot_live(own: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a fork sees its socket end."""
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", "raise SystemExit"))
    with own.begin() as stream:
        assert await asyncio.get_running_loop().sock_recv(stream, 1) == b""
