"""The record of every document and version: the source of truth the indexes are rebuilt from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from corpus.database import Database
from corpus.documents import Access, Chunk, Document
from corpus.errors import UsageError
from corpus.rows import (
    CHUNK_COLUMNS,
    DOCUMENT_COLUMNS,
    NewDocument,
    chunk_of,
    chunk_row,
    document_of,
    document_row,
    relation_of,
    relation_row,
)
from corpus.tables import chunks, documents, relations, state
from corpus.validity import Relation, find_relations, title_key

# Built once: SQLAlchemy then finds their compiled form again by identity.
_IDS: sa.BindParameter[str] = sa.bindparam("ids", expanding=True)
_DOCUMENTS_BY_ID = sa.select(*DOCUMENT_COLUMNS).where(documents.c.id.in_(_IDS))
_CHUNKS_BY_ID = sa.select(*CHUNK_COLUMNS).where(chunks.c.id.in_(_IDS))
_RELATIONS_OF = sa.select(relations).where(relations.c.older.in_(_IDS))
_STATE_VALUE = sa.select(state.c.value).where(state.c.key == sa.bindparam("key"))
_NAME: sa.BindParameter[str] = sa.bindparam("name")
_NAMED = sa.select(*DOCUMENT_COLUMNS).where(
    documents.c.current,
    sa.or_(
        documents.c.id == _NAME,
        documents.c.source == _NAME,
        documents.c.document_number == _NAME,
        documents.c.title_key == sa.bindparam("title"),
    ),
)
_NUMBERED = sa.select(*DOCUMENT_COLUMNS).where(
    documents.c.current, documents.c.document_number.in_(_IDS)
)
_NAMED_OF_LEVEL = _NAMED.where(documents.c.access == sa.bindparam("level"))


@dataclass(slots=True)
class _Memory:
    """Documents and what ends them, as read at one revision; never changed by a later one."""

    revision: int
    documents: dict[str, Document] = field(default_factory=dict)
    relations: dict[str, list[Relation]] = field(default_factory=dict)


class Catalogue:
    """The documents, their versions, chunks and relations, in a database.

    `url` is a SQLAlchemy URL; a plain path means SQLite. Every method is one transaction. Errors of
    the database come out as `StorageError`, one sentence each.

    Documents and relations are remembered between calls until this process writes or `refresh`
    sees that another one did.
    """

    def __init__(self, url: str | Path) -> None:
        """Open the database, creating or migrating its tables where needed."""
        self._database = Database(url)
        self._memory = _Memory(-1)

    def close(self) -> None:
        """Release the connections."""
        self._database.close()

    # ------------------------------------------------------------ reading

    def revision(self) -> int:
        """Return a number that rises with every change a reader could see."""
        return int(self.get_state("revision") or 0)

    def refresh(self) -> int:
        """Forget what was remembered if another process has written since; return the revision."""
        revision = self.revision()
        if revision != self._memory.revision:
            self._memory = _Memory(revision)
        return revision

    def get_state(self, key: str) -> str | None:
        """Return a remembered value, or None."""
        with self._database.begin() as connection:
            return connection.execute(_STATE_VALUE, {"key": key}).scalar_one_or_none()

    def documents(
        self, *, access: Access | None = None, current: bool | None = True
    ) -> list[Document]:
        """Return documents in order of source and version; `current=None` returns every version."""
        query = sa.select(*DOCUMENT_COLUMNS).order_by(documents.c.source, documents.c.version)
        if access is not None:
            query = query.where(documents.c.access == access)
        if current is not None:
            query = query.where(documents.c.current == current)
        with self._database.begin() as connection:
            return [document_of(row) for row in connection.execute(query)]

    def documents_by_id(self, ids: Iterable[str]) -> dict[str, Document]:
        """Return the named documents by id; unknown ids are left out."""
        memory = self._memory.documents
        wanted = list(dict.fromkeys(ids))
        lacking = [key for key in wanted if key not in memory]
        if lacking:
            with self._database.begin() as connection:
                for part in _parts(lacking):
                    for row in connection.execute(_DOCUMENTS_BY_ID, {"ids": part}):
                        document = document_of(row)
                        memory[document.id] = document
        return {key: memory[key] for key in wanted if key in memory}

    def versions_of(self, sources: Iterable[str]) -> dict[str, list[Document]]:
        """Return every version of the named sources, by source."""
        query = sa.select(*DOCUMENT_COLUMNS).where(documents.c.source.in_(list(sources)))
        found: dict[str, list[Document]] = {}
        with self._database.begin() as connection:
            for document in map(document_of, connection.execute(query)):
                found.setdefault(document.source, []).append(document)
        return found

    def find(self, name: str, *, access: Access | None = None) -> list[Document]:
        """Return the current documents whose id, source, 文号 or title is exactly `name`."""
        query = _NAMED if access is None else _NAMED_OF_LEVEL
        asked = {"name": name, "title": title_key(name)} | ({"level": access} if access else {})
        with self._database.begin() as connection:
            return [document_of(row) for row in connection.execute(query, asked)]

    def numbered(self, numbers: Iterable[str]) -> list[Document]:
        """Return the current documents whose 文号 is one of these."""
        found: list[Document] = []
        with self._database.begin() as connection:
            for part in _parts(numbers):
                rows = connection.execute(_NUMBERED, {"ids": part})
                found += [document_of(row) for row in rows]
        return found

    def text(self, document_id: str) -> str:
        """Return the normalised text of a document version."""
        with self._database.begin() as connection:
            text = connection.execute(
                sa.select(documents.c.text).where(documents.c.id == document_id)
            ).scalar_one_or_none()
        if text is None:
            raise UsageError(f"没有编号为 {document_id!r} 的文件；查看全部：python -m corpus list")
        return str(text)

    def chunks(self, ids: Iterable[str]) -> dict[str, Chunk]:
        """Return the named chunks by id; unknown ids are left out."""
        found: dict[str, Chunk] = {}
        with self._database.begin() as connection:
            for part in _parts(ids):
                for row in connection.execute(_CHUNKS_BY_ID, {"ids": part}):
                    chunk = chunk_of(row)
                    found[chunk.id] = chunk
        return found

    def chunks_of(self, document_id: str) -> list[Chunk]:
        """Return the chunks of a document version in order."""
        query = (
            sa.select(*CHUNK_COLUMNS)
            .where(chunks.c.document_id == document_id)
            .order_by(chunks.c.start)
        )
        with self._database.begin() as connection:
            return [chunk_of(row) for row in connection.execute(query)]

    def chunk_ids_of(self, document_ids: Iterable[str]) -> list[str]:
        """Return the ids of all chunks of the named documents."""
        found: list[str] = []
        with self._database.begin() as connection:
            for part in _parts(document_ids):
                query = sa.select(chunks.c.id).where(chunks.c.document_id.in_(part))
                found += connection.execute(query).scalars()
        return found

    def current_chunk_ids(self, access: Access) -> set[str]:
        """Return the ids of all chunks that must be in the indexes of an access level."""
        query = (
            sa.select(chunks.c.id)
            .join(documents, documents.c.id == chunks.c.document_id)
            .where(documents.c.current, documents.c.access == access)
        )
        with self._database.begin() as connection:
            return set(connection.execute(query).scalars())

    def relations_of(self, ids: Iterable[str]) -> dict[str, list[Relation]]:
        """Return what ends each of the named documents, by the id of the older one."""
        memory = self._memory.relations
        wanted = list(dict.fromkeys(ids))
        lacking = [key for key in wanted if key not in memory]
        if lacking:
            read: dict[str, list[Relation]] = {key: [] for key in lacking}
            with self._database.begin() as connection:
                for part in _parts(lacking):
                    for row in connection.execute(_RELATIONS_OF, {"ids": part}).mappings():
                        read[row["older"]].append(relation_of(row))
            memory.update(read)
        return {key: memory[key] for key in wanted if memory[key]}

    def stats(self) -> dict[str, Any]:
        """Return counts of documents, versions and chunks, by access level and status."""
        with self._database.begin() as connection:
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
        with self._database.begin() as connection:
            _set_state(connection, values)

    def record(self, batch: Sequence[NewDocument]) -> None:
        """Record document versions as the current ones of their sources.

        Call it last: a row here means that every chunk of the document has reached the indexes.
        """
        if not batch:
            return
        with self._changing() as connection:
            sources = [new.document.source for new in batch]
            connection.execute(
                sa.update(documents).where(documents.c.source.in_(sources)).values(current=False)
            )
            ids = [new.document.id for new in batch]
            decided = _take_decided(connection, batch)
            # What was found by reading is found again when the run ends.
            connection.execute(sa.delete(relations).where(relations.c.older.in_(ids)))
            # A version that comes back (a file changed and changed back) is the same row again.
            connection.execute(sa.delete(chunks).where(chunks.c.document_id.in_(ids)))
            connection.execute(sa.delete(documents).where(documents.c.id.in_(ids)))
            connection.execute(sa.insert(documents), [document_row(new) for new in batch])
            rows = [chunk_row(chunk) for new in batch for chunk in new.chunks]
            if rows:
                connection.execute(sa.insert(chunks), rows)
            if decided:
                connection.execute(sa.insert(relations), [relation_row(r) for r in decided])

    def retire(self, ids: Sequence[str]) -> None:
        """Mark versions as no longer current; their text stays for the citations already given."""
        with self._changing() as connection:
            connection.execute(
                sa.update(documents).where(documents.c.id.in_(list(ids))).values(current=False)
            )

    def relate(self, relation: Relation) -> None:
        """Record a relation that a person decided; it replaces one between the same documents."""
        with self._changing() as connection:
            connection.execute(
                sa.delete(relations).where(
                    relations.c.older == relation.older, relations.c.newer == relation.newer
                )
            )
            connection.execute(sa.insert(relations), [relation_row(relation)])

    def refresh_relations(self) -> int:
        """Read again which document ends which; return how many relations hold now.

        What a person decided is kept.
        """
        everything = self.documents()
        found = find_relations(everything)
        with self._database.begin() as connection:
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
            rows = [relation_row(r) for r in found if (r.older, r.newer) not in by_hand]
            after = {(row["older"], row["newer"], row["kind"], row["since"]) for row in rows}
            if after != before:
                connection.execute(sa.delete(relations).where(~relations.c.by_hand))
                if rows:
                    connection.execute(sa.insert(relations), rows)
                _raise_revision(connection)
        self._memory = _Memory(-1)
        return len(after) + len(by_hand)

    @contextmanager
    def _changing(self) -> Iterator[sa.Connection]:
        """Hold a transaction that readers will see as a new revision."""
        with self._database.begin() as connection:
            yield connection
            _raise_revision(connection)
        # After the commit: a reader in another thread may have remembered the old rows until then.
        self._memory = _Memory(-1)


def _parts(ids: Iterable[str], size: int = 10_000) -> Iterator[list[str]]:
    """Split ids into lists that a database takes as parameters (SQLite: at most 32,766)."""
    everything = list(ids)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]


def _take_decided(connection: sa.Connection, batch: Sequence[NewDocument]) -> list[Relation]:
    """Take out what a person decided about earlier versions; return it as said of the new ones."""
    new_of_source = {new.document.source: new.document.id for new in batch}
    versions = connection.execute(
        sa.select(documents.c.id, documents.c.source).where(documents.c.source.in_(new_of_source))
    )
    new_of = {row.id: new_of_source[row.source] for row in versions}
    about = relations.c.by_hand & (relations.c.older.in_(new_of) | relations.c.newer.in_(new_of))
    found = [
        relation_of(row) for row in connection.execute(sa.select(relations).where(about)).mappings()
    ]
    connection.execute(sa.delete(relations).where(about))
    carried = [
        replace(r, older=new_of.get(r.older, r.older), newer=new_of.get(r.newer, r.newer))
        for r in found
    ]
    return list({(r.older, r.newer): r for r in carried}.values())


def _set_state(connection: sa.Connection, values: Mapping[str, str]) -> None:
    connection.execute(sa.delete(state).where(state.c.key.in_(list(values))))
    rows = [{"key": key, "value": value} for key, value in values.items()]
    connection.execute(sa.insert(state), rows)


def _raise_revision(connection: sa.Connection) -> None:
    found = connection.execute(
        sa.select(state.c.value).where(state.c.key == "revision")
    ).scalar_one_or_none()
    _set_state(connection, {"revision": str(int(found or 0) + 1)})
