"""How sure one may be that the passages found answer a question: a calibrated probability."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assistant.retrieval import NAMED_BONUS, Passage

LOOKED_AT = 5  # passages that speak for an answer
# Logistic regression over SIGNALS, fitted by `python -m eval.calibrate` on questions asked with and
# without the documents that answer them; numbers in eval/LOG.md.
SIGNALS = ("dense", "best_dense", "coverage", "best_coverage", "score", "lead")
INTERCEPT = -1.80
WEIGHTS = (0.03, -0.04, -0.20, -0.32, 1.27, -0.21)


def signals(passages: Sequence[Passage]) -> tuple[float, ...]:
    """Return what the probability rests on, in the order of SIGNALS.

    Cosine and coverage of the best passage, the best of either among the first few, the ranker's
    score of the best passage, and how far it stands above the last of the first few.
    """
    first = passages[:LOOKED_AT]
    scores = [passage.score for passage in first]
    return (
        first[0].dense,
        max(passage.dense for passage in first),
        first[0].coverage,
        max(passage.coverage for passage in first),
        scores[0],
        scores[0] - scores[-1],
    )


def confidence(question: str, passages: Sequence[Passage]) -> float:
    """Return the probability (0 to 1) that one of the passages answers the question."""
    if not question or not passages:
        return 0.0
    if passages[0].score >= NAMED_BONUS / 2:
        return 1.0  # the document that the question names by its 文号 or title
    found = signals(passages)
    logit = INTERCEPT + sum(w * value for w, value in zip(WEIGHTS, found, strict=True))
    return 1 / (1 + math.exp(-logit))
