"""Pools of whole documents, read from their files, with the questions written about them.

A passage of a pool made of pairs stands alone; here a title names the subject, clauses share it, and
what tells them apart is the rest of the question, as in a corpus at work.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.console import say
from corpus.documents import Access
from corpus.embedding import Embedder
from corpus.errors import UsageError
from corpus.ingest import sync
from corpus.store import Store
from corpus.training.pairs import fold_of
from corpus.training.written_questions import (
    BEFORE_CONTRASTS,
    WrittenQuestion,
    by_file,
    read_questions,
    right_clauses,
)

FEW = 16  # documents of a small pool: about seven hundred clauses
SEED = 20_251
LARGE = "documents"
SMALL = "few documents"


@dataclass(frozen=True, slots=True)
class PoolQuestion:
    """A question asked in a pool: the texts of the clauses that answer, none for a near miss.

    `answer` stands word for word in one of these texts; it is empty where none was noted.
    """

    question: str
    right: frozenset[str]
    answer: str


def document_pools(
    documents: Path,
    work: Path,
    embedder: Embedder,
    questions: Sequence[WrittenQuestion],
    asked: Callable[[WrittenQuestion], bool],
) -> Iterator[tuple[str, Store, list[PoolQuestion]]]:
    """Yield name, store and questions: one pool of all documents, and small ones.

    Args:
        documents: The folder that the files of the questions lie below.
        work: Scratch folder; a pool that lies there is used again.
        embedder: A model that has not seen the questions that are asked.
        questions: All questions about the texts of the pools.
        asked: Says which of them are asked.
    """
    grouped = by_file(questions)
    files = sorted(grouped)
    random.Random(SEED).shuffle(files)
    parts = [files, *(files[start : start + FEW] for start in range(0, len(files), FEW))]
    for number, part in enumerate(parts):
        name = SMALL if number else LARGE
        store = Store(work / f"{name} {number}", embedder)
        _fill(store, [documents / file for file in part])
        yield name, store, list(_questions(store, documents, grouped, part, asked))
        store.close()


def pools_of_fold(
    documents: Path, work: Path, embedder: Embedder, fold: int
) -> Iterator[tuple[str, Store, list[PoolQuestion]]]:
    """Yield the pools in which the questions of one fold are asked that the embedder learned from.

    Args:
        documents: The folder that the files of the questions lie below.
        work: Scratch folder of the fold.
        embedder: The model that has not seen the fold.
        fold: Which questions are asked.
    """
    questions = read_questions(*BEFORE_CONTRASTS)
    return document_pools(
        documents, work, embedder, questions, lambda one: fold_of(one.question) == fold
    )


def _fill(store: Store, paths: Sequence[Path]) -> None:
    if store.catalogue.get_state("complete") == "1":
        return
    absent = [path for path in paths if not path.is_file()]
    if absent:
        raise UsageError(f"{absent[0]}: the questions are about this text, and it is not there")
    say(f"reading {len(paths)} documents")
    sync(store, paths, Access.PUBLIC)
    store.catalogue.set_state(complete="1")


def _questions(
    store: Store,
    documents: Path,
    grouped: Mapping[str, Sequence[WrittenQuestion]],
    files: Sequence[str],
    asked: Callable[[WrittenQuestion], bool],
) -> Iterator[PoolQuestion]:
    by_source = {document.source: document.id for document in store.catalogue.documents()}
    for file in files:
        clauses = store.catalogue.chunks_of(by_source[str((documents / file).resolve())])
        for question in filter(asked, grouped[file]):
            right = [clause.text for clause in right_clauses(question, clauses)]
            if right or not question.locators:
                answer = right[0][slice(*question.answer)] if right else ""
                yield PoolQuestion(question.question, frozenset(right), answer)
