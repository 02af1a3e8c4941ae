"""Runs and comparisons as lines of text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from textwrap import shorten, wrap

from eval.comparing import Change, Comparison
from eval.rows import Run
from eval.tasks import Row

COLUMN = 38  # characters of one side of a changed sample; a Chinese one is two columns wide


def score_lines(run: Run) -> Iterator[str]:
    """Yield one line a metric: its mean, its 95 % interval, how many samples were judged."""
    record = run.record
    yield f"{record['task']} · {record['data']['name']} · {record['n']} 题"
    unjudged = {name: None for name in record["unscored"] if name not in record["scores"]}
    for name, value in {**record["scores"], **unjudged}.items():
        interval = record["intervals"].get(name)
        between = f"[{interval[0]:.3f}, {interval[1]:.3f}]" if interval else ""
        judged = record["scored"].get(name)
        left = record["unscored"].get(name)
        counts = f"n={judged}" if judged is not None else ""
        counts += f" 未评 {left}" if left else ""
        yield f"{name:>24}  {show(value):>8}  {between:<16} {counts}"
    if record["statuses"]:
        yield "  ".join(f"{status} {count}" for status, count in record["statuses"].items())


def difference_lines(found: Comparison) -> Iterator[str]:
    """Yield one line a metric: both means, the paired difference with its 95 % interval."""
    yield f"{'':>24}  {'A':>8} {'B':>8}  {'B − A':>8}  95% 置信区间"
    for d in found.differences:
        mark = "  *" if d.beyond_chance else ""
        step = d.after - d.before
        yield (
            f"{d.name:>24}  {show(d.before):>8} {show(d.after):>8}  {step:>+8.4f}  "
            f"[{d.low:+.3f}, {d.high:+.3f}]  n={d.n} 升 {d.rose} 降 {d.fell}{mark}"
        )
    yield f"变化的题目 {len(found.changes)} 道；* 表示区间不含 0"


def change_lines(change: Change) -> Iterator[str]:
    """Yield a changed sample with what both runs gave, side by side."""
    moved = "  ".join(f"{n} {show(a)}→{show(b)}" for n, (a, b) in change.metrics.items())
    yield ""
    yield f"{change.id}  {change.before['question']}"
    yield f"    {moved}"
    sides = [_side(row) for row in (change.before, change.after)]
    for left, right in zip_longest(*sides, fillvalue=""):
        pad = COLUMN * 2 - sum(2 if ord(c) > 0x2E7F else 1 for c in left)
        yield f"    {left}{' ' * max(pad, 1)}│ {right}"


def show(value: float | None) -> str:
    """Return a number as it is read: four places, one from a hundred on, a dash for none."""
    if value is None:
        return "–"
    return f"{value:.4f}" if abs(value) < 100 else f"{value:.1f}"


def _side(row: Row) -> list[str]:
    output = row["output"]
    if "text" in output:
        text = f"{output['status']} {output['confidence']:.2f}：{output['text']}"
    else:
        text = "；".join(
            f"{place}. {name}" for place, name in enumerate(output["ranking"][:5], start=1)
        )
    return wrap(shorten(" ".join(text.split()), 400, placeholder="…"), COLUMN)
