"""What the steps of an answer know of a question so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assistant.conversation import Role, Step, Turn
from assistant.retrieval import Passage


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question on its way; after the first step nothing in it holds unmasked personal data.

    Attributes:
        question: What is searched for: screened, and made to stand alone.
        history: The earlier turns, screened, oldest first.
        as_of: The day whose law is asked for.
        revision: The state of the corpus that is read.
        asked: What the person wrote, screened.
        masked: The kinds of personal data that were hidden.
        slips: What was written by a slip of the input method → what was meant.
        day_named: Whether the question itself names that day.
        elsewhere: A place that the question asks about and of which the corpus has no rules.
        passages: What was found, best first.
        sure: The probability that the passages answer.
        steps: The steps done, with their times.
    """

    question: str
    history: tuple[Turn, ...]
    as_of: date
    revision: int
    asked: str = ""
    masked: tuple[str, ...] = ()
    slips: tuple[tuple[str, str], ...] = ()
    day_named: bool = False
    elsewhere: str = ""
    passages: tuple[Passage, ...] = ()
    sure: float = 0.0
    steps: tuple[Step, ...] = ()

    @property
    def said(self) -> str:
        """What the person wrote, earlier turns included; a place that an answer named is not theirs."""
        earlier = (turn.text for turn in self.history if turn.role is Role.USER)
        return self.question + "".join(earlier)
