"""Services without some documents answer as an index that never held them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.retrieval import retrieve
from assistant.services import open_services
from corpus.documents import Access
from eval.bench import Bench
from eval.indexes import build_index
from eval.samples import TODAY, DataSet
from eval.withholding import withhold

WITHHELD = "高龄津贴申领办事指南.md"


@pytest.fixture(scope="module")
def rebuilt(small_gold: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that was built without the document."""
    folder = tmp_path_factory.mktemp("without")
    shutil.copytree(small_gold.folder, folder / "files")
    (folder / "files" / "public" / WITHHELD).unlink()
    return build_index(replace(small_gold, folder=folder / "files"), folder, quiet=True)


def test_what_is_withheld_is_nowhere(bench: Bench, small_gold: DataSet) -> None:
    sample = next(s for s in small_gold.samples if list(s.relevant) == [WITHHELD])
    services = bench.services(Access.PUBLIC)
    names = {bench.name(p.document) for p in retrieve(sample.question, services, as_of=TODAY)}
    assert WITHHELD in names
    without = bench.without_answers(sample)
    asked = [sample.question, "高龄津贴申领办事指南", "《高龄津贴申领办事指南》"]
    found = [p for q in asked for p in retrieve(q, without, as_of=TODAY, limit=300)]
    assert found and WITHHELD not in {bench.name(p.document) for p in found}
    assert retrieve(sample.question, services, as_of=TODAY)[0].chunk.id  # the whole one still works


def test_the_rest_is_found_as_in_an_index_without_it(
    bench: Bench, small_gold: DataSet, rebuilt: Path
) -> None:
    real = open_services(rebuilt)
    ids = {d.id for d in bench._documents.values() if bench.name(d) == WITHHELD}
    view = withhold(bench.services(Access.PUBLIC), ids)
    index, other = view.store.index(Access.PUBLIC), real.store.index(Access.PUBLIC)
    assert index.words.count() == other.words.count() > 100
    assert index.vectors.count() == other.vectors.count()
    same, total = 0, 0
    for sample in small_gold.samples[:60]:
        for word in set(sample.question):
            assert index.words.frequency(word) == other.words.frequency(word)
        of_view = retrieve(sample.question, view, as_of=TODAY, limit=5)
        of_real = retrieve(sample.question, real, as_of=TODAY, limit=5)
        dense_of_view = sorted(round(p.dense, 4) for p in of_view)
        same += {p.chunk.text for p in of_view} == {p.chunk.text for p in of_real}
        same += dense_of_view == sorted(round(p.dense, 4) for p in of_real)
        total += 2
    real.close()
    # Not all: BM25 still counts the withheld clauses when it weighs a word.
    assert same >= 0.8 * total, (same, total)


def test_an_answer_that_stands_elsewhere_is_known(bench: Bench, small_gold: DataSet) -> None:
    sample = next(s for s in small_gold.samples if list(s.relevant) == [WITHHELD])
    (clause, *_) = (c for c in bench.clauses(sample) if len(c.text) > 30)
    told = replace(sample, answers=(clause.text,))
    assert not bench.answered_elsewhere(told)
    assert bench.answered_elsewhere(replace(told, relevant={"另一份.md": 1}))
    assert not bench.answered_elsewhere(replace(told, relevant={}, answers=("可以",)))
