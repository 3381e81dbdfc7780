"""Organisations' vocabularies in the SQL database, each one row: they are read and written as a whole."""

from __future__ import annotations

import json
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from stream_server.store.sql import Database, PlainText, metadata
from stream_server.store.vocabularies import Vocabulary
from stream_server.text.formatting import Replacement, Term

vocabularies = sa.Table(
    "vocabularies",
    metadata,
    sa.Column("organisation", PlainText, primary_key=True),
    sa.Column("terms", sa.Text, nullable=False),
    sa.Column("replacements", sa.Text, nullable=False),
    sa.Column("modified_at", sa.Double, nullable=False),
)


class SqlVocabularies:
    """Implement the contract on `store.sql`; terms are JSON of ASCII alone, which any database keeps as it is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_vocabulary(self, organisation: str) -> Vocabulary:
        """Return the organisation's."""
        asked = sa.select(vocabularies).where(vocabularies.c.organisation == organisation)
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
        if row is None:
            return Vocabulary()
        return Vocabulary(
            terms=tuple(Term(each["text"], tuple(each["sounds_like"])) for each in json.loads(row.terms)),
            replacements=tuple(Replacement(each["find"], each["replace"]) for each in json.loads(row.replacements)),
            modified_at=row.modified_at,
        )

    async def put_vocabulary(self, organisation: str, vocabulary: Vocabulary) -> None:
        """Keep this one instead."""
        row = {
            "organisation": organisation,
            "terms": json.dumps([asdict(term) for term in vocabulary.terms]),
            "replacements": json.dumps([asdict(each) for each in vocabulary.replacements]),
            "modified_at": vocabulary.modified_at or 0.0,
        }
        insert = sqlite.insert(vocabularies) if self._database.is_sqlite else postgresql.insert(vocabularies)
        statement = insert.values(row).on_conflict_do_update(index_elements=["organisation"], set_=row)
        async with self._database.transaction() as connection:
            await connection.execute(statement)
        await self._database.scrub()

    async def delete_vocabulary(self, organisation: str) -> bool:
        """Delete it; the file keeps no copy."""
        chosen = vocabularies.c.organisation == organisation
        async with self._database.transaction() as connection:
            count = (await connection.execute(sa.delete(vocabularies).where(chosen))).rowcount
        await self._database.scrub()
        return bool(count)
