"""Fit the confidence of answers: `python -m eval.calibrate --data DIR [DIR …] [--gold DATA_DIR]`.

Each question of a benchmark is asked twice: as it is, and with the documents that answer it left
out (gold withheld), where only a refusal is right. A logistic regression over the signals of
`assistant.confidence` tells the two apart; half of the questions fit it, the other half judge it.
With `--gold` our own questions over the sample corpus (indexed in DATA_DIR) take part too, and with
them questions that no document answers.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.confidence import LOOKED_AT, SIGNALS, signals
from assistant.retrieval import retrieve
from assistant.services import open_services
from corpus.console import say
from corpus.documents import Access
from eval.beir import load_benchmark
from eval.gold_set import UNANSWERABLE, load_gold
from eval.retrieval import CACHE_VARIABLE, index_benchmark

RIDGE = 1e-2  # keeps correlated signals from taking huge weights of opposite sign
FALSE_REFUSALS = 0.05


@dataclass(frozen=True, slots=True)
class Judged:
    """Signals of one asking and whether an answer was there to be found."""

    values: tuple[float, ...]
    answerable: bool


def judge(folder: Path, cache: Path) -> list[Judged]:
    """Ask every question of a benchmark with and without its documents."""
    benchmark = load_benchmark(folder)
    services = open_services(index_benchmark(benchmark, cache))
    found: list[Judged] = []
    for question in benchmark.questions:
        relevant: Mapping[str, int] = benchmark.relevant.get(question.id, {})
        passages = retrieve(question.text, services, as_of=date.today(), limit=80)
        right = [passage.document.source in relevant for passage in passages]
        withheld = [p for p, hit in zip(passages, right, strict=True) if not hit]
        if any(right[:LOOKED_AT]):
            found.append(Judged(signals(passages), True))
        if withheld:
            found.append(Judged(signals(withheld), False))
    services.close()
    return found


def judge_gold(data: Path) -> list[Judged]:
    """Ask our own questions, with and without the documents that answer them, in mixed order."""
    found: list[Judged] = []
    services = {access: open_services(data, access=access) for access in Access}
    for question in load_gold():
        passages = retrieve(
            question.text, services[question.access], as_of=question.as_of, limit=80
        )
        right = [Path(p.document.source).name in question.relevant for p in passages]
        withheld = [p for p, hit in zip(passages, right, strict=True) if not hit]
        if any(right[:LOOKED_AT]):
            found.append(Judged(signals(passages), True))
        if withheld and (question.relevant or question.kind in UNANSWERABLE):
            found.append(Judged(signals(withheld), False))
    for opened in services.values():
        opened.close()
    order = np.random.default_rng(1).permutation(len(found))
    return [found[n] for n in order]


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


def auroc(scores: NDArray[np.float64], wanted: NDArray[np.bool_]) -> float:
    """Return the chance that an answerable asking scores above one that is not."""
    order = np.argsort(np.argsort(scores)) + 1.0
    n, m = int(wanted.sum()), int((~wanted).sum())
    return float((order[wanted].sum() - n * (n + 1) / 2) / (n * m))


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit on one half, judge on the other, print what to write into assistant/confidence.py."""
    parser = argparse.ArgumentParser(prog="python -m eval.calibrate", description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--gold", type=Path, help="data directory with the sample corpus")
    options = parser.parse_args(arguments)
    cache = Path(os.environ.get(CACHE_VARIABLE) or "data/eval")
    by_set = {folder.name: judge(folder, cache) for folder in options.data}
    if options.gold:
        by_set["gold"] = judge_gold(options.gold)
    fitting = [row for rows in by_set.values() for row in rows[: len(rows) // 2]]
    weights = fit(fitting)
    say(f"INTERCEPT = {weights[0]:.2f}")
    say(f"WEIGHTS = ({', '.join(f'{w:.2f}' for w in weights[1:])})  # {', '.join(SIGNALS)}")
    for name, rows in by_set.items():
        held = rows[len(rows) // 2 :]
        scores = np.array([weights[0] + np.dot(weights[1:], row.values) for row in held])
        wanted = np.array([row.answerable for row in held])
        threshold = float(np.quantile(scores[wanted], FALSE_REFUSALS))
        refused = float((scores[~wanted] < threshold).mean())
        say(
            f"{name}: n={len(held)} AUROC={auroc(scores, wanted):.3f}; at 5 % false refusals "
            f"{refused:.1%} of withheld refused, confidence {1 / (1 + np.exp(-threshold)):.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
