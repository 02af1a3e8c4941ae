"""Our own questions over the sample corpus, with what a right answer holds (`gold/README.md`)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from corpus.documents import Access, digest
from eval.samples import TODAY, DataSet, Place, Sample

QUESTIONS = Path(__file__).parent / "gold" / "questions.jsonl"
FILES = Path(__file__).parent.parent / "corpus" / "sample" / "files"


def load_gold(questions: Path = QUESTIONS, files: Path = FILES) -> DataSet:
    """Read the questions in order of the file; `files` has a folder for each access level."""
    samples = []
    for line in questions.read_text("utf-8").splitlines():
        row = json.loads(line)
        places = tuple(Place(Path(p["file"]).name, p["locator"]) for p in row["relevant"])
        samples.append(
            Sample(
                id=row["id"],
                question=row["question"],
                kind=row["kind"],
                access=Access(row["access"]),
                as_of=date.fromisoformat(row["as_of"]) if row.get("as_of") else TODAY,
                history=tuple(row.get("history") or ()),
                relevant={place.document: 1 for place in places},
                places=places,
                key_facts=tuple(row["key_facts"]),
                status=row["status"],
            )
        )
    return DataSet("gold", files, tuple(samples), digest(questions.read_bytes()))
