"""How sure one may be that the passages found answer a question: a calibrated probability."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assistant.retrieval import NAMED_BONUS, Passage

# Logistic regression over the best passage; fitted by eval (see eval/LOG.md).
INTERCEPT, DENSE, COVERAGE, SCORE = -6.0, 6.0, 5.0, 0.0


def confidence(question: str, passages: Sequence[Passage]) -> float:
    """Return the probability (0 to 1) that one of the passages answers the question."""
    if not question or not passages:
        return 0.0
    best = passages[0]
    if best.score >= NAMED_BONUS / 2:
        return 1.0  # the document that the question names by its 文号 or title
    logit = INTERCEPT + DENSE * best.dense + COVERAGE * best.coverage + SCORE * best.score
    return 1 / (1 + math.exp(-logit))
