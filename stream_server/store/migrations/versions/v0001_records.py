"""Records: sessions, their segments, speakers and voice embeddings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "records",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text),
        sa.Column("meeting_id", sa.Text),
        sa.Column("label", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("started_at", sa.Double, nullable=False),
        sa.Column("ended_at", sa.Double),
        sa.Column("seen_at", sa.Double, nullable=False),
        sa.Column("clock_rate", sa.Integer, nullable=False),
        sa.Column("end_sample", sa.BigInteger),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("tracks", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("lost", sa.Integer, nullable=False, server_default="0"),
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_records"),
    )
    op.create_index("ix_records_organisation_started_at_id", "records", ["organisation", "started_at", "id"])
    op.create_index("ix_records_organisation_meeting_id", "records", ["organisation", "meeting_id"])
    op.create_index("ix_records_ended_at", "records", ["ended_at"])
    op.create_table(
        "segments",
        _record_id(),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("utterance_id", sa.Text, nullable=False),
        sa.Column("track", sa.Integer, nullable=False),
        sa.Column("start_sample", sa.BigInteger, nullable=False),
        sa.Column("end_sample", sa.BigInteger, nullable=False),
        sa.Column("speaker", sa.Integer),
        sa.Column("language", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("record_id", "sequence", name="pk_segments"),
        _cascade("segments"),
    )
    op.create_table(
        "speakers",
        _record_id(),
        sa.Column("speaker", sa.Integer, nullable=False),
        sa.Column("name", sa.Text),
        sa.PrimaryKeyConstraint("record_id", "speaker", name="pk_speakers"),
        _cascade("speakers"),
    )
    op.create_table(
        "embeddings",
        _record_id(),
        sa.Column("track", sa.Integer, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("vectors", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("record_id", "track", name="pk_embeddings"),
        _cascade("embeddings"),
    )


def _record_id() -> sa.Column[str]:
    return sa.Column("record_id", sa.Text, nullable=False)


def _cascade(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_record_id"
    return sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=name, ondelete="CASCADE")
