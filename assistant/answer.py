"""A question's way to its answer, as a list of steps; each enriches the inquiry or settles it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from assistant.aspects import is_open
from assistant.citations import Citation, cite
from assistant.clarifying import (
    already_asked,
    choices,
    open_point,
    settled,
    subject_of,
)
from assistant.confidence import asks_of_another_year, confidence
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
from assistant.extractive import select_quotes
from assistant.inquiry import Inquiry
from assistant.plain_language import WRITABLE, write_answer
from assistant.precedence import differences
from assistant.regions import elsewhere, of_neighbour, only_there, place_of
from assistant.replies import AnswerStatus, Reply
from assistant.reranking import rerank
from assistant.retrieval import Passage, retrieve
from assistant.rewriting import stand_alone, subject_terms
from assistant.screening import MAX_QUESTION, screen
from assistant.services import Services
from corpus.documents import Level, Status
from corpus.errors import StorageError
from corpus.ranking import Term, term_weights
from corpus.spelling import correct, suspects

__all__ = [
    "MAX_QUESTION",
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
    "failed",
    "stream",
]

# Confidence (assistant.confidence) from which passages are taken to answer, and below which nothing
# is quoted; between the two, what is quoted is called partial. About one answerable question in
# ten of the gold set lies below the lower one, and two in three of those that nobody answers
# (eval/LOG.md): a refusal names a way on, a wrong clause misleads.
ANSWERED_FROM = 0.1
PARTIAL_FROM = 0.08
SUGGESTIONS = 3
RELATED = 0.3  # cosine from which a document is near enough to be suggested


Outcome = Inquiry | Answer


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
    extracted, inquiry = extract_answer(question, services, as_of, history)
    yield Extracted(extracted)
    final = extracted
    if services.model is not None and inquiry is not None and extracted.status in WRITABLE:
        stop = cancelled if cancelled is not None else threading.Event()

        def recall(asked: str, before: Sequence[Turn]) -> tuple[Answer, Inquiry | None]:
            return extract_answer(asked, services, as_of, before)

        final = yield from write_answer(extracted, inquiry, services, services.model, stop, recall)
        with services.reading() as revision:
            stale = revision != inquiry.revision
        if stale:  # the corpus changed while the model wrote: its text quotes what was before
            final, _ = extract_answer(question, services, as_of, history)
    yield Finished(final)


def failed(services: Services) -> Answer:
    """Return the answer for a failure that left nothing to say."""
    reply = services.replies[AnswerStatus.ERROR]
    return Answer(
        reply.status, reply.text, (), reply.next_step, Trace(reply=reply.name), basis=Basis.REPLY
    )


def extract_answer(
    question: str, services: Services, as_of: date, history: Sequence[Turn]
) -> tuple[Answer, Inquiry | None]:
    """Run the steps over one state of the corpus.

    Returns:
        The extractive answer, and the inquiry behind it where documents were quoted.
    """
    try:
        with services.reading() as revision:
            inquiry = Inquiry(question, tuple(history), as_of, revision)
            for name, step in STEPS:
                started = time.perf_counter()
                outcome = step(inquiry, services)
                took = Step(name, round((time.perf_counter() - started) * 1000, 2))
                if isinstance(outcome, Answer):
                    trace = replace(outcome.trace, steps=(*inquiry.steps, took))
                    return replace(outcome, trace=trace), inquiry if outcome.citations else None
                inquiry = replace(outcome, steps=(*outcome.steps, took))
        raise AssertionError("the last step settles every question")
    except StorageError:
        return failed(services), None


# ---------------------------------------------------------------- the steps


def _screen(inquiry: Inquiry, services: Services) -> Outcome:
    """Hide personal data, drop hidden characters, refuse attacks and classified text."""
    rules = services.guides.screening
    screened = screen(inquiry.question, rules)
    earlier = tuple(replace(turn, text=screen(turn.text, rules).text) for turn in inquiry.history)
    clean = replace(
        inquiry,
        question=screened.text,
        asked=screened.text,
        history=earlier,
        masked=screened.masked,
    )
    if screened.refused:
        return _say(clean, services.replies.named(screened.refused), services)
    if not any(c.isalnum() for c in screened.text):
        return _say(clean, services.replies.named("empty"), services)
    return clean


def _route(inquiry: Inquiry, services: Services) -> Outcome:
    """Settle what is no question about a rule: greetings, emergencies, a person's own file."""
    name = services.guides.routing.first(inquiry.question)
    if name:
        return _say(inquiry, services.replies.named(name), services)
    places = services.guides.places
    if not places.pattern.search(inquiry.question):
        return inquiry
    held = services.regions(inquiry.revision)
    return replace(inquiry, elsewhere=elsewhere(inquiry.question, held, places))


