"""A run that is killed and taken up again ends as one that was never disturbed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import UsageError
from eval.__main__ import main
from eval.bench import Bench
from eval.rows import read_run
from eval.runs import Plan, run
from eval.samples import DataSet

ROOT = Path(__file__).parent.parent.parent


def without_times(folder: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return rows and record of a run, but for the milliseconds and the state of the checkout."""
    found = read_run(folder)
    rows = [{key: value for key, value in row.items() if key != "ms"} for row in found.rows]
    record = {k: v for k, v in found.record.items() if k not in ("commit", "dirty")}
    record["scores"] = {k: v for k, v in record["scores"].items() if not k.endswith("_ms")}
    return rows, record


def test_a_killed_run_resumes_to_the_same_result(beir: Path, tmp_path: Path) -> None:
    plan = Plan("answering", str(beir))
    run(plan, tmp_path / "undisturbed", quiet=True)
    out = tmp_path / "killed"
    command = [sys.executable, "-m", "eval", "run", "answering", "--data", str(beir)]
    process = subprocess.Popen(
        [*command, "--out", str(out)], cwd=ROOT, stdout=subprocess.DEVNULL, env=os.environ
    )
    lines = out / "samples.jsonl"
    deadline = time.monotonic() + 60
    while not (lines.exists() and lines.read_bytes().count(b"\n") >= 3):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = lines.read_bytes()
    assert 3 <= done.count(b"\n") < len(read_run(tmp_path / "undisturbed").rows)
    with pytest.raises(UsageError, match="没有完成"):
        read_run(out)
    with lines.open("ab") as file:
        file.write(b'{"id": "half a li')  # what a kill in the middle of a write leaves
    run(plan, out, quiet=True)
    assert lines.read_bytes().startswith(done)  # nothing was measured twice
    assert without_times(out) == without_times(tmp_path / "undisturbed")


def test_several_jobs_give_the_same_rows(beir: Path, tmp_path: Path) -> None:
    run(Plan("retrieval", str(beir), limit=3), tmp_path / "one", quiet=True)
    run(Plan("retrieval", str(beir), limit=3, jobs=2), tmp_path / "two", quiet=True)
    assert without_times(tmp_path / "one")[0] == without_times(tmp_path / "two")[0]


def test_a_folder_with_another_run_is_refused(beir: Path, tmp_path: Path) -> None:
    run(Plan("retrieval", str(beir), limit=1), tmp_path, quiet=True)
    with pytest.raises(UsageError, match="task"):
        run(Plan("answering", str(beir), limit=1), tmp_path, quiet=True)
    run(Plan("answering", str(beir), limit=1), tmp_path, fresh=True, quiet=True)
    assert read_run(tmp_path).record["task"] == "answering"


def test_the_record_says_what_made_the_numbers(beir: Path, tmp_path: Path) -> None:
    found = run(Plan("retrieval", str(beir), limit=3, seed=7), tmp_path, quiet=True)
    record = found.record
    assert len(record["commit"]) in (0, 40) and isinstance(record["dirty"], bool)
    assert any(name.startswith("prompts/") for name in record["prompts"])
    assert any(name.startswith("ranker") for name in record["models"])
    assert len(record["index"]) == len(record["code"]) == 64
    assert record["packages"]["chromadb"] and record["seed"] == 7 and record["n"] == 3
    assert record["scored"]["R@10"] == 3 and record["unscored"]["R@10"] == 0
    low, high = record["intervals"]["R@10"]
    assert low <= record["scores"]["R@10"] <= high


def test_a_wrong_folder_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["run", "retrieval", "--data", str(tmp_path), "--out", str(tmp_path / "out")])
    assert code == 1
    assert capsys.readouterr().err.startswith("错误：读不出")
    (tmp_path / "queries.jsonl").write_text('{"_id": "1", "text": "甲"}\n' * 2, "utf-8")
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("1\td\t1\n", "utf-8")
    assert main(["run", "retrieval", "--data", str(tmp_path), "--out", str(tmp_path / "o")]) == 1
    assert "重复" in capsys.readouterr().err


def test_every_process_searches_the_same_graph(bench: Bench, small_gold: DataSet) -> None:
    question = small_gold.samples[0].question
    script = (
        "import sys; from pathlib import Path; from corpus.documents import Access;"
        "from corpus.store import open_store; store = open_store(Path(sys.argv[1]));"
        "vector = store.embedder.embed_matrix([sys.argv[2]])[0];"
        "print(store.index(Access.PUBLIC).vectors.search(vector, 60))"
    )
    command = [sys.executable, "-c", script, str(bench.folder), question]
    found = [
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert found[0] == found[1] != "[]\n"
    graphs = list((bench.folder / "index").rglob("index_metadata.pickle"))
    assert len(graphs) == 2  # one an access level: written, not built anew by each process
