"""The steps from a question to its extractive answer; each enriches the inquiry or settles it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.asked_day import read_asked_day
from assistant.aspects import is_open
from assistant.citations import cite
from assistant.clarifying import already_asked, choices, open_point, settled
from assistant.confidence import asks_of_another_year, confidence
from assistant.conversation import Answer, Basis
from assistant.extractive import select_quotes
from assistant.inquiry import Inquiry
from assistant.precedence import differences
from assistant.regions import elsewhere, of_neighbour, only_there, place_of
from assistant.replies import AnswerStatus
from assistant.reranking import CONSIDERED, rerank
from assistant.retrieval import TOP_CLAUSES, Passage, retrieve
from assistant.rewriting import stand_alone, subject_terms
from assistant.screening import screen
from assistant.services import Services
from assistant.wording import fixed_reply, quoting_text
from corpus.documents import Level
from corpus.ranking import Term, term_weights
from corpus.spelling import correct, suspects

# Confidence (assistant.confidence) from which passages are taken to answer, and below which nothing
# is quoted; between the two, what is quoted is called partial. About one answerable question in
# nine of the gold set lies below the lower one, half of the near misses and nine in ten of the others
# that nobody answers (eval/LOG.md): a refusal names a way on, a wrong clause misleads.
ANSWERED_FROM = 0.15
PARTIAL_FROM = 0.12

Outcome = Inquiry | Answer


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
        return fixed_reply(clean, services.replies.named(screened.refused), services)
    if not any(c.isalnum() for c in screened.text):
        return fixed_reply(clean, services.replies.named("empty"), services)
    return clean


def _route(inquiry: Inquiry, services: Services) -> Outcome:
    """Settle what is no question about a rule: greetings, emergencies, a person's own file."""
    name = services.guides.routing.first(inquiry.question)
    if name:
        return fixed_reply(inquiry, services.replies.named(name), services)
    places = services.guides.places
    if not places.pattern.search(inquiry.question):
        return inquiry
    held = services.regions(inquiry.revision)
    return replace(inquiry, elsewhere=elsewhere(inquiry.question, held, places))


def _read_day(inquiry: Inquiry, services: Services) -> Outcome:
    """Take the day that the question names as the one whose law is asked for."""
    found = read_asked_day(inquiry.question)
    if found is None:
        return inquiry
    return replace(inquiry, question=found.question, as_of=found.day, day_named=True)


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
    found = retrieve(inquiry.question, services, as_of=inquiry.as_of, limit=CONSIDERED)
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
    in_order = rerank(inquiry.question, inquiry.passages, services.reader)
    return replace(inquiry, passages=tuple(in_order[:TOP_CLAUSES]))


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
        return fixed_reply(judged, reply.fill(held=held, asked=inquiry.elsewhere), services)
    return fixed_reply(judged, services.replies[AnswerStatus.NO_EVIDENCE], services)


def _clarify(inquiry: Inquiry, services: Services) -> Outcome:
    """Ask back, once, where the question leaves open which of several services it means."""
    reply = services.replies[AnswerStatus.CLARIFY]
    if not is_open(inquiry.question) or already_asked(inquiry.history, services.replies):
        return inquiry
    offered = choices(inquiry.question, inquiry.passages)
    if len(offered) < 2:
        return inquiry
    return replace(fixed_reply(inquiry, reply, services), suggestions=offered)


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
    said = inquiry.said
    places = [place_of(quote.passage.document, held) for quote in quotes]
    if status is AnswerStatus.ANSWERED and not already_asked(inquiry.history, services.replies):
        named = services.guides.places.pattern.search(said) is not None
        point = open_point(
            said, inquiry.question, quotes, [] if named else places, inquiry.passages
        )
        if point:
            back = fixed_reply(inquiry, services.replies.named(point.reply), services)
            return replace(back, suggestions=point.choices)
    citations = cite(quotes, services)
    if not citations:
        return fixed_reply(inquiry, services.replies[AnswerStatus.NO_EVIDENCE], services)
    reply = services.replies[status]
    documents = {p.document.id: p.document for p in inquiry.passages}
    answered = fixed_reply(inquiry, reply, services)
    return replace(
        answered,
        text=quoting_text(reply.text, citations),
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
    ("day", _read_day),
    ("spell", _spell),
    ("rewrite", _rewrite),
    ("retrieve", _search),
    ("rerank", _rerank),
    ("clarify", _clarify),
    ("judge", _judge),
    ("extract", _extract),
)


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