def _spell(inquiry: Inquiry, services: Services) -> Outcome:
    """Read a slip of the input method as the word that was meant, and say so."""
    sides = [index.words for index in services.indexes]
    parts = suspects(
        inquiry.question, lambda pair: any(side.frequency_of_pair(pair) for side in sides)
    )
    if not parts:
        return inquiry
    slips = services.store.spelling(services.levels).slips(parts)
    return replace(inquiry, question=correct(inquiry.question, slips), slips=tuple(slips.items()))


def _rewrite(inquiry: Inquiry, services: Services) -> Outcome:
    """Make a follow-up stand alone."""

    def names_subject(question: str) -> bool:
        named = subject_terms(question)
        if not named:
            return False
        found = rerank(
            question, retrieve(question, services, as_of=inquiry.as_of, limit=5), services.reader
        )
        titles = "".join(passage.document.metadata.title for passage in found)
        if any(word in titles for word in named):
            return True
        text = "".join("".join((*p.chunk.heading_path, p.chunk.text)) for p in found[:3])
        return any(word in text for word in named) and (
            _confidence(question, found, services) >= ANSWERED_FROM
        )

    if already_asked(inquiry.history, services.replies):
        whole = settled(inquiry.question, inquiry.history)
        if whole:
            return replace(inquiry, question=whole)
    return replace(inquiry, question=stand_alone(inquiry.question, inquiry.history, names_subject))


def _search(inquiry: Inquiry, services: Services) -> Outcome:
    """Find passages; another county's rules left out, for another place all but the country's."""
    found = retrieve(inquiry.question, services, as_of=inquiry.as_of)
    if inquiry.elsewhere:
        found = [p for p in found if p.document.metadata.level is Level.NATIONAL]
    held = services.regions(inquiry.revision)
    ruling = [
        passage
        for passage in found
        if not of_neighbour(inquiry.question, place_of(passage.document, held), held)
    ]
    return replace(inquiry, passages=tuple(ruling))


def _rerank(inquiry: Inquiry, services: Services) -> Outcome:
    """Read the best passages beside the question and put them in order."""
    return replace(
        inquiry, passages=tuple(rerank(inquiry.question, inquiry.passages, services.reader))
    )


def _judge(inquiry: Inquiry, services: Services) -> Outcome:
    """Refuse where the passages do not answer, and name questions that they would answer."""
    sure = _confidence(inquiry.question, inquiry.passages, services)
    if asks_of_another_year(inquiry.question, inquiry.passages, inquiry.as_of):
        sure = min(sure, (PARTIAL_FROM + ANSWERED_FROM) / 2)
    judged = replace(inquiry, sure=sure)
    if _status(judged.passages, judged.sure) is not AnswerStatus.NO_EVIDENCE:
        return judged
    if inquiry.elsewhere:
        held = "、".join(sorted(services.regions(inquiry.revision)))
        reply = services.replies.named("other_region")
        return _say(judged, reply.fill(held=held, asked=inquiry.elsewhere), services)
    return _say(judged, services.replies[AnswerStatus.NO_EVIDENCE], services)


def _clarify(inquiry: Inquiry, services: Services) -> Outcome:
    """Ask back, once, where the question leaves open which of several services it means."""
    reply = services.replies[AnswerStatus.CLARIFY]
    if not is_open(inquiry.question) or already_asked(inquiry.history, services.replies):
        return inquiry
    offered = choices(inquiry.question, inquiry.passages)
    if len(offered) < 2:
        return inquiry
    return replace(_say(inquiry, reply, services), suggestions=offered)


