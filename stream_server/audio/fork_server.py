"""Begin processes that decode, in milliseconds: one process has libav at hand and forks for each stream."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
from contextlib import suppress

_log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "stream_server.audio.fork_server_child")

CLOSING_SECONDS = 10.0
"""For the process that forks to kill and bury what it forked, which takes milliseconds on a machine that is well."""


class ForkServer:
    """Knows the process that forks (`fork_server_child`); it is begun for the first stream, and anew if it has died.

    Nothing here waits for it: what it is told lies in its socket until it reads.
    """

    def __init__(self) -> None:
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> socket.socket:
        """Return one end of a socket, not blocking; the other end has a process of its own, a `container_child`.

        Closing it ends that process, whatever it is doing. Raises `OSError` if the system has no more of something.
        """
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            try:
                self._hand_over(theirs)
            except OSError:
                ours.close()
                raise
        return ours

    async def close(self) -> None:
        """End the process that forks and all that it forked.

        One that hangs, say on a disk that is away, is killed after a while: others have something to write down yet.
        """
        control, process = self._control, self._process
        self._control = self._process = None
        if control is not None and process is not None:
            control.close()
            try:
                await asyncio.to_thread(process.wait, CLOSING_SECONDS)
            except subprocess.TimeoutExpired:
                _log.warning("the process that forks decoders does not end: it is killed")
                process.kill()
                with suppress(subprocess.TimeoutExpired):
                    await asyncio.to_thread(process.wait, CLOSING_SECONDS)

    def _hand_over(self, stream: socket.socket) -> None:
        if self._control is not None:
            with suppress(BrokenPipeError, ConnectionResetError):
                socket.send_fds(self._control, [b"\0"], [stream.fileno()])
                return
            self._bury()
        self._start(stream)

    def _start(self, first: socket.socket) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            try:
                socket.send_fds(ours, [b"\0"], [first.fileno()])  # so that it lies there, whatever becomes of whom
                self._process = subprocess.Popen(  # noqa: S603  # a command of ours
                    COMMAND,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,  # libav's complaints may quote what a stream says of itself
                    start_new_session=True,  # else Ctrl-C would end it before the sessions that need it
                )
            except OSError:
                ours.close()
                raise
        self._control = ours

    def _bury(self) -> None:
        """Let go of a process that is dead, or as good as that: it has closed its socket."""
        assert self._control is not None
        assert self._process is not None
        self._control.close()
        self._process.kill()
        self._process.wait()
        self._control = self._process = None
