"""The tables of jobs."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Integer, LargeBinary, Table, Text

from stream_server.store.sql import PlainText, metadata

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("user_id", Text),
    Column("key_id", Text),
    Column("status", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("modified_at", Double, nullable=False),
    Column("label", PlainText),
    Column("meeting_id", PlainText),
    Column("media", PlainText),
    Column("submission", PlainText, nullable=False),
    Column("mime_type", Text),
    Column("seconds", Double),
    Column("sample_rate", Integer),
    Column("channels", Integer),
    Column("progress", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("worker", Text),
    Column("error_code", Text),
    Column("error_message", PlainText),
    Column("archived", Boolean, nullable=False),
    Index("ix_jobs_organisation_created_at_id", "organisation", "created_at", "id"),
    Index("ix_jobs_status_modified_at", "status", "modified_at"),
)

job_steps = Table(
    "job_steps",
    metadata,
    Column("job_id", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("step", Text, primary_key=True),
    Column("result", LargeBinary, nullable=False),
)
"""What was recognised of jobs that are not done yet."""
