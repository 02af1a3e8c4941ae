"""The lexical index: BM25 over words and character bigrams, of clauses and of whole documents.

A clause says what is ruled; the document around it says where, for whom and by whom. Both are
searched, each by its own statistics (tantivy; fields come tokenised).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import tantivy

from corpus.documents import Chunk
from corpus.errors import StorageError
from corpus.tokens import bigrams, without_asking, words

# Fields and what a match in each is worth (BM25 of a field, times this). A title repeats what its
# clauses say, and short fields score high: more weight costs both development sets (eval/LOG.md).
FIELD_WEIGHTS = {
    "title_words": 0.1,
    "title_bigrams": 0.1,
    "body_words": 1.0,
    "body_bigrams": 1.0,
}
MAX_QUERY_TERMS = 64  # per view; a pasted page must not become a thousand-clause query
_WRITER_HEAP = 128_000_000  # bytes


class LexicalIndex:
    """Clauses and documents by the words they hold; one folder on disk, one writer, many readers."""

    def __init__(self, folder: Path) -> None:
        """Open the index in a folder, creating it where there is none."""
        self._clauses = _Side(folder / "clauses")
        self._documents = _Side(folder / "documents")

    def add(self, chunks: Sequence[Chunk], titles: Sequence[str]) -> None:
        """Add the chunks of whole documents, with the title of each chunk's document.

        All chunks of a document must come in one call; adding them again leaves them once.
        """
        self.delete([chunk.id for chunk in chunks], {chunk.document_id for chunk in chunks})
        of_document: dict[str, list[_Tokens]] = {}
        for chunk, title in zip(chunks, titles, strict=True):
            tokens = _tokenise(chunk, title)
            self._clauses.add(_key(chunk.id), tokens)
            of_document.setdefault(chunk.document_id, []).append(tokens)
        for document_id, parts in of_document.items():
            self._documents.add(_key(document_key(document_id)), _whole(parts))

    def delete(self, chunk_ids: Iterable[str], document_ids: Iterable[str]) -> None:
        """Delete chunks and documents by id; unknown ids are no error."""
        self._clauses.delete(map(_key, chunk_ids))
        self._documents.delete(_key(document_key(document_id)) for document_id in document_ids)

    def commit(self) -> None:
        """Make what was added and deleted durable and searchable."""
        self._clauses.commit()
        self._documents.commit()

    def close(self) -> None:
        """Commit, let merges finish and give the write locks back."""
        self._clauses.close()
        self._documents.close()

    def reload(self) -> None:
        """See what another process committed."""
        self._clauses.reload()
        self._documents.reload()

    def search(
        self, query: str, limit: int, among: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return (chunk id, BM25 score) of the best clauses, best first.

        `among` holds the only ids that count, None for all.
        """
        keys = None if among is None else [_key(identity) for identity in among]
        return [(_identity(key), score) for key, score in self._clauses.search(query, limit, keys)]

    def search_documents(self, query: str, limit: int) -> dict[str, float]:
        """Return the BM25 scores of the best documents by `document_key` of their id, best first."""
        return {_identity(key): score for key, score in self._documents.search(query, limit)}

    def ids(self) -> set[str]:
        """Return the ids of all chunks in the index."""
        return {_identity(key) for key in self._clauses.entries()}

    def document_keys(self) -> set[str]:
        """Return the `document_key` of every document in the index."""
        return {_identity(key) for key in self._documents.entries()}

    def count(self) -> int:
        """Return how many chunks the index holds."""
        return self._clauses.count()

    def frequency(self, word: str) -> int:
        """Return in how many chunks a word stands, headings left out."""
        return self._clauses.frequency("body_words", word)

    def frequency_of_pair(self, pair: str) -> int:
        """Return in how many chunks two characters stand side by side, headings left out."""
        return self._clauses.frequency("body_bigrams", pair)


def document_key(document_id: str) -> str:
    """Return the 64 bits of a document's id by which the lexical index knows it."""
    return document_id[:16]


@dataclass(frozen=True, slots=True)
class _Tokens:
    """The fields of one entry, each as tokens joined by spaces."""

    title_words: str
    title_bigrams: str
    body_words: str
    body_bigrams: str


