"""Catalogue, vectors and lexical index compared, exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corpus.documents import Access
from corpus.index import index_text
from corpus.lexical import document_key
from corpus.store import Store


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What disagrees, as counts for each access level; all zero means the corpus is whole.

    `wrong_documents` counts documents that the lexical index has and the catalogue has not, or the
    other way round. `broken_text` counts chunks whose text is not the span of their document, `wrong_vectors` those
    whose vector is not what the embedder makes of them (only looked at in a deep check).
    """

    access: Access
    chunks: int
    missing_vectors: int
    extra_vectors: int
    missing_words: int
    extra_words: int
    wrong_documents: int
    broken_text: int
    wrong_vectors: int | None = None
    unfinished: bool = False

    @property
    def clean(self) -> bool:
        """Say whether everything agrees."""
        return not (
            self.missing_vectors
            or self.extra_vectors
            or self.missing_words
            or self.extra_words
            or self.wrong_documents
            or self.broken_text
            or self.wrong_vectors
            or self.unfinished
        )


def verify(store: Store, access: Access, *, deep: bool = False) -> VerifyReport:
    """Compare the index of an access level with the catalogue; `deep` embeds every chunk again."""
    wanted = store.catalogue.current_chunk_ids(access)
    unfinished = store.catalogue.get_state("dirty") == "1"
    if not wanted and not store.index_folder(access).exists():
        return VerifyReport(access, 0, 0, 0, 0, 0, 0, 0, unfinished=unfinished)
    index = store.index(access)
    index.reload()
    in_vectors, in_words = index.vectors.ids(), index.words.ids()
    documents = {document_key(document.id) for document in store.catalogue.documents(access=access)}
    return VerifyReport(
        access=access,
        chunks=len(wanted),
        missing_vectors=len(wanted - in_vectors),
        extra_vectors=len(in_vectors - wanted),
        missing_words=len(wanted - in_words),
        extra_words=len(in_words - wanted),
        wrong_documents=len(documents ^ index.words.document_keys()),
        broken_text=_broken_text(store, access),
        wrong_vectors=_wrong_vectors(store, access) if deep else None,
        unfinished=unfinished,
    )


def _broken_text(store: Store, access: Access) -> int:
    broken = 0
    for document in store.catalogue.documents(access=access):
        text = store.catalogue.text(document.id)
        chunks = store.catalogue.chunks_of(document.id)
        broken += sum(text[chunk.start : chunk.end] != chunk.text for chunk in chunks)
        broken += "".join(chunk.text for chunk in chunks) != text
    return broken


def _wrong_vectors(store: Store, access: Access) -> int:
    titles = {d.id: d.metadata.title for d in store.catalogue.documents(access=access)}
    wrong = 0
    for ids, stored in store.index(access).vectors.vectors():
        chunks = store.catalogue.chunks(ids)
        known = [
            row
            for row, chunk_id in enumerate(ids)
            if chunk_id in chunks and chunks[chunk_id].document_id in titles
        ]
        texts = [index_text(c, titles[c.document_id]) for c in (chunks[ids[r]] for r in known)]
        if not known:
            continue
        made = store.embedder.embed_matrix(texts)
        # 1e-4: float32 rounding of sums taken in another order.
        wrong += int((np.abs(stored[known] - made).max(axis=1) > 1e-4).sum())
    return wrong
