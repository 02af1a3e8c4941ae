"""What a report shows of a run, as data: curves, kinds, the refusal matrix, the worst samples."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from eval.bootstrap import mean_interval
from eval.metrics import PRINCIPAL, higher_is_better
from eval.refusal_curve import trade_off
from eval.report.charts import Bar, Line
from eval.rows import Run
from eval.samples import REFUSALS, UNANSWERABLE
from eval.tasks import Row

WORST = 20
CURVE_DEPTH = 100


def principal_metric(run: Run) -> str | None:
    """Return the metric by which samples are called good or bad; None where nothing was scored."""
    scored = run.record["scored"]
    return next((name for name in PRINCIPAL if scored.get(name)), next(iter(scored), None))


def by_kind(run: Run, metric: str) -> list[Bar]:
    """Return the mean of a metric for each kind of question, with n and its 95 % interval."""
    values: dict[str, list[float]] = defaultdict(list)
    for row in run.rows:
        if row["scores"].get(metric) is not None:
            values[row["kind"]].append(row["scores"][metric])
    return [
        Bar(kind, float(np.mean(of_kind)), f"n={len(of_kind)}", mean_interval(of_kind, 1))
        for kind, of_kind in sorted(values.items())
    ]


def recall_curve(rows: Sequence[Row]) -> list[Line]:
    """Return the mean share of relevant documents among the first k, for k up to CURVE_DEPTH."""
    found = [(row["output"].get("places"), len(row["relevant"])) for row in rows]
    known = [(places, count) for places, count in found if places is not None and count]
    if not known:
        return []
    points = [
        (float(k), float(np.mean([sum(p <= k for p in places) / n for places, n in known])))
        for k in range(1, CURVE_DEPTH + 1)
    ]
    return [Line("相关文件", points)]


def refusal_curves(rows: Sequence[Row]) -> list[Line]:
    """Return what is refused rightly for each share refused wrongly, for each kind of asking."""
    answerable = [row["output"]["confidence"] for row in rows if row["relevant"]]
    withheld = [
        row["output"]["withheld"]["confidence"] for row in rows if "withheld" in row["output"]
    ]
    others = {"抽走依据": withheld} | {
        kind: [row["output"]["confidence"] for row in rows if row["kind"] == kind]
        for kind in sorted(UNANSWERABLE)
    }
    return [
        Line(f"{name}（{len(of_kind)}）", trade_off(answerable, of_kind))
        for name, of_kind in others.items()
        if of_kind and answerable
    ]


def refusal_matrix(rows: Sequence[Row]) -> Mapping[str, Mapping[str, int]]:
    """Return how each kind of asking ended: answered, partial…, by what should have happened."""
    matrix: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        output = row["output"]
        wanted = "应作答" if row["relevant"] else _wanted(row)
        matrix[wanted][output["status"]] += 1
        if "withheld" in output:
            matrix["抽走依据，应拒答"][output["withheld"]["status"]] += 1
    return matrix


def worst(run: Run, metric: str) -> list[Row]:
    """Return the samples that scored worst; of equals, those answered most surely first."""
    scored = [row for row in run.rows if row["scores"].get(metric) is not None]
    sign = 1 if higher_is_better(metric) else -1
    scored.sort(key=lambda row: (sign * row["scores"][metric], -_sureness(row)))
    return scored[:WORST]


def _sureness(row: Row) -> float:
    output = row["output"]
    return float(output.get("withheld", output).get("confidence", 0.0))


def _wanted(row: Row) -> str:
    status = row["status"]
    if status in REFUSALS:
        return "应拒答"
    return f"应为 {status}" if status else "没有相关文件"
