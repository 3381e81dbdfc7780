"""Fixtures for everybody: a real Redis on a Unix socket, never a fake."""

from __future__ import annotations

import logging
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import structlog
from hypothesis import settings

from stream_server.logs import QUIET_LIBRARIES
from stream_server.store.embedded import find_redis_server

settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", deadline=None, max_examples=5_000)
settings.load_profile("same")
"""What is tried is the same wherever the suite runs; `--hypothesis-profile explore` looks further."""

pytest_plugins = [
    "tests.child_server",
    "tests.decoders",
    "tests.live",
    "tests.store.databases",
    "tests.store.s3_server",
]


@pytest.fixture(autouse=True)
def _own_logs() -> Iterator[None]:
    """Leave no test the logs of one before it: a command that ran in this process set them up for good."""
    loggers = [logging.getLogger(name) for name in ("", *QUIET_LIBRARIES)]
    levels, handlers = [logger.level for logger in loggers], list(loggers[0].handlers)
    yield
    loggers[0].handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
    structlog.reset_defaults()


class RedisServer:
    """A redis-server process, which tests may stop and start again if it has an append-only file (`lasting`)."""

    def __init__(self, directory: Path, *, lasting: bool) -> None:
        self._directory = directory
        self._appendonly = "yes" if lasting else "no"
        self.socket = directory / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"unix://{self.socket}"

    @property
    def client(self) -> redis.Redis:
        """A blocking client of its own."""
        return redis.Redis(unix_socket_path=str(self.socket), decode_responses=True)

    def start(self) -> None:
        """Start it and wait until it serves."""
        options = ["--port", "0", "--unixsocket", str(self.socket), "--dir", str(self._directory), "--save", ""]
        options += ["--appendonly", self._appendonly, "--appendfsync", "everysec", "--loglevel", "warning"]
        self._process = subprocess.Popen([str(find_redis_server()), *options], stdout=subprocess.DEVNULL)
        while True:
            try:
                with self.client as client:
                    client.ping()
            except redis.ConnectionError:
                assert self._process.poll() is None, "redis-server ended while starting"
            else:
                return

    def stop(self) -> None:
        """Stop it gracefully; what it was told is kept."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None


def _short_directory(name: str) -> Iterator[Path]:
    """Give a directory whose path leaves room for a socket's name (some systems' own are too long)."""
    with tempfile.TemporaryDirectory(prefix=f"ss-{name}-") as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def _shared_redis() -> Iterator[RedisServer]:
    for directory in _short_directory("shared"):
        server = RedisServer(directory, lasting=False)  # it waits for no disk, however slow that is
        server.start()
        yield server
        server.stop()


@pytest.fixture
def redis_server(_shared_redis: RedisServer) -> RedisServer:
    """Give the session's Redis, emptied; do not stop it (see `private_redis`)."""
    with _shared_redis.client as client:
        client.flushall()
    return _shared_redis


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """Give the URL of an empty Redis."""
    return redis_server.url


@pytest.fixture
def private_redis() -> Iterator[RedisServer]:
    """Give a running Redis that the test may stop and start."""
    for directory in _short_directory("private"):
        server = RedisServer(directory, lasting=True)
        server.start()
        yield server
        server.stop()
