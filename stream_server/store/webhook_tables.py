"""The tables of webhooks; `migrations/versions/v0004_webhooks.py` makes them.

`event_filters` is JSON, a list. `lease` names the claim under which a process works on a delivery, up to
`leased_until`; `tried` counts its attempts. Deliveries go with their endpoint and with their event.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from stream_server.store.sql import PlainText, metadata

endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("organisation", PlainText, nullable=False),
    Column("url", PlainText, nullable=False),
    Column("event_filters", Text, nullable=False),
    Column("ssl_verification", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
    Index("ix_webhook_endpoints_organisation_created_at_id", "organisation", "created_at", "id"),
)

secrets = Table(
    "webhook_secrets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("endpoint_id", PlainText, ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
    Column("key_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("ix_webhook_secrets_endpoint_id", "endpoint_id"),
)

events = Table(
    "webhook_events",
    metadata,
    Column("organisation", PlainText, primary_key=True),
    Column("id", PlainText, primary_key=True),
    Column("event_type", Text, nullable=False),
    Column("subject", PlainText, nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Index("ix_webhook_events_organisation_created_at_id", "organisation", "created_at", "id"),
    Index("ix_webhook_events_subject", "subject"),
    Index("ix_webhook_events_created_at", "created_at"),
)

deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("organisation", PlainText, nullable=False),
    Column("endpoint_id", PlainText, ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", PlainText, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("tried", Integer, nullable=False, server_default=text("0")),
    Column("lease", Text),
    Column("leased_until", Double, nullable=False, server_default=text("0")),
    ForeignKeyConstraint(
        ["organisation", "event_id"],
        ["webhook_events.organisation", "webhook_events.id"],
        name="fk_webhook_deliveries_event",
        ondelete="CASCADE",
    ),
    Index("ix_webhook_deliveries_endpoint_id_created_at_id", "endpoint_id", "created_at", "id"),
    Index("ix_webhook_deliveries_organisation_event_id", "organisation", "event_id"),
    Index("ix_webhook_deliveries_state_due_at", "state", "due_at"),
)

attempts = Table(
    "webhook_attempts",
    metadata,
    Column("delivery_id", PlainText, ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("response_status", Integer),
    Column("trouble", Text),
    Column("elapsed_seconds", Double, nullable=False),
)
