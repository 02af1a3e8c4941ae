"""The first catalogue: documents, chunks, relations, state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "documents",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("current", sa.Boolean, nullable=False),
        sa.Column("access", sa.String(16), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("settings_digest", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(96), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("title_key", sa.Text, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("document_number", sa.Text, nullable=False),
        sa.Column("index_number", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("written", sa.Date),
        sa.Column("published", sa.Date),
        sa.Column("effective", sa.Date),
        sa.Column("expires", sa.Date),
        sa.Column("status", sa.String(16)),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("level", sa.String(8)),
        sa.Column("replaces", sa.JSON, nullable=False),
        sa.Column("source_url", sa.Text, nullable=False),
        sa.Column("added", sa.Float, nullable=False),
        sa.Column("chunk_count", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("documents_source", "documents", ["source", "current"])
    op.create_index("documents_number", "documents", ["document_number"])
    op.create_index("documents_title", "documents", ["title_key"])
    # Exactly one current version of each source: the database refuses a second one.
    op.create_index(
        "documents_one_current",
        "documents",
        ["source"],
        unique=True,
        sqlite_where=sa.text("current = 1"),
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "chunks",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("document_id", sa.String(32), sa.ForeignKey("documents.id"), nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("heading_path", sa.JSON, nullable=False),
        sa.Column("locator", sa.Text, nullable=False),
        sa.Column("lead", sa.Text, nullable=False),
        sa.Column("page", sa.Integer),
    )
    op.create_index("chunks_document", "chunks", ["document_id", "start"])
    op.create_table(
        "relations",
        sa.Column("older", sa.String(32), sa.ForeignKey("documents.id"), primary_key=True),
        sa.Column("newer", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("since", sa.Date),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("by_hand", sa.Boolean, nullable=False),
    )
    op.create_table(
        "state",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("state", "relations", "chunks", "documents"):
        op.drop_table(table)
