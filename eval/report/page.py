"""A run's report as one HTML file: charts inline, no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from eval.metrics import meaning
from eval.report.charts import bars, histogram, lines
from eval.report.findings import (
    by_kind,
    principal_metric,
    recall_curve,
    refusal_curves,
    refusal_matrix,
    worst,
)
from eval.rows import Run
from eval.table import show
from eval.tasks import Row

_STYLE = """
body{font:15px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:2rem auto;
max-width:1080px;padding:0 1rem;color:#222}
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid #ddd}
table{border-collapse:collapse;font-size:14px}td,th{padding:.25rem .6rem;text-align:left;
border-bottom:1px solid #eee;vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}
figure{margin:1rem 0;max-width:680px}figcaption{font-weight:600}svg{width:100%;height:auto}
details{margin:.4rem 0;border:1px solid #ddd;border-radius:4px;padding:.4rem .8rem}
summary{cursor:pointer}.right{color:#00704a}.muted{color:#666;font-size:13px}
blockquote{margin:.3rem 0;padding:.2rem .8rem;border-left:3px solid #0072b2;background:#f6f9fc}
"""


def html_report(run: Run) -> str:
    """Return the page: scores, charts, how questions ended, the worst samples and their passages."""
    record = run.record
    title = f"{record['task']} · {record['data']['name']} · {record['n']} 题"
    body = "\n".join(_body(run, title))
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}'
        f"</title><style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _body(run: Run, title: str) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    yield from _origin(run)
    yield from _scores(run)
    yield from _charts(run)
    if run.record["statuses"] and run.record["task"] != "drafting":
        yield from _matrix(run)
    metric = principal_metric(run)
    if metric:
        rows = worst(run, metric)
        yield f"<h2>最差的 {len(rows)} 题（{escape(metric)}）</h2>"
        for row in rows:
            yield from _sample(row, metric)


def _origin(run: Run) -> Iterator[str]:
    record = run.record
    facts = {
        "提交": record["commit"][:12] + ("（有未提交的改动）" if record["dirty"] else ""),
        "索引": record.get("index", "")[:12],
        "种子": str(record["seed"]),
        "Python": record["python"],
        **{name: version for name, version in record["packages"].items()},
    }
    told = " · ".join(f"{name} {value}" for name, value in facts.items() if value)
    yield f'<p class="muted">{escape(told)}</p>'


def _scores(run: Run) -> Iterator[str]:
    record = run.record
    yield "<table><tr><th>指标</th><th>值</th><th>95% 区间</th><th>n</th><th>未评</th><th>含义</th></tr>"
    for name, value in record["scores"].items():
        found = record["intervals"].get(name)
        between = f"{found[0]:.3f} – {found[1]:.3f}" if found else ""
        cells = (
            show(value),
            between,
            record["scored"].get(name, ""),
            record["unscored"].get(name, ""),
        )
        numbers = "".join(f'<td class="n">{cell}</td>' for cell in cells)
        yield f"<tr><td>{escape(name)}</td>{numbers}<td>{escape(meaning(name))}</td></tr>"
    yield "</table>"


def _charts(run: Run) -> Iterator[str]:
    metric = principal_metric(run)
    kinds = by_kind(run, metric) if metric else []
    if metric and len(kinds) > 1:
        yield bars(f"各题型得分（{metric}，线为 95% 区间）", kinds)
    curve = recall_curve(run.rows)
    if curve:
        yield lines(
            "召回曲线", curve, x_name="前 k 份文件", y_name="相关文件的份额", logarithmic=True
        )
    if run.record["task"] == "refusing":
        yield lines(
            "拒答的取舍（虚线为误拒 5%）",
            refusal_curves(run.rows),
            x_name="误拒：有依据而被拒答",
            y_name="应拒答而被拒答",
            mark=0.05,
        )
    times = [row["ms"] for row in run.rows[1:]]
    if times:
        scores = run.record["scores"]
        marks = (scores["p50_ms"], scores["p95_ms"])
        yield histogram("耗时分布（虚线为中位数和第 95 百分位）", times, unit="毫秒", marks=marks)


def _matrix(run: Run) -> Iterator[str]:
    matrix = refusal_matrix(run.rows)
    statuses = sorted({status for ended in matrix.values() for status in ended})
    yield "<h2>结束方式</h2><table><tr><th></th>"
    yield "".join(f"<th>{escape(status)}</th>" for status in statuses) + "</tr>"
    for wanted, ended in matrix.items():
        cells = "".join(f'<td class="n">{ended.get(status, 0)}</td>' for status in statuses)
        yield f"<tr><td>{escape(wanted)}</td>{cells}</tr>"
    yield "</table>"


def _sample(row: Row, metric: str) -> Iterator[str]:
    output = row["output"]
    value = show(row["scores"][metric])
    yield f"<details><summary>{escape(row['id'])} · {escape(row['question'])} · {value}</summary>"
    facts = [row["kind"], row["access"], row["as_of"], row["reasons"].get(metric, "")]
    yield f'<p class="muted">{escape(" · ".join(fact for fact in facts if fact))}</p>'
    for answer in row["answers"][:2]:
        yield f'<p class="right">标准答案：{escape(answer)}</p>'
    yield f'<p class="right">相关文件：{escape("、".join(row["relevant"]) or "无")}</p>'
    for given, name in ((output, "回答"), (output.get("withheld", {}), "抽走依据后的回答")):
        if "text" in given:
            told = f"{given['status']} {given['confidence']:.2f}：{given['text']}"
            yield f"<blockquote>{name} {escape(told)}</blockquote>"
    passages = output.get("passages") or []
    if passages:
        yield "<p>检索到：</p><ol>"
        for passage in passages[:5]:
            name = f"{passage['title'] or passage['document']} {passage['locator']}"
            yield f"<li>{escape(name)}【{escape(passage['status'])}】{escape(passage['text'])}</li>"
        yield "</ol>"
    elif "ranking" in output:
        yield f"<p>检索到：{escape('；'.join(output['ranking'][:5]))}</p>"
    yield "</details>"
