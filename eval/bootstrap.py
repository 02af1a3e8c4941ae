"""How sure a number is: 95 % intervals by resampling the questions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

RESAMPLES = 2_000
LEVEL = 0.95
BLOCK = 1_000_000  # values drawn at a time


def mean_interval(values: Sequence[float], seed: int) -> tuple[float, float]:
    """Return the 95 % percentile interval of a mean: questions drawn anew, with replacement."""
    found = np.asarray(values, dtype=float)
    if not found.size:
        raise ValueError("an interval needs at least one value")
    draws = np.random.default_rng(seed)
    block = max(1, BLOCK // found.size)  # resamples at a time: bounds the memory
    means = [
        found[draws.integers(0, found.size, (min(block, RESAMPLES - done), found.size))].mean(
            axis=1
        )
        for done in range(0, RESAMPLES, block)
    ]
    low, high = np.quantile(np.concatenate(means), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return round(float(low), 4), round(float(high), 4)
