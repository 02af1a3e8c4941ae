"""Fit which sentence answers: `python -m eval.fitting.sentences --documents DIR --folds M0 M1 --work DIR`.

Questions written about public texts, asked in small pools of them, and those of a data set. A
sentence of the clauses found is right if it holds the noted answer, stands in it, or holds a key
fact. Logistic regression over the features of `assistant.sentences`; prints what to write there.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.extractive import PASSAGES
from assistant.retrieval import Passage, retrieve
from assistant.sentences import FEATURES, Sentence, sentence_features, sentences_of
from assistant.services import Services, load_guides
from corpus.console import say
from corpus.documents import Access
from corpus.embedding import StaticEmbeddings
from corpus.ranking import Ranker, term_weights
from corpus.sentence_encoder import SentenceEncoder
from corpus.static_model import load_model
from corpus.training.document_pools import SMALL, PoolQuestion, pools_of_fold
from eval.bench import Bench
from eval.data_sets import load_data
from eval.indexes import build_index, cache_folder
from eval.samples import TODAY, DataSet, Sample

SHARED = 0.7  # share of a sentence's pairs of characters that stand in a noted answer
SHORTEST = 4  # characters of a noted answer that may stand inside a sentence
RIDGE = 2.0
_SIGNS = re.compile(r"[\s，。；：、！？,.;:!?“”\"（）()《》]")


@dataclass(frozen=True, slots=True)
class Group:
    """The sentences of one question: features, and whether each is right."""

    rows: NDArray[np.float64]
    labels: NDArray[np.float64]


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, fit, print the weights and how often the likeliest sentence is right."""
    parser = argparse.ArgumentParser(prog="python -m eval.fitting.sentences", description=__doc__)
    parser.add_argument("--documents", type=Path, required=True, help="the texts asked about")
    parser.add_argument("--folds", type=Path, nargs="+", required=True, help="models of the folds")
    parser.add_argument("--work", type=Path, required=True, help="the ranker's scratch folder")
    parser.add_argument("--data", nargs="*", default=[], help="data sets to fit to as well")
    options = parser.parse_args(arguments)
    groups = list(_in_pools(options.documents, options.folds, options.work))
    groups += [group for name in options.data for group in _groups(load_data(name))]
    held = np.random.default_rng(1).integers(0, 4, len(groups))
    hits = []
    for fold in range(4):
        weights = _fit([g for g, f in zip(groups, held, strict=True) if f != fold])
        hits += [
            g.labels[int(np.argmax(g.rows @ weights[1:]))]
            for g, f in zip(groups, held, strict=True)
            if f == fold
        ]
    say(f"{len(groups)} questions; the likeliest sentence is right: {np.mean(hits):.3f}")
    weights = _fit(groups)
    say(f"INTERCEPT = {weights[0]:.2f}")
    for name, weight in zip(FEATURES, weights[1:], strict=True):
        say(f'    "{name}": {weight:.2f},')
    return 0


def _in_pools(documents: Path, folds: Sequence[Path], work: Path) -> Iterator[Group]:
    guides = load_guides()
    for fold, model in enumerate(folds):
        embedder = StaticEmbeddings(load_model(model))
        pools = pools_of_fold(documents, work / f"fold{fold}", embedder, fold)
        for name, store, questions in pools:
            if name != SMALL:
                continue  # the same questions again
            services = Services(
                store, (Access.PUBLIC,), Ranker(work / f"fold{fold}"), SentenceEncoder(), guides
            )
            for asked in questions:
                if asked.answer:
                    passages = retrieve(asked.question, services, as_of=TODAY)[:PASSAGES]
                    yield from _group(asked.question, passages, services, partial(_holds, asked))


def _holds(asked: PoolQuestion, sentence: Sentence, passage: Passage) -> bool:
    return asked.answer in sentence.text and passage.chunk.text in asked.right


def _groups(data: DataSet) -> Iterator[Group]:
    bench = Bench(data, build_index(data, cache_folder()))
    for sample in data.samples:
        if sample.history or not (sample.answers or sample.key_facts) or not sample.answerable:
            continue
        services = bench.services(sample.access)
        found = retrieve(sample.question, services, as_of=sample.as_of)
        passages = ([p for p in found if p.is_basis] or found)[:PASSAGES]
        yield from _group(
            sample.question,
            passages,
            services,
            lambda s, _: _right(s.text, sample),  # noqa: B023 - called in this round
        )
    bench.close()


def _group(
    question: str,
    passages: Sequence[Passage],
    services: Services,
    is_right: Callable[[Sentence, Passage], bool],
) -> Iterator[Group]:
    sentences = sentences_of(passages)
    if not sentences:
        return
    sides = [index.words for index in services.indexes]
    weights = term_weights(
        question,
        lambda word: sum(side.frequency(word) for side in sides),
        sum(side.count() for side in sides),
    )
    rows = sentence_features(question, sentences, passages, services.store.embedder, weights)
    labels = [float(is_right(sentence, passages[sentence.place])) for sentence in sentences]
    yield Group(rows, np.array(labels))


def _right(text: str, sample: Sample) -> bool:
    if sample.key_facts:
        return any(re.search(fact, text) for fact in sample.key_facts)
    plain = _SIGNS.sub("", text)
    pairs = [plain[i : i + 2] for i in range(len(plain) - 1)]
    for noted in sample.answers:
        answer = _SIGNS.sub("", noted)
        shared = sum(pair in answer for pair in pairs) / max(len(pairs), 1)
        if shared >= SHARED or (len(answer) >= SHORTEST and answer in plain):
            return True
    return False


def _fit(groups: Sequence[Group]) -> NDArray[np.float64]:
    """Return intercept and weights by Newton's method; each question counts the same."""
    rows = np.concatenate([group.rows for group in groups])
    labels = np.concatenate([group.labels for group in groups])
    shares = np.concatenate([np.full(len(g.labels), 1 / len(g.labels)) for g in groups])
    shares *= len(shares) / shares.sum()
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    design = np.column_stack([np.ones(len(rows)), (rows - mean) / spread])
    penalty = np.diag([1e-6, *np.full(rows.shape[1], RIDGE)])
    found = np.zeros(design.shape[1])
    for _ in range(40):
        chance = 1 / (1 + np.exp(-design @ found))
        gradient = design.T @ (shares * (chance - labels)) + penalty @ found
        curvature = (design * (shares * chance * (1 - chance))[:, None]).T @ design + penalty
        found -= np.linalg.solve(curvature, gradient)
    weights = found[1:] / spread
    return np.concatenate([[found[0] - weights @ mean], weights])


if __name__ == "__main__":
    sys.exit(main())
