"""Alembic's entry point: run the migrations on the connection that the catalogue hands over."""

from __future__ import annotations

from alembic import context

from corpus.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter columns in place
)
with context.begin_transaction():
    context.run_migrations()
