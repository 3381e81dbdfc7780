"""Laws of `stream_server.store.sql` and of the migrations, on both databases."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

import stream_server.store
from stream_server.errors import InternalError, NotFound, StartupError, StoreUnavailable
from stream_server.store.sql import Database, metadata, plain
from tests.store.databases import PostgresServer

ADD = text("INSERT INTO speakers (record_id, speaker, name) VALUES ('r', 1, 'Ann')")
ADD_RECORD = text(
    "INSERT INTO records (id, organisation, kind, started_at, seen_at, clock_rate, model, tracks)"
    " VALUES (:id, 'acme', 'live', 0, 0, 16000, 'base', '[]')"
)
COUNT = text("SELECT count(*) FROM records")


async def count(database: Database) -> int:
    """Return how many records there are."""
    async with database.reading() as connection:
        return int((await connection.execute(COUNT)).scalar_one())


def bytes_in(directory: Path) -> bytes:
    """Return all that a folder's files hold."""
    return b"".join(path.read_bytes() for path in sorted(directory.iterdir()))


def differences(connection: Connection) -> list[object]:
    """Return what `metadata` says otherwise than the tables."""
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_migrations_make_the_tables_that_the_code_expects(database: Database) -> None:
    """What the migrations leave behind is what `metadata` describes, on either database."""
    for module in pkgutil.iter_modules(stream_server.store.__path__):
        importlib.import_module(f"stream_server.store.{module.name}")
    async with database.transaction() as connection:
        assert await connection.run_sync(differences) == []
        names = await connection.run_sync(lambda plain_one: inspect(plain_one).get_table_names())
    assert set(metadata.tables) | {"alembic_version"} == set(names)


async def test_opening_again_keeps_what_is_there(database: Database, database_address: str | Path) -> None:
    """Migrations run at every start and do nothing to tables that are up to date."""
    async with database.transaction() as connection:
        await connection.execute(ADD_RECORD, {"id": "r"})
    again = await Database.open(database_address)
    assert await count(again) == 1
    await again.close()


async def test_servers_that_start_together_migrate_once(database_address: str | Path) -> None:
    """An empty database that several open at the same moment serves them all."""
    opened = await asyncio.gather(*(Database.open(database_address) for _ in range(3)))
    for database in opened:
        assert await count(database) == 0
        await database.close()


async def test_a_server_waits_while_another_lays_out_the_file(tmp_path: Path) -> None:
    """Whoever comes second on a new SQLite file takes its turn; SQLite itself would refuse it at once."""
    with closing(sqlite3.connect(tmp_path / "new.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        opening = asyncio.create_task(Database.open(tmp_path / "new.sqlite3"))
        done, _ = await asyncio.wait({opening}, timeout=0.3)
        assert not done
        other.execute("COMMIT")
    database = await opening
    assert await count(database) == 0
    await database.close()


async def test_a_newer_database_is_left_alone(database: Database, database_address: str | Path) -> None:
    """A program that does not know the tables says so and starts nothing."""
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StartupError, match="newer"):
        await Database.open(database_address)


async def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    """What fails halfway leaves nothing behind, and errors of ours pass through as they are."""

    async def fail() -> None:
        async with database.transaction() as connection:
            await connection.execute(ADD_RECORD, {"id": "r"})
            raise NotFound("there is no such thing")

    with pytest.raises(NotFound):
        await fail()
    assert await count(database) == 0


async def test_a_reader_sees_one_moment(database: Database) -> None:
    """What others commit meanwhile is for the next reader; nobody waits."""
    async with database.reading() as reader:
        assert (await reader.execute(COUNT)).scalar_one() == 0
        async with database.transaction() as connection:
            await connection.execute(ADD_RECORD, {"id": "r"})
        assert (await reader.execute(COUNT)).scalar_one() == 0
    assert await count(database) == 1


async def test_writers_take_turns(database: Database) -> None:
    """Who writes while another does waits; nothing is lost and nobody is refused."""

    async def add(number: int) -> None:
        async with database.transaction() as connection:
            before = (await connection.execute(COUNT)).scalar_one()
            await connection.execute(ADD_RECORD, {"id": f"r{number}-{before}"})

    await asyncio.gather(*(add(number) for number in range(20)))
    assert await count(database) == 20


async def test_a_refused_statement_keeps_its_values_to_itself(database: Database) -> None:
    """What breaks a rule of the tables is a fault of ours, told without a word of what was to be written."""
    with pytest.raises(InternalError) as refused:
        async with database.transaction() as connection:
            await connection.execute(ADD)
    assert "Ann" not in str(refused.value)
    assert refused.value.__cause__ is None


async def test_an_answering_database_takes_a_ping(database: Database) -> None:
    """A database that is there answers."""
    await database.ping()


async def test_a_stopped_server_is_unavailable_and_then_there_again(private_postgres: PostgresServer) -> None:
    """Connections that a restart has cut are made anew without anybody's help."""
    database = await Database.open(private_postgres.url("postgres"))
    private_postgres.stop()
    with pytest.raises(StoreUnavailable) as away:
        await database.ping()
    assert away.value.retry_after_seconds is not None
    with pytest.raises(StoreUnavailable):
        await count(database)
    private_postgres.start()
    assert await count(database) == 0
    await database.close()


async def test_a_transaction_that_is_cut_off_is_unavailable(private_postgres: PostgresServer) -> None:
    """A server that goes in the middle of a transaction leaves nothing of it."""
    database = await Database.open(private_postgres.url("postgres"))

    async def write() -> None:
        async with database.transaction() as connection:
            await connection.execute(ADD_RECORD, {"id": "r"})
            private_postgres.stop()
            await connection.execute(COUNT)

    with pytest.raises(StoreUnavailable):
        await write()
    private_postgres.start()
    assert await count(database) == 0
    await database.close()


async def test_a_file_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    """A folder that is missing is not made here."""
    with pytest.raises(StoreUnavailable):
        await Database.open(tmp_path / "missing" / "records.sqlite3")


@pytest.mark.parametrize("address", ["no url", "mysql://user:secret@host/name", "redis://host", ""])
async def test_an_address_that_means_nothing_is_refused(address: str) -> None:
    """The sentence names the setting and holds nothing of the address, which may have a password."""
    with pytest.raises(StartupError, match="database_url") as refused:
        await Database.open(address)
    assert "secret" not in str(refused.value)


async def test_sqlite_has_a_url_too(tmp_path: Path) -> None:
    """A file may be named by URL."""
    database = await Database.open(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    await database.ping()
    assert database.is_sqlite
    await database.close()


async def test_nothing_deleted_is_left_in_sqlites_files(tmp_path: Path) -> None:
    """After scrubbing no file of the database holds a byte of what was deleted."""
    database = await Database.open(tmp_path / "records.sqlite3")
    async with database.transaction() as connection:
        await connection.execute(ADD_RECORD, {"id": "very-secret"})
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM records"))
    await database.scrub()
    assert b"very-secret" not in bytes_in(tmp_path)
    await database.close()


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a\0b", "a\ufffdb"), ("a\ud800b", "a\ufffdb"), ("\ud83d\ude00", "😀"), ("😀 é", "😀 é"), ("", "")],
)
def test_text_is_made_fit_for_both(given: str, kept: str) -> None:
    """NUL and lone halves of surrogate pairs become U+FFFD, all else stays."""
    assert plain(given) == kept
