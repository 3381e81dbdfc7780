"""Webhooks: endpoints and their secrets, events, deliveries and their attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "webhook_endpoints",
        _text("id"),
        _text("organisation"),
        _text("url"),
        _text("event_filters"),
        sa.Column("ssl_verification", sa.Boolean, nullable=False),
        _time("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoints"),
    )
    _index("webhook_endpoints", "organisation", "created_at", "id")
    op.create_table(
        "webhook_secrets",
        _text("id"),
        _text("endpoint_id"),
        _time("created_at"),
        sa.Column("expires_at", sa.Double),
        _text("key_id"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_secrets"),
        _cascade("webhook_secrets", "endpoint_id", "webhook_endpoints"),
    )
    _index("webhook_secrets", "endpoint_id")
    op.create_table(
        "webhook_events",
        _text("organisation"),
        _text("id"),
        _text("event_type"),
        _text("subject"),
        _text("payload"),
        _time("created_at"),
        sa.PrimaryKeyConstraint("organisation", "id", name="pk_webhook_events"),
    )
    _index("webhook_events", "organisation", "created_at", "id")
    _index("webhook_events", "subject")
    _index("webhook_events", "created_at")
    _make_deliveries()


def _make_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        *(_text(name) for name in ("id", "organisation", "endpoint_id", "event_id", "event_type", "state")),
        _time("created_at"),
        _time("due_at"),
        sa.Column("tried", sa.Integer, nullable=False, server_default="0"),
        sa.Column("lease", sa.Text),
        sa.Column("leased_until", sa.Double, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
        _cascade("webhook_deliveries", "endpoint_id", "webhook_endpoints"),
        sa.ForeignKeyConstraint(
            ["organisation", "event_id"],
            ["webhook_events.organisation", "webhook_events.id"],
            name="fk_webhook_deliveries_event",
            ondelete="CASCADE",
        ),
    )
    _index("webhook_deliveries", "endpoint_id", "created_at", "id")
    _index("webhook_deliveries", "organisation", "event_id")
    _index("webhook_deliveries", "state", "due_at")
    op.create_table(
        "webhook_attempts",
        _text("delivery_id"),
        sa.Column("number", sa.Integer, nullable=False),
        _time("at"),
        sa.Column("response_status", sa.Integer),
        sa.Column("trouble", sa.Text),
        _time("elapsed_seconds"),
        sa.PrimaryKeyConstraint("delivery_id", "number", name="pk_webhook_attempts"),
        _cascade("webhook_attempts", "delivery_id", "webhook_deliveries"),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _time(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double, nullable=False)


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _cascade(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")
