"""Refusal as a trade-off: what is refused rightly for each share that is refused wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata


@dataclass(frozen=True, slots=True)
class Asking:
    """One asking: the kind of question, how sure the answer was, how it ended, what it should be.

    `elsewhere` says that, its documents withheld, another one still holds the answer.
    """

    kind: str
    confidence: float
    status: str
    answerable: bool
    withheld: bool
    elsewhere: bool = False


def auroc(answerable: Sequence[float], others: Sequence[float]) -> float | None:
    """Return the chance that an answerable asking is surer than one that is not; ties count half."""
    n, m = len(answerable), len(others)
    if not n or not m:
        return None
    ranks = rankdata([*answerable, *others])
    return round(float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m)), 4)


def refused_at(
    answerable: Sequence[float], others: Sequence[float], false_refusals: float
) -> float | None:
    """Return the share of the others below the highest threshold that refuses few answerable ones."""
    if not answerable or not others:
        return None
    threshold = threshold_at(answerable, false_refusals)
    return round(float(np.mean(np.asarray(others) < threshold)), 4)


def threshold_at(answerable: Sequence[float], false_refusals: float) -> float:
    """Return the highest confidence below which at most a share of answerable askings lies."""
    ordered = np.sort(np.asarray(answerable, dtype=float))
    return float(ordered[int(np.floor(false_refusals * len(ordered) + 1e-9))])


def trade_off(answerable: Sequence[float], others: Sequence[float]) -> list[tuple[float, float]]:
    """Return (false refusals, right refusals) for every threshold, from none refused to all."""
    thresholds = np.unique([*answerable, *others, np.inf])
    right, wrong = np.asarray(others), np.asarray(answerable)
    return [(float(np.mean(wrong < t)), float(np.mean(right < t))) for t in thresholds]
