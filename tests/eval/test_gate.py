"""The gate names a score that fell by three points, and passes what only trembles."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.comparing import compare
from eval.gating import BASELINES, read_baselines
from eval.metrics import MEANINGS
from eval.rows import read_run
from eval.runs import Plan, run
from eval.tasks import TASKS

QUESTIONS = 33
BROKEN = 1  # of QUESTIONS: three points


@pytest.fixture(scope="module")
def programmes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Short documents, each about a place of its own, and a question for each."""
    folder = tmp_path_factory.mktemp("sets") / "programmes"
    (folder / "qrels").mkdir(parents=True)
    names = [f"{a}{b}{c}" for a in "东西南北中" for b in "山河湖林田" for c in "镇乡"]
    places = names[:QUESTIONS]
    documents = [
        {"_id": f"d{n}", "title": "", "text": f"{place}的图书馆每周开放{n + 1}小时。"}
        for n, place in enumerate(places)
    ]
    questions = [
        {"_id": f"q{n}", "text": f"{place}图书馆每周开放多少小时"} for n, place in enumerate(places)
    ]
    assert len(places) == QUESTIONS
    for name, rows in (("corpus.jsonl", documents), ("queries.jsonl", questions)):
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
    judged = [f"q{n}\td{n}\t1" for n in range(QUESTIONS)]
    (folder / "qrels" / "test.tsv").write_text("\n".join(judged) + "\n", "utf-8")
    return folder


def test_a_planted_regression_of_three_points_is_named(
    programmes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = run(Plan("retrieval", str(programmes)), tmp_path / "before", quiet=True)
    scores = before.record["scores"]
    baselines = tmp_path / "baselines.yaml"
    baselines.write_text(
        "baselines:\n"
        "  - name: places\n"
        "    run: retrieval programmes\n"
        "    expect:\n"
        f"      R@10: {{score: {scores['R@10']}, tolerance: 0.02}}\n"
        f"      R@100: {{score: {scores['R@100']}, tolerance: 0.04}}\n",
        "utf-8",
    )
    gate = ["gate", "--baselines", str(baselines), "--out", str(tmp_path / "gate")]
    assert main([*gate, "--data", str(programmes.parent)]) == 0
    assert "全部通过" in capsys.readouterr().out

    worse = tmp_path / "worse" / "programmes"
    shutil.copytree(programmes, worse)
    found = {row["id"] for row in before.rows if row["scores"]["R@10"] == 1.0}
    lost = {f"d{key[1:]}" for key in sorted(found)[:BROKEN]}
    kept = [line for line in _lines(worse / "corpus.jsonl") if json.loads(line)["_id"] not in lost]
    (worse / "corpus.jsonl").write_text("\n".join(kept) + "\n", "utf-8")
    assert main([*gate, "--data", str(worse.parent)]) == 1
    told = capsys.readouterr()
    assert told.err.count("下降：") == 1 and "places R@10" in told.err

    assert main([*gate, "--data", str(worse.parent), "--accept"]) == 0
    assert main([*gate, "--data", str(worse.parent)]) == 0  # what was measured is now expected
    assert "tolerance: 0.02" in baselines.read_text("utf-8")

    after = read_run(tmp_path / "gate" / "places")
    comparison = compare(before, after)
    step = {d.name: d for d in comparison.differences}["R@10"]
    assert step.fell == BROKEN and step.rose == 0
    assert step.after - step.before == pytest.approx(-BROKEN / QUESTIONS, abs=1e-4)
    assert step.low < step.after - step.before < step.high
    fallen = {change.id for change in comparison.changes if "R@10" in change.metrics}
    assert {f"d{key[1:]}" for key in fallen} == lost


def test_the_baselines_of_this_version_can_be_read() -> None:
    baselines = read_baselines(BASELINES)
    assert {baseline.task for baseline in baselines} == set(TASKS)
    known = {metric for baseline in baselines for metric in baseline.expect}
    assert known <= MEANINGS.keys()


def test_compare_shows_what_changed_side_by_side(
    programmes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(Plan("retrieval", str(programmes), limit=5), tmp_path / "a", quiet=True)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    rows = [json.loads(line) for line in _lines(tmp_path / "b" / "samples.jsonl")]
    rows[2]["scores"]["R@1"] = 1.0 - rows[2]["scores"]["R@1"]
    rows[2]["output"]["ranking"].reverse()
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"
    (tmp_path / "b" / "samples.jsonl").write_text(text, "utf-8")
    assert main(["compare", str(tmp_path / "a"), str(tmp_path / "b")]) == 0
    told = capsys.readouterr().out
    assert "变化的题目 1 道" in told and rows[2]["question"] in told and "│" in told
    assert main(["compare", str(tmp_path / "a"), str(tmp_path)]) == 1


def test_a_baseline_that_says_nothing_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "baselines.yaml"
    for wrong in ("baselines:\n  - name: a\n    run: guessing gold\n", "[]", "baselines: [1]", "{"):
        path.write_text(wrong, "utf-8")
        assert main(["gate", "--baselines", str(path)]) == 1
        assert "内容不对" in capsys.readouterr().err


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()
