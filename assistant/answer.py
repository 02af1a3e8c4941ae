"""A question's way to its answer: search, judge the evidence, quote it, cite it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from assistant.citations import Citation, cite
from assistant.confidence import confidence
from assistant.conversation import (
    Answer,
    Basis,
    Event,
    Extracted,
    Finished,
    Queued,
    Role,
    Sentence,
    Step,
    Trace,
    Turn,
)
from assistant.extractive import Quote, select_quotes
from assistant.replies import AnswerStatus
from assistant.retrieval import Passage, retrieve
from assistant.services import Services
from corpus.documents import Status
from corpus.ranking import term_weights

__all__ = [
    "Answer",
    "AnswerStatus",
    "Basis",
    "Event",
    "Extracted",
    "Finished",
    "Queued",
    "Role",
    "Sentence",
    "Step",
    "Trace",
    "Turn",
    "answer",
    "stream",
]

# Confidence (assistant.confidence) from which passages are taken to answer, and below which nothing
# is quoted. One in twenty answerable questions lies below 0.49 on policy-covid and below 0.15 on the
# gold set over a small corpus (eval/LOG.md); between the two, what is quoted is called partial.
ANSWERED_FROM = 0.5
PARTIAL_FROM = 0.25
MAX_QUESTION = 500  # characters; longer input is cut for the search, never for the reader


def answer(
    question: str, services: Services, *, as_of: date, history: Sequence[Turn] = ()
) -> Answer:
    """Answer a question with citations valid on a day, or say why not and what to do."""
    *_, last = stream(question, services, as_of=as_of, history=history)
    assert isinstance(last, Finished)
    return last.answer


def stream(
    question: str,
    services: Services,
    *,
    as_of: date,
    history: Sequence[Turn] = (),
    cancelled: threading.Event | None = None,
) -> Iterator[Event]:
    """Answer a question piece by piece; the last event is the one `Finished`.

    Args:
        question: What the person wrote.
        services: The corpus and, where one is set, the model.
        as_of: The day whose law is asked for.
        history: Earlier turns, oldest first.
        cancelled: Set it to stop the model; the stream then ends with the extractive answer.
    """
    extracted = _extract(question, services, as_of)
    yield Extracted(extracted)
    yield Finished(extracted)


def _extract(question: str, services: Services, as_of: date) -> Answer:
    steps: list[Step] = []
    asked = question.strip()[:MAX_QUESTION]
    with _timed("retrieve", steps):
        passages = retrieve(asked, services, as_of=as_of) if asked else []
    with _timed("judge", steps):
        sure = confidence(asked, passages)
        status = _status(passages, sure)
    quotes: list[Quote] = []
    if status is not AnswerStatus.NO_EVIDENCE:
        with _timed("extract", steps):
            quotes = select_quotes(
                asked, _usable(passages, status), services.store.embedder, _weights(asked, services)
            )
    with _timed("cite", steps):
        citations = cite(quotes, services)
    if status is not AnswerStatus.NO_EVIDENCE and not citations:
        status = AnswerStatus.NO_EVIDENCE
    reply = services.replies[status]
    return Answer(
        status=status,
        text=_text(reply.text, citations),
        citations=tuple(citations),
        next_step=reply.next_step,
        trace=Trace(
            tuple(steps),
            round(sure, 4),
            as_of.isoformat(),
            services.replies.version,
            reply=reply.name,
        ),
        basis=Basis.EXTRACTIVE if citations else Basis.REPLY,
    )


def _status(passages: Sequence[Passage], sure: float) -> AnswerStatus:
    if not passages or sure < PARTIAL_FROM:
        return AnswerStatus.NO_EVIDENCE
    if not passages[0].is_basis:
        return AnswerStatus.SUPERSEDED_ONLY
    return AnswerStatus.ANSWERED if sure >= ANSWERED_FROM else AnswerStatus.PARTIAL


def _usable(passages: Sequence[Passage], status: AnswerStatus) -> list[Passage]:
    """Return what an answer of this status may quote: a draft never stands beside valid text."""
    if status is AnswerStatus.SUPERSEDED_ONLY:
        return list(passages)
    return [passage for passage in passages if passage.is_basis]


def _text(opening: str, citations: Sequence[Citation]) -> str:
    parts = [opening] if opening else []
    for citation in citations:
        parts.append(f"{citation.quote}[{citation.number}]{_warning(citation)}")
    return "\n".join(parts)


def _warning(citation: Citation) -> str:
    """Say beside a quote what weakens it."""
    if citation.status in (Status.IN_FORCE,):
        return ""
    by = f"，现行文件为《{citation.ended_by}》" if citation.ended_by else ""
    return f"（注意：该文件{_STATUS_WORDS[citation.status]}{by}）"


_STATUS_WORDS = {
    Status.AMENDED: "已修改",
    Status.REPEALED: "已废止",
    Status.REVOKED: "已被撤销",
    Status.EXPIRED: "已失效",
    Status.DRAFT: "为征求意见稿，不具效力",
    Status.NOT_YET_IN_FORCE: "尚未施行",
}


def _weights(question: str, services: Services) -> dict[str, float]:
    """Return the words of a question with their rarity over all clauses that may be seen."""
    sides = [index.words for index in services.indexes]
    population = sum(side.count() for side in sides)
    return term_weights(question, lambda word: sum(s.frequency(word) for s in sides), population)


@contextmanager
def _timed(name: str, steps: list[Step]) -> Iterator[None]:
    started = time.perf_counter()
    yield
    steps.append(Step(name, round((time.perf_counter() - started) * 1000, 2)))
