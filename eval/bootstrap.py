"""How sure a number is: 95 % intervals by resampling the questions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

RESAMPLES = 2_000
LEVEL = 0.95


def mean_interval(values: Sequence[float], seed: int) -> tuple[float, float]:
    """Return the 95 % percentile interval of a mean: questions drawn anew, with replacement."""
    found = np.asarray(values, dtype=float)
    if not found.size:
        raise ValueError("an interval needs at least one value")
    draws = np.random.default_rng(seed)
    means = np.empty(RESAMPLES)
    for n in range(RESAMPLES):
        means[n] = found[draws.integers(0, found.size, found.size)].mean()
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return round(float(low), 4), round(float(high), 4)
