"""Run the steps on the connection that `store.sql.migrate` hands over; Alembic looks for this file by name."""

from __future__ import annotations

from alembic import context

from stream_server.store.sql import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
