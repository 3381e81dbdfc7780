"""Databases for tests: a SQLite file, and a real PostgreSQL that the test session starts and ends.

    async def test_something(database: Database) -> None:   # runs twice, each time on an empty, migrated database

`database_address` is the same before anybody has opened it. Without PostgreSQL's programs its half is skipped.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from stream_server.store.sql import Database

_numbers = itertools.count(1)


def find_postgres() -> Path | None:
    """Return the folder of PostgreSQL's programs: initdb's on PATH, else Debian's newest."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda place: float(place.parts[-3]))
    return places[-1].parent if places else None


class PostgresServer:
    """A PostgreSQL of the tests' own in a directory, listening on a Unix socket there and nowhere else."""

    def __init__(self, programs: Path, directory: Path) -> None:
        self._programs = programs
        self._directory = directory
        self._data = directory / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._as_somebody: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            somebody = _somebody()
            os.chown(directory, somebody.pw_uid, somebody.pw_gid)
            self._as_somebody = {"user": somebody.pw_uid, "group": somebody.pw_gid, "extra_groups": []}

    def url(self, name: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://postgres@/{name}?host={self._directory}"

    def create(self) -> None:
        """Lay out its files."""
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        command = [self._programs / "initdb", "-D", self._data, *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._directory, **self._as_somebody)

    def start(self) -> None:
        """Start it and wait until it serves."""
        options = [f"unix_socket_directories={self._directory}", "listen_addresses=", "fsync=off", "max_connections=50"]
        command = [self._programs / "postgres", "-D", self._data, *(part for each in options for part in ("-c", each))]
        with (self._directory / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stderr=log, cwd=self._directory, **self._as_somebody)
        while True:
            try:
                self.run("SELECT 1")
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self._directory / "log").read_text("utf-8")
            else:
                return

    def stop(self) -> None:
        """Stop it fast: whoever is connected is cut off."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()
            self._process = None

    def run(self, statement: str) -> None:
        """Run a statement of an administrator."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


def _somebody() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("needs a user besides root to run PostgreSQL as")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Give the session's PostgreSQL; do not stop it (see `private_postgres`)."""
    yield from _serve()


@pytest.fixture
def private_postgres() -> Iterator[PostgresServer]:
    """Give a running PostgreSQL that the test may stop and start."""
    yield from _serve()


def _serve() -> Iterator[PostgresServer]:
    programs = find_postgres()
    if programs is None:
        pytest.skip("needs PostgreSQL's initdb")
    with tempfile.TemporaryDirectory(prefix="ss-pg-") as directory:  # a socket's path must be short
        server = PostgresServer(programs, Path(directory))
        server.create()
        server.start()
        yield server
        server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database."""
    name = f"test_{next(_numbers)}"
    postgres_server.run(f"CREATE DATABASE {name}")
    yield postgres_server.url(name)
    postgres_server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Give where an empty database is, of each kind."""
    if request.param == "sqlite":
        return tmp_path / "records.sqlite3"
    return str(request.getfixturevalue("postgres_url"))


@pytest_asyncio.fixture
async def database(database_address: str | Path) -> AsyncIterator[Database]:
    """Give an open database of each kind, with every table and nothing in it."""
    opened = await Database.open(database_address)
    yield opened
    await opened.close()