class _Side:
    """One tantivy index: entries by a 64-bit key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(_schema(), path=str(folder))
        except (OSError, ValueError) as error:
            raise StorageError(
                f"词语索引 {folder} 打不开：{error}；重建：python -m corpus rebuild"
            ) from error
        self._index.config_reader(reload_policy="manual")
        self._index.reload()
        self._writer: tantivy.IndexWriter | None = None

    def add(self, key: int, tokens: _Tokens) -> None:
        document = tantivy.Document()
        document.add_integer("id", key)
        for name in FIELD_WEIGHTS:
            document.add_text(name, getattr(tokens, name))
        self._open_writer().add_document(document)

    def delete(self, keys: Iterable[int]) -> None:
        writer = self._open_writer()
        for key in keys:
            writer.delete_documents_by_term("id", key)

    def commit(self) -> None:
        if self._writer is None:
            return
        try:
            self._writer.commit()
        except (OSError, ValueError) as error:
            raise StorageError(
                f"词语索引 {self.folder} 写入失败（磁盘可能已满）：{error}"
            ) from error
        self._index.reload()

    def close(self) -> None:
        if self._writer is not None:
            self.commit()
            self._writer.wait_merging_threads()
            self._writer = None
            self._index.reload()

    def reload(self) -> None:
        self._index.reload()

    def search(
        self, text: str, limit: int, among: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        parsed = self._query(text)
        if parsed is None or limit < 1:
            return []
        if among is not None:
            listed = tantivy.Query.term_set_query(self._index.schema, "id", among)
            parsed = tantivy.Query.boolean_query(
                [
                    (tantivy.Occur.Must, parsed),
                    (tantivy.Occur.Must, tantivy.Query.boost_query(listed, 0.0)),
                ]
            )
        searcher = self._index.searcher()
        hits = searcher.search(parsed, limit, count=False).hits
        keys = searcher.fast_field_values("id", [address for _, address in hits])
        return [
            (int(key), float(score))
            for key, (score, _) in zip(keys, hits, strict=True)
            if key is not None and score is not None
        ]

    def entries(self) -> list[int]:
        searcher = self._index.searcher()
        if not searcher.num_docs:
            return []
        hits = searcher.search(tantivy.Query.all_query(), searcher.num_docs, count=False).hits
        keys = searcher.fast_field_values("id", [address for _, address in hits])
        return [int(key) for key in keys if key is not None]

    def count(self) -> int:
        return int(self._index.searcher().num_docs)

    def frequency(self, field: str, term: str) -> int:
        return int(self._index.searcher().doc_freq(field, term))

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            try:
                self._writer = self._index.writer(_WRITER_HEAP, 1)
            except ValueError as error:
                raise StorageError(
                    f"词语索引 {self.folder} 正被另一个进程写入；请等它结束后重试"
                ) from error
        return self._writer

    def _query(self, text: str) -> tantivy.Query | None:
        schema = self._index.schema
        asked = without_asking(text)
        views = {"words": _terms(words(asked)), "bigrams": _terms(bigrams(asked))}
        clauses = [
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(
                    tantivy.Query.term_query(schema, field, term, "freq"), weight
                ),
            )
            for field, weight in FIELD_WEIGHTS.items()
            for term in views[field.rsplit("_", 1)[1]]
        ]
        return tantivy.Query.boolean_query(clauses) if clauses else None


def _tokenise(chunk: Chunk, title: str) -> _Tokens:
    head = " ".join((title, *chunk.heading_path))
    body = f"{chunk.lead} {chunk.text}" if chunk.lead else chunk.text
    return _Tokens(
        " ".join(words(head)),
        " ".join(bigrams(head)),
        " ".join(words(body)),
        " ".join(bigrams(body)),
    )


def _whole(parts: Sequence[_Tokens]) -> _Tokens:
    """Return the entry of a document: the head of its first clause, the bodies of all."""
    return _Tokens(
        parts[0].title_words,
        parts[0].title_bigrams,
        " ".join(part.body_words for part in parts),
        " ".join(part.body_bigrams for part in parts),
    )


# An id is 64 bits. Kept as a signed integer: tantivy takes a Python number below 2**63 for a
# signed one, so that deleting by an unsigned field would silently miss half of all ids.
_OFFSET = 1 << 63


def _key(identity: str) -> int:
    return int(identity, 16) - _OFFSET


def _identity(key: int) -> str:
    return f"{key + _OFFSET:016x}"


def _terms(tokens: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(tokens))[:MAX_QUERY_TERMS]


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", stored=False, indexed=True, fast=True)
    for field in FIELD_WEIGHTS:
        # Tokens come ready-made, joined by spaces; positions are never asked for.
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    return builder.build()
