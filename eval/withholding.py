"""Services as they would be without some documents, with no index built again (gold withheld).

Every read of the catalogue and of both sides of the index leaves the documents out *before*
anything is ranked, and asks for as many more hits as were left out; word counts are those of the
remaining clauses. One thing differs from an index built anew: BM25 scores its remaining clauses by
word statistics that still count the withheld ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assistant.services import Services
from corpus.catalogue import Catalogue
from corpus.documents import Access, Chunk, Document
from corpus.index import Index
from corpus.lexical import LexicalIndex, document_key
from corpus.store import Store
from corpus.tokens import words
from corpus.validity import Relation
from corpus.vectors import VectorIndex

MANY = 5_000  # documents from which on a few change nothing that is worked out from all titles


def withhold(services: Services, document_ids: Iterable[str]) -> Services:
    """Return services to which the documents with these ids do not exist; they share every file.

    Close the original, never the copy.
    """
    return replace(services, store=_Store(services.store, frozenset(document_ids)))


class _Store(Store):
    def __init__(self, whole: Store, withheld: frozenset[str]) -> None:
        self.__dict__.update(whole.__dict__)
        documents = sum(level["documents"] for level in whole.catalogue.stats().values())
        if documents <= MANY:
            # What the whole store has worked out from all documents is worked out anew without some.
            self.__dict__ |= {k: {} for k, v in whole.__dict__.items() if isinstance(v, dict)}
        self._whole = whole
        self._withheld = withheld
        self._chunks = {key: whole.catalogue.chunks_of(key) for key in withheld}
        self._views: dict[Access, Index] = {}
        self.catalogue = _Catalogue(whole.catalogue, withheld)

    def index(self, access: Access) -> Index:
        if access not in self._views:
            documents = self._whole.catalogue.documents_by_id(self._withheld)
            lacking = {
                key: self._chunks[key]
                for key, document in documents.items()
                if document.access is access and document.current
            }
            self._views[access] = _Index(self._whole.index(access), lacking)
        return self._views[access]


class _Catalogue(Catalogue):
    def __init__(self, whole: Catalogue, withheld: frozenset[str]) -> None:
        self.__dict__.update(whole.__dict__)
        self._withheld = withheld

    def documents(
        self, *, access: Access | None = None, current: bool | None = True
    ) -> list[Document]:
        return [d for d in super().documents(access=access, current=current) if self._keeps(d)]

    def documents_by_id(self, ids: Iterable[str]) -> dict[str, Document]:
        return super().documents_by_id(key for key in ids if key not in self._withheld)

    def versions_of(self, sources: Iterable[str]) -> dict[str, list[Document]]:
        found = super().versions_of(sources)
        kept = {source: [d for d in some if self._keeps(d)] for source, some in found.items()}
        return {source: some for source, some in kept.items() if some}

    def find(self, name: str, *, access: Access | None = None) -> list[Document]:
        return [d for d in super().find(name, access=access) if self._keeps(d)]

    def chunks(self, ids: Iterable[str]) -> dict[str, Chunk]:
        found = super().chunks(ids)
        return {key: c for key, c in found.items() if c.document_id not in self._withheld}

    def chunks_of(self, document_id: str) -> list[Chunk]:
        return [] if document_id in self._withheld else super().chunks_of(document_id)

    def relations_of(self, ids: Iterable[str]) -> dict[str, list[Relation]]:
        found = super().relations_of(key for key in ids if key not in self._withheld)
        kept = {
            key: [r for r in some if r.by_hand or r.newer not in self._withheld]
            for key, some in found.items()
        }
        return {key: some for key, some in kept.items() if some}

    def _keeps(self, document: Document) -> bool:
        return document.id not in self._withheld


class _Index(Index):
    def __init__(self, whole: Index, lacking: dict[str, list[Chunk]]) -> None:
        self.__dict__.update(whole.__dict__)
        chunks = [chunk for some in lacking.values() for chunk in some]
        self.vectors = _Vectors(whole.vectors, frozenset(chunk.id for chunk in chunks))
        self.words = _Words(whole.words, chunks, frozenset(map(document_key, lacking)))


class _Vectors(VectorIndex):
    def __init__(self, whole: VectorIndex, withheld: frozenset[str]) -> None:
        self.__dict__.update(whole.__dict__)
        self._withheld = withheld

    def search(
        self, vector: NDArray[np.float32], limit: int, among: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        found = super().search(vector, limit + len(self._withheld), among)
        return [hit for hit in found if hit[0] not in self._withheld][:limit]

    def count(self) -> int:
        return super().count() - len(self._withheld)


class _Words(LexicalIndex):
    def __init__(
        self, whole: LexicalIndex, withheld: list[Chunk], documents: frozenset[str]
    ) -> None:
        self.__dict__.update(whole.__dict__)
        self._withheld = frozenset(chunk.id for chunk in withheld)
        self._documents_withheld = documents
        self._words_withheld = [set(words(f"{c.lead} {c.text}")) for c in withheld]

    def search(
        self, query: str, limit: int, among: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        found = super().search(query, limit + len(self._withheld), among)
        return [hit for hit in found if hit[0] not in self._withheld][:limit]

    def search_documents(self, query: str, limit: int) -> dict[str, float]:
        found = super().search_documents(query, limit + len(self._documents_withheld))
        kept = [hit for hit in found.items() if hit[0] not in self._documents_withheld]
        return dict(kept[:limit])

    def count(self) -> int:
        return super().count() - len(self._withheld)

    def frequency(self, word: str) -> int:
        return super().frequency(word) - sum(word in held for held in self._words_withheld)
