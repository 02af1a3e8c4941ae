"""Train the ranker: `python -m corpus.training.train_ranker --pairs FILE --folds M0 M1 --work DIR`.

Questions of several kinds, each searched in a pool of its own by the real index, so that the
features mean at training what they mean at work. An embedder scores questions it was trained on
better than new ones, so the questions of fold n are searched with a model trained without them
(`train_embedding --hold-out n`).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import lightgbm
import numpy as np
from numpy.typing import NDArray

from corpus.console import say
from corpus.documents import Access, Document
from corpus.embedding import StaticEmbeddings
from corpus.ranking import FEATURES, MODEL_FILE, MODELS, features, gather
from corpus.static_model import load_model
from corpus.store import Store
from corpus.texts import TextDocument, add_texts
from corpus.training.pairs import fold_of

SEED = 20_251
DEPTH = 80  # candidates of a question: wrong ones to learn from, more than are looked at in use
Pairs = dict[str, list[tuple[str, str]]]  # source → (question, right passage)


@dataclass(frozen=True, slots=True)
class Pool:
    """Passages to search in, and the questions asked there: source → how many of each fold.

    `limit` keeps a pool small: what a score or a rank means differs between five hundred clauses and
    a hundred thousand, and the ranker must serve both. `layout` says how passages make documents: each its own, a law with its articles, or several
    that stand one after the other (a stand-in for long documents).
    """

    fill: tuple[str, ...]
    ask: Mapping[str, int]
    layout: Literal["single", "law", "grouped"]
    limit: int | None = None


POOLS = {
    "statutes": Pool(("ict_law", "stard_train"), {"stard_train": 1_679}, "single"),
    "laws": Pool(("ict_law", "stard_train"), {"stard_train": 1_679}, "law"),
    "reading": Pool(
        ("cmrc2018", "cjrc_dev", "drcd_trad", "rageval_zh", "csl_title_abs", "citizen_reply"),
        {"cmrc2018": 400, "cjrc_dev": 200},
        "grouped",
    ),
    "policy": Pool(
        ("ncp_answer", "covid_faq", "policybench_expl", "lecoqa_answer", "lawyer_llama_advice"),
        {"ncp_answer": 350, "lecoqa_answer": 200},
        "single",
    ),
    "few laws": Pool(("ict_law", "stard_train"), {"stard_train": 150}, "law", 700),
    "few statutes": Pool(("ict_law", "stard_train"), {"stard_train": 150}, "single", 700),
    "few readings": Pool(
        ("cmrc2018", "cjrc_dev"), {"cmrc2018": 100, "cjrc_dev": 50}, "grouped", 400
    ),
    "few policies": Pool(
        ("ncp_answer", "covid_faq", "policybench_expl", "citizen_reply"),
        {"ncp_answer": 200},
        "single",
        600,
    ),
    "few answers": Pool(
        ("lecoqa_answer", "citizen_reply", "covid_faq"), {"lecoqa_answer": 150}, "single", 500
    ),
}
GROUP_SIZE = 6  # passages of a long document
_ARTICLE = re.compile(
    r"(.{4,60}?)(第[一二三四五六七八九十百千零]+条(?:之[一二三四五六七八九十]+)?) (.+)", re.S
)


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
    parser.add_argument(
        "--folds", type=Path, nargs="+", required=True, help="model.npz without fold 0, fold 1, …"
    )
    parser.add_argument(
        "--work", type=Path, required=True, help="scratch folder, kept between runs"
    )
    parser.add_argument("--out", type=Path, default=MODELS)
    options = parser.parse_args(arguments)
    pairs = _read_pairs(options.pairs)
    groups: list[Group] = []
    for fold, model in enumerate(options.folds):
        embedder = StaticEmbeddings(load_model(model))
        for pool in POOLS:
            store = Store(options.work / f"fold{fold}" / pool, embedder)
            found = list(_fold_groups(pool, fold, store, pairs))
            say(f"fold {fold}, {pool}: {len(found)} questions with a right candidate")
            groups += found
            store.close()
    # Every second question of the small pools: with all of them the large ones lose.
    small = [group for group in groups if POOLS[group.pool].limit is not None]
    groups = [group for group in groups if POOLS[group.pool].limit is None] + small[::2]
    say(json.dumps(_cross_validate(groups)))
    booster = _train(groups)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / MODEL_FILE).write_text(booster.model_to_string(), "utf-8")
    gains = booster.feature_importance("gain")
    for name, gain in sorted(zip(FEATURES, gains, strict=True), key=lambda item: -item[1]):
        say(f"  {name}: {gain:.0f}")


def _fold_groups(name: str, fold: int, store: Store, pairs: Pairs) -> Iterator[Group]:
    pool = POOLS[name]
    questions = _questions(pairs, pool.ask, fold)
    passages = _passages(pool, pairs, questions)
    if store.catalogue.get_state("complete") != "1":
        say(f"{name}: indexing {len(passages)} passages")
        add_texts(store, _LAYOUTS[pool.layout](passages))
        store.catalogue.set_state(complete="1")
    documents = {document.id: document for document in store.catalogue.documents()}
    for question, positives in questions.items():
        group = _group(name, question, positives, store, documents)
        if group is not None:
            yield group


def _passages(pool: Pool, pairs: Pairs, questions: Mapping[str, set[str]]) -> list[str]:
    """Return the passages of a pool in order; a limited one keeps the right ones and some more."""
    passages = list(dict.fromkeys(passage for source in pool.fill for _, passage in pairs[source]))
    if pool.limit is None:
        return passages
    right = set().union(*questions.values())
    others = [passage for passage in passages if passage not in right]
    more = random.Random(SEED).sample(others, max(0, pool.limit - len(right)))
    kept = right | set(more)
    return [passage for passage in passages if passage in kept]


def _single(passages: Sequence[str]) -> Iterator[TextDocument]:
    for number, passage in enumerate(passages):
        article = _ARTICLE.fullmatch(passage)
        if article:
            yield TextDocument(str(number), article[1] + article[2], article[3])
        else:
            yield TextDocument(str(number), "", passage)


def _by_law(passages: Sequence[str]) -> Iterator[TextDocument]:
    laws: dict[str, list[str]] = defaultdict(list)
    for passage in passages:
        article = _ARTICLE.fullmatch(passage)
        if article:
            laws[article[1]].append(f"{article[2]} {article[3]}")
    for law, articles in laws.items():
        yield TextDocument(law, law, "\n".join([law, *articles]))


def _grouped(passages: Sequence[str]) -> Iterator[TextDocument]:
    for start in range(0, len(passages), GROUP_SIZE):
        yield TextDocument(str(start), "", "\n".join(passages[start : start + GROUP_SIZE]))


_LAYOUTS = {"single": _single, "law": _by_law, "grouped": _grouped}


def _read_pairs(path: Path) -> Pairs:
    wanted = {source for pool in POOLS.values() for source in (*pool.fill, *pool.ask)}
    pairs: Pairs = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["source"] in wanted:
                pairs[row["source"]].append((row["query"], row["positive"]))
    return pairs


def _questions(pairs: Pairs, ask: Mapping[str, int], fold: int) -> dict[str, set[str]]:
    """Return question → its right passages, a fixed sample of the fold from each source."""
    chooser = random.Random(SEED)
    questions: dict[str, set[str]] = defaultdict(set)
    for source, count in ask.items():
        of_source: dict[str, set[str]] = defaultdict(set)
        for query, positive in pairs[source]:
            if fold_of(query) != fold:
                continue
            of_source[query].add(positive)
        chosen = chooser.sample(sorted(of_source), min(count, len(of_source)))
        for query in chosen:
            questions[query] |= of_source[query]
    return questions


def _group(
    pool: str,
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
    right = [_letters(positive) for positive in positives]
    labels = np.array([_is_right(chunk.text, right) for chunk in found], dtype=np.int32)
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
    return Group(pool, matrix, labels)


def _is_right(text: str, positives: Sequence[str]) -> bool:
    """Say whether a clause is a part of a right passage: its middle stands there."""
    letters = _letters(text)
    middle = letters[len(letters) // 3 :][:24]
    return any(middle in positive for positive in positives)


def _letters(text: str) -> str:
    return re.sub(r"\s", "", text)


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
