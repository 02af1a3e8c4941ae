"""The drafting task: what it wants is there to be found, and what it counts can be missed."""

from __future__ import annotations

import pytest

from corpus.errors import UsageError
from eval.bench import Bench
from eval.data_sets import load_data
from eval.gold_set import FILES, load_drafts
from eval.tasks.drafting import TASK, _share_held


def test_drafts_name_kinds_fields_and_files_that_exist() -> None:
    from assistant.drafting.facts import facts_from, missing_fields
    from assistant.drafting.kinds import find_kind

    files = {path.name for path in FILES.glob("*/*")}
    samples = load_drafts().samples
    assert len(samples) >= 12 and len({sample.kind for sample in samples}) >= 8
    for sample in samples:
        kind = find_kind(sample.kind)
        lacking = missing_fields(kind, facts_from(dict(sample.facts), kind))
        assert {entry.name for entry in lacking} == set(sample.missing), sample.id
        assert sample.relevant.keys() | sample.blocked <= files, sample.id


def test_a_draft_is_measured_on_its_facts_and_its_basis(bench: Bench) -> None:
    sample = next(s for s in load_drafts().samples if s.missing)
    result = TASK.ask(sample, bench)
    assert result.scores["missing_marked"].value == 1.0
    assert result.scores["facts_kept"].value == 1.0
    assert result.scores["figures_in_place"].value == 1.0
    assert result.scores["nothing_blocking"].value == 1.0  # a marked gap is no fault
    assert set(result.output["missing"]) == set(sample.missing)


def test_a_figure_from_nowhere_is_counted() -> None:
    score = _share_held("补助280万元，共312件，另加5人", "312件，追加二百八十万元")
    assert score is not None and score.value == pytest.approx(2 / 3, abs=1e-4)
    assert score.reason == "5"


def test_only_our_own_drafts_can_be_asked_for() -> None:
    with pytest.raises(UsageError, match="gold"):
        load_data("some/folder", "drafting")
