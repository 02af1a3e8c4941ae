"""Our own questions and drafts over the sample corpus, with what must hold (`gold/README.md`)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import yaml

from corpus.documents import Access, digest
from eval.samples import TODAY, DataSet, Place, Sample

QUESTIONS = Path(__file__).parent / "gold" / "questions.jsonl"
DRAFTS = Path(__file__).parent / "gold" / "drafts.yaml"
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


def load_drafts(drafts: Path = DRAFTS, files: Path = FILES) -> DataSet:
    """Read the drafts to be written in order of the file; staff write them."""
    samples = tuple(
        Sample(
            id=row["id"],
            question=f"{row['kind']}：{row['facts'].get('事由') or row['facts'].get('会议名称', '')}",
            kind=row["kind"],
            access=Access.INTERNAL,
            relevant={Path(file).name: 1 for file in row.get("basis", ())},
            facts=row["facts"],
            missing=tuple(row.get("missing", ())),
            blocked=frozenset(Path(file).name for file in row.get("blocked", ())),
        )
        for row in yaml.safe_load(drafts.read_text("utf-8"))["drafts"]
    )
    return DataSet("gold", files, samples, digest(drafts.read_bytes()))
