"""From the extractive answer to the model's plain-language one, or back where too little is sure."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from assistant.chat_model import ChatModel
from assistant.citations import Citation, cite
from assistant.conversation import Answer, Basis, Event, Queued, Role, Step, Turn
from assistant.errors import ModelError
from assistant.extractive import Quote
from assistant.figures import figures
from assistant.generation import Earlier, Shown, Written, messages_for, rewrite, write
from assistant.inquiry import Inquiry
from assistant.precedence import differences
from assistant.regions import only_there, place_of
from assistant.replies import AnswerStatus
from assistant.retrieval import Passage
from assistant.rewriting import own_words
from assistant.services import Services
from corpus.chunking import split_sentences
from corpus.ranking import ASKS_FIGURE

# What a model may put into other words: a text that is no basis is only ever quoted.
WRITABLE = frozenset({AnswerStatus.ANSWERED, AnswerStatus.PARTIAL})
# A processor reads some twenty to a hundred tokens a second: every clause shown is waited for.
PASSAGES = 4  # shown to the model, as many as the extractive answer looks into
PASSAGE_LENGTH = 400  # characters of one clause at most
NEW_PASSAGES = 2  # shown in a later turn, those counted that earlier turns have shown
NEW_LENGTH = 160  # characters of the new ones together; the first is shown whatever its length
EARLIER_TURNS = 3
EARLIER_LENGTH = 40  # characters kept of an earlier answer: its passages stand there anyway

_MARKER = re.compile(r"\[\d+\]")
_log = logging.getLogger(__name__)

Recall = Callable[[str, Sequence[Turn]], tuple[Answer, Inquiry | None]]


def write_answer(
    extracted: Answer,
    inquiry: Inquiry,
    services: Services,
    model: ChatModel,
    cancelled: threading.Event,
    recall: Recall,
) -> Generator[Event, None, Answer]:
    """Yield what is written as it is checked; return the answer to end with.

    `recall` finds again what an earlier question was answered from. Whatever goes wrong, the
    extractive answer is what remains.
    """
    started = time.perf_counter()
    prompts = services.guides.prompts
    labels = [prompts["answer"].label]
    try:
        earlier = _earlier(inquiry, services, recall)
        if inquiry.question != inquiry.asked and not _is_understood(inquiry, extracted):
            labels.append(prompts["rewrite"].label)
            whole = yield from _rewrite(inquiry, earlier, services, model, cancelled)
            if whole:
                found, behind = recall(whole, ())
                weaker = extracted.status is AnswerStatus.ANSWERED is not found.status
                if behind is not None and found.status in WRITABLE and not weaker:
                    # What was hidden or read as another word was so in what the person wrote.
                    kept = extracted.notices[: bool(inquiry.masked) + len(inquiry.slips)]
                    notices = tuple(dict.fromkeys((*kept, *found.notices)))
                    extracted, inquiry = replace(found, notices=notices), behind
        longest = NEW_LENGTH if earlier else PASSAGE_LENGTH
        found_here = _shown(inquiry.passages, extracted.citations, services, longest)
        shown = _only_new(found_here, earlier)
        messages, seen = messages_for(inquiry.question, shown, earlier, prompts["answer"], model)
        written = Written()
        for event in write(inquiry.question, messages, seen, model, cancelled):
            if isinstance(event, Written):
                written = event
            else:
                yield event
    except ModelError as error:
        # To the log alone: the trace goes to anyone, and the error may name a server of ours.
        _log.warning("%s", error)
        return replace(
            extracted,
            notices=(*extracted.notices, "语言模型暂时不可用，以下为文件原文摘录。"),
            trace=replace(extracted.trace, model=model.name),
        )
    step = Step("write", round((time.perf_counter() - started) * 1000, 2))
    trace = replace(
        extracted.trace,
        steps=(*extracted.trace.steps, step),
        model=model.name,
        prompts=tuple(labels),
        dropped=written.dropped,
    )
    if cancelled.is_set() or not is_enough(written, extracted, inquiry.question):
        return replace(extracted, trace=trace)
    opening = services.replies[extracted.status].text
    return replace(
        extracted,
        text="\n".join((*([opening] if opening else []), "".join(written.sentences))),
        citations=written.citations,
        notices=_notices(written.citations, extracted, inquiry, services),
        next_step=services.replies.named("written").next_step,
        basis=Basis.MODEL,
        trace=trace,
    )


def is_enough(written: Written, extracted: Answer, question: str) -> bool:
    """Say whether what passed the checks can stand for the extractive answer.

    At least half of the sentences must have passed, and a figure that was asked for and quoted must
    have survived.
    """
    if written.declined or not written.sentences:
        return False
    if len(written.sentences) < len(written.dropped):
        return False
    text = _MARKER.sub("", "".join(written.sentences))
    quoted = "".join(citation.quote for citation in extracted.citations)
    wants_figure = bool(ASKS_FIGURE.search(question) and figures(quoted))
    return not wants_figure or bool(figures(text))


def _notices(
    citations: Sequence[Citation], extracted: Answer, inquiry: Inquiry, services: Services
) -> tuple[str, ...]:
    """Return the notices of the extractive answer, those on its quotes made for the written ones."""
    with services.reading() as revision:
        held = services.regions(revision)
        cited = (*extracted.citations, *citations)
        documents = services.documents([citation.document_id for citation in cited])
    said = inquiry.said

    def weighed(these: Sequence[Citation]) -> tuple[str, ...]:
        found = [documents[one.document_id] for one in these if one.document_id in documents]
        places = [place_of(document, held) for document in found]
        return (*only_there(said, places, held), *differences(these, documents))

    of_quotes = weighed(extracted.citations)
    lasting = (notice for notice in extracted.notices if notice not in of_quotes)
    return (*lasting, *weighed(citations))


def _is_understood(inquiry: Inquiry, extracted: Answer) -> bool:
    """Say whether a follow-up put behind the question before it found what it asks for.

    It has no words of its own (多久能批下来), or they stand in what is quoted (难产呢): a model could
    only say the same in other words, and would be waited for.
    """
    quoted = "".join(citation.title + citation.quote for citation in extracted.citations)
    return all(word in quoted for word in own_words(inquiry.asked))


def _rewrite(
    inquiry: Inquiry,
    earlier: Sequence[Earlier],
    services: Services,
    model: ChatModel,
    cancelled: threading.Event,
) -> Generator[Event, None, str]:
    """Return the follow-up as the model made it whole, "" where that failed a check."""
    prompts = services.guides.prompts
    front, _ = messages_for(inquiry.asked, (), earlier, prompts["answer"], model)
    whole = ""
    asked = rewrite(
        inquiry.asked, inquiry.question, front[:-1], prompts["rewrite"], model, cancelled
    )
    for event in asked:
        if isinstance(event, Queued):
            yield event
        else:
            whole = event
    return whole


def _earlier(inquiry: Inquiry, services: Services, recall: Recall) -> list[Earlier]:
    """Return the latest earlier questions that were answered, with what they were answered from."""
    found: list[Earlier] = []
    for place, turn in enumerate(inquiry.history):
        if turn.role is not Role.USER:
            continue
        given, behind = recall(turn.text, inquiry.history[:place])
        if behind is None or given.status not in WRITABLE:
            continue
        after = inquiry.history[place + 1 : place + 2]
        reply = after[0].text if after and after[0].role is Role.ASSISTANT else given.text
        longest = NEW_LENGTH if found else PASSAGE_LENGTH
        shown = _shown(behind.passages, given.citations, services, longest)
        found.append(Earlier(behind.question, reply[:EARLIER_LENGTH], shown))
    return found[-EARLIER_TURNS:]


def _shown(
    passages: Sequence[Passage],
    citations: Sequence[Citation],
    services: Services,
    longest: int,
) -> tuple[Shown, ...]:
    """Return passages for the model, those already quoted first, resolved against the store.

    Of a clause of more than `longest` characters only the part that was quoted, or its beginning.
    """
    quoted = {
        passage.chunk.id: citation
        for citation in citations
        for passage in passages
        if passage.document.id == citation.document_id
        and passage.chunk.start <= citation.start < passage.chunk.end
    }
    usable = [passage for passage in passages if passage.is_basis]
    usable.sort(key=lambda passage: passage.chunk.id not in quoted)
    quotes = [_span(p, quoted.get(p.chunk.id), longest) for p in usable[:PASSAGES]]
    chunks = {(q.passage.document.id, q.start): q.passage.chunk for q in quotes}
    with services.reading():
        resolved = cite(quotes, services)
    return tuple(
        Shown(citation, " ".join((*chunk.heading_path, chunk.lead)))
        for citation in resolved
        for chunk in (chunks[citation.document_id, citation.start],)
    )


def _only_new(shown: Sequence[Shown], earlier: Sequence[Earlier]) -> list[Shown]:
    """Return the best passages that no earlier turn showed; all of them in a first turn.

    In a later turn as many as make two with those that stand there already: what must be read anew
    is what a person waits for.
    """
    known = {_place(passage) for turn in earlier for passage in turn.shown}
    if not known:
        return list(shown)
    new = [passage for passage in shown if _place(passage) not in known]
    kept: list[Shown] = []
    for passage in new[: max(0, NEW_PASSAGES - (len(shown) - len(new)))]:
        length = sum(len(one.citation.quote) for one in (*kept, passage))
        if not kept or length <= NEW_LENGTH:
            kept.append(passage)
    return kept


def _place(passage: Shown) -> tuple[str, int, int]:
    citation = passage.citation
    return citation.document_id, citation.start, citation.end


def _span(passage: Passage, quoted: Citation | None, longest: int) -> Quote:
    """Return the whole clause; of a long one the part that was quoted, or its first sentences."""
    chunk = passage.chunk
    left = len(chunk.text) - len(chunk.text.lstrip())
    start, end = left, len(chunk.text.rstrip())
    if end - start > longest:
        if quoted is not None:
            start, end = quoted.start - chunk.start, quoted.end - chunk.start
        else:
            ends = [e for _, e in split_sentences(chunk.text) if e - left <= longest]
            end = max(ends, default=left + longest)
            end -= len(chunk.text[start:end]) - len(chunk.text[start:end].rstrip())
    return Quote(
        passage, chunk.start + start, chunk.start + end, chunk.text[start:end], passage.score
    )
