"""The SQL database: a SQLite file, or PostgreSQL where several servers share one.

What belongs to it defines its tables on `metadata`, in a module of its own, and reads and writes by SQLAlchemy's
expressions on the connections that `Database` lends. Tables come into being by migrations alone (`migrations/`), which
run at every start; a test holds them and `metadata` together.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Dialect, MetaData, Text, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator
from sqlalchemy.util import await_only

from stream_server.errors import InternalError, StartupError, StoreUnavailable, StreamServerError

_log = logging.getLogger(__name__)

PATIENCE_SECONDS = 15.0
"""For one transaction, waiting for a connection included; a page of a report takes milliseconds."""

CONNECT_SECONDS = 5
"""For PostgreSQL to answer the door."""

BUSY_SECONDS = 5.0
"""SQLite lets one write at a time; the others wait so long for their turn."""

_POLL_SECONDS = 0.02

CONNECTIONS = 4
"""Kept open by one process; each is a thread with SQLite. Eight may be open in a rush with PostgreSQL."""

RETRY_AFTER_SECONDS = 5.0
"""What a client is told while the database is away."""

MIGRATION_LOCK = 7_837_465_283
"""Any number that nobody else locks: servers that start together migrate one after the other."""

SQLITE_BEGIN = "stream_server_sqlite_begin"
"""The option of a connection that says how its next transaction begins; see `_begin_sqlite`."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of ours. Constraints have names, so that migrations can change them."""


class PlainText(TypeDecorator[str]):
    """Text as both databases can keep it: U+FFFD stands for NUL and for halves of surrogate pairs.

    Clients may send both in names and labels; PostgreSQL refuses the one, UTF-8 the other.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Make text fit."""
        del dialect
        return None if value is None else plain(value)


def plain(value: str) -> str:
    """Return text without what no database keeps."""
    return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Database:
    """An open database; `open` makes one.

    `transaction` and `reading` raise `StoreUnavailable` when it cannot be reached, `InternalError` when it refuses a
    statement. Neither says what was in the statement: it may be spoken words.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @classmethod
    async def open(cls, address: str | Path) -> Self:
        """Connect and bring the tables to this version.

        `address` is a SQLite file, made if it is missing, or a URL: `postgresql://…` or `sqlite:///…`. Raises
        `StartupError` if it is neither or the database is newer than this program, else as `transaction`.
        """
        database = cls(_make_engine(_url(address)))
        try:
            await database._migrate()
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Let go of every connection."""
        await self._engine.dispose()

    async def ping(self) -> None:
        """Return if the database answers."""
        async with self.reading() as connection:
            await connection.execute(text("SELECT 1"))

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of our own."""
        return self._engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection on which everything happens or nothing; SQLite has one such at a time."""
        async with self._reached(), self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection that sees one moment of the database and changes nothing; it waits for no writer."""
        async with self._reached(), self._engine.connect() as connection:
            options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            await connection.execution_options(**({SQLITE_BEGIN: "BEGIN"} if self.is_sqlite else options))
            yield connection

    async def scrub(self) -> None:
        """Leave no copy of what was deleted in a file of ours.

        SQLite overwrites what it deletes (`secure_delete`), but its log has older pages until it is emptied. In
        PostgreSQL dead rows are for its vacuum, which is its administrator's. What cannot be done now, as somebody
        reads, the next one does: it never fails, for what it follows has been done.
        """
        if not self.is_sqlite:
            return
        try:
            async with self._reached(), self._engine.connect() as connection:
                await connection.execution_options(**{SQLITE_BEGIN: ""})
                await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        except StreamServerError as error:
            _log.warning("the database's log cannot be emptied now (%s)", error.code)

    async def _migrate(self) -> None:
        async with self.transaction() as connection:
            if not self.is_sqlite:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            await connection.run_sync(migrate)

    @asynccontextmanager
    async def _reached(self) -> AsyncIterator[None]:
        """Translate errors; see the class."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                yield
        except SQLAlchemyError as error:
            raise _translated(error) from None
        except OSError as error:
            raise _away(error) from None


def migrate(connection: Connection) -> None:
    """Bring the tables to this version within the connection's transaction.

    Raises `StartupError` if they are newer.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "stream_server.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise StartupError("the database was written by a newer version of this program") from None


def _url(address: str | Path) -> URL:
    """Read an address and name the driver that goes with it."""
    if isinstance(address, Path):
        if not address.parent.is_dir():  # before aiosqlite's thread finds out, which may outlive whoever asked
            raise _away(FileNotFoundError())
        return URL.create("sqlite+aiosqlite", database=str(address))
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise StartupError("setting database_url: this is no URL of a database") from None
    drivers = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite": "sqlite+aiosqlite"}
    driver = drivers.get(url.get_backend_name())
    if driver is None:
        raise StartupError("setting database_url: postgresql:// and sqlite:// are understood")
    return url.set(drivername=driver)


def _make_engine(url: URL) -> AsyncEngine:
    """Make the engine; parameters stay out of its messages, for they may be spoken words."""
    common: dict[str, Any] = {"hide_parameters": True, "pool_size": CONNECTIONS, "pool_timeout": PATIENCE_SECONDS}
    if url.get_backend_name() == "sqlite":
        engine = create_async_engine(url, max_overflow=0, connect_args={"timeout": BUSY_SECONDS}, **common)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    arguments = {"connect_timeout": CONNECT_SECONDS}
    return create_async_engine(url, max_overflow=CONNECTIONS, pool_pre_ping=True, connect_args=arguments, **common)


def _prepare_sqlite(connection: Any, record: object) -> None:
    """Set up a new connection.

    Readers do not wait for writers (WAL), what is committed is on disk (FULL), cascades work, and what is deleted is
    overwritten. Transactions are begun by `_begin_sqlite`, not by the driver, which would begin them too late.
    """
    del record
    connection.isolation_level = None
    cursor = connection.cursor()
    _turn_on_log(cursor)
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _turn_on_log(cursor: Any) -> None:
    """Turn on SQLite's log (WAL), which a file keeps for good.

    Only one may turn it on, and SQLite refuses the others at once instead of letting them wait their turn: of two
    servers that start together on a new file one would not start.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while not _turned_on(cursor, last_try=time.monotonic() > deadline):
        await_only(asyncio.sleep(_POLL_SECONDS))


def _turned_on(cursor: Any, *, last_try: bool) -> bool:
    """Try it; tell whether the log is on. At the last try it raises what SQLite says."""
    try:
        cursor.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if last_try or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _begin_sqlite(connection: Connection) -> None:
    """Begin; who means to write takes the lock at once, since a reader that turns writer would fail, not wait."""
    statement = connection.get_execution_options().get(SQLITE_BEGIN, "BEGIN IMMEDIATE")
    if statement:
        connection.exec_driver_sql(statement)


def _translated(error: SQLAlchemyError) -> StoreUnavailable | InternalError:
    """Tell what keeps the database from answering, which may pass, from what it will refuse again."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        return _away(error)
    return InternalError(f"the database refused a statement ({type(error).__name__})")


def _away(error: Exception) -> StoreUnavailable:
    message = f"the database does not answer ({type(error).__name__})"
    return StoreUnavailable(message, retry_after_seconds=RETRY_AFTER_SECONDS)
