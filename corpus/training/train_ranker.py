"""Train the ranker: `python -m corpus.training.train_ranker --pairs FILE --embedder MODEL --work DIR`.

Questions of several kinds, each searched in a pool of its own by the real index, so that the
features mean at training what they mean at work. The embedder must not have seen the questions
(train it with `--without` these sources): its scores would otherwise look better than they are.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import lightgbm
import numpy as np
from numpy.typing import NDArray

from corpus.console import say
from corpus.documents import Access
from corpus.embedding import StaticEmbeddings
from corpus.index import Index
from corpus.ranking import FEATURES, LOOKED_AT, MODEL, features, fuse
from corpus.static_model import load_model
from corpus.store import Store
from corpus.texts import TextDocument, add_texts

SEED = 20_251
# Pools: name → (sources whose positives fill it, sources of questions, how many questions at most).
POOLS: dict[str, tuple[tuple[str, ...], dict[str, int]]] = {
    "statutes": (("ict_law", "stard_train"), {"stard_train": 2_000}),
    "reading": (
        ("cmrc2018", "cjrc_dev", "drcd_trad", "rageval_zh", "csl_title_abs", "citizen_reply"),
        {"cmrc2018": 1_000, "cjrc_dev": 600},
    ),
    "policy": (
        ("ncp_answer", "covid_faq", "policybench_expl", "lecoqa_answer", "lawyer_llama_advice"),
        {"ncp_answer": 900, "lecoqa_answer": 400},
    ),
}
PARAMETERS = {
    "objective": "lambdarank",
    "learning_rate": 0.05,
    "num_leaves": 12,
    "min_data_in_leaf": 60,
    "lambda_l2": 5.0,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambdarank_truncation_level": 20,
    "deterministic": True,
    "num_threads": 2,
    "seed": SEED,
    "verbosity": -1,
}
ROUNDS = 250


@dataclass(frozen=True, slots=True)
class Group:
    """The candidates of one question: features (n, len(FEATURES)) and whether each is right."""

    pool: str
    matrix: NDArray[np.float32]
    labels: NDArray[np.int32]


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the pools, gather the features, train, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--embedder", type=Path, required=True, help="a model.npz of ours")
    parser.add_argument(
        "--work", type=Path, required=True, help="scratch folder, kept between runs"
    )
    parser.add_argument("--out", type=Path, default=MODEL)
    options = parser.parse_args(arguments)
    embedder = StaticEmbeddings(load_model(options.embedder))
    pairs = _read_pairs(options.pairs)
    groups: list[Group] = []
    for pool, (fill, ask) in POOLS.items():
        store = Store(options.work / pool, embedder)
        passages = list(dict.fromkeys(p for source in fill for _, p in pairs[source]))
        if store.catalogue.get_state("pool") != str(len(passages)):
            say(f"{pool}: indexing {len(passages)} passages")
            add_texts(store, (_passage(n, passage) for n, passage in enumerate(passages)))
            store.catalogue.set_state(pool=str(len(passages)))
        found = list(_groups(pool, store, passages, _questions(pairs, ask)))
        say(f"{pool}: {len(found)} questions with a right candidate")
        groups += found
        store.close()
    say(json.dumps(_cross_validate(groups)))
    booster = _train(groups)
    options.out.write_text(booster.model_to_string(), "utf-8")
    gains = booster.feature_importance("gain")
    for name, gain in sorted(zip(FEATURES, gains, strict=True), key=lambda item: -item[1]):
        say(f"  {name}: {gain:.0f}")


def _read_pairs(path: Path) -> dict[str, list[tuple[str, str]]]:
    wanted = {s for fill, ask in POOLS.values() for s in (*fill, *ask)}
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["source"] in wanted:
                pairs[row["source"]].append((row["query"], row["positive"]))
    return pairs


def _questions(pairs: dict[str, list[tuple[str, str]]], ask: dict[str, int]) -> dict[str, set[str]]:
    """Return question → its right passages, a fixed sample of each source."""
    chooser = random.Random(SEED)
    questions: dict[str, set[str]] = defaultdict(set)
    for source, count in ask.items():
        of_source: dict[str, set[str]] = defaultdict(set)
        for query, positive in pairs[source]:
            of_source[query].add(positive)
        chosen = chooser.sample(sorted(of_source), min(count, len(of_source)))
        for query in chosen:
            questions[query] |= of_source[query]
    return questions


def _passage(number: int, passage: str) -> TextDocument:
    title, _, text = passage.partition(" ")
    if text and 4 <= len(title) <= 60 and ("第" in title or "》" in title):
        return TextDocument(str(number), title, text)
    return TextDocument(str(number), "", passage)


def _groups(
    pool: str, store: Store, passages: Sequence[str], questions: dict[str, set[str]]
) -> Iterator[Group]:
    numbers = {passage: str(number) for number, passage in enumerate(passages)}
    documents = {document.id: document for document in store.catalogue.documents()}
    index = store.index(Access.PUBLIC)
    population = index.words.count()
    for question, positives in questions.items():
        right = {numbers[positive] for positive in positives}
        group = _group(pool, question, right, index, population, store, documents)
        if group is not None:
            yield group


def _group(pool, question, right, index: Index, population, store, documents) -> Group | None:  # type: ignore[no-untyped-def]
    candidates = index.search(question)
    if not candidates:
        return None
    looked_at = [candidates[i] for i in np.argsort(-fuse(candidates), kind="stable")[:LOOKED_AT]]
    chunks = store.catalogue.chunks([candidate.chunk_id for candidate in looked_at])
    found = [chunks[candidate.chunk_id] for candidate in looked_at]
    titles = [documents[chunk.document_id].metadata.title for chunk in found]
    labels = np.array([documents[c.document_id].source in right for c in found], dtype=np.int32)
    if not labels.any() or labels.all():
        return None
    matrix = features(
        question, looked_at, found, titles, frequency=index.words.frequency, population=population
    )
    return Group(pool, matrix, labels)


def _train(groups: Sequence[Group]) -> lightgbm.Booster:
    data = lightgbm.Dataset(
        np.concatenate([group.matrix for group in groups]),
        np.concatenate([group.labels for group in groups]),
        group=[len(group.labels) for group in groups],
        feature_name=list(FEATURES),
    )
    return lightgbm.train(PARAMETERS, data, ROUNDS)


def _cross_validate(groups: Sequence[Group], folds: int = 4) -> dict[str, dict[str, float]]:
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
