"""The tables of the catalogue; a change here needs a migration in `corpus/migrations`."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    # One row a version; a version never changes, apart from `current` and what a person decided.
    Column("id", String(32), primary_key=True),
    Column("source", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("access", String(16), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("settings_digest", String(64), nullable=False),
    Column("media_type", String(96), nullable=False),
    Column("title", Text, nullable=False),
    Column("title_key", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("document_number", Text, nullable=False),
    Column("index_number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("written", Date),
    Column("published", Date),
    Column("effective", Date),
    Column("expires", Date),
    Column("status", String(16)),
    Column("region", Text, nullable=False),
    Column("level", String(8)),
    Column("replaces", JSON, nullable=False),
    Column("source_url", Text, nullable=False),
    Column("added", Float, nullable=False),
    Column("chunk_count", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Index("documents_source", "source", "current"),
    Index("documents_number", "document_number"),
    Index("documents_title", "title_key"),
)

chunks = Table(
    "chunks",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("document_id", String(32), ForeignKey("documents.id"), nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("heading_path", JSON, nullable=False),
    Column("locator", Text, nullable=False),
    Column("lead", Text, nullable=False),
    Column("page", Integer),
    Index("chunks_document", "document_id", "start"),
)

relations = Table(
    "relations",
    metadata,
    # `newer` ends the validity of `older` from `since` on (kind says how); `by_hand` survives a
    # new reading of the corpus.
    Column("older", String(32), ForeignKey("documents.id"), primary_key=True),
    Column(
        "newer", String(32), primary_key=True
    ),  # empty where a person repealed without successor
    Column("kind", String(16), nullable=False),
    Column("since", Date),
    Column("note", Text, nullable=False),
    Column("by_hand", Boolean, nullable=False),
)

state = Table(
    "state",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
