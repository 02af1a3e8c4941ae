"""The retrieval task: is the right document among the first, and the clause that answers?"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import ir_measures

from assistant.reranking import CONSIDERED, rerank
from assistant.retrieval import TOP_CLAUSES, Passage, retrieve
from assistant.services import Services
from eval.bench import Bench
from eval.samples import Sample, Score, applicable
from eval.scorers.facts import score_key_facts
from eval.scorers.places import TOP, score_passages
from eval.tasks import Result, Row, Task
from eval.tasks.asking import ask, found_passages, passage_rows

DEPTH = 100  # documents kept for each question
CLAUSES = 300  # clauses they are taken from: a document may have several
KEPT = 20  # documents that a row names
MEASURES = ("R@1", "R@5", "R@10", "R@100", "nDCG@10", "RR@10", "Success@1", "Success@5")


def ask_and_score(sample: Sample, bench: Bench) -> Result:
    """Search one sample: documents by their best clause, and clauses as an answer gets them.

    The time is that of the search an answer makes; documents come from a deeper one.
    """
    services = bench.services(sample.access)
    question = sample.question
    if sample.history:
        # What follows up is searched for as the answer does: made to stand alone.
        question = ask(sample, services)[0].trace.question or question
    started = time.perf_counter()
    passages = _found(question, services, sample, TOP_CLAUSES)
    milliseconds = round((time.perf_counter() - started) * 1000, 3)
    deep = _found(question, services, sample, CLAUSES)
    ranking = list(dict.fromkeys(bench.name(passage.document) for passage in deep))[:DEPTH]
    found = found_passages(passages, bench)
    scores = applicable(
        {
            **score_ranking(ranking, sample.relevant),
            **(score_passages(sample, found, bench.clauses(sample)) if sample.answerable else {}),
            f"key_facts@{TOP}": score_key_facts(
                "\n".join(passage.text for passage in found[:TOP]), sample.key_facts
            ),
        }
    )
    output: dict[str, Any] = {
        "ranking": ranking[:KEPT],
        "places": [place for place, name in enumerate(ranking, 1) if name in sample.relevant],
        "passages": passage_rows(passages, bench),
    }
    return Result(output, scores, milliseconds)


def _found(question: str, services: Services, sample: Sample, limit: int) -> list[Passage]:
    passages = retrieve(question, services, as_of=sample.as_of, limit=max(limit, CONSIDERED))
    return rerank(question, passages, services.reader)[:limit]


def score_ranking(ranking: Sequence[str], relevant: Mapping[str, int]) -> dict[str, Score]:
    """Return each of MEASURES for documents in order, best first; nothing where none is relevant."""
    if not relevant:
        return {}
    # Equal scores would be ordered by id: the order found is what counts.
    run = {"q": {name: float(DEPTH - place) for place, name in enumerate(ranking)}}
    found = ir_measures.iter_calc(list(_measures()), {"q": dict(relevant)}, run)
    scores = {str(metric.measure): Score(round(float(metric.value), 4)) for metric in found}
    return {name: scores.get(name, Score(0.0)) for name in MEASURES}


def summarise(rows: Sequence[Row]) -> dict[str, float | None]:
    """Return nothing more: every score of this task belongs to one sample."""
    return {}


@cache
def _measures() -> tuple[Any, ...]:
    return tuple(ir_measures.parse_measure(name) for name in MEASURES)


TASK = Task("retrieval", ask_and_score, summarise)
