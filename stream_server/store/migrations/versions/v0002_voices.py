"""Enrolled voices, and what was learned from samples until a voice is made of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "voices",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text),
        sa.Column("created_at", sa.Double, nullable=False),
        *_sealed(),
        sa.PrimaryKeyConstraint("id", name="pk_voices"),
    )
    op.create_index("ix_voices_organisation_created_at_id", "voices", ["organisation", "created_at", "id"])
    op.create_table(
        "voice_audios",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        *_sealed(),
        sa.PrimaryKeyConstraint("id", name="pk_voice_audios"),
    )
    op.create_index("ix_voice_audios_created_at", "voice_audios", ["created_at"])


def _sealed() -> tuple[sa.Column[str], sa.Column[int], sa.Column[str], sa.Column[bytes]]:
    return (
        sa.Column("embedder", sa.Text, nullable=False),
        sa.Column("dimensions", sa.Integer, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
