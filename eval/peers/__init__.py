"""Peers: what others document as their pipeline, on our corpora, questions and judgements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

DEPTH = 300  # chunks asked of each peer, as many as our own documents are taken from


class Peer(Protocol):
    """A pipeline that ranks documents for a question."""

    @property
    def name(self) -> str:
        """The name of its row in the table."""
        ...

    def add(self, documents: Iterable[tuple[str, str, str]]) -> None:
        """Index documents as (id, title, text)."""
        ...

    def search(self, question: str) -> Sequence[str]:
        """Return ids of documents, best first, each once."""
        ...


def content_of(title: str, text: str) -> str:
    """Return what every peer indexes of a document: its title and its text."""
    return f"{title}\n{text}" if title else text
