"""What the sentence encoder learns from: a question with clauses that answer it and clauses that do not.

Wrong clauses are the nearest ones: of the same document where it is known, of the same data set
otherwise. A clause whose answering sentence was cut out is wrong too: it speaks of the subject and
lacks the fact, which is how a near miss looks.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.chunking import split_sentences
from corpus.documents import Access, Chunk, digest
from corpus.embedding import StaticEmbeddings
from corpus.errors import UsageError
from corpus.index import head_text, index_text
from corpus.reading import read_file
from corpus.training.pools import Pairs
from corpus.training.written_questions import WrittenQuestion, right_clauses

# How many questions of each data set are taken, and how many wrong passages each gets.
SOURCES: Mapping[str, int] = {
    "stard_train": 2_000,
    "lecoqa_answer": 1_000,
    "lawyer_llama_articles": 1_000,
    "lawyer_llama_advice": 300,
    "covid_faq": 300,
    "policybench_expl": 700,
    "rageval_zh": 700,
    "cjrc_dev": 300,
    "cmrc2018": 1_800,
    "qbqtc_rel1": 500,
}
ANSWERS = "ncp_answer"  # bare answers; put between others they make a passage with a known span
ANSWERS_TAKEN = 4_000
WRONG = 3
OWN_WRONG = 3  # of the document that a question was written about
NEAR, FAR = 3, 24  # ranks between which wrong passages of a data set are drawn: nearer may be right
NEIGHBOURS = 8  # nearest clauses of the same document that wrong ones are drawn from
LONGEST = 420  # characters of a passage
_ARTICLE = re.compile(
    r"(.{4,60}?第[一二三四五六七八九十百千零]+条(?:之[一二三四五六七八九十]+)?) (.+)", re.S
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause to read: its headings, its text, whether it answers, and where.

    `answer` is (start, end) in the text, None where it answers and the place is not known.
    """

    head: str
    text: str
    right: bool
    answer: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A question with the clauses that are read beside it."""

    question: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """A document read: its title and clauses."""

    title: str
    clauses: tuple[Chunk, ...]


def written_groups(
    documents: Path,
    grouped: Mapping[str, Sequence[WrittenQuestion]],
    embedder: StaticEmbeddings,
    chooser: random.Random,
    nearest: int = 0,
) -> Iterator[Group]:
    """Yield a group for each question written about a text.

    `nearest` clauses are taken for certain where none answers: what a near miss is about stands there.

    Raises:
        UsageError: A text is not below `documents`.
    """
    texts = {file: _read(documents / file) for file in grouped}
    everything = [(file, clause) for file, text in texts.items() for clause in text.clauses]
    vectors = embedder.embed_matrix(
        [index_text(clause, texts[file].title) for file, clause in everything]
    )
    places: dict[str, list[int]] = defaultdict(list)
    for place, (file, _) in enumerate(everything):
        places[file].append(place)
    for file, questions in grouped.items():
        own = np.array(places[file])
        asked = embedder.embed_matrix([question.question for question in questions])
        for question, vector in zip(questions, asked, strict=True):
            right = right_clauses(question, texts[file].clauses)
            if question.locators and not right:
                continue
            ids = {clause.id for clause in right}
            near_own = own[np.argsort(-(vectors[own] @ vector), kind="stable")]
            near_all = np.argsort(-(vectors @ vector), kind="stable")[:40]
            others = [everything[n] for n in near_own[: NEIGHBOURS * 2]]
            wrong = [c for c in others if c[1].id not in ids][:NEIGHBOURS]
            strange = [everything[n] for n in near_all if everything[n][0] != file]
            sure = [] if right else wrong[:nearest]
            drawn = wrong[len(sure) :]
            picked = sure + chooser.sample(drawn, min(OWN_WRONG - len(sure), len(drawn)))
            picked += chooser.sample(strange, min(chooser.randrange(2), len(strange)))
            clauses = [
                Clause(head_text(c, texts[of].title), c.text[:LONGEST], right=False)
                for of, c in picked
            ]
            if right:
                clauses = [*_right(question, right[0], texts[file].title), *clauses]
            yield Group(question.question, tuple(clauses))


def _right(question: WrittenQuestion, clause: Chunk, title: str) -> Iterator[Clause]:
    """Yield the clause that answers, then what is left of it without the sentence that does."""
    head, (start, end) = head_text(clause, title), question.answer
    if end > LONGEST:
        return
    yield Clause(head, clause.text[:LONGEST], right=True, answer=(start, end) if end else None)
    if not end:
        return
    kept = [(a, b) for a, b in split_sentences(clause.text[:LONGEST]) if b <= start or a >= end]
    rest = "".join(clause.text[a:b] for a, b in kept).strip()
    if len(rest) >= 15:
        yield Clause(head, rest, right=False)


def pair_groups(
    pairs: Pairs, embedder: StaticEmbeddings, chooser: random.Random
) -> Iterator[Group]:
    """Yield groups made of the training pairs: SOURCES, each with passages of its own set."""
    for source, count in SOURCES.items():
        passages = list(dict.fromkeys(positive for _, positive in pairs[source]))
        vectors = embedder.embed_matrix([passage[:LONGEST] for passage in passages])
        number = {passage: n for n, passage in enumerate(passages)}
        right: dict[str, set[int]] = defaultdict(set)
        for query, positive in pairs[source]:
            right[query].add(number[positive])
        chosen = chooser.sample(sorted(right), min(count, len(right)))
        asked = embedder.embed_matrix(chosen)
        for query, vector in zip(chosen, asked, strict=True):
            order = np.argsort(-(vectors @ vector), kind="stable")[: FAR + len(right[query])]
            wrong = [int(n) for n in order if n not in right[query]][NEAR:]
            picked = chooser.sample(wrong, min(WRONG, len(wrong)))
            best = chooser.choice(sorted(right[query]))
            yield Group(
                query,
                (
                    Clause(*_parts(passages[best]), right=True),
                    *(Clause(*_parts(passages[n]), right=False) for n in picked),
                ),
            )


def answer_groups(
    pairs: Pairs, embedder: StaticEmbeddings, chooser: random.Random
) -> Iterator[Group]:
    """Yield groups of passages put together from answers, one of them the answer to the question."""
    rows = list(dict.fromkeys(pairs[ANSWERS]))
    rows = chooser.sample(rows, min(ANSWERS_TAKEN, len(rows)))
    answers = list(dict.fromkeys(answer for _, answer in pairs[ANSWERS]))
    vectors = embedder.embed_matrix(answers)
    number = {answer: n for n, answer in enumerate(answers)}
    asked = embedder.embed_matrix([question for question, _ in rows])
    for (question, answer), vector in zip(rows, asked, strict=True):
        order = np.argsort(-(vectors @ vector), kind="stable")[: FAR * 2]
        wrong = [answers[n] for n in order if n != number[answer]][NEAR:]
        others = chooser.sample(wrong, min(8, len(wrong)))
        place = chooser.randrange(3)
        parts = [_ended(part) for part in others[:2]]
        parts.insert(place, _ended(answer))
        start = sum(len(part) for part in parts[:place])
        if start + len(answer) > LONGEST:
            continue
        passage = "".join(parts)[:LONGEST]
        clauses = [Clause("", passage, right=True, answer=(start, start + len(answer)))]
        for at in range(2, len(others) - 2, 3):
            without = "".join(_ended(part) for part in others[at : at + 3])[:LONGEST]
            clauses.append(Clause("", without, right=False))
        yield Group(question, tuple(clauses))


def _ended(text: str) -> str:
    return text if text.endswith(("。", "！", "？")) else text + "。"


def _parts(passage: str) -> tuple[str, str]:
    """Return head and text of a passage: an article's law and number stand before it."""
    article = _ARTICLE.match(passage)
    head, text = (article[1], article[2]) if article else ("", passage)
    return head, text[:LONGEST]


def _read(path: Path) -> _Text:
    if not path.is_file():
        raise UsageError(f"{path}: the questions are about this text, and it is not there")
    with tempfile.TemporaryDirectory() as scratch:
        read = read_file(path, digest(path.read_bytes()), Access.PUBLIC, None, Path(scratch))
    return _Text(read.metadata.title, read.chunks)
