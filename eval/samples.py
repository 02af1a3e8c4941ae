"""The records of a measurement: a sample, a score, and the data set they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from corpus.documents import Access

# Expectations about validity hold for this day, so that a run of another day gives the same scores.
TODAY = date(2026, 11, 22)
# How a question can end, in three classes. `clarify` asks back and belongs to none.
WITH_TEXT = frozenset({"answered", "partial", "superseded_only"})
REFUSALS = frozenset({"no_evidence", "out_of_scope", "personal_case", "emergency", "blocked"})
UNANSWERABLE = frozenset({"unanswerable", "near_miss"})  # kinds that no document answers


@dataclass(frozen=True, slots=True)
class Place:
    """A place that answers: a document by its name in the data set, and the locator in it."""

    document: str
    locator: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A question with what a right answer holds.

    `relevant` maps the documents that answer, by their name in the data set, to a grade. `answers`
    are whole right answers, `key_facts` patterns that each stand in one, `places` the clauses that
    are enough; `status` is how the question must end ("" where the data set does not say).

    A draft to be written has its kind as `kind`, `facts` as a facts file has them, the required
    fields they leave out as `missing`, and `blocked`: documents that must not be quoted.
    """

    id: str
    question: str
    kind: str = "question"
    access: Access = Access.PUBLIC
    as_of: date = TODAY
    history: tuple[str, ...] = ()
    relevant: Mapping[str, int] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    answers: tuple[str, ...] = ()
    key_facts: tuple[str, ...] = ()
    status: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    blocked: frozenset[str] = frozenset()

    @property
    def answerable(self) -> bool:
        """Say whether some document answers it."""
        return bool(self.relevant)


@dataclass(frozen=True, slots=True)
class Score:
    """One scorer's verdict; `value=None` means it could not judge, which is not zero."""

    value: float | None
    reason: str = ""


def applicable(scores: Mapping[str, Score | None]) -> dict[str, Score]:
    """Return the scores that a sample has; None says that a metric does not apply to it."""
    return {name: score for name, score in scores.items() if score is not None}


@dataclass(frozen=True, slots=True)
class DataSet:
    """Samples over documents: a BEIR folder, or our own questions over the sample corpus.

    `digest` is of the questions and what answers them; that of the documents is in the name of
    their index.
    """

    name: str
    folder: Path
    samples: tuple[Sample, ...]
    digest: str
