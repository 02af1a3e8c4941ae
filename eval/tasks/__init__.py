"""The tasks: what is asked of a sample, and how what comes back is scored; one task a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from corpus.errors import UsageError
from eval.samples import Sample, Score

if TYPE_CHECKING:  # what a task asks opens the indexes: naming the tasks must not load them
    from eval.bench import Bench

TASKS = ("retrieval", "answering", "refusing", "drafting")

Row = Mapping[str, Any]  # one line of samples.jsonl
Output = dict[str, Any]  # what came back for a sample, as JSON


@dataclass(frozen=True, slots=True)
class Result:
    """What came back for one sample, its scores, and how long the measured call took."""

    output: Output
    scores: Mapping[str, Score]
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Task:
    """A task: `ask` measures one sample; `summarise` adds what only all rows together tell."""

    name: str
    ask: Callable[[Sample, Bench], Result]
    summarise: Callable[[Sequence[Row]], dict[str, float | None]]


def load_task(name: str) -> Task:
    """Return a task by name; its module is imported only now.

    Raises:
        UsageError: There is no such task, or a library that it needs is not installed.
    """
    if name not in TASKS:
        raise UsageError(f"没有任务 {name!r}；可用：{' '.join(TASKS)}")
    try:
        task: Task = import_module(f"eval.tasks.{name}").TASK
    except ModuleNotFoundError as error:
        raise UsageError(
            f"测量用的库 {error.name!r} 没有安装；请运行：pip install '.[test]'"
        ) from error
    return task
