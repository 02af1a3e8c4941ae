"""The scores of a run from its rows: means with 95 % intervals, counts, latency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from eval.bootstrap import mean_interval, whole_intervals
from eval.tasks import Row, Task


def summarise(task: Task, rows: Sequence[Row], seed: int) -> dict[str, Any]:
    """Return what a run's record says of its rows.

    `scores` has one number a metric; `intervals` its 95 % interval; `scored` and
    `unscored` count the samples that a metric could and could not judge; `by_kind` the means of
    each kind of question; `statuses` how questions ended.
    """
    names = list(dict.fromkeys(name for row in rows for name in row["scores"]))
    values = {name: scored(rows, name) for name in names}
    means = {name: _mean(found) for name, found in values.items() if found}
    statuses = Counter(row["output"]["status"] for row in rows if "status" in row["output"])
    return {
        "n": len(rows),
        "scores": {**means, **task.summarise(rows), **latency(rows)},
        "intervals": {
            **{name: mean_interval(found, seed) for name, found in values.items() if found},
            **whole_intervals(rows, task.summarise, seed),
        },
        "scored": {name: len(found) for name, found in values.items()},
        "unscored": {
            name: sum(name in row["scores"] and row["scores"][name] is None for row in rows)
            for name in names
        },
        "by_kind": _by_kind(rows, names),
        "statuses": dict(sorted(statuses.items())),
    }


def scored(rows: Sequence[Row], name: str) -> list[float]:
    """Return the values of a metric over the rows that it could judge."""
    return [row["scores"][name] for row in rows if row["scores"].get(name) is not None]


def latency(rows: Sequence[Row]) -> dict[str, float]:
    """Return the median and the 95th percentile in milliseconds, the first sample left out."""
    times = sorted(row["ms"] for row in rows[1:]) or [0.0]
    return {
        "p50_ms": times[len(times) // 2],
        "p95_ms": times[min(len(times) - 1, int(len(times) * 0.95))],
    }


def _by_kind(rows: Sequence[Row], names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    kinds = list(dict.fromkeys(row["kind"] for row in rows))
    found: dict[str, dict[str, Any]] = {}
    for kind in kinds:
        of_kind = [row for row in rows if row["kind"] == kind]
        means = {name: _mean(values) for name in names if (values := scored(of_kind, name))}
        found[kind] = {"n": len(of_kind), **means}
    return found


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4)
