"""What tasks share: earlier turns replayed, passages and citations as the scorers see them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from assistant.answer import answer
from assistant.conversation import Answer, Role, Turn
from assistant.retrieval import Passage
from assistant.services import Services
from eval.bench import Bench
from eval.samples import REFUSALS, Sample
from eval.scorers.places import Found

SNIPPET = 160  # characters of a clause that a report shows


def ask(sample: Sample, services: Services) -> tuple[Answer, float]:
    """Ask a sample's question after its earlier turns; return the answer and its milliseconds.

    Earlier questions are asked first and answered by the same services, as in a conversation.
    """
    turns: list[Turn] = []
    for question in sample.history:
        earlier = answer(question, services, as_of=sample.as_of, history=turns)
        turns += [Turn(Role.USER, question), Turn(Role.ASSISTANT, earlier.text)]
    started = time.perf_counter()
    given = answer(sample.question, services, as_of=sample.as_of, history=turns)
    return given, round((time.perf_counter() - started) * 1000, 3)


def sureness(given: Answer) -> float:
    """Return the confidence (0 to 1) that an answer rests on; 0 where a rule refused it."""
    by_rule = given.status in REFUSALS and given.status != "no_evidence"
    return 0.0 if by_rule else given.trace.confidence


def found_passages(passages: Sequence[Passage], bench: Bench) -> list[Found]:
    """Return passages as the scorers see them."""
    return [Found(bench.name(p.document), p.chunk.locator, p.chunk.text) for p in passages]


def found_citations(given: Answer, bench: Bench) -> list[Found]:
    """Return the citations of an answer as the scorers see them."""
    return [
        Found(bench.name(bench.document(c.document_id)), c.locator, c.quote)
        for c in given.citations
    ]


def passage_rows(passages: Sequence[Passage], bench: Bench) -> list[dict[str, Any]]:
    """Return passages as a row of a run keeps them."""
    return [
        {
            "document": bench.name(p.document),
            "title": p.document.metadata.title,
            "locator": p.chunk.locator,
            "status": str(p.status),
            "score": round(p.score, 4),
            "text": p.chunk.text.strip()[:SNIPPET],
        }
        for p in passages
    ]


def answer_row(given: Answer, bench: Bench) -> dict[str, Any]:
    """Return an answer as a row of a run keeps it."""
    return {
        "status": str(given.status),
        "text": given.text,
        "confidence": sureness(given),
        "searched": given.trace.question,
        "citations": [
            {"document": found.document, "locator": found.locator, "quote": found.text}
            for found in found_citations(given, bench)
        ],
    }
