"""The second look changes the order of the best passages and how sure an answer is, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from assistant.answer import answer
from assistant.confidence import confidence, nearness
from assistant.replies import AnswerStatus
from assistant.reranking import BEST, READ, rerank
from assistant.retrieval import retrieve
from assistant.sentences import answer_scores, nearness_of, sentence_scores, sentences_of
from assistant.services import Services
from assistant.steps import ANSWERED_FROM
from corpus.ranking import term_weights
from corpus.sentence_encoder import SentenceEncoder

TODAY = date(2026, 11, 22)
QUESTION = "老人满80岁能领多少高龄津贴"


def test_the_same_passages_come_back_with_the_scores_they_had(citizens: Services) -> None:
    found = retrieve(QUESTION, citizens, as_of=TODAY, limit=READ + 5)
    looked_at = rerank(QUESTION, found, citizens.reader)
    assert {p.chunk.id: p.score for p in looked_at} == pytest.approx(
        {p.chunk.id: p.score for p in found}
    )
    seen = {p.chunk.id for p in looked_at[:READ]}
    assert seen >= {p.chunk.id for p in found[:BEST]}
    rest = [p for p in found if p.chunk.id not in seen]
    assert [p.chunk.id for p in looked_at[READ:]] == [p.chunk.id for p in rest]
    lowest = min(p.coverage for p in found[BEST:] if p.chunk.id in seen)
    assert lowest >= max(p.coverage for p in rest)
    assert all(p.reading is not None for p in looked_at[:READ])
    assert all(p.reading is None for p in looked_at[READ:])


def test_what_is_near_moves_up(citizens: Services) -> None:
    found = retrieve(QUESTION, citizens, as_of=TODAY)
    level = [replace(passage, score=0.0) for passage in found[:READ]]
    basis = [p for p in rerank(QUESTION, level, citizens.reader) if p.is_basis]
    near = [p.reading.relevance for p in basis if p.reading]
    assert near == sorted(near, reverse=True)


def test_a_draft_stays_behind_what_is_in_force(citizens: Services) -> None:
    found = retrieve("养犬登记要多少钱", citizens, as_of=TODAY)
    in_force = [p.is_basis for p in rerank("养犬登记要多少钱", found, citizens.reader)]
    assert in_force[0]


def test_of_two_sentences_the_nearer_gains(citizens: Services) -> None:
    found = rerank(QUESTION, retrieve(QUESTION, citizens, as_of=TODAY), citizens.reader)
    index = citizens.indexes[0].words
    weights = term_weights(QUESTION, index.frequency, index.count())
    sentences = sentences_of(found)
    embedder = citizens.store.embedder
    before = sentence_scores(QUESTION, sentences, found, embedder, weights)
    after = answer_scores(QUESTION, sentences, found, embedder, weights)
    near = [nearness_of(sentence, found[sentence.place]) for sentence in sentences]
    gains = np.log(after / (1 - after)) - np.log(before / (1 - before))
    seen = [(value, gain) for value, gain in zip(near, gains, strict=True) if value is not None]
    in_order = [gain for _, gain in sorted(seen)]
    assert in_order == sorted(in_order) and in_order[-1] == pytest.approx(0)
    assert in_order[0] < -0.1  # a difference that can be seen, none of rounding
    unseen = [gain for value, gain in zip(near, gains, strict=True) if value is None]
    assert unseen and unseen == pytest.approx([in_order[0]] * len(unseen))


def test_nothing_found_is_nothing_looked_at(citizens: Services) -> None:
    assert rerank(QUESTION, [], citizens.reader) == []
    assert nearness([]) is None


def test_nearer_passages_are_surer(citizens: Services) -> None:
    found = rerank(QUESTION, retrieve(QUESTION, citizens, as_of=TODAY), citizens.reader)
    index = citizens.indexes[0].words
    weights = term_weights(QUESTION, index.frequency, index.count())

    def sure(change: float) -> float:
        moved = [
            replace(
                p,
                reading=replace(
                    p.reading,
                    relevance=p.reading.relevance + change,
                    cosines=p.reading.cosines + 2 * change,
                ),
            )
            if p.reading
            else p
            for p in found
        ]
        return confidence(QUESTION, moved, weights, citizens.store.embedder, index.count())

    assert sure(-0.2) < sure(0.0) < sure(0.1) <= 1.0
    assert sure(0.0) >= ANSWERED_FROM


def test_without_its_model_the_failure_is_said(citizens: Services, tmp_path: Path) -> None:
    broken = replace(citizens, reader=SentenceEncoder(tmp_path))
    assert answer(QUESTION, broken, as_of=TODAY).status is AnswerStatus.ERROR
