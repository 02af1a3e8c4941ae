"""Two runs of one task on the same questions: paired differences, and the samples that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.errors import UsageError
from eval.bootstrap import mean_interval, whole_intervals
from eval.rows import Run
from eval.tasks import Row, Task, load_task


@dataclass(frozen=True, slots=True)
class Difference:
    """How a metric differs on the questions that both runs could judge: B minus A.

    `low` and `high` bound 95 % of the resampled mean differences; `rose` and `fell` count the
    questions whose value rose and fell (none for a number that only all questions together have).
    """

    name: str
    n: int
    before: float
    after: float
    low: float
    high: float
    rose: int
    fell: int

    @property
    def beyond_chance(self) -> bool:
        """Say whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose scores differ: what each run scored, and both rows."""

    id: str
    metrics: Mapping[str, tuple[float | None, float | None]]
    before: Row
    after: Row


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs between two runs, most clearly changed questions first."""

    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]


def compare(a: Run, b: Run, *, seed: int = 1) -> Comparison:
    """Compare run A (before) with run B (after), question by question.

    Raises:
        UsageError: They are not runs of one task on the same questions.
    """
    if a.record["task"] != b.record["task"]:
        raise UsageError(f"任务不同：{a.record['task']} 和 {b.record['task']}；只能比较同一任务")
    first, second = ({row["id"]: row for row in run.rows} for run in (a, b))
    common = [key for key in first if key in second]
    if not common:
        raise UsageError("两次运行没有共同的题目；请核对 --data")
    odd = next((k for k in common if first[k]["question"] != second[k]["question"]), None)
    if odd is not None:
        raise UsageError(f"题目 {odd!r} 在两次运行中不同；请用同一数据集")
    pairs = [(first[key], second[key]) for key in common]
    names = list(dict.fromkeys(n for pair in pairs for row in pair for n in row["scores"]))
    found = [_difference(name, pairs, seed) for name in names]
    found += _whole_differences(load_task(a.record["task"]), pairs, seed)
    changes = [change for key in common if (change := _change(first[key], second[key]))]
    changes.sort(key=lambda change: -_size(change))
    return Comparison(tuple(d for d in found if d), tuple(changes))


def _difference(name: str, pairs: Sequence[tuple[Row, Row]], seed: int) -> Difference | None:
    values = [
        (before["scores"][name], after["scores"][name])
        for before, after in pairs
        if before["scores"].get(name) is not None and after["scores"].get(name) is not None
    ]
    if not values:
        return None
    steps = [after - before for before, after in values]
    low, high = mean_interval(steps, seed)
    n = len(values)
    return Difference(
        name=name,
        n=n,
        before=round(sum(before for before, _ in values) / n, 4),
        after=round(sum(after for _, after in values) / n, 4),
        low=low,
        high=high,
        rose=sum(step > 0 for step in steps),
        fell=sum(step < 0 for step in steps),
    )


def _whole_differences(task: Task, pairs: Sequence[tuple[Row, Row]], seed: int) -> list[Difference]:
    """Return the differences of numbers that only all questions together have (AUROC)."""

    def steps(chosen: Sequence[tuple[Row, Row]]) -> dict[str, float | None]:
        before, after = (task.summarise([pair[side] for pair in chosen]) for side in (0, 1))
        return {
            name: None if old is None or new is None else new - old
            for name, old in before.items()
            for new in [after.get(name)]
        }

    before, after = (task.summarise([pair[side] for pair in pairs]) for side in (0, 1))
    return [
        Difference(name, len(pairs), old, new, low, high, rose=0, fell=0)
        for name, (low, high) in whole_intervals(pairs, steps, seed).items()
        if (old := before.get(name)) is not None and (new := after.get(name)) is not None
    ]


def _change(before: Row, after: Row) -> Change | None:
    names = before["scores"].keys() & after["scores"].keys()
    changed = {
        name: (before["scores"][name], after["scores"][name])
        for name in sorted(names)
        if before["scores"][name] != after["scores"][name]
    }
    return Change(before["id"], changed, before, after) if changed else None


def _size(change: Change) -> float:
    """Return how much a question's scores moved; one that lost or won a score moved by one."""
    return sum(
        1.0 if before is None or after is None else abs(after - before)
        for before, after in change.metrics.values()
    )
