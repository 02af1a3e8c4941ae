"""Run a task over a data set: one flushed line a sample, taken up again where a kill left it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import UsageError
from corpus.store import EMBEDDINGS_VARIABLE
from eval.bench import NO_MODEL
from eval.data_sets import load_data
from eval.indexes import build_index, cache_folder
from eval.measuring import Unit, measure
from eval.progress import progress_bar
from eval.provenance import index_digest, provenance
from eval.rows import SAMPLES, Run, keep_whole_rows, read_record, read_run, to_row, write_record
from eval.samples import DataSet
from eval.scorers.judge import judge_prompt
from eval.summary import summarise
from eval.tasks import Row, load_task

SETTINGS = (EMBEDDINGS_VARIABLE,)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does: the task, the questions (a BEIR folder, or `gold`), how many and how.

    `model` writes the answers and `judge` grades them: `none`, a .gguf file, `http://host/v1#name`.
    """

    task: str
    data: str
    limit: int | None = None
    jobs: int = 1
    seed: int = 1
    model: str = NO_MODEL
    judge: str = NO_MODEL


def run(plan: Plan, out: Path, *, fresh: bool = False, quiet: bool = False) -> Run:
    """Measure what is not measured yet; return the run, complete.

    Raises:
        UsageError: The data or the folder is wrong, or the folder holds another run.
        CorpusError: The documents cannot be indexed or asked.
    """
    task = load_task(plan.task)
    data = load_data(plan.data, plan.task)
    samples = data.samples[: plan.limit]
    if not samples or plan.jobs < 1:
        raise UsageError("--limit 和 --jobs 至少为 1")
    folder = build_index(data, cache_folder(), quiet=quiet)
    identity = _identity(plan, data, folder)
    rows = _rows_so_far(out, identity, [sample.id for sample in samples], fresh=fresh)
    write_record(out, {**identity, "state": "running"})
    unit = Unit(plan.task, plan.data, folder, plan.model, plan.judge)
    pending = samples[len(rows) :]
    with (
        (out / SAMPLES).open("a", encoding="utf-8") as lines,
        progress_bar(plan.task, len(samples), done=len(rows), quiet=quiet) as advance,
    ):
        for sample, result in measure(unit, pending, jobs=plan.jobs):
            row = to_row(sample, result)
            rows.append(row)
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            lines.flush()
            advance()
    write_record(out, {**identity, **summarise(task, rows, plan.seed), "state": "complete"})
    return read_run(out)


# What must be equal for two parts of a run to be one run; the rest of the record is told only.
_SAME = (
    *("task", "data", "limit", "seed", "model", "judge", "settings"),
    *("index", "code", "models", "prompts", "packages"),
)


def _identity(plan: Plan, data: DataSet, folder: Path) -> dict[str, Any]:
    """Return what a run is, before anything was measured."""
    return {
        "task": plan.task,
        "data": {"name": data.name, "digest": data.digest},
        "limit": plan.limit,
        "seed": plan.seed,
        "jobs": plan.jobs,
        "model": plan.model,
        "judge": plan.judge if plan.judge == NO_MODEL else f"{plan.judge} {judge_prompt().label}",
        "settings": {key: os.environ[key] for key in SETTINGS if key in os.environ},
        "index": index_digest(folder),
        **provenance(),
    }


def _rows_so_far(
    out: Path, identity: Mapping[str, Any], ids: Sequence[str], *, fresh: bool
) -> list[Row]:
    """Return the rows of the same run that was cut short; nothing where there was none.

    Raises:
        UsageError: The folder holds another run, or a run of another version of the program.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"结果文件夹 {str(out)!r} 无法建立：{error.strerror}") from error
    before = read_record(out)
    if fresh or before is None:
        (out / SAMPLES).unlink(missing_ok=True)
        return []
    changed = [key for key in _SAME if before.get(key) != identity[key]]
    if changed:
        raise UsageError(
            f"{str(out)!r} 里是另一次运行（{'、'.join(changed)} 不同）；换一个 --out，或加 --fresh 重新开始"
        )
    rows = keep_whole_rows(out)
    if [row["id"] for row in rows] != list(ids[: len(rows)]):
        raise UsageError(f"{str(out)!r} 里的题目次序与数据不符；加 --fresh 重新开始")
    return rows
