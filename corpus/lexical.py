"""The lexical index: BM25 over words and character bigrams, titles and headings apart (tantivy)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import tantivy

from corpus.documents import Chunk
from corpus.errors import StorageError
from corpus.tokens import bigrams, words

# Fields and what a match in each is worth (BM25 of a field, times this). The title and the
# headings say what a clause is about; the body says it. Measured: python -m eval run retrieval.
FIELD_WEIGHTS = {
    "title_words": 0.6,
    "title_bigrams": 0.6,
    "body_words": 1.0,
    "body_bigrams": 1.0,
}
MAX_QUERY_TERMS = 64  # per view; a pasted page must not become a thousand-clause query
_WRITER_HEAP = 128_000_000  # bytes


class LexicalIndex:
    """Chunks by the words they hold; one folder on disk, one writer, many readers."""

    def __init__(self, folder: Path) -> None:
        """Open the index in a folder, creating it where there is none."""
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

    def add(self, chunks: Sequence[Chunk], titles: Sequence[str]) -> None:
        """Add chunks with the titles of their documents; `commit` makes them searchable."""
        writer = self._open_writer()
        for chunk, title in zip(chunks, titles, strict=True):
            head = " ".join((title, *chunk.heading_path))
            body = f"{chunk.lead} {chunk.text}" if chunk.lead else chunk.text
            document = tantivy.Document()
            document.add_integer("id", _key(chunk.id))
            document.add_text("title_words", " ".join(words(head)))
            document.add_text("title_bigrams", " ".join(bigrams(head)))
            document.add_text("body_words", " ".join(words(body)))
            document.add_text("body_bigrams", " ".join(bigrams(body)))
            writer.add_document(document)

    def delete(self, ids: Iterable[str]) -> None:
        """Delete chunks by id; unknown ids are no error."""
        writer = self._open_writer()
        for chunk_id in ids:
            writer.delete_documents_by_term("id", _key(chunk_id))

    def commit(self) -> None:
        """Make what was added and deleted durable and searchable."""
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
        """Commit, let merges finish and give the write lock back."""
        if self._writer is not None:
            self.commit()
            self._writer.wait_merging_threads()
            self._writer = None
            self._index.reload()

    def reload(self) -> None:
        """See what another process committed."""
        self._index.reload()

    def search(self, query: str, limit: int) -> list[tuple[str, float]]:
        """Return (chunk id, BM25 score) of the best matches, best first."""
        parsed = self._query(query)
        if parsed is None or limit < 1:
            return []
        searcher = self._index.searcher()
        hits = searcher.search(parsed, limit, count=False).hits
        keys = searcher.fast_field_values("id", [address for _, address in hits])
        return [(_chunk_id(key), score) for key, (score, _) in zip(keys, hits, strict=True)]

    def ids(self) -> set[str]:
        """Return the ids of all chunks in the index."""
        searcher = self._index.searcher()
        total = searcher.num_docs
        if not total:
            return set()
        hits = searcher.search(tantivy.Query.all_query(), total, count=False).hits
        keys = searcher.fast_field_values("id", [address for _, address in hits])
        return {_chunk_id(key) for key in keys}

    def count(self) -> int:
        """Return how many chunks the index holds."""
        return int(self._index.searcher().num_docs)

    def frequency(self, word: str) -> int:
        """Return in how many chunks a word stands, headings left out."""
        return int(self._index.searcher().doc_freq("body_words", word))

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
        views = {"words": _terms(words(text)), "bigrams": _terms(bigrams(text))}
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


# A chunk id is 64 bits. Kept as a signed integer: tantivy takes a Python number below 2**63 for a
# signed one, so that deleting by an unsigned field would silently miss half of all ids.
_OFFSET = 1 << 63


def _key(chunk_id: str) -> int:
    return int(chunk_id, 16) - _OFFSET


def _chunk_id(key: int) -> str:
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
