"""Fit the confidence of answers: `python -m eval.calibrate --data DIR [gold …]`.

Each question is asked twice: as it is, and with the documents that answer it left out (gold
withheld), where only a refusal is right; questions that no document answers are asked once. A
logistic regression over the signals of `assistant.confidence` tells the two apart; half of the
askings fit it, the other half judge it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.confidence import LOOKED_AT, SIGNALS, signals
from assistant.retrieval import Passage, retrieve
from corpus.console import say
from eval.bench import Bench
from eval.data_sets import load_data
from eval.indexes import build_index, cache_folder
from eval.refusal_curve import auroc, refused_at, threshold_at
from eval.samples import UNANSWERABLE, DataSet

RIDGE = 1e-2  # keeps correlated signals from taking huge weights of opposite sign
FALSE_REFUSALS = 0.05


@dataclass(frozen=True, slots=True)
class Judged:
    """Signals of one asking and whether an answer was there to be found."""

    values: tuple[float, ...]
    answerable: bool


def judge(data: DataSet) -> list[Judged]:
    """Ask every question with and without the documents that answer it, in mixed order."""
    bench = Bench(data, build_index(data, cache_folder()))
    found: list[Judged] = []
    for sample in data.samples:
        if not sample.answerable and sample.kind not in UNANSWERABLE:
            continue
        services = bench.services(sample.access)
        passages = retrieve(sample.question, services, as_of=sample.as_of)
        names = [bench.name(passage.document) for passage in passages[:LOOKED_AT]]
        if not sample.answerable or not sample.relevant.keys().isdisjoint(names):
            found += _judged(passages, answerable=sample.answerable)
        if sample.answerable:
            withheld = bench.without_answers(sample)
            passages = retrieve(sample.question, withheld, as_of=sample.as_of)
            found += _judged(passages, answerable=False)
    bench.close()
    order = np.random.default_rng(1).permutation(len(found))
    return [found[n] for n in order]


def _judged(passages: Sequence[Passage], *, answerable: bool) -> list[Judged]:
    return [Judged(signals(passages), answerable)] if passages else []


def fit(rows: Sequence[Judged]) -> NDArray[np.float64]:
    """Return intercept and weights of a logistic regression by Newton's method, both kinds equal."""
    values = np.array([(1.0, *row.values) for row in rows])
    wanted = np.array([row.answerable for row in rows], dtype=float)
    balance = np.where(wanted == 1, 0.5 / wanted.mean(), 0.5 / (1 - wanted.mean()))
    weights = np.zeros(values.shape[1])
    for _ in range(50):
        sure = 1 / (1 + np.exp(-values @ weights))
        slope = values.T @ (balance * (wanted - sure)) - RIDGE * len(rows) * np.r_[0, weights[1:]]
        bend = (values * (balance * sure * (1 - sure))[:, None]).T @ values
        bend += RIDGE * len(rows) * np.diag(np.r_[0, np.ones(len(weights) - 1)])
        weights += np.linalg.solve(bend, slope)
    return weights


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit on one half, judge on the other, print what to write into assistant/confidence.py."""
    parser = argparse.ArgumentParser(prog="python -m eval.calibrate", description=__doc__)
    parser.add_argument("--data", nargs="+", required=True, help="BEIR folders, or gold")
    options = parser.parse_args(arguments)
    by_set = {name: judge(load_data(name)) for name in options.data}
    fitting = [row for rows in by_set.values() for row in rows[: len(rows) // 2]]
    weights = fit(fitting)
    say(f"INTERCEPT = {weights[0]:.2f}")
    say(f"WEIGHTS = ({', '.join(f'{w:.2f}' for w in weights[1:])})  # {', '.join(SIGNALS)}")
    for name, rows in by_set.items():
        held = rows[len(rows) // 2 :]
        scores = np.array([weights[0] + np.dot(weights[1:], row.values) for row in held])
        wanted = np.array([row.answerable for row in held])
        right, others = scores[wanted].tolist(), scores[~wanted].tolist()
        threshold = threshold_at(right, FALSE_REFUSALS)
        refused = refused_at(right, others, FALSE_REFUSALS)
        say(
            f"{name}: n={len(held)} AUROC={auroc(right, others)}; at 5 % false refusals "
            f"{refused} of the others refused, confidence {1 / (1 + np.exp(-threshold)):.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
