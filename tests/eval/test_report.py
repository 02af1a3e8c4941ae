"""The reports of real runs: complete, self-contained, and safe whatever a question holds."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from eval.__main__ import main
from eval.bench import Bench
from eval.comparing import compare
from eval.report.charts import Bar, Line, bars, histogram, lines
from eval.report.findings import recall_curve, refusal_curves, worst
from eval.report.page import html_report
from eval.rows import Run, read_run, to_row
from eval.runs import Plan, run
from eval.samples import DataSet
from eval.summary import summarise
from eval.tasks import load_task


@pytest.fixture(scope="module")
def refusing(bench: Bench, small_gold: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of the refusing task over questions of every kind that the small corpus has."""
    task = load_task("refusing")
    chosen = {s.kind: s for s in small_gold.samples} | {s.id: s for s in small_gold.samples[:12]}
    rows = tuple(to_row(sample, task.ask(sample, bench)) for sample in chosen.values())
    folder = tmp_path_factory.mktemp("run")
    record = {
        "task": "refusing",
        "data": {"name": "gold", "digest": ""},
        "commit": "0" * 40,
        "dirty": False,
        "seed": 1,
        "python": "3",
        "packages": {},
        **summarise(task, rows, 1),
    }
    return Run(folder, record, json.loads(json.dumps(rows)))


class Outside(HTMLParser):
    """Collect whatever would be fetched or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag in {"script", "link", "img", "iframe"} or names & {"src", "href", "onload"}:
            self.found.append(tag)


def test_a_run_writes_both_reports(beir: Path, tmp_path: Path) -> None:
    arguments = ["run", "retrieval", "--data", str(beir), "--limit", "8", "--out", str(tmp_path)]
    assert main(arguments) == 0
    page, text = (tmp_path / name for name in ("report.html", "report.md"))
    assert "R@10" in text.read_text("utf-8") and "| RR@10 |" in text.read_text("utf-8")
    html = page.read_text("utf-8")
    assert html.count("<svg") == 2 and "召回曲线" in html and "耗时分布" in html
    assert "检索到" in html
    assert main(["report", str(tmp_path)]) == 0
    assert page.read_text("utf-8") == html


def test_the_page_fetches_and_runs_nothing(refusing: Run) -> None:
    nasty = dict(refusing.rows[0]) | {"question": "<script>alert(1)</script>&"}
    page = html_report(replace(refusing, rows=(nasty, *refusing.rows[1:])))
    outside = Outside()
    outside.feed(page)
    assert outside.found == []
    assert "拒答的取舍" in page and "抽走依据，应拒答" in page


def test_withheld_questions_are_asked_twice_and_the_others_once(refusing: Run) -> None:
    for row in refusing.rows:
        assert ("withheld" in row["output"]) == bool(row["relevant"])
        assert set(row["scores"]) <= {
            "false_refusal",
            "withheld_refused",
            "unanswerable_refused",
            "near_miss_refused",
        }
    curves = refusal_curves(refusing.rows)
    assert curves[0].name.startswith("抽走依据") and curves[0].points[-1] == (1.0, 1.0)


def test_a_number_of_all_questions_has_its_interval(refusing: Run) -> None:
    low, high = refusing.record["intervals"]["auroc_withheld"]
    assert low <= refusing.record["scores"]["auroc_withheld"] <= high
    same = {d.name: d for d in compare(refusing, refusing).differences}["auroc_withheld"]
    assert same.low == same.high == same.after - same.before == 0.0

    def as_sure(confidence: float) -> Run:
        rows = [
            dict(row) | {"output": row["output"] | {"confidence": confidence}}
            for row in refusing.rows
        ]
        return replace(refusing, rows=tuple(rows))

    better = compare(as_sure(0.0), as_sure(1.0))
    rise = {d.name: d for d in better.differences}["auroc_withheld"]
    assert rise.after > rise.before and rise.low > 0


def test_the_worst_samples_come_first(refusing: Run) -> None:
    values = [row["scores"]["withheld_refused"] for row in worst(refusing, "withheld_refused")]
    assert values == sorted(values)


def test_a_recall_curve_rises(beir: Path, tmp_path: Path) -> None:
    run(Plan("retrieval", str(beir), limit=8), tmp_path, quiet=True)
    found = read_run(tmp_path)
    (curve,) = recall_curve(found.rows)
    shares = [share for _, share in curve.points]
    assert shares == sorted(shares)
    assert shares[9] == pytest.approx(found.record["scores"]["R@10"], abs=1e-4)


def test_charts_are_well_formed() -> None:
    drawn = [
        bars("甲 & 乙", [Bar("<甲>", 0.5, "n=3", (0.2, 0.9)), Bar("乙", 0.0)]),
        lines("线", [Line("一", [(1, 0.0), (100, 1.0)])], x_name="x", y_name="y", logarithmic=True),
        lines("线", [Line("一", [(0, 0.0), (1, 1.0)])], x_name="x", y_name="y", mark=0.05),
        histogram("耗时", [0.0, 0.0], unit="毫秒", marks=(0.0,)),
        histogram("耗时", [1.0, 2.0, 40.0], unit="毫秒", marks=(2.0, 40.0)),
    ]
    for chart in drawn:
        ElementTree.fromstring(chart)
        assert "nan" not in chart
