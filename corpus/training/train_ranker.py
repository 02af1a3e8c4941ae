"""Train the ranker: `python -m corpus.training.train_ranker --pairs FILE --folds M0 M1 --work DIR`.

Questions of several kinds, each searched in a pool of its own by the real index, so that the
features mean at training what they mean at work. An embedder scores questions it was trained on
better than new ones, so the questions of fold n are searched with a model trained without them
(`train_embedding --hold-out n`).
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import lightgbm
import numpy as np
from numpy.typing import NDArray

from corpus.console import say
from corpus.documents import Access, Document
from corpus.embedding import StaticEmbeddings
from corpus.ranking import FEATURES, MODEL_FILE, MODELS, features, gather
from corpus.static_model import load_model
from corpus.store import Store
from corpus.training.document_pools import pools_of_fold
from corpus.training.pools import POOLS, SEED, fill_pool, is_right, questions_of, read_pairs

DEPTH = 80  # candidates of a question: wrong ones to learn from, more than are looked at in use


PARAMETERS = {
    "objective": "lambdarank",
    "learning_rate": 0.05,
    "num_leaves": 12,
    "min_data_in_leaf": 60,
    "lambda_l2": 5.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "lambdarank_truncation_level": 20,
    "deterministic": True,
    "force_row_wise": True,  # chosen by timing otherwise, and the sums then differ
    "num_threads": 2,
    "seed": SEED,
    "verbosity": -1,
}
ROUNDS = 250
# One in so many questions of the small pools, and of those written about documents, is learned from:
# with all of them the large pools lose (eval/LOG.md).
SMALL_SHARE = 2
WRITTEN_SHARE = 3


@dataclass(frozen=True, slots=True)
class Group:
    """The candidates of one question: features (n, len(FEATURES)) and whether each is right."""

    pool: str
    fold: int
    matrix: NDArray[np.float32]
    labels: NDArray[np.int32]


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the pools, gather the features, train, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument(
        "--folds", type=Path, nargs="+", required=True, help="model.npz without fold 0, fold 1, …"
    )
    parser.add_argument(
        "--work", type=Path, required=True, help="scratch folder, kept between runs"
    )
    parser.add_argument(
        "--documents", type=Path, required=True, help="folder of the texts asked about"
    )
    parser.add_argument("--out", type=Path, default=MODELS)
    options = parser.parse_args(arguments)
    pairs = read_pairs(options.pairs)
    large: list[Group] = []
    small: list[Group] = []
    written: list[Group] = []
    for fold, model in enumerate(options.folds):
        embedder = StaticEmbeddings(load_model(model))
        work = options.work / f"fold{fold}"
        for name, pool in POOLS.items():
            store = Store(work / name, embedder)
            questions = questions_of(pairs, pool, fold)
            fill_pool(store, pool, pairs, questions)
            found = _groups(name, fold, questions, store)
            (large if pool.limit is None else small).extend(found)
            store.close()
        for name, store, asked in pools_of_fold(options.documents, work, embedder, fold):
            right = {one.question: set(one.right) for one in asked if one.right}
            written += _groups(name, fold, right, store)
    groups = large + small[::SMALL_SHARE] + written[::WRITTEN_SHARE]
    say(json.dumps(_cross_validate(groups)))
    booster = _train(groups)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / MODEL_FILE).write_text(booster.model_to_string(), "utf-8")
    # What is fitted to scores (sentences, confidence) needs those of a ranker that did not learn from
    # the question: beside the pools of each fold lies one that has not seen the fold.
    for fold in range(len(options.folds)):
        unseen = _train([group for group in groups if group.fold != fold])
        (options.work / f"fold{fold}" / MODEL_FILE).write_text(unseen.model_to_string(), "utf-8")
    gains = booster.feature_importance("gain")
    for name, gain in sorted(zip(FEATURES, gains, strict=True), key=lambda item: -item[1]):
        say(f"  {name}: {gain:.0f}")


def _groups(name: str, fold: int, questions: Mapping[str, set[str]], store: Store) -> list[Group]:
    documents = {document.id: document for document in store.catalogue.documents()}
    groups = [_group(name, fold, *question, store, documents) for question in questions.items()]
    found = [group for group in groups if group is not None]
    say(f"fold {fold}, {name}: {len(found)} of {len(questions)} questions with a right candidate")
    return found


def _group(
    pool: str,
    fold: int,
    question: str,
    positives: set[str],
    store: Store,
    documents: Mapping[str, Document],
) -> Group | None:
    """Return the candidates of a question, or None where none of them is right."""
    index = store.index(Access.PUBLIC)
    candidates = index.search(question)
    if not candidates:
        return None
    gathered = gather(candidates)
    looked_at = gathered.best(DEPTH)
    chunks = store.catalogue.chunks(candidates[i].chunk_id for i in looked_at)
    found = [chunks[candidates[i].chunk_id] for i in looked_at]
    labels = np.array([is_right(chunk.text, positives) for chunk in found], dtype=np.int32)
    if not labels.any() or labels.all():
        return None
    matrix = features(
        question,
        gathered,
        looked_at,
        found,
        [documents[chunk.document_id] for chunk in found],
        index.search_documents(question),
        frequency=index.words.frequency,
        population=index.words.count(),
    )
    return Group(pool, fold, matrix, labels)


def _train(groups: Sequence[Group]) -> lightgbm.Booster:
    data = lightgbm.Dataset(
        np.concatenate([group.matrix for group in groups]),
        np.concatenate([group.labels for group in groups]),
        group=[len(group.labels) for group in groups],
        feature_name=list(FEATURES),
    )
    return lightgbm.train(PARAMETERS, data, ROUNDS)


def _cross_validate(groups: Sequence[Group], folds: int = 3) -> dict[str, dict[str, float]]:
    """Return MRR@10 of the plain fusion and of the ranker on questions it was not trained on."""
    fold_of = np.random.default_rng(SEED).integers(0, folds, len(groups))
    scores: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for fold in range(folds):
        booster = _train([g for g, f in zip(groups, fold_of, strict=True) if f != fold])
        for group in (g for g, f in zip(groups, fold_of, strict=True) if f == fold):
            ranked = np.asarray(booster.predict(group.matrix, num_threads=1))
            fused = group.matrix[:, FEATURES.index("fused")]
            scores[group.pool]["fused"].append(_reciprocal_rank(fused, group.labels))
            scores[group.pool]["ranker"].append(_reciprocal_rank(ranked, group.labels))
    return {
        pool: {name: round(float(np.mean(values)), 4) for name, values in by_name.items()}
        for pool, by_name in scores.items()
    }


def _reciprocal_rank(scores: NDArray[np.floating], labels: NDArray[np.int32]) -> float:
    order = np.argsort(-scores, kind="stable")[:10]
    hits = np.flatnonzero(labels[order])
    return 1.0 / (1 + int(hits[0])) if hits.size else 0.0


if __name__ == "__main__":
    main()
