"""The records of a conversation: turns, answers with their trace, and the events of a stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from assistant.citations import Citation
from assistant.replies import AnswerStatus


class Role(StrEnum):
    """Who said a turn."""

    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of a conversation; only the person's browser keeps them."""

    role: Role
    text: str


class Basis(StrEnum):
    """What the text of an answer is, so that a page can say so."""

    EXTRACTIVE = "extractive"  # verbatim spans of documents
    MODEL = "model"  # a language model's words, every sentence checked against the citations
    REPLY = "reply"  # a fixed reply of `prompts/replies.yaml`; nothing is cited


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an answer and how long it took, in milliseconds."""

    name: str
    ms: float


@dataclass(frozen=True, slots=True)
class Trace:
    """How an answer came about; personal data in it is masked.

    `question` is what was searched for (masked, and made to stand alone where it follows up);
    `reply` names the entry of `prompts/replies.yaml`; `prompts` are `name@version` of every prompt
    sent to a model; `dropped` counts the model's sentences that failed a check, by reason.
    """

    steps: tuple[Step, ...] = ()
    confidence: float = 0.0
    as_of: str = ""
    replies_version: int = 0
    question: str = ""
    reply: str = ""
    revision: int = 0
    model: str = ""
    prompts: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person gets: a status, a text whose markers [n] name the citations, and a way on.

    `basis` says what the text is; `suggestions` are questions to ask instead or next, each whole
    and clickable; `notices` are sentences that stand beside the text: personal data was masked,
    documents disagree, a text has been replaced.
    """

    status: AnswerStatus
    text: str
    citations: tuple[Citation, ...]
    next_step: str
    trace: Trace = field(default_factory=Trace)
    basis: Basis = Basis.EXTRACTIVE
    suggestions: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Queued:
    """The model is busy: how many people are before this one (0: being answered now)."""

    position: int


@dataclass(frozen=True, slots=True)
class Extracted:
    """The extractive answer with its citations: the first thing on the screen."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Sentence:
    """The next sentence of the model's plain-language version, already checked.

    `citations` are those that its markers name for the first time; their numbers stay until the end.
    """

    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of a stream, always exactly one; its answer replaces what was shown."""

    answer: Answer


Event = Queued | Extracted | Sentence | Finished
