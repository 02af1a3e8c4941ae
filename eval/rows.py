"""The files of a run: `samples.jsonl`, one line a sample, and `run.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import UsageError
from eval.samples import Sample
from eval.tasks import Result, Row

SAMPLES, RUN = "samples.jsonl", "run.json"


@dataclass(frozen=True, slots=True)
class Run:
    """A run on disk: its record and its rows, in order of the data set."""

    folder: Path
    record: Mapping[str, Any]
    rows: tuple[Row, ...]

    @property
    def complete(self) -> bool:
        """Say whether it came to its end."""
        return self.record.get("state") == "complete"


def to_row(sample: Sample, result: Result) -> Row:
    """Return the line of a sample: what was asked and expected, what came back, its scores."""
    return {
        "id": sample.id,
        "kind": sample.kind,
        "question": sample.question,
        "access": str(sample.access),
        "as_of": sample.as_of.isoformat(),
        "history": list(sample.history),
        "relevant": dict(sample.relevant),
        "answers": list(sample.answers),
        "status": sample.status,
        "ms": result.milliseconds,
        "scores": {name: score.value for name, score in result.scores.items()},
        "reasons": {name: s.reason for name, s in result.scores.items() if s.reason},
        "output": result.output,
    }


def read_run(folder: Path) -> Run:
    """Read a run that came to its end.

    Raises:
        UsageError: There is none, or it was cut short.
    """
    run = _read(folder)
    if not run.complete:
        raise UsageError(f"{str(folder)!r} 的运行没有完成；用同一条 python -m eval run 命令续跑")
    return run


def read_record(folder: Path) -> dict[str, Any] | None:
    """Return the record of a run, complete or not; None where there is none."""
    path = folder / RUN
    if not path.is_file():
        return None
    try:
        record: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise UsageError(f"{path} 不是 JSON：{error}；请删除该文件夹后重跑") from error
    return record


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Replace the record of a run; a reader sees the old one or the new one, never a half."""
    path = folder / RUN
    new = path.with_suffix(".new")
    new.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", "utf-8")
    new.replace(path)


def keep_whole_rows(folder: Path) -> list[Row]:
    """Return the rows that reached the disk whole, and cut off what a kill left of one more."""
    path = folder / SAMPLES
    if not path.is_file():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        path.write_bytes(whole)
    return [json.loads(line) for line in whole.decode("utf-8").splitlines()]


def _read(folder: Path) -> Run:
    record = read_record(folder)
    if record is None:
        raise UsageError(f"{str(folder)!r} 里没有运行结果；先 python -m eval run … --out {folder}")
    with (folder / SAMPLES).open(encoding="utf-8") as lines:
        return Run(folder, record, tuple(json.loads(line) for line in lines))
