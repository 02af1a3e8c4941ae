"""LangChain's documented pipelines: its splitter with Chroma, with BM25, and both together."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from itertools import islice

import jieba
from langchain_chroma import Chroma
from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.retrievers import BM25Retriever
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_text_splitters import RecursiveCharacterTextSplitter

from eval.peers import DEPTH, content_of

# The size and overlap of its tutorials, and the separators that its guide gives for languages
# without spaces between words.
CHUNK_SIZE, CHUNK_OVERLAP = 1000, 200
SEPARATORS = ["\n\n", "\n", " ", ".", ",", "\u200b", "\uff0c", "\u3001", "\uff0e", "\u3002", ""]
WRITE_BATCH = 5_000  # rows that Chroma takes at once
jieba.setLogLevel("WARNING")


class LangChain:
    """One retriever over chunks made by RecursiveCharacterTextSplitter."""

    def __init__(self, kind: str, embeddings: Embeddings) -> None:
        """Choose `chroma`, `bm25` (its default tokeniser), `bm25-jieba` or `ensemble`."""
        self.name = f"langchain-{kind}"
        self._kind = kind
        self._embeddings = embeddings
        self._retriever: BaseRetriever | None = None

    def add(self, documents: Iterable[tuple[str, str, str]]) -> None:
        """Split and index documents."""
        splitter = RecursiveCharacterTextSplitter(
            chunk_size=CHUNK_SIZE, chunk_overlap=CHUNK_OVERLAP, separators=SEPARATORS
        )
        chunks = splitter.split_documents(
            Document(content_of(title, text), metadata={"id": identity})
            for identity, title, text in documents
        )
        self._retriever = self._build(chunks)

    def search(self, question: str) -> Sequence[str]:
        """Return ids of documents by their best chunk."""
        assert self._retriever is not None, "add the documents first"
        found = self._retriever.invoke(question)
        return list(dict.fromkeys(str(chunk.metadata["id"]) for chunk in found))

    def _build(self, chunks: Sequence[Document]) -> BaseRetriever:
        plain: BaseRetriever
        words: BaseRetriever
        if self._kind == "bm25":
            plain = BM25Retriever.from_documents(chunks, k=DEPTH)
            return plain
        if self._kind == "chroma":
            return self._chroma(chunks)
        words = BM25Retriever.from_documents(chunks, k=DEPTH, preprocess_func=jieba.lcut)
        if self._kind == "bm25-jieba":
            return words
        both: BaseRetriever = EnsembleRetriever(
            retrievers=[words, self._chroma(chunks)], weights=[0.5, 0.5]
        )
        return both

    def _chroma(self, chunks: Sequence[Document]) -> BaseRetriever:
        store = Chroma(f"peer-{uuid.uuid4().hex}", embedding_function=self._embeddings)
        waiting = iter(chunks)
        while batch := list(islice(waiting, WRITE_BATCH)):
            store.add_documents(batch)
        retriever: BaseRetriever = store.as_retriever(search_kwargs={"k": DEPTH})
        return retriever