def _extract(inquiry: Inquiry, services: Services) -> Answer:
    """Quote the sentences that answer, resolve them, and say what weakens them."""
    status = _status(inquiry.passages, inquiry.sure)
    quotes = select_quotes(
        inquiry.question,
        _usable(inquiry.passages, status),
        services.store.embedder,
        _rarity(inquiry.question, services),
    )
    held = services.regions(inquiry.revision)
    said = inquiry.question + "".join(turn.text for turn in inquiry.history)
    places = [place_of(quote.passage.document, held) for quote in quotes]
    if status is AnswerStatus.ANSWERED and not already_asked(inquiry.history, services.replies):
        named = services.guides.places.pattern.search(said) is not None
        point = open_point(
            said, inquiry.question, quotes, [] if named else places, inquiry.passages
        )
        if point:
            back = _say(inquiry, services.replies.named(point.reply), services)
            return replace(back, suggestions=point.choices)
    citations = cite(quotes, services)
    if not citations:
        return _say(inquiry, services.replies[AnswerStatus.NO_EVIDENCE], services)
    reply = services.replies[status]
    documents = {p.document.id: p.document for p in inquiry.passages}
    answered = _say(inquiry, reply, services)
    return replace(
        answered,
        text=_text(reply.text, citations),
        citations=tuple(citations),
        basis=Basis.EXTRACTIVE,
        notices=(
            *answered.notices,
            *only_there(said, places, held),
            *differences(citations, documents),
        ),
    )


STEPS: tuple[tuple[str, Callable[[Inquiry, Services], Outcome]], ...] = (
    ("screen", _screen),
    ("route", _route),
    ("spell", _spell),
    ("rewrite", _rewrite),
    ("retrieve", _search),
    ("rerank", _rerank),
    ("clarify", _clarify),
    ("judge", _judge),
    ("extract", _extract),
)


# ---------------------------------------------------------------- their parts


def _confidence(question: str, passages: Sequence[Passage], services: Services) -> float:
    """Return the probability that one of the passages answers a question."""
    population = sum(index.words.count() for index in services.indexes)
    weights = _rarity(question, services)
    return confidence(question, passages, weights, services.store.embedder, population)


def _rarity(question: str, services: Services) -> dict[Term, float]:
    """Return the terms of a question with their rarity over all clauses that may be seen."""
    sides = [index.words for index in services.indexes]
    population = sum(side.count() for side in sides)
    return term_weights(question, lambda word: sum(s.frequency(word) for s in sides), population)


def _say(inquiry: Inquiry, reply: Reply, services: Services) -> Answer:
    """Return an answer that is a fixed reply, with the trace of the inquiry."""
    related = reply.status is AnswerStatus.NO_EVIDENCE
    return Answer(
        status=reply.status,
        text=reply.text,
        citations=(),
        next_step=reply.next_step,
        trace=Trace(
            steps=inquiry.steps,
            confidence=round(inquiry.sure, 4),
            as_of=inquiry.as_of.isoformat(),
            replies_version=services.replies.version,
            question=inquiry.question,
            reply=reply.name,
            revision=inquiry.revision,
        ),
        basis=Basis.REPLY,
        suggestions=_related(inquiry.passages) if related else (),
        notices=_notices(inquiry),
    )


def _related(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Return questions about the nearest documents, for a person whose own had no answer."""
    near = [p for p in passages if p.is_basis and p.dense >= RELATED]
    subjects = dict.fromkeys(subject_of(passage.document.metadata.title) for passage in near)
    return tuple(f"{subject}有哪些规定？" for subject in subjects if subject)[:SUGGESTIONS]


def _notices(inquiry: Inquiry) -> tuple[str, ...]:
    notices = []
    if inquiry.masked:
        notices.append(f"您输入的{'、'.join(inquiry.masked)}已隐去，没有用于查找，也没有保存。")
    notices += [f"您输入的“{written}”按“{meant}”查找。" for written, meant in inquiry.slips]
    if inquiry.elsewhere and inquiry.passages:
        notices.append(f"以下是全国性规定；{inquiry.elsewhere}的地方规定不在收录范围。")
    return tuple(notices)


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
