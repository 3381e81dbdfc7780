"""Finished recordings: jobs, and what was recognised of those that are not done yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text),
        sa.Column("key_id", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("modified_at", sa.Double, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("meeting_id", sa.Text),
        sa.Column("media", sa.Text),
        sa.Column("submission", sa.Text, nullable=False),
        sa.Column("mime_type", sa.Text),
        sa.Column("seconds", sa.Double),
        sa.Column("sample_rate", sa.Integer),
        sa.Column("channels", sa.Integer),
        sa.Column("progress", sa.Double, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("error_code", sa.Text),
        sa.Column("error_message", sa.Text),
        sa.Column("archived", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_organisation_created_at_id", "jobs", ["organisation", "created_at", "id"])
    op.create_index("ix_jobs_status_modified_at", "jobs", ["status", "modified_at"])
    op.create_table(
        "job_steps",
        sa.Column("job_id", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("result", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "step", name="pk_job_steps"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_job_steps_job_id_jobs", ondelete="CASCADE"),
    )
