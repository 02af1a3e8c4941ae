"""Records ↔ rows of the catalogue's tables."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.documents import Access, Chunk, Document, Level, Metadata, Status
from corpus.tables import chunks, documents
from corpus.validity import Relation, RelationKind, title_key

# A document's columns but its text, which is long and fetched apart; by place, because looking a
# column up by name costs more than all else in reading a row.
DOCUMENT_COLUMNS = tuple(column for column in documents.c if column.name != "text")
CHUNK_COLUMNS = tuple(chunks.c)
_PLACE = {column.name: place for place, column in enumerate(DOCUMENT_COLUMNS)}


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document version about to be recorded, with its text and its chunks."""

    document: Document
    text: str
    chunks: tuple[Chunk, ...]
    settings_digest: str


def document_row(new: NewDocument) -> dict[str, Any]:
    """Return the row of a document version."""
    document, metadata = new.document, new.document.metadata
    return {
        "id": document.id,
        "source": document.source,
        "version": document.version,
        "current": document.current,
        "access": str(document.access),
        "sha256": document.sha256,
        "settings_digest": new.settings_digest,
        "media_type": document.media_type,
        "title": metadata.title,
        "title_key": title_key(metadata.title),
        "issuer": metadata.issuer,
        "document_number": metadata.document_number,
        "index_number": metadata.index_number,
        "kind": metadata.kind,
        "written": metadata.written,
        "published": metadata.published,
        "effective": metadata.effective,
        "expires": metadata.expires,
        "status": str(metadata.status) if metadata.status else None,
        "region": metadata.region,
        "level": str(metadata.level) if metadata.level else None,
        "replaces": list(metadata.replaces),
        "source_url": metadata.source_url,
        "added": document.added or time.time(),
        "chunk_count": len(new.chunks),
        "text": new.text,
    }


def document_of(row: Sequence[Any]) -> Document:
    """Return the document of a row of DOCUMENT_COLUMNS."""
    return Document(
        id=row[_PLACE["id"]],
        source=row[_PLACE["source"]],
        version=row[_PLACE["version"]],
        current=row[_PLACE["current"]],
        access=Access(row[_PLACE["access"]]),
        sha256=row[_PLACE["sha256"]],
        media_type=row[_PLACE["media_type"]],
        metadata=Metadata(
            title=row[_PLACE["title"]],
            issuer=row[_PLACE["issuer"]],
            document_number=row[_PLACE["document_number"]],
            index_number=row[_PLACE["index_number"]],
            kind=row[_PLACE["kind"]],
            written=row[_PLACE["written"]],
            published=row[_PLACE["published"]],
            effective=row[_PLACE["effective"]],
            expires=row[_PLACE["expires"]],
            status=Status(row[_PLACE["status"]]) if row[_PLACE["status"]] else None,
            region=row[_PLACE["region"]],
            level=Level(row[_PLACE["level"]]) if row[_PLACE["level"]] else None,
            replaces=tuple(row[_PLACE["replaces"]]),
            source_url=row[_PLACE["source_url"]],
        ),
        added=row[_PLACE["added"]],
        chunk_count=row[_PLACE["chunk_count"]],
    )


def chunk_row(chunk: Chunk) -> dict[str, Any]:
    """Return the row of a chunk."""
    return {
        "id": chunk.id,
        "document_id": chunk.document_id,
        "start": chunk.start,
        "end": chunk.end,
        "text": chunk.text,
        "heading_path": list(chunk.heading_path),
        "locator": chunk.locator,
        "lead": chunk.lead,
        "page": chunk.page,
    }


def chunk_of(row: Sequence[Any]) -> Chunk:
    """Return the chunk of a row of CHUNK_COLUMNS."""
    key, document_id, start, end, text, heading_path, locator, lead, page = row
    return Chunk(
        id=key,
        document_id=document_id,
        start=start,
        end=end,
        text=text,
        heading_path=tuple(heading_path),
        locator=locator,
        lead=lead,
        page=page,
    )


def relation_row(relation: Relation) -> dict[str, Any]:
    """Return the row of a relation."""
    return {
        "older": relation.older,
        "newer": relation.newer,
        "kind": str(relation.kind),
        "since": relation.since,
        "note": relation.note,
        "by_hand": relation.by_hand,
    }


def relation_of(row: Mapping[Any, Any]) -> Relation:
    """Return the relation of a row, by column name."""
    return Relation(
        older=row["older"],
        newer=row["newer"],
        kind=RelationKind(row["kind"]),
        since=row["since"],
        note=row["note"],
        by_hand=row["by_hand"],
    )
