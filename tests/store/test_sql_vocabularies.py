"""Laws of organisations' vocabularies in the SQL database, on both databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stream_server.store.sql import Database
from stream_server.store.sql_vocabularies import SqlVocabularies
from stream_server.store.vocabularies import Vocabulary
from stream_server.text.formatting import Replacement, Term

OURS = Vocabulary(
    terms=(Term("Meemo", ("mimo", "me mo")), Term("Café\0 \U0001f600")),
    replacements=(Replacement("rapat", "Rapat"), Replacement("eh", "")),
    modified_at=100.5,
)


def bytes_in(directory: Path) -> bytes:
    """Return all that a SQLite database's files hold; nothing where it is another's."""
    return b"".join(path.read_bytes() for path in sorted(directory.glob("records.sqlite3*")))


@pytest.fixture
def store(database: Database) -> SqlVocabularies:
    """Give an empty store on each database."""
    return SqlVocabularies(database)


async def test_a_vocabulary_comes_back_as_it_was(store: SqlVocabularies) -> None:
    """To the last character, also those that no database keeps as text."""
    await store.put_vocabulary("acme", OURS)
    assert await store.find_vocabulary("acme") == OURS


async def test_another_organisation_has_none(store: SqlVocabularies) -> None:
    """Each has its own; where there is none an empty one is found."""
    await store.put_vocabulary("acme", OURS)
    assert await store.find_vocabulary("globex") == Vocabulary()
    assert not await store.delete_vocabulary("globex")
    assert await store.find_vocabulary("acme") == OURS


async def test_a_new_one_takes_the_place_of_the_old(store: SqlVocabularies) -> None:
    """It is given as a whole, never a term at a time."""
    await store.put_vocabulary("acme", OURS)
    newer = replace(OURS, terms=(Term("Prosa"),), modified_at=101.0)
    await store.put_vocabulary("acme", newer)
    assert await store.find_vocabulary("acme") == newer


async def test_what_is_deleted_is_gone(store: SqlVocabularies, tmp_path: Path) -> None:
    """From the files of SQLite too."""
    await store.put_vocabulary("acme", OURS)
    assert await store.delete_vocabulary("acme")
    assert await store.find_vocabulary("acme") == Vocabulary()
    assert not await store.delete_vocabulary("acme")
    assert b"Meemo" not in bytes_in(tmp_path)
