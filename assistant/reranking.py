"""The best passages found, looked at beside the question and put in the order that this tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.retrieval import Passage, prefer_basis
from corpus.index import head_text
from corpus.sentence_encoder import SentenceEncoder

READ = 7  # passages that are looked at: some 8 ms each
# Of these the first so many as the ranker has them; the others are those further down, but among the
# first CONSIDERED, that hold most of the question's words. A table of materials lies low by its
# vector, and names what is asked.
BEST = 5
CONSIDERED = 20
# What the cosine of the sentence encoder is worth beside the ranker's score (eval/LOG.md).
WORTH = 24.0


def rerank(question: str, passages: Sequence[Passage], reader: SentenceEncoder) -> list[Passage]:
    """Return the passages with READ of them looked at and put in order; the rest follow.

    What is no basis keeps its place behind what is (`prefer_basis`).

    Raises:
        StorageError: The model of the reader is missing.
    """
    further = sorted(passages[BEST:CONSIDERED], key=lambda passage: -passage.coverage)
    first = [*passages[:BEST], *further[: READ - BEST]]
    seen = {passage.chunk.id for passage in first}
    rest = [passage for passage in passages if passage.chunk.id not in seen]
    readings = reader.read(
        question,
        [(head_text(p.chunk, p.document.metadata.title), p.chunk.text) for p in first],
    )
    near = {
        passage.chunk.id: WORTH * reading.relevance
        for passage, reading in zip(first, readings, strict=True)
    }
    looked_at = [
        replace(passage, reading=reading, score=passage.score + near[passage.chunk.id])
        for passage, reading in zip(first, readings, strict=True)
    ]
    looked_at.sort(key=lambda passage: -passage.score)
    # The order alone is new: what is fitted to the ranker's scores goes on seeing those.
    in_order = [
        replace(passage, score=passage.score - near[passage.chunk.id])
        for passage in prefer_basis(looked_at, question)
    ]
    return [*in_order, *rest]
