"""Whether what was cited or retrieved is what answers: documents, clauses, the answer's own span."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from eval.normalise import characters
from eval.samples import Place, Sample, Score

TOP = 5  # clauses that a reader, or a model's prompt, is shown


@dataclass(frozen=True, slots=True)
class Found:
    """A clause that was cited or retrieved: its document's name in the data set, place and text."""

    document: str
    locator: str
    text: str


def score_citations(sample: Sample, cited: Sequence[Found]) -> dict[str, Score]:
    """Return how far the citations are right, by document and, where places are noted, by place.

    `citation_precision` is the share of citations of a relevant document, `citation_recall` the
    share of the relevant documents that were cited, `citation_hit` whether one was; `place_*` the
    same for clauses. Where nothing was cited there is no precision. A relevant place is enough by
    itself, so recall by document is a lower bound.
    """
    if not sample.relevant:
        return {}
    documents = {found.document for found in cited} & sample.relevant.keys()
    right = [found.document in sample.relevant for found in cited]
    scores = {
        "citation_recall": Score(round(len(documents) / len(sample.relevant), 4)),
        "citation_hit": Score(float(any(right))),
    }
    placed = [stands(found, sample.places) for found in cited]
    if sample.places:
        scores["place_hit"] = Score(float(any(placed)))
    if cited:
        scores["citation_precision"] = Score(round(sum(right) / len(right), 4))
        if sample.places:
            scores["place_precision"] = Score(round(sum(placed) / len(placed), 4))
    return scores


def score_passages(
    sample: Sample, passages: Sequence[Found], clauses: Sequence[Found]
) -> dict[str, Score]:
    """Return whether the passage that holds the answer is among the first TOP retrieved.

    Args:
        sample: the question.
        passages: what was retrieved, best first.
        clauses: every clause of the relevant documents.

    `passage@5` counts a clause that a person noted as enough; failing such notes, one that holds
    the right answer: all of it, or, where the answer runs over several clauses, at least half as
    much of it as the clause that holds most. `passage_whole@5` asks for one clause that holds all.
    """
    first = passages[:TOP]
    if sample.places:
        return {f"passage@{TOP}": Score(float(any(stands(f, sample.places) for f in first)))}
    if not sample.answers or not clauses:
        return {}
    whole = characters("".join(clause.text for clause in clauses))
    answers = [wanted for wanted in map(characters, sample.answers) if wanted and wanted in whole]
    if not answers:
        return {f"passage@{TOP}": Score(None, "the right answer does not stand in the documents")}
    most = max(_held(clause, answers) for clause in clauses)
    held = [_held(f, answers) for f in first if f.document in sample.relevant]
    best = max(held, default=0.0)
    return {
        f"passage@{TOP}": Score(float(best >= 0.5 * most)),
        f"passage_whole@{TOP}": Score(float(best == 1.0)),
    }


def stands(found: Found, places: Sequence[Place]) -> bool:
    """Say whether a clause is one of the places; `十一、` is not `一、`, and `三、` holds `三、（一）`.

    A document so short that it is one clause has no locator: any of its places is that clause.
    """
    return any(
        found.document == place.document
        and (not found.locator or _named(place.locator, found.locator))
        for place in places
    )


def _named(place: str, locator: str) -> bool:
    return re.search(r"(?<![十\d])" + re.escape(place), locator) is not None


def _held(clause: Found, answers: Sequence[str]) -> float:
    """Return the largest share of a right answer that runs through a clause (1: it holds it all)."""
    text = characters(clause.text)
    return max(_share(text, wanted) for wanted in answers)


def _share(text: str, wanted: str) -> float:
    if wanted in text:
        return 1.0
    if text and text in wanted:
        return len(text) / len(wanted)
    longest = min(len(text), len(wanted))
    edges = (
        size
        for size in range(longest, 0, -1)
        if text.endswith(wanted[:size]) or text.startswith(wanted[-size:])
    )
    return next(edges, 0) / len(wanted)
