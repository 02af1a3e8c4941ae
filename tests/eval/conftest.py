"""A small part of the sample corpus to measure on, as files and in BEIR layout, indexed once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from corpus.parsing import parse
from eval.bench import Bench
from eval.gold_set import FILES, QUESTIONS, load_gold
from eval.indexes import CACHE_VARIABLE, build_index
from eval.samples import DataSet

FORMATS = (".md", ".txt")  # read in no time


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(cache))


@pytest.fixture(scope="session")
def small_gold(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """The gold questions that the plain-text files of the sample answer, and those that none does."""
    folder = tmp_path_factory.mktemp("gold")
    for path in FILES.glob("*/*"):
        if path.suffix in FORMATS:
            (folder / path.parent.name).mkdir(exist_ok=True)
            shutil.copy(path, folder / path.parent.name)
    kept = {path.name for path in folder.rglob("*") if path.is_file()}
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    questions = folder.parent / "small.jsonl"
    chosen = [r for r in rows if {Path(p["file"]).name for p in r["relevant"]} <= kept]
    questions.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in chosen))
    return load_gold(questions, folder)


@pytest.fixture(scope="session")
def bench(small_gold: DataSet, cache: Path) -> Bench:
    return Bench(small_gold, build_index(small_gold, cache, quiet=True))


@pytest.fixture(scope="session")
def beir(small_gold: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same public documents and their answerable questions as a BEIR folder."""
    folder = tmp_path_factory.mktemp("beir") / "townhall"
    (folder / "qrels").mkdir(parents=True)
    texts = {p.name: parse(p).text for p in sorted((small_gold.folder / "public").iterdir())}
    documents = [{"_id": n, "title": Path(n).stem, "text": text} for n, text in texts.items()]
    samples = [s for s in small_gold.samples if s.relevant and s.relevant.keys() <= texts.keys()]
    queries = [{"_id": s.id, "text": s.question} for s in samples]
    judged = [f"{s.id}\t{name}\t1" for s in samples for name in s.relevant]
    _write_lines(folder / "corpus.jsonl", documents)
    _write_lines(folder / "queries.jsonl", queries)
    (folder / "qrels" / "test.tsv").write_text(
        "\n".join(["query-id\tcorpus-id\tscore", *judged]) + "\n", "utf-8"
    )
    return folder


def _write_lines(path: Path, rows: list[dict[str, str]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
