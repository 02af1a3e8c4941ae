"""The record of every document and version: the source of truth the indexes are rebuilt from."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, OperationalError

from corpus.documents import Access, Chunk, Document, Level, Metadata, Status
from corpus.errors import StorageError, UsageError
from corpus.tables import chunks, documents, relations, state
from corpus.validity import Relation, RelationKind, find_relations, title_key

SCHEMA_VERSION = "0001"  # the newest migration in corpus/migrations/versions
BUSY_MS = 10_000


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document version about to be recorded, with its text and its chunks."""

    document: Document
    text: str
    chunks: tuple[Chunk, ...]
    settings_digest: str


_DOCUMENT_COLUMNS = [column for column in documents.c if column.name != "text"]


class Catalogue:
    """The documents, their versions, chunks and relations, in a database.

    `url` is a SQLAlchemy URL; a plain path means SQLite. Every method is one transaction. Errors of
    the database come out as `StorageError`, one sentence each.
    """

    def __init__(self, url: str | Path) -> None:
        """Open the database, creating or migrating its tables where needed."""
        self.url = f"sqlite:///{url}" if isinstance(url, Path) else url
        self._engine = sa.create_engine(self.url)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _configure_sqlite)
        with self._guard():
            self._migrate()

    def close(self) -> None:
        """Release the connections."""
        self._engine.dispose()

    # ------------------------------------------------------------ reading

    def revision(self) -> int:
        """Return a number that rises with every change a reader could see."""
        return int(self.get_state("revision") or 0)

    def get_state(self, key: str) -> str | None:
        """Return a remembered value, or None."""
        with self._begin() as connection:
            return connection.execute(
                sa.select(state.c.value).where(state.c.key == key)
            ).scalar_one_or_none()

    def documents(
        self, *, access: Access | None = None, current: bool | None = True
    ) -> list[Document]:
        """Return documents in order of source and version; `current=None` returns every version."""
        query = sa.select(*_DOCUMENT_COLUMNS).order_by(documents.c.source, documents.c.version)
        if access is not None:
            query = query.where(documents.c.access == access)
        if current is not None:
            query = query.where(documents.c.current == current)
        with self._begin() as connection:
            return [_document(row) for row in connection.execute(query).mappings()]

    def documents_by_id(self, ids: Iterable[str]) -> dict[str, Document]:
        """Return the named documents by id; unknown ids are left out."""
        found: dict[str, Document] = {}
        with self._begin() as connection:
            for part in _parts(ids):
                query = sa.select(*_DOCUMENT_COLUMNS).where(documents.c.id.in_(part))
                for row in connection.execute(query).mappings():
                    found[row["id"]] = _document(row)
        return found

    def versions_of(self, sources: Iterable[str]) -> dict[str, list[Document]]:
        """Return every version of the named sources, by source."""
        query = sa.select(*_DOCUMENT_COLUMNS).where(documents.c.source.in_(list(sources)))
        found: dict[str, list[Document]] = {}
        with self._begin() as connection:
            for row in connection.execute(query).mappings():
                found.setdefault(row["source"], []).append(_document(row))
        return found

    def find(self, name: str, *, access: Access | None = None) -> list[Document]:
        """Return the current documents whose id, source, 文号 or title is exactly `name`."""
        query = sa.select(*_DOCUMENT_COLUMNS).where(
            documents.c.current,
            sa.or_(
                documents.c.id == name,
                documents.c.source == name,
                documents.c.document_number == name,
                documents.c.title_key == title_key(name),
            ),
        )
        if access is not None:
            query = query.where(documents.c.access == access)
        with self._begin() as connection:
            return [_document(row) for row in connection.execute(query).mappings()]

    def text(self, document_id: str) -> str:
        """Return the normalised text of a document version."""
        with self._begin() as connection:
            text = connection.execute(
                sa.select(documents.c.text).where(documents.c.id == document_id)
            ).scalar_one_or_none()
        if text is None:
            raise UsageError(f"没有编号为 {document_id!r} 的文件；查看全部：python -m corpus list")
        return str(text)

    def chunks(self, ids: Iterable[str]) -> dict[str, Chunk]:
        """Return the named chunks by id; unknown ids are left out."""
        found: dict[str, Chunk] = {}
        with self._begin() as connection:
            for part in _parts(ids):
                query = sa.select(chunks).where(chunks.c.id.in_(part))
                for row in connection.execute(query).mappings():
                    found[row["id"]] = _chunk(row)
        return found

    def chunks_of(self, document_id: str) -> list[Chunk]:
        """Return the chunks of a document version in order."""
        query = (
            sa.select(chunks).where(chunks.c.document_id == document_id).order_by(chunks.c.start)
        )
        with self._begin() as connection:
            return [_chunk(row) for row in connection.execute(query).mappings()]

    def current_chunk_ids(self, access: Access) -> set[str]:
        """Return the ids of all chunks that must be in the indexes of an access level."""
        query = (
            sa.select(chunks.c.id)
            .join(documents, documents.c.id == chunks.c.document_id)
            .where(documents.c.current, documents.c.access == access)
        )
        with self._begin() as connection:
            return set(connection.execute(query).scalars())

    def relations_of(self, ids: Iterable[str]) -> dict[str, list[Relation]]:
        """Return what ends each of the named documents, by the id of the older one."""
        query = sa.select(relations).where(relations.c.older.in_(list(ids)))
        found: dict[str, list[Relation]] = {}
        with self._begin() as connection:
            for row in connection.execute(query).mappings():
                found.setdefault(row["older"], []).append(_relation(row))
        return found

    def stats(self) -> dict[str, Any]:
        """Return counts of documents, versions and chunks, by access level and status."""
        with self._begin() as connection:
            rows = connection.execute(
                sa.select(
                    documents.c.access,
                    documents.c.current,
                    sa.func.count(),
                    sa.func.sum(documents.c.chunk_count),
                ).group_by(documents.c.access, documents.c.current)
            ).all()
        result: dict[str, Any] = {
            level: {"documents": 0, "chunks": 0, "versions": 0} for level in Access
        }
        for access, current, count, chunk_count in rows:
            result[access]["versions"] += count
            if current:
                result[access]["documents"] += count
                result[access]["chunks"] += int(chunk_count or 0)
        return result

    # ------------------------------------------------------------ writing

    def set_state(self, **values: str) -> None:
        """Remember values under their keys."""
        with self._begin() as connection:
            _set_state(connection, values)

    def record(self, batch: Sequence[NewDocument]) -> None:
        """Record document versions as the current ones of their sources.

        Call it last: a row here means that every chunk of the document has reached the indexes.
        """
        if not batch:
            return
        with self._begin() as connection:
            sources = [new.document.source for new in batch]
            connection.execute(
                sa.update(documents).where(documents.c.source.in_(sources)).values(current=False)
            )
            ids = [new.document.id for new in batch]
            # A version that comes back (a file changed and changed back) is the same row again.
            connection.execute(sa.delete(chunks).where(chunks.c.document_id.in_(ids)))
            connection.execute(sa.delete(documents).where(documents.c.id.in_(ids)))
            connection.execute(sa.insert(documents), [_document_row(new) for new in batch])
            rows = [_chunk_row(chunk) for new in batch for chunk in new.chunks]
            if rows:
                connection.execute(sa.insert(chunks), rows)
            _raise_revision(connection)

    def retire(self, ids: Sequence[str]) -> None:
        """Mark versions as no longer current; their text stays for the citations already given."""
        with self._begin() as connection:
            connection.execute(
                sa.update(documents).where(documents.c.id.in_(list(ids))).values(current=False)
            )
            _raise_revision(connection)

    def forget(self, ids: Sequence[str]) -> None:
        """Delete versions and everything about them."""
        with self._begin() as connection:
            wanted = list(ids)
            connection.execute(
                sa.delete(relations).where(
                    sa.or_(relations.c.older.in_(wanted), relations.c.newer.in_(wanted))
                )
            )
            connection.execute(sa.delete(chunks).where(chunks.c.document_id.in_(wanted)))
            connection.execute(sa.delete(documents).where(documents.c.id.in_(wanted)))
            _raise_revision(connection)

    def relate(self, relation: Relation) -> None:
        """Record a relation that a person decided; it replaces one between the same documents."""
        with self._begin() as connection:
            connection.execute(
                sa.delete(relations).where(
                    relations.c.older == relation.older, relations.c.newer == relation.newer
                )
            )
            connection.execute(sa.insert(relations), [_relation_row(relation)])
            _raise_revision(connection)

    def refresh_relations(self) -> int:
        """Read again which document ends which; return how many relations hold now.

        What a person decided is kept.
        """
        everything = self.documents()
        found = find_relations(everything)
        with self._begin() as connection:
            by_hand = {
                (row.older, row.newer)
                for row in connection.execute(
                    sa.select(relations.c.older, relations.c.newer).where(relations.c.by_hand)
                )
            }
            before = {
                (row.older, row.newer, row.kind, row.since)
                for row in connection.execute(sa.select(relations).where(~relations.c.by_hand))
            }
            rows = [_relation_row(r) for r in found if (r.older, r.newer) not in by_hand]
            after = {(row["older"], row["newer"], row["kind"], row["since"]) for row in rows}
            if after != before:
                connection.execute(sa.delete(relations).where(~relations.c.by_hand))
                if rows:
                    connection.execute(sa.insert(relations), rows)
                _raise_revision(connection)
        return len(after) + len(by_hand)

    # ------------------------------------------------------------ inside

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        with self._guard(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Turn the errors of the database into sentences."""
        try:
            yield
        except OperationalError as error:
            raise StorageError(_explain(self.url, str(error.orig))) from error
        except DatabaseError as error:
            raise StorageError(_explain(self.url, str(error.orig))) from error

    def _migrate(self) -> None:
        with self._engine.begin() as connection:
            version = None
            if sa.inspect(connection).has_table("alembic_version"):
                version = connection.execute(
                    sa.text("select version_num from alembic_version")
                ).scalar_one_or_none()
            if version == SCHEMA_VERSION:
                return
            if version is not None and version > SCHEMA_VERSION:
                raise StorageError(
                    f"目录库 {self.url} 由更新的程序版本建立（{version}）；请升级本程序后再打开"
                )
            # Imported here: Alembic costs a third of a second that a question should not pay.
            from alembic import command
            from alembic.config import Config

            config = Config()
            config.set_main_option(
                "script_location", str(Path(__file__).parent / "migrations").replace("%", "%%")
            )
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _parts(ids: Iterable[str], size: int = 10_000) -> Iterator[list[str]]:
    """Split ids into lists that a database takes as parameters (SQLite: at most 32,766)."""
    everything = list(ids)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]


def _configure_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"pragma busy_timeout = {BUSY_MS}")
    cursor.execute("pragma journal_mode = wal")
    cursor.execute("pragma synchronous = normal")
    cursor.execute("pragma foreign_keys = on")
    cursor.close()


def _explain(url: str, reason: str) -> str:
    lowered = reason.lower()
    if "locked" in lowered:
        return f"目录库 {url} 正被另一个进程写入（已等待 {BUSY_MS // 1000} 秒）；请等它结束后重试"
    if "full" in lowered or "disk i/o" in lowered:
        return f"目录库 {url} 写入失败，磁盘可能已满：{reason}；请清理空间后重新运行同一条命令"
    if "readonly" in lowered or "unable to open" in lowered or "permission" in lowered:
        return f"目录库 {url} 打不开或不可写：{reason}；请检查目录权限，或用 ASSISTANT_DATA_DIR 另指定目录"
    if "not a database" in lowered or "malformed" in lowered:
        return f"目录库 {url} 已损坏：{reason}；请恢复备份，或删除数据目录后重新运行 python -m corpus sync"
    return f"目录库 {url} 出错：{reason}"


def _set_state(connection: sa.Connection, values: Mapping[str, str]) -> None:
    connection.execute(sa.delete(state).where(state.c.key.in_(list(values))))
    rows = [{"key": key, "value": value} for key, value in values.items()]
    connection.execute(sa.insert(state), rows)


def _raise_revision(connection: sa.Connection) -> None:
    found = connection.execute(
        sa.select(state.c.value).where(state.c.key == "revision")
    ).scalar_one_or_none()
    _set_state(connection, {"revision": str(int(found or 0) + 1)})


def _document_row(new: NewDocument) -> dict[str, Any]:
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


def _document(row: Mapping[Any, Any]) -> Document:
    return Document(
        id=row["id"],
        source=row["source"],
        version=row["version"],
        current=row["current"],
        access=Access(row["access"]),
        sha256=row["sha256"],
        media_type=row["media_type"],
        metadata=Metadata(
            title=row["title"],
            issuer=row["issuer"],
            document_number=row["document_number"],
            index_number=row["index_number"],
            kind=row["kind"],
            written=row["written"],
            published=row["published"],
            effective=row["effective"],
            expires=row["expires"],
            status=Status(row["status"]) if row["status"] else None,
            region=row["region"],
            level=Level(row["level"]) if row["level"] else None,
            replaces=tuple(row["replaces"]),
            source_url=row["source_url"],
        ),
        added=row["added"],
        chunk_count=row["chunk_count"],
    )


def _chunk_row(chunk: Chunk) -> dict[str, Any]:
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


def _chunk(row: Mapping[Any, Any]) -> Chunk:
    return Chunk(
        id=row["id"],
        document_id=row["document_id"],
        start=row["start"],
        end=row["end"],
        text=row["text"],
        heading_path=tuple(row["heading_path"]),
        locator=row["locator"],
        lead=row["lead"],
        page=row["page"],
    )


def _relation_row(relation: Relation) -> dict[str, Any]:
    return {
        "older": relation.older,
        "newer": relation.newer,
        "kind": str(relation.kind),
        "since": relation.since,
        "note": relation.note,
        "by_hand": relation.by_hand,
    }


def _relation(row: Mapping[Any, Any]) -> Relation:
    return Relation(
        older=row["older"],
        newer=row["newer"],
        kind=RelationKind(row["kind"]),
        since=row["since"],
        note=row["note"],
        by_hand=row["by_hand"],
    )
