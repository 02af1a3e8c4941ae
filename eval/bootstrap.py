"""How sure a number is: 95 % intervals by resampling the questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

RESAMPLES = 2_000
RESAMPLES_OF_WHOLES = 400  # of numbers that need every row again: each takes milliseconds
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
    return _bounds(np.concatenate(means))


Item = TypeVar("Item")


def whole_intervals(
    items: Sequence[Item],
    statistics: Callable[[Sequence[Item]], Mapping[str, float | None]],
    seed: int,
) -> dict[str, tuple[float, float]]:
    """Return the 95 % percentile intervals of numbers that only all items together have.

    A resample in which a number does not exist is left out.
    """
    draws = np.random.default_rng(seed)
    found: dict[str, list[float]] = {name: [] for name in statistics(items)}
    if not found:
        return {}
    for _ in range(RESAMPLES_OF_WHOLES):
        chosen = [items[n] for n in draws.integers(0, len(items), len(items))]
        for name, value in statistics(chosen).items():
            if value is not None and name in found:
                found[name].append(value)
    return {name: _bounds(np.asarray(values)) for name, values in found.items() if values}


def _bounds(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return round(float(low), 4), round(float(high), 4)
