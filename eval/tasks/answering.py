"""The answering task: is the answer right, its citations right, its figures cited, nothing leaked?"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.conversation import Answer
from assistant.reranking import CONSIDERED, rerank
from assistant.retrieval import TOP_CLAUSES, retrieve
from corpus.documents import Access
from eval.bench import Bench
from eval.normalise import without_marks
from eval.samples import WITH_TEXT, Sample, Score, applicable
from eval.scorers.facts import score_key_facts, score_right_figures, score_supported_figures
from eval.scorers.judge import score_by_judge
from eval.scorers.places import TOP, score_citations, score_passages
from eval.scorers.wording import score_wording
from eval.tasks import Result, Row, Task
from eval.tasks.asking import answer_row, ask, found_citations, found_passages, passage_rows


def ask_and_score(sample: Sample, bench: Bench) -> Result:
    """Ask one sample and score what came back."""
    services = bench.services(sample.access)
    given, milliseconds = ask(sample, services)
    searched = given.trace.question or sample.question
    considered = retrieve(searched, services, as_of=sample.as_of, limit=CONSIDERED)
    passages = rerank(searched, considered, services.reader)[:TOP_CLAUSES]
    # A refusal holds no answer, whatever words it shares with one.
    said = without_marks(given.text) if given.status in WITH_TEXT else ""
    cited = found_citations(given, bench)
    found = found_passages(passages, bench)
    facts = score_key_facts(said, sample.key_facts)
    scores = applicable(
        {
            **score_wording(said, sample.answers),
            "key_facts": facts,
            "key_facts_found": score_key_facts(
                "\n".join(passage.text for passage in found[:TOP]), sample.key_facts
            ),
            "right_figures": score_right_figures(said, sample.answers),
            "supported_figures": score_supported_figures(said, [c.text for c in cited]),
            "resolved_citations": _resolved(given, bench, sample),
            **score_citations(sample, cited),
            **(score_passages(sample, found, bench.clauses(sample)) if sample.answerable else {}),
            "answered": Score(float(given.status in WITH_TEXT)) if sample.answerable else None,
            "status_right": _status_right(given, sample),
            "internal_leak": _leak(given, sample, bench),
        }
    )
    if bench.judge and sample.answerable:
        right = sample.answers or sample.key_facts
        quotes = [citation.text for citation in cited]
        scores |= score_by_judge(bench.judge, sample.question, right, said, quotes)
    output = answer_row(given, bench) | {"passages": passage_rows(passages, bench)}
    return Result(output, scores, milliseconds)


def summarise(rows: Sequence[Row]) -> dict[str, float | None]:
    """Return nothing more: every score of this task belongs to one sample."""
    return {}


def _status_right(given: Answer, sample: Sample) -> Score | None:
    if not sample.status:
        return None
    return Score(float(given.status == sample.status), f"{given.status} for {sample.status}")


def _resolved(given: Answer, bench: Bench, sample: Sample) -> Score | None:
    """Return the share of citations that are the span of the stored document that they name."""
    if not given.citations:
        return None
    catalogue = bench.services(sample.access).store.catalogue
    right = [
        catalogue.text(citation.document_id)[citation.start : citation.end] == citation.quote
        for citation in given.citations
    ]
    return Score(round(sum(right) / len(right), 4))


def _leak(given: Answer, sample: Sample, bench: Bench) -> Score | None:
    """Return 1 where a citizen was shown text that only an internal document holds."""
    if sample.access is Access.INTERNAL:
        return None
    cited = [bench.document(c.document_id).access for c in given.citations]
    shown = "\n".join((given.text, *given.suggestions, *given.notices))
    return Score(float(Access.INTERNAL in cited or bench.shows_internal(shown)))


TASK = Task("answering", ask_and_score, summarise)
