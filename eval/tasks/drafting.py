"""The drafting task: are the facts kept, nothing made up, the basis right, in force and verbatim?"""

from __future__ import annotations

import time
from collections.abc import Sequence

from assistant.drafting.checking import entries
from assistant.drafting.draft import Draft, History
from assistant.drafting.facts import Facts, facts_from
from assistant.drafting.kinds import find_kind
from assistant.drafting.workbench import sources, write_draft
from eval.bench import Bench
from eval.normalise import canonical, figures, holds_figure
from eval.samples import Sample, Score, applicable
from eval.tasks import Result, Row, Task

MARKED_GAP = "S03"  # the rule that finds marked gaps, which are right where a fact is lacking
MARK = "【待补"  # what a draft prints where a required fact is lacking


def ask_and_score(sample: Sample, bench: Bench) -> Result:
    """Write one draft from its facts and score what it prints and rests on."""
    services = bench.services(sample.access)
    kind = find_kind(sample.kind)
    facts = facts_from(dict(sample.facts), kind)
    started = time.perf_counter()
    drafted = write_draft(
        kind,
        facts,
        History(),
        services=services,
        as_of=sample.as_of,
        model=services.model.model if services.model else None,
    )
    milliseconds = round((time.perf_counter() - started) * 1000, 3)
    draft = drafted.draft
    printed = "\n".join(line for line, _ in entries(drafted.document))
    blocking = [f.rule for f in drafted.findings if f.blocking and f.rule != MARKED_GAP]
    found = [bench.name(bench.document(basis.document_id)) for basis in draft.basis]
    scores = applicable(
        {
            "facts_kept": _share_held(_stated(facts), printed),
            "missing_marked": _missing_marked(draft, printed, sample),
            "figures_in_place": _share_held(draft.text(), "\n".join(sources(draft, facts))),
            "basis_hit": _basis_hit(found, sample),
            "basis_right": _basis_right(draft, found, sample),
            "basis_allowed": Score(float(sample.blocked.isdisjoint(found))),
            "quotes_resolved": _resolved(draft, bench, sample),
            "nothing_blocking": _nothing_blocking(blocking),
        }
    )
    output = {
        "status": "drafted",
        "text": printed,
        "confidence": 0.0,
        "missing": list(draft.missing),
        "findings": [finding.row() for finding in drafted.findings],
        "citations": [
            {"document": name, "locator": basis.locator, "quote": basis.quote, "used": basis.chosen}
            for name, basis in zip(found, draft.basis, strict=True)
        ],
    }
    return Result(output, scores, milliseconds)


def summarise(rows: Sequence[Row]) -> dict[str, float | None]:
    """Return nothing more: every score of this task belongs to one sample."""
    return {}


def _stated(facts: Facts) -> str:
    """Return the facts without the proposal: that is answered, not repeated."""
    return facts.text().replace(facts.proposal, "") if facts.proposal else facts.text()


def _share_held(text: str, held_in: str) -> Score | None:
    """Return the share of a text's figures that stand in another; None where it has none."""
    wanted = figures(text)
    if not wanted:
        return None
    plain = canonical(held_in)
    lost = sorted(figure for figure in wanted if not holds_figure(plain, figure))
    return Score(round(1 - len(lost) / len(wanted), 4), " ".join(lost))


def _missing_marked(draft: Draft, printed: str, sample: Sample) -> Score:
    same = set(draft.missing) == set(sample.missing)
    marked = all(f"{MARK}：{name}" in printed for name in sample.missing)
    return Score(float(same and marked), " ".join(draft.missing))


def _basis_hit(found: Sequence[str], sample: Sample) -> Score | None:
    if not sample.relevant:
        return None
    return Score(
        float(not sample.relevant.keys().isdisjoint(found)), " ".join(dict.fromkeys(found))
    )


def _basis_right(draft: Draft, found: Sequence[str], sample: Sample) -> Score | None:
    """Return the share of the bases that the draft quotes by itself which are among the right ones."""
    quoted = [name for name, basis in zip(found, draft.basis, strict=True) if basis.chosen]
    if not quoted:
        return None
    wrong = [name for name in quoted if name not in sample.relevant]
    return Score(round(1 - len(wrong) / len(quoted), 4), " ".join(wrong))


def _resolved(draft: Draft, bench: Bench, sample: Sample) -> Score | None:
    if not draft.basis:
        return None
    catalogue = bench.services(sample.access).store.catalogue
    right = [
        catalogue.text(basis.document_id)[basis.start : basis.end] == basis.quote
        for basis in draft.basis
    ]
    return Score(round(sum(right) / len(right), 4))


def _nothing_blocking(blocking: Sequence[str]) -> Score:
    return Score(float(not blocking), " ".join(blocking))


TASK = Task("drafting", ask_and_score, summarise)
