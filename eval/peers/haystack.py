"""Haystack's documented BM25 pipeline: an in-memory store of documents and its retriever."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

# Haystack reads this when it is imported; nothing may leave this machine.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

from haystack import Document, Pipeline
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
from haystack.document_stores.in_memory import InMemoryDocumentStore

from eval.peers import DEPTH, content_of


class Haystack:
    """BM25 over whole documents, with the store's own tokenisation (each Han character a term)."""

    name = "haystack-bm25"

    def __init__(self) -> None:
        """Set up the pipeline over an empty store."""
        self._store = InMemoryDocumentStore(shared=False)
        self._pipeline = Pipeline()
        self._pipeline.add_component("retriever", InMemoryBM25Retriever(self._store, top_k=DEPTH))

    def add(self, documents: Iterable[tuple[str, str, str]]) -> None:
        """Index documents, each as it is."""
        self._store.write_documents(
            [
                Document(content=content_of(title, text), meta={"id": identity})
                for identity, title, text in documents
            ]
        )

    def search(self, question: str) -> Sequence[str]:
        """Return ids of documents, best first."""
        found = self._pipeline.run({"retriever": {"query": question}})
        return [document.meta["id"] for document in found["retriever"]["documents"]]
