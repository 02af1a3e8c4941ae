"""A question of the chat page → updates of the page, one after another, the last one final."""

from __future__ import annotations

import json
import logging
import re
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

from assistant.answer import stream
from assistant.conversation import (
    Answer,
    Basis,
    Extracted,
    Finished,
    Queued,
    Role,
    Sentence,
    Turn,
)
from assistant.personal_data import mask
from assistant.replies import AnswerStatus
from assistant.screening import MAX_QUESTION
from assistant.web.answers import render_answer, render_turn, render_waiting, render_writing
from assistant.web.desk import Desk
from assistant.web.english import in_language
from assistant.web.texts import Texts

MOST_TURNS = 12  # earlier messages that are looked at
LONGEST_TURN = 2_000  # characters of one
_TURN_ID = re.compile(r"t[a-z0-9]{4,32}")
_log = logging.getLogger(__name__)


class State(StrEnum):
    """How far a question is."""

    WORKING = "working"
    DONE = "done"
    REFUSED = "refused"  # nothing was asked; the message says why and the text stays in its box


@dataclass(frozen=True, slots=True)
class Update:
    """What the page must show now; each replaces the one before.

    `html` is the whole turn; `message` is said by screen readers and shown by the box; `text` is
    the answer as the browser keeps it for follow-up questions.
    """

    state: State
    turn: str = ""
    html: str = ""
    message: str = ""
    text: str = ""

    def as_json(self) -> str:
        """Return it as JSON that is text and nothing else, wherever it is put."""
        plain = json.dumps(asdict(self))
        return plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came from a page, with the session and address it came from."""

    question: str
    history: tuple[Turn, ...]
    turn: str
    session: str
    client: str


def read_asked(question: object, kept: object, turn: object, session: str, client: str) -> Asked:
    """Return what a page sent, cut to size; what has the wrong form is left out."""
    name = turn if isinstance(turn, str) and _TURN_ID.fullmatch(turn) else ""
    return Asked(
        question=str(question or "").strip()[:MAX_QUESTION],
        history=_read_history(kept),
        turn=name or f"t{secrets.token_hex(6)}",
        session=session,
        client=client,
    )


def converse(asked: Asked, desk: Desk, texts: Texts, *, day: date) -> Iterator[Update]:
    """Yield what the page must show, until the answer is final."""
    if not asked.question:
        yield Update(State.REFUSED, message=texts["empty_question"])
        return
    cancelled = desk.pending.begin(asked.session)
    if cancelled is None:
        yield Update(State.REFUSED, message=texts["pending"])
        return
    try:
        if not desk.limiter.allow(asked.client):
            yield Update(State.REFUSED, message=texts["too_many"])
            return
        yield _working(asked, render_waiting(texts["searching"]), texts["searching"], texts)
        last: Answer | None = None
        for update, answer in _events(asked, desk, texts, day, cancelled):
            last = answer or last
            if update:
                yield update
        given = last or _failed(texts)
    except Exception:
        # The outermost edge: a broken part must still end in an honest answer.
        _log.exception("a question ended in an error")
        given = _failed(texts)
    finally:
        desk.pending.end(asked.session, cancelled)
    yield _done(asked, given, texts, day)


def _events(
    asked: Asked, desk: Desk, texts: Texts, day: date, cancelled: threading.Event
) -> Iterator[tuple[Update | None, Answer | None]]:
    shown: Answer | None = None
    sentences: list[Sentence] = []
    message = texts["writing"]
    for event in stream(
        asked.question, desk.services, as_of=day, history=asked.history, cancelled=cancelled
    ):
        if isinstance(event, Finished):
            yield None, event.answer
            return
        if isinstance(event, Extracted):
            shown = in_language(event.answer, texts)
        elif isinstance(event, Queued):
            waits = event.position > 0
            message = texts.fill("queued", position=event.position) if waits else texts["writing"]
        elif isinstance(event, Sentence):
            sentences.append(event)
        if shown is None:
            yield _working(asked, render_waiting(message), message, texts), None
        elif desk.generated:
            body = render_writing(shown, sentences, message, asked.turn, texts)
            yield _working(asked, body, message, texts), shown


def _working(asked: Asked, body: str, message: str, texts: Texts) -> Update:
    # Masked: the page is kept by the browser, which the next person at a counter may use.
    html = render_turn(asked.turn, mask(asked.question).text, body, texts)
    return Update(State.WORKING, asked.turn, html, message)


def _done(asked: Asked, answer: Answer, texts: Texts, day: date) -> Update:
    question = mask(asked.question).text
    body = render_answer(
        in_language(answer, texts), question, asked.turn, texts, day=day.isoformat()
    )
    message = texts.fill(
        "done", status=texts[f"status_{answer.status}"], count=len(answer.citations)
    )
    html = render_turn(asked.turn, question, body, texts)
    return Update(State.DONE, asked.turn, html, message, answer.text[:LONGEST_TURN])


def _failed(texts: Texts) -> Answer:
    return Answer(AnswerStatus.ERROR, texts["failed"], (), texts["failed_next"], basis=Basis.REPLY)


def _read_history(kept: object) -> tuple[Turn, ...]:
    if not isinstance(kept, Sequence) or isinstance(kept, str):
        return ()
    turns = []
    for entry in kept[-MOST_TURNS:]:
        if not isinstance(entry, Mapping):
            continue
        role, text = entry.get("role"), entry.get("text")
        if role in set(Role) and isinstance(text, str):
            turns.append(Turn(Role(role), text[:LONGEST_TURN]))
    return tuple(turns)
