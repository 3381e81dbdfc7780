"""Organisations' vocabularies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "vocabularies",
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("replacements", sa.Text, nullable=False),
        sa.Column("modified_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("organisation", name="pk_vocabularies"),
    )
