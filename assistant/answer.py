"""A question answered: the steps over one state of the corpus, then a model's words where one is set."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from assistant.conversation import Answer, Basis, Event, Extracted, Finished, Step, Trace, Turn
from assistant.inquiry import Inquiry
from assistant.plain_language import WRITABLE, write_answer
from assistant.replies import AnswerStatus
from assistant.services import Services
from assistant.steps import STEPS
from corpus.errors import StorageError


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
