"""The tables of records; `migrations/versions/v0001_records.py` makes them.

`words` is JSON that `sql_records` writes and reads: a list for each word. `seen_at` is when a server last said that the
session lives. Whatever hangs on a record goes with it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from stream_server.store.sql import PlainText, metadata

records = Table(
    "records",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("user_id", PlainText),
    Column("meeting_id", PlainText),
    Column("label", PlainText),
    Column("kind", Text, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("seen_at", Double, nullable=False),
    Column("clock_rate", Integer, nullable=False),
    Column("end_sample", BigInteger),
    Column("model", Text, nullable=False),
    Column("language", PlainText),
    Column("tracks", PlainText, nullable=False),
    Column("outcome", Text),
    Column("lost", Integer, nullable=False, server_default=text("0")),
    Column("revision", Integer, nullable=False, server_default=text("0")),
    Index("ix_records_organisation_started_at_id", "organisation", "started_at", "id"),
    Index("ix_records_organisation_meeting_id", "organisation", "meeting_id"),
    Index("ix_records_ended_at", "ended_at"),
)


def _record_id() -> Column[str]:
    return Column("record_id", Text, ForeignKey("records.id", ondelete="CASCADE"), primary_key=True)


segments = Table(
    "segments",
    metadata,
    _record_id(),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("utterance_id", Text, nullable=False),
    Column("track", Integer, nullable=False),
    Column("start_sample", BigInteger, nullable=False),
    Column("end_sample", BigInteger, nullable=False),
    Column("speaker", Integer),
    Column("language", PlainText),
    Column("text", PlainText, nullable=False),
    Column("words", PlainText, nullable=False),
)

speakers = Table(
    "speakers",
    metadata,
    _record_id(),
    Column("speaker", Integer, primary_key=True, autoincrement=False),
    Column("name", PlainText),
)

embeddings = Table(
    "embeddings",
    metadata,
    _record_id(),
    Column("track", Integer, primary_key=True, autoincrement=False),
    Column("model", Text, nullable=False),
    Column("vectors", LargeBinary, nullable=False),
)
