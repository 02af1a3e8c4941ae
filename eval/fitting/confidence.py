"""Fit the confidence of answers: `python -m eval.fitting.confidence --pairs FILE --folds M0 M1 --work DIR`.

Every question is asked twice, as it is and with the documents that answer it withheld, in the pools
that the ranker is trained in and over the development sets; questions that nobody answers are asked
once. Gradient-boosted trees over the signals of `assistant.confidence` tell the two apart.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import lightgbm
import numpy as np
from numpy.typing import NDArray

from assistant.confidence import MODEL, SIGNALS, signals
from assistant.retrieval import Passage, retrieve
from assistant.services import Services, load_guides
from corpus.console import say
from corpus.documents import Access
from corpus.embedding import StaticEmbeddings
from corpus.ranking import Ranker, term_weights
from corpus.sentence_encoder import SentenceEncoder
from corpus.static_model import load_model
from corpus.store import Store
from corpus.training.document_pools import SMALL, pools_of_fold
from corpus.training.pools import POOLS, SEED, fill_pool, is_right, questions_of, read_pairs
from eval.bench import Bench
from eval.data_sets import load_data
from eval.indexes import build_index, cache_folder
from eval.refusal_curve import auroc, refused_at
from eval.samples import TODAY, UNANSWERABLE, DataSet
from eval.withholding import withhold

QUESTIONS = 150  # of each pool and fold
QUESTIONS_OF_FEW = 60  # of each small pool of documents
GOOD_PLACES, DEV_PLACES = 3, 5  # a right passage further down is no evidence either way
NEAR_MISS = "near miss"  # questions about the subject of a text that do not stand in it
# What each kind of asking counts as a whole: documents of one administration are the rule.
WORTH = {"large pools": 1.0, "small pools": 1.0, SMALL: 3.0, NEAR_MISS: 1.0, "data sets": 2.0}
FALSE_REFUSALS = 0.05
ROUNDS = 150
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 6,
    "min_data_in_leaf": 60,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "seed": SEED,
    "verbosity": -1,
}
# More of these never makes an answer less likely.
RISING = frozenset(
    [
        "score",
        "sentence",
        "dense",
        "best_dense",
        "nearness",
        "best_nearness",
        "rarest",
        "best_rarest",
        "weakest",
        "best_weakest",
        "text_coverage",
        "all_coverage",
        "best_coverage",
        "bigram_coverage",
        "best_bigram_coverage",
        "longest_match",
    ]
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The signals of one asking, where it was asked, and whether an answer was there."""

    place: str
    question: str
    values: tuple[float, ...]
    answerable: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, fit, write the model, and print what it is worth on questions it has not seen."""
    parser = argparse.ArgumentParser(prog="python -m eval.fitting.confidence", description=__doc__)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--folds", type=Path, nargs="+", required=True)
    parser.add_argument("--work", type=Path, required=True, help="the ranker's scratch folder")
    parser.add_argument("--documents", type=Path, required=True, help="the texts asked about")
    parser.add_argument("--data", nargs="*", default=[], help="data sets to fit to as well")
    parser.add_argument("--out", type=Path, default=MODEL)
    options = parser.parse_args(arguments)
    asked = list(_in_pools(options.pairs, options.folds, options.work))
    asked += _in_document_pools(options.documents, options.folds, options.work)
    say(f"{len(asked)} askings in pools")
    developed: list[Asked] = []
    for name in options.data:
        developed += _in_data(load_data(name))
    say(f"{len(developed)} askings over development sets")
    _cross_validate(asked, developed)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(_fit(asked, developed).model_to_string(), "utf-8")
    return 0


def _in_pools(pairs_file: Path, folds: Sequence[Path], work: Path) -> Iterator[Asked]:
    pairs = read_pairs(pairs_file)
    guides = load_guides()
    for fold, model in enumerate(folds):
        embedder = StaticEmbeddings(load_model(model))
        for name, pool in POOLS.items():
            store = Store(work / f"fold{fold}" / name, embedder)
            questions = questions_of(pairs, pool, fold)
            fill_pool(store, pool, pairs, questions)
            services = Services(
                store, (Access.PUBLIC,), Ranker(work / f"fold{fold}"), SentenceEncoder(), guides
            )
            chosen = sorted(questions)
            random.Random(SEED).shuffle(chosen)
            for question in chosen[:QUESTIONS]:
                yield from _twice(name, question, questions[question], services)
            store.close()


def _in_document_pools(documents: Path, folds: Sequence[Path], work: Path) -> Iterator[Asked]:
    """Ask the questions written about documents, and those that none of them answers, in small pools."""
    guides = load_guides()
    for fold, model in enumerate(folds):
        embedder = StaticEmbeddings(load_model(model))
        pools = pools_of_fold(documents, work / f"fold{fold}", embedder, fold)
        for name, store, questions in pools:
            if name != SMALL:
                continue
            services = Services(
                store, (Access.PUBLIC,), Ranker(work / f"fold{fold}"), SentenceEncoder(), guides
            )
            random.Random(SEED).shuffle(questions)
            for asked in questions[:QUESTIONS_OF_FEW]:
                if asked.right:
                    yield from _twice(name, asked.question, set(asked.right), services)
                else:
                    passages = retrieve(asked.question, services, as_of=TODAY)
                    yield from _asked(
                        NEAR_MISS, asked.question, passages, services, answerable=False
                    )


def _twice(place: str, question: str, right: set[str], services: Services) -> Iterator[Asked]:
    """Ask a question of a pool with and without the documents that hold a right passage."""
    passages = retrieve(question, services, as_of=TODAY)
    if any(is_right(passage.chunk.text, right) for passage in passages[:GOOD_PLACES]):
        yield from _asked(place, question, passages, services, answerable=True)
    index = services.indexes[0]
    candidates = services.chunks(candidate.chunk_id for candidate in index.search(question))
    holding = {c.document_id for c in candidates.values() if is_right(c.text, right)}
    without = withhold(services, holding)
    passages = retrieve(question, without, as_of=TODAY)
    yield from _asked(place, question, passages, without, answerable=False)


def _in_data(data: DataSet) -> Iterator[Asked]:
    bench = Bench(data, build_index(data, cache_folder()))
    for sample in data.samples:
        unanswerable = sample.kind in UNANSWERABLE
        if sample.history or not (sample.answerable or unanswerable):
            continue
        services = bench.services(sample.access)
        passages = retrieve(sample.question, services, as_of=sample.as_of)
        names = {bench.name(passage.document) for passage in passages[:DEV_PLACES]}
        if unanswerable or names & sample.relevant.keys():
            place = sample.kind if unanswerable else data.name
            yield from _asked(
                place, sample.question, passages, services, answerable=not unanswerable
            )
        if not unanswerable:
            without = bench.without_answers(sample)
            passages = retrieve(sample.question, without, as_of=sample.as_of)
            yield from _asked(data.name, sample.question, passages, without, answerable=False)
    bench.close()


def _asked(
    place: str,
    question: str,
    passages: Sequence[Passage],
    services: Services,
    *,
    answerable: bool,
) -> Iterator[Asked]:
    sides = [index.words for index in services.indexes]
    weights = term_weights(
        question,
        lambda word: sum(side.frequency(word) for side in sides),
        sum(side.count() for side in sides),
    )
    found = signals(question, passages, weights, services.store.embedder)
    if found:
        yield Asked(place, question, tuple(found[name] for name in SIGNALS), answerable)


def _fit(asked: Sequence[Asked], developed: Sequence[Asked]) -> lightgbm.Booster:
    """Fit on the pools and the development sets, each as a whole worth the same."""
    everything = [*asked, *developed]
    data = lightgbm.Dataset(
        _matrix(everything),
        np.array([one.answerable for one in everything], dtype=np.int32),
        weight=_weights(asked, developed),
        feature_name=list(SIGNALS),
    )
    rising = {"monotone_constraints": [int(name in RISING) for name in SIGNALS]}
    return lightgbm.train(PARAMETERS | rising, data, ROUNDS)


def _weights(asked: Sequence[Asked], developed: Sequence[Asked]) -> NDArray[np.float64]:
    """Return weights by which each kind of asking counts as a whole what WORTH says."""
    kinds = [_kind(one.place) for one in asked] + ["data sets"] * len(developed)
    of_kind: Mapping[str, int] = Counter(kinds)
    whole = np.array([WORTH[kind] / of_kind[kind] for kind in kinds])
    return np.asarray(whole * len(whole) / whole.sum(), dtype=np.float64)


def _kind(place: str) -> str:
    if place in (SMALL, NEAR_MISS):
        return place
    return "large pools" if POOLS[place].limit is None else "small pools"


def _cross_validate(asked: Sequence[Asked], developed: Sequence[Asked], folds: int = 4) -> None:
    """Print AUROC and the refusals at few false ones, on questions not fitted to."""
    questions = sorted({one.question for one in developed})
    fold_of = dict(
        zip(questions, np.random.default_rng(SEED).integers(0, folds, len(questions)), strict=True)
    )
    sure: dict[tuple[str, bool], list[float]] = {}
    for fold in range(folds):
        left_out = [one for one in developed if fold_of[one.question] == fold]
        kept = [one for one in developed if fold_of[one.question] != fold]
        predicted = np.asarray(_fit(asked, kept).predict(_matrix(left_out), num_threads=1))
        for one, value in zip(left_out, predicted, strict=True):
            sure.setdefault((one.place, one.answerable), []).append(float(value))
    for (place, answerable), values in sorted(sure.items()):
        middle = "、".join(f"{q:.3f}" for q in np.quantile(values, [0.05, 0.1, 0.25, 0.5, 0.75]))
        say(f"{place}, {'answerable' if answerable else 'not'}: quantiles {middle}")
        if not answerable:
            right = sure.get((place, True)) or sure.get(("gold", True), [])
            say(
                f"  AUROC {auroc(right, values)}, refused at 5 % false refusals "
                f"{refused_at(right, values, FALSE_REFUSALS)}"
            )


def _matrix(asked: Sequence[Asked]) -> NDArray[np.float64]:
    return np.array([one.values for one in asked], dtype=np.float64)


if __name__ == "__main__":
    sys.exit(main())
