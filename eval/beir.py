"""Benchmark folders in BEIR layout: documents, questions, and which documents answer which."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from corpus.documents import digest
from corpus.errors import UsageError
from eval.samples import DataSet, Sample

CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", Path("qrels") / "test.tsv"


def load_beir(folder: Path) -> DataSet:
    """Read the questions of a BEIR folder; documents are left on disk until they are asked for.

    Raises:
        UsageError: A file is missing or a line is wrong.
    """
    relevant = _read_qrels(folder / QRELS)
    samples = tuple(_sample(row, relevant) for row in _rows(folder / QUERIES))
    if not samples:
        raise UsageError(f"{folder / QUERIES} 里没有问题；请核对 --data 指的文件夹")
    content = (folder / QUERIES).read_bytes() + (folder / QRELS).read_bytes()
    return DataSet(folder.resolve().name, folder, samples, digest(content))


def read_documents(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (id, title, text) of every document of a BEIR folder."""
    for row in _rows(folder / CORPUS):
        yield str(row["_id"]), str(row.get("title") or ""), str(row.get("text") or "")


def _sample(row: Mapping[str, Any], relevant: Mapping[str, Mapping[str, int]]) -> Sample:
    return Sample(
        id=str(row["_id"]),
        question=str(row["text"]),
        history=tuple(map(str, row.get("history") or ())),
        answers=tuple(map(str, row.get("answers") or ())),
        relevant={
            document: grade
            for document, grade in relevant.get(str(row["_id"]), {}).items()
            if grade > 0
        },
    )


def _read_qrels(path: Path) -> dict[str, dict[str, int]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"读不出 {str(path)!r}：{error.strerror}") from error
    relevant: dict[str, dict[str, int]] = {}
    for number, line in enumerate(lines, start=1):
        fields = line.split("\t")
        if number == 1 and not fields[-1].isdigit():
            continue
        if len(fields) != 3 or not fields[2].isdigit():
            raise UsageError(f"{path} 第 {number} 行应有三列：问题、文档、等级")
        relevant.setdefault(fields[0], {})[fields[1]] = int(fields[2])
    return relevant


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise UsageError(f"{path} 第 {number} 行不是 JSON：{error}") from error
                if not isinstance(row, dict) or "_id" not in row or "text" not in row:
                    raise UsageError(f"{path} 第 {number} 行没有 _id 和 text")
                if str(row["_id"]) in seen:
                    raise UsageError(f"{path} 第 {number} 行的 _id 重复：{row['_id']!r}")
                seen.add(str(row["_id"]))
                yield row
    except OSError as error:
        raise UsageError(f"读不出 {str(path)!r}：{error.strerror}") from error
