"""Train the embedded dense model: `python -m corpus.training.train_embedding --pairs PATH --out DIR`.

The vectors of words and bigrams learn to bring a query near to its positive and away from the other
positives of its batch (symmetric InfoNCE). The same pairs, seed and package versions give the same
file: all sums are made on one thread, in one order.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
import torch
from scipy.sparse import csr_matrix

from corpus.errors import CorpusError
from corpus.static_model import StaticModel, save_model
from corpus.training.bridging import bridge, collect_articles
from corpus.training.pairs import (
    FOLDS,
    Bags,
    Pair,
    count_features,
    number_texts,
    read_pairs,
)

Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]

NAME = "static-zh-256"

# How often a pair is seen in one pass, for the sets nearest to the job: a person's question with
# the text that answers it. They are small beside the pairs made from laws and news, and what the
# model learns from them is most of its worth on lay questions.
EMPHASIS = MappingProxyType(
    {
        "stard_train": 8.0,
        "written_questions": 6.0,
        "lecoqa_answer": 4.0,
        "lawbench_3-8": 4.0,
        "covid_faq": 4.0,
        "lawyer_llama_articles": 2.0,
        "lawyer_llama_answer": 2.0,
        "citizen_reply": 2.0,
        "ncp_answer": 2.0,
    }
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """The settings of a training run.

    `levels` is the largest 8-bit value in use: 31 costs no accuracy against 127 and lets the file
    be packed to three quarters.
    """

    dimension: int = 256
    vocabulary_size: int = 120_000
    passes: float = 2.0
    batch_size: int = 1024
    temperature: float = 0.05
    learning_rate: float = 3e-3
    levels: int = 31
    seed: int = 7
    emphasis: Mapping[str, float] = field(default_factory=lambda: EMPHASIS)


class _SparseAdam:
    """Adam that touches only the rows a batch used."""

    def __init__(self, values: torch.Tensor, learning_rate: float) -> None:
        self._values = values
        self._mean = torch.zeros_like(values)
        self._square = torch.zeros_like(values)
        self._learning_rate = learning_rate
        self._steps = 0

    def step(self, rows: torch.Tensor, gradient: torch.Tensor) -> None:
        self._steps += 1
        mean = self._mean[rows].mul_(0.9).add_(gradient, alpha=0.1)
        square = self._square[rows].mul_(0.999).addcmul_(gradient, gradient, value=0.001)
        self._mean[rows], self._square[rows] = mean, square
        rate = self._learning_rate * math.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps)
        self._values[rows] -= rate * mean / (square.sqrt() + 1e-8)


def plan_batches(sources: Sequence[str], recipe: Recipe) -> list[Numbers]:
    """Return batches of row numbers, each of one source, in random order.

    A batch of one source makes the other positives hard to tell apart; a mixed one could be told
    apart by style alone.
    """
    random = np.random.default_rng(recipe.seed)
    names = np.array(sources)
    batches: list[Numbers] = []
    for source in sorted(set(sources)):
        rows = np.flatnonzero(names == source)
        left = recipe.passes * recipe.emphasis.get(source, 1.0)
        while left > 0:
            part = random.permutation(rows)[: math.ceil(len(rows) * min(left, 1.0))]
            batches += np.array_split(part, max(1, round(len(part) / recipe.batch_size)))
            left -= 1
    return [batches[n] for n in random.permutation(len(batches))]


def learn(
    bags: Bags,
    batches: Sequence[tuple[Numbers, Numbers]],
    recipe: Recipe,
    say: Callable[[str], None],
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return the vectors of the vocabulary, each with its weight in it.

    A batch is the numbers of its queries and of their positives in the rows of `bags`. Two
    pairs of a batch with the same query or the same positive are not negatives of each other.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    random = np.random.default_rng(recipe.seed)
    shape = (len(bags.vocabulary), recipe.dimension)
    table = torch.from_numpy(
        random.standard_normal(shape, dtype=np.float32) / np.float32(math.sqrt(recipe.dimension))
    )
    weights = torch.from_numpy(np.log(bags.idf))
    table_optimiser = _SparseAdam(table, recipe.learning_rate)
    weight_optimiser = _SparseAdam(weights, recipe.learning_rate)
    started = time.monotonic()
    for step, (queries, positives) in enumerate(batches, start=1):
        both = bags.matrix[np.concatenate([queries, positives])]
        used, columns = np.unique(both.indices, return_inverse=True)
        local = csr_matrix((both.data, columns, both.indptr), shape=(both.shape[0], len(used)))
        chosen = torch.from_numpy(used.astype(np.int64))
        rows_used, strength = table[chosen], weights[chosen].exp()[:, None]
        sums = torch.from_numpy(local @ (rows_used * strength).numpy()).requires_grad_()
        loss = _contrast(sums, queries, positives, recipe.temperature)
        loss.backward()
        gradient = torch.from_numpy(local.T @ sums.grad.numpy())
        table_optimiser.step(chosen, gradient * strength)
        weight_optimiser.step(chosen, (gradient * rows_used * strength).sum(dim=1))
        if step % 100 == 0 or step == len(batches):
            seconds = time.monotonic() - started
            say(f"step {step}/{len(batches)}  loss {loss.item():.3f}  {seconds:.0f} s")
    return np.asarray((table * weights.exp()[:, None]).numpy(), dtype=np.float32)


def _contrast(
    sums: torch.Tensor, queries: Numbers, positives: Numbers, temperature: float
) -> torch.Tensor:
    """Return the symmetric InfoNCE loss of a batch: first all queries, then all positives."""
    vectors = torch.nn.functional.normalize(sums, dim=1)
    scores = vectors[: len(queries)] @ vectors[len(queries) :].T / temperature
    shared = (queries[:, None] == queries[None, :]) | (positives[:, None] == positives[None, :])
    np.fill_diagonal(shared, False)
    scores = scores.masked_fill(torch.from_numpy(shared), -1e4)
    right = torch.arange(len(queries))
    forward = torch.nn.functional.cross_entropy(scores, right)
    return (forward + torch.nn.functional.cross_entropy(scores.T, right)) / 2


def quantise(
    name: str,
    vocabulary: tuple[str, ...],
    vectors: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    levels: int,
) -> StaticModel:
    """Round each row to whole steps of its own size, `levels` on either side of zero."""
    scales = (np.abs(vectors).max(axis=1) / levels).astype(np.float32)
    steps = np.where(scales > 0, scales, np.float32(1))
    rows = np.rint(vectors / steps[:, None]).astype(np.int8)
    return StaticModel(name=name, vocabulary=vocabulary, rows=rows, scales=scales)


def train(pairs: Sequence[Pair], recipe: Recipe, say: Callable[[str], None]) -> StaticModel:
    """Return the model that pairs teach, ready to ship."""
    articles = collect_articles(pairs)
    numbers = number_texts(pairs, articles)
    bags = count_features(list(numbers), vocabulary_size=recipe.vocabulary_size)
    say(f"{len(pairs)} pairs, {len(numbers)} texts, {len(bags.vocabulary)} features")

    bridged = bridge(pairs, articles, bags, numbers)
    say(f"{len(bridged)} pairs of a question and an article found through an answer")
    everything = [*pairs, *bridged]
    queries = np.array([numbers[pair.query] for pair in everything])
    positives = np.array([numbers[pair.positive] for pair in everything])
    batches = plan_batches([pair.source for pair in everything], recipe)
    vectors = learn(bags, [(queries[rows], positives[rows]) for rows in batches], recipe, say)
    return quantise(NAME, bags.vocabulary, vectors, recipe.levels)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train from the command line; write `model.npz` and `training.json` beside it."""
    parser = argparse.ArgumentParser(prog="python -m corpus.training.train_embedding")
    parser.add_argument("--pairs", type=Path, required=True, help="gzipped JSON lines of pairs")
    parser.add_argument("--out", type=Path, required=True, help="folder for the model")
    parser.add_argument("--without", nargs="*", default=[], help="data sets to leave out")
    parser.add_argument(
        "--passes", type=float, default=Recipe().passes, help="passes over the pairs"
    )
    parser.add_argument(
        "--hold-out", type=int, choices=range(FOLDS), help="leave out the questions of one fold"
    )
    options = parser.parse_args(arguments)
    recipe = Recipe(passes=options.passes)
    started = time.monotonic()

    def say(line: str) -> None:
        sys.stderr.write(line + "\n")

    try:
        pairs = read_pairs(
            options.pairs, without=frozenset(options.without), hold_out=options.hold_out
        )
        model = train(pairs, recipe, say)
        options.out.mkdir(parents=True, exist_ok=True)
        save_model(model, options.out / "model.npz")
    except CorpusError as error:
        say(str(error))
        return 1
    record = {
        "content_digest": model.content_digest,
        "recipe": {name: getattr(recipe, name) for name in recipe.__dataclass_fields__}
        | {"emphasis": dict(recipe.emphasis)},
        "without": sorted(options.without),
        "hold_out": options.hold_out,
        "seconds": round(time.monotonic() - started),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }
    text = json.dumps(record, ensure_ascii=False, indent=2)
    (options.out / "training.json").write_text(text + "\n", encoding="utf-8")
    say(f"{options.out / 'model.npz'}: content digest {model.content_digest}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
