"""Our own questions over the sample corpus, with what a right answer holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from corpus.documents import Access

QUESTIONS = Path(__file__).parent / "gold" / "questions.jsonl"
TODAY = date(2026, 11, 22)  # the day on which the expectations were written
UNANSWERABLE = frozenset({"unanswerable", "near_miss"})


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question: who asks, for which day, the files that answer, patterns of the key facts."""

    id: str
    text: str
    kind: str
    access: Access
    as_of: date
    history: tuple[str, ...]
    relevant: frozenset[str]
    key_facts: tuple[str, ...]
    status: str


def load_gold(path: Path = QUESTIONS) -> Iterator[GoldQuestion]:
    """Yield the questions in order of the file."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield GoldQuestion(
            id=row["id"],
            text=row["question"],
            kind=row["kind"],
            access=Access(row["access"]),
            as_of=date.fromisoformat(row["as_of"]) if row.get("as_of") else TODAY,
            history=tuple(row.get("history") or ()),
            relevant=frozenset(Path(entry["file"]).name for entry in row["relevant"]),
            key_facts=tuple(row["key_facts"]),
            status=row["status"],
        )
