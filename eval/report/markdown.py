"""A run's report as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from eval.metrics import meaning
from eval.report.findings import principal_metric, refusal_matrix, worst
from eval.rows import Run
from eval.table import show


def markdown_report(run: Run) -> str:
    """Return the scores, how questions ended, and the worst samples with what was retrieved."""
    return "\n".join(_lines(run)) + "\n"


def _lines(run: Run) -> Iterator[str]:
    record = run.record
    yield f"# {record['task']} · {record['data']['name']} · {record['n']} 题"
    yield ""
    dirty = "（有未提交的改动）" if record["dirty"] else ""
    yield f"提交 `{record['commit'][:12]}`{dirty}，索引 `{record.get('index', '')[:12]}`，种子 {record['seed']}。"
    yield ""
    yield "| 指标 | 值 | 95% 区间 | n | 未评 | 含义 |"
    yield "|---|---|---|---|---|---|"
    for name, value in record["scores"].items():
        low_high = record["intervals"].get(name)
        between = f"{low_high[0]:.3f}–{low_high[1]:.3f}" if low_high else ""
        judged, left = record["scored"].get(name, ""), record["unscored"].get(name, "")
        yield f"| {name} | {show(value)} | {between} | {judged} | {left} | {meaning(name)} |"
    metric = principal_metric(run)
    if len(record["by_kind"]) > 1 and metric:
        yield from ("", f"## 按题型（{metric}）", "", "| 题型 | n | 均值 |", "|---|---|---|")
        for kind, scores in record["by_kind"].items():
            yield f"| {kind} | {scores['n']} | {show(scores.get(metric))} |"
    if record["statuses"] and record["task"] != "drafting":
        yield from ("", "## 结束方式", "")
        for wanted, ended in refusal_matrix(run.rows).items():
            told = "，".join(f"{status} {n}" for status, n in sorted(ended.items()))
            yield f"- {wanted}：{told}"
    if metric:
        yield from ("", f"## 最差的题目（{metric}）", "")
        for row in worst(run, metric):
            yield f"- **{row['id']}** {row['question']}（{show(row['scores'][metric])}）"
