"""The refusing task: asked what it can answer, the same with gold withheld, and what nobody answers.

With gold withheld, the documents that answer a question are left out of the index as if they had
never been there: only a refusal is right, unless another document says the same word for word. Such
questions are counted in and, in the `sole` numbers, left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from eval.bench import Bench
from eval.refusal_curve import Asking, auroc, refused_at
from eval.samples import REFUSALS, UNANSWERABLE, Sample, Score
from eval.tasks import Result, Row, Task
from eval.tasks.asking import answer_row, ask

FALSE_REFUSALS = 0.05  # the share of answerable questions that may be refused


def ask_and_score(sample: Sample, bench: Bench) -> Result:
    """Ask one sample as it is and, where documents answer it, once more without them."""
    given, milliseconds = ask(sample, bench.services(sample.access))
    refused = float(given.status in REFUSALS)
    output = answer_row(given, bench)
    scores: dict[str, Score] = {}
    if sample.answerable:
        without, _ = ask(sample, bench.without_answers(sample))
        output["withheld"] = answer_row(without, bench)
        output["elsewhere"] = bench.answered_elsewhere(sample)
        scores["false_refusal"] = Score(refused, str(given.status))
        scores["withheld_refused"] = Score(
            float(without.status in REFUSALS), f"{without.status} with gold withheld"
        )
    elif sample.status != "clarify":
        scores["unanswerable_refused"] = Score(refused, str(given.status))
        if sample.kind in UNANSWERABLE:
            scores[f"{sample.kind}_refused"] = Score(refused, str(given.status))
    return Result(output, scores, milliseconds)


def summarise(rows: Sequence[Row]) -> dict[str, float | None]:
    """Return AUROC and what is refused at 5 % false refusals, for gold withheld and the rest."""
    askings = list(read_askings(rows))
    answerable = [asking.confidence for asking in askings if asking.answerable]
    withheld = [asking.confidence for asking in askings if asking.withheld]
    found: dict[str, float | None] = {
        "auroc_withheld": auroc(answerable, withheld),
        "withheld_refused@5%": refused_at(answerable, withheld, FALSE_REFUSALS),
    }
    if any(row["output"].get("elsewhere") for row in rows):
        sole = [a.confidence for a in read_askings(rows) if a.withheld and not a.elsewhere]
        found["auroc_withheld_sole"] = auroc(answerable, sole)
        found["withheld_refused_sole@5%"] = refused_at(answerable, sole, FALSE_REFUSALS)
    for kind in sorted(UNANSWERABLE):
        of_kind = [asking.confidence for asking in askings if asking.kind == kind]
        if of_kind:
            found[f"auroc_{kind}"] = auroc(answerable, of_kind)
            found[f"{kind}_refused@5%"] = refused_at(answerable, of_kind, FALSE_REFUSALS)
    return found


def read_askings(rows: Sequence[Row]) -> Sequence[Asking]:
    """Return every asking of a run's rows: those of answerable questions come in pairs."""
    askings: list[Asking] = []
    for row in rows:
        output, kind = row["output"], row["kind"]
        answerable = bool(row["relevant"])
        askings.append(Asking(kind, output["confidence"], output["status"], answerable, False))
        if "withheld" in output:
            other = output["withheld"]
            elsewhere = bool(output.get("elsewhere"))
            askings.append(
                Asking(kind, other["confidence"], other["status"], False, True, elsewhere)
            )
    return askings


TASK = Task("refusing", ask_and_score, summarise)
