"""The scores of a run as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from eval.rows import Run


def score_lines(run: Run) -> Iterator[str]:
    """Yield one line a metric: its mean, its 95 % interval, how many samples were judged."""
    record = run.record
    yield f"{record['task']} · {record['data']['name']} · {record['n']} 题"
    for name, value in record["scores"].items():
        interval = record["intervals"].get(name)
        between = f"[{interval[0]:.3f}, {interval[1]:.3f}]" if interval else ""
        judged = record["scored"].get(name)
        left = record["unscored"].get(name)
        counts = f"n={judged}" if judged is not None else ""
        counts += f" 未评 {left}" if left else ""
        shown = "–" if value is None else f"{value:.4f}" if value < 100 else f"{value:.1f}"
        yield f"{name:>24}  {shown:>8}  {between:<16} {counts}"
    if record["statuses"]:
        yield "  ".join(f"{status} {count}" for status, count in record["statuses"].items())
