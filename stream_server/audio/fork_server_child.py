"""The process that forks: it is handed a socket for each stream and forks a process that decodes what comes there.

A fork has all of this process' memory in common with it until it writes there: it begins in milliseconds, where
importing libav takes a quarter of a second. No byte of a stream is touched here, so nothing that is sent can end it.

The server's end of a stream's socket is the leash of its fork. When it is closed, by the server or by the server's end,
even by `kill -9`, the fork is killed, wherever in libav it hangs; and who was forked never outlives this process' loop.
"""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import socket
from collections.abc import Callable
from contextlib import suppress


class Forks:
    """Forks for every socket that comes over `control`; each fork runs `live` with its socket."""

    def __init__(self, control: socket.socket, live: Callable[[socket.socket], None]) -> None:
        self._control = control
        self._live = live
        self._leashes: dict[int, tuple[socket.socket, int]] = {}
        """By descriptor: the socket of a fork, held so that its hanging up is seen here, and the fork's process."""
        self._deaths, self._bell = os.pipe()
        os.set_blocking(self._bell, False)
        os.set_blocking(self._deaths, False)
        signal.set_wakeup_fd(self._bell, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._poll.register(self._deaths, select.POLLIN)

    def run(self) -> None:
        """Fork until the server has closed its end; then end them all."""
        going_on = True
        while going_on:
            # One at a time: what closes a descriptor makes room for a new one of that number, which has not hung up.
            descriptor, _ = self._poll.poll()[0]
            if descriptor == self._deaths:
                self._reap()
            elif descriptor in self._leashes:
                self._kill(descriptor)
            else:
                going_on = self._take()
        for leash in list(self._leashes):
            self._kill(leash)
        with suppress(ChildProcessError):
            while True:
                os.wait()  # when this process has ended, they all have

    def _take(self) -> bool:
        """Fork for what comes; return False at the end."""
        told, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
        for descriptor in descriptors:  # none, if this process may open no more: the server sees its end closed
            stream = socket.socket(fileno=descriptor)
            try:
                process = os.fork()
            except OSError:
                stream.close()
                continue
            if process == 0:
                self._become(stream)
            self._leashes[descriptor] = stream, process
            self._poll.register(descriptor, 0)  # hanging up is told unasked
        return bool(told)

    def _become(self, stream: socket.socket) -> None:
        """Live and die as a fork."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(self._bell)
            os.close(self._deaths)
            self._control.close()
            for leash, _ in self._leashes.values():  # else the server would not see them close
                leash.close()
            self._live(stream)
        finally:
            os._exit(0)

    def _kill(self, descriptor: int) -> None:
        stream, process = self._leashes.pop(descriptor)
        self._poll.unregister(descriptor)
        stream.close()
        os.kill(process, signal.SIGKILL)  # who is dead already is not reaped yet: the number is still its own

    def _reap(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._deaths, 4096)
        with suppress(ChildProcessError):
            while process := os.waitpid(-1, os.WNOHANG)[0]:
                for descriptor, (stream, its) in list(self._leashes.items()):
                    if its == process:
                        del self._leashes[descriptor]
                        self._poll.unregister(descriptor)
                        stream.close()  # the last but the server's, which sees it


def main() -> None:
    """Have everything imported, then fork."""
    # What a service manager ends at once with the server is needed until its sessions have ended.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.putenv("OPENBLAS_NUM_THREADS", "1")  # a process with threads had better not fork, and these would do nothing
    from stream_server.audio.container_child import live

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    gc.collect()
    gc.freeze()  # else a fork's first collection would write to all that it has in common with this process
    with socket.socket(fileno=0) as control:
        Forks(control, live).run()


if __name__ == "__main__":
    main()
