"""Benchmark folders in BEIR layout: documents, questions, and which documents answer which."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import UsageError


@dataclass(frozen=True, slots=True)
class Question:
    """A benchmark question: its answers, where there are some, and the turns before it."""

    id: str
    text: str
    answers: tuple[str, ...] = ()
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A BEIR folder: `relevant` maps a question's id to document id → grade."""

    name: str
    folder: Path
    questions: tuple[Question, ...]
    relevant: Mapping[str, Mapping[str, int]]

    def documents(self) -> Iterator[tuple[str, str, str]]:
        """Yield (id, title, text) of every document, from the file."""
        for row in _rows(self.folder / "corpus.jsonl"):
            yield str(row["_id"]), str(row.get("title") or ""), str(row.get("text") or "")


def load_benchmark(folder: Path) -> Benchmark:
    """Read a BEIR folder; documents are left on disk until they are asked for.

    Raises:
        UsageError: A file is missing or a line is wrong.
    """
    questions = tuple(
        Question(
            str(row["_id"]),
            str(row["text"]),
            tuple(map(str, row.get("answers") or ())),
            tuple(map(str, row.get("history") or ())),
        )
        for row in _rows(folder / "queries.jsonl")
    )
    relevant: dict[str, dict[str, int]] = {}
    path = folder / "qrels" / "test.tsv"
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"读不出 {str(path)!r}：{error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        fields = line.split("\t")
        if number == 1 and not fields[-1].isdigit():
            continue
        if len(fields) != 3:
            raise UsageError(f"{path} 第 {number} 行应有三列：问题、文档、等级")
        relevant.setdefault(fields[0], {})[fields[1]] = int(fields[2])
    return Benchmark(folder.resolve().name, folder, questions, relevant)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise UsageError(f"{path} 第 {number} 行不是 JSON：{error}") from error
                if "_id" not in row:
                    raise UsageError(f"{path} 第 {number} 行没有 _id")
                yield row
    except OSError as error:
        raise UsageError(f"读不出 {str(path)!r}：{error.strerror}") from error
