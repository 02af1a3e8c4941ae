"""The learned order of candidates: what dense and lexical search found, fused by a small ranker.

Neither side is best on every kind of question: everyday words need the dense side, the wording of
documents the lexical one. A LambdaMART model (LightGBM) over the features below decides, trained by
`corpus.training.train_ranker` on questions that its embedder had not seen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log, log1p
from pathlib import Path

import lightgbm
import numpy as np
from numpy.typing import NDArray

from corpus.documents import Chunk, Document
from corpus.errors import StorageError
from corpus.everyday import expand
from corpus.index import Candidate
from corpus.lexical import document_key
from corpus.tokens import bigrams, without_asking, words

MODELS = Path(__file__).parent / "models" / "ranker"
FEATURES = (
    "dense",
    "lexical",
    "dense_below_best",
    "lexical_of_best",
    "dense_deviation",
    "lexical_deviation",
    "dense_reciprocal_rank",
    "lexical_reciprocal_rank",
    "lexical_per_term",
    "fused",
    "text_coverage",
    "head_coverage",
    "all_coverage",
    "bigram_coverage",
    "longest_match",
    "text_length",
    "query_length",
    "best_dense",
    "best_lexical_per_term",
    "agreement",
    "document_support",
    "document_best_dense",
    "document_best_lexical",
    "document_lexical",
    "document_reciprocal_rank",
    "document_clauses",
    "asks_figure_has_figure",
    "asks_figure",
)
LOOKED_AT = 80  # candidates that are looked at with their text, unless more are asked for
DENSE_SHARE = 0.5  # of the plain fusion that picks them
# What being the best whole document adds to the ranker's score, less for each lower place. The
# training pools have few long documents of one subject, so the ranker trusts this too little
# (eval/LOG.md: policy documents R@1 .82 → .845, the other sets unchanged).
DOCUMENT_PRIOR = 0.8
ASKS_FIGURE = re.compile(
    r"多少|几[个天年月日岁次种类]|多久|多长|多大|何时|什么时候|时间|期限|金额|标准|比例|[几哪]月"
)
FIGURE = re.compile(r"\d|[一二三四五六七八九十百千万亿]+(?:日|天|年|个月|元|倍|周岁|%|工作日)")


@dataclass(frozen=True, slots=True)
class ScoredChunk:
    """A chunk with its relevance (higher is better; a log-odds-like number without unit)."""

    chunk: Chunk
    score: float
    dense: float
    lexical: float
    coverage: float


class Ranker:
    """Trained LambdaMART models whose scores are averaged."""

    def __init__(self, folder: Path = MODELS) -> None:
        """Name the folder of the models; they are loaded when first used."""
        self.folder = folder

    @cached_property
    def _boosters(self) -> tuple[lightgbm.Booster, ...]:
        try:
            # Read here and handed over as text: LightGBM's own reader cannot open every path.
            texts = [path.read_text("utf-8") for path in sorted(self.folder.glob("*.txt"))]
        except OSError as error:
            raise StorageError(f"排序模型 {str(self.folder)!r} 读不出：{error.strerror}") from error
        if not texts:
            raise StorageError(f"排序模型 {str(self.folder)!r} 不存在；请重新安装本程序")
        return tuple(lightgbm.Booster(model_str=text) for text in texts)

    def score(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return one score for each row of features, shape (n, len(FEATURES))."""
        # One thread: for a few dozen rows, waking a second costs more than it saves.
        scores = [booster.predict(features, num_threads=1) for booster in self._boosters]
        return np.asarray(np.mean(scores, axis=0), dtype=np.float64)


def fuse(candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    """Return the plain fusion score of each candidate: both sides scaled to [0, 1] and mixed."""
    dense, lexical = _sides(candidates)
    return DENSE_SHARE * _scaled(dense) + (1 - DENSE_SHARE) * _scaled(lexical)


def rank(
    query: str,
    candidates: Sequence[Candidate],
    documents: Mapping[str, float],
    *,
    fetch: Callable[[list[str]], tuple[dict[str, Chunk], Mapping[str, Document]]],
    frequency: Callable[[str], int],
    population: int,
    ranker: Ranker,
    depth: int = LOOKED_AT,
) -> list[ScoredChunk]:
    """Return candidates best first, by the ranker; those below `depth` in plain fusion left out.

    Args:
        query: the question.
        candidates: what the index found.
        documents: the lexical scores of whole documents, by `document_key`, best first.
        fetch: chunk ids → the chunks and their documents, each by id; what is lacking is left out.
        frequency: in how many chunks a word stands.
        population: how many chunks there are.
        ranker: the trained model.
        depth: how many candidates are looked at with their text.
    """
    if not candidates:
        return []
    order = np.argsort(-fuse(candidates), kind="stable")[:depth]
    looked_at = [candidates[i] for i in order]
    chunks, owners = fetch([candidate.chunk_id for candidate in looked_at])
    known = [
        candidate
        for candidate in looked_at
        if candidate.chunk_id in chunks and chunks[candidate.chunk_id].document_id in owners
    ]
    if not known:
        return []
    found = [chunks[candidate.chunk_id] for candidate in known]
    matrix = features(
        query,
        known,
        found,
        [owners[chunk.document_id] for chunk in found],
        documents,
        frequency=frequency,
        population=population,
    )
    scores = ranker.score(matrix) + _document_prior(matrix)
    return [
        ScoredChunk(
            chunk=found[i],
            score=float(scores[i]),
            dense=float(matrix[i, 0]),
            lexical=float(matrix[i, 1]),
            coverage=float(matrix[i, FEATURES.index("all_coverage")]),
        )
        for i in np.argsort(-scores, kind="stable")
    ]


def features(
    query: str,
    candidates: Sequence[Candidate],
    chunks: Sequence[Chunk],
    owners: Sequence[Document],
    documents: Mapping[str, float],
    *,
    frequency: Callable[[str], int],
    population: int,
) -> NDArray[np.float32]:
    """Return what the ranker looks at, float32 of shape (len(candidates), len(FEATURES))."""
    dense, lexical = _sides(candidates)
    pairs = list(dict.fromkeys(bigrams(without_asking(expand(query)))))
    weights = term_weights(query, frequency, population)
    total = sum(weights.values()) or 1.0
    count = max(len(pairs), 1)
    support = Counter(chunk.document_id for chunk in chunks)
    best_dense: dict[str, float] = {}
    best_lexical: dict[str, float] = {}
    for chunk, d, w in zip(chunks, dense, lexical, strict=True):
        best_dense[chunk.document_id] = max(best_dense.get(chunk.document_id, -1.0), float(d))
        best_lexical[chunk.document_id] = max(best_lexical.get(chunk.document_id, 0.0), float(w))
    top_dense, top_lexical = float(dense.max()), float(lexical.max()) or 1.0
    top_document = max(documents.values(), default=0.0) or 1.0
    places = {key: place for place, key in enumerate(documents)}
    fused = DENSE_SHARE * _scaled(dense) + (1 - DENSE_SHARE) * _scaled(lexical)
    dense_deviation, lexical_deviation = _deviation(dense), _deviation(lexical)
    agreement = sum(
        1
        for candidate in candidates
        if (candidate.dense_rank is not None and candidate.dense_rank < 10)
        and (candidate.lexical_rank is not None and candidate.lexical_rank < 10)
    )
    asks_figure = float(bool(ASKS_FIGURE.search(query)))
    rows = np.empty((len(candidates), len(FEATURES)), dtype=np.float32)
    for i, (candidate, chunk, owner) in enumerate(zip(candidates, chunks, owners, strict=True)):
        text = chunk.text.lower()
        head = f"{owner.metadata.title} {' '.join(chunk.heading_path)}".lower()
        covered = sum(value for term, value in weights.items() if term in text)
        headed = sum(value for term, value in weights.items() if term in head)
        either = sum(value for term, value in weights.items() if term in text or term in head)
        paired = [pair in text for pair in pairs]
        has_figure = float(bool(FIGURE.search(text)))
        rows[i] = (
            dense[i],
            lexical[i],
            dense[i] - top_dense,
            lexical[i] / top_lexical,
            dense_deviation[i],
            lexical_deviation[i],
            0.0 if candidate.dense_rank is None else 1 / (5 + candidate.dense_rank),
            0.0 if candidate.lexical_rank is None else 1 / (5 + candidate.lexical_rank),
            lexical[i] / count,
            fused[i],
            covered / total,
            headed / total,
            either / total,
            sum(paired) / count,
            _longest_run(paired) / count,
            log1p(len(chunk.text)),
            log1p(len(query)),
            top_dense,
            top_lexical / count,
            agreement,
            log1p(support[chunk.document_id]),
            best_dense[chunk.document_id],
            best_lexical[chunk.document_id] / top_lexical,
            documents.get(document_key(chunk.document_id), 0.0) / top_document,
            1 / (1 + places.get(document_key(chunk.document_id), 99)),
            log1p(owner.chunk_count),
            asks_figure * has_figure,
            asks_figure,
        )
    return rows


def _document_prior(matrix: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return what the place of its document adds to each candidate; nothing for a lone clause."""
    of_several = matrix[:, FEATURES.index("document_clauses")] > log1p(1)
    place = matrix[:, FEATURES.index("document_reciprocal_rank")]
    return np.asarray(DOCUMENT_PRIOR * of_several * place, dtype=np.float64)


def _sides(candidates: Sequence[Candidate]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return dense and lexical scores; a side that did not find a chunk would score it lower."""
    dense = np.array([np.nan if c.dense is None else c.dense for c in candidates])
    lexical = np.array([np.nan if c.lexical is None else c.lexical for c in candidates])
    return _filled(dense, 0.0), _filled(lexical, 0.0)


def _filled(scores: NDArray[np.float64], floor: float) -> NDArray[np.float64]:
    known = scores[~np.isnan(scores)]
    worst = float(known.min()) if known.size else floor
    return np.where(np.isnan(scores), worst * 0.95, scores)


def _deviation(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many standard deviations each score lies above the mean."""
    spread = float(scores.std())
    return (scores - scores.mean()) / spread if spread else np.zeros_like(scores)


def _scaled(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else np.zeros_like(scores)


def term_weights(query: str, frequency: Callable[[str], int], population: int) -> dict[str, float]:
    """Return the words of a question that carry its subject, with the rarity of each."""
    return {
        term: rarity(frequency(term), population)
        for term in dict.fromkeys(words(without_asking(expand(query))))
        if len(term) > 1 or term.isdigit()
    }


def rarity(frequency: int, population: int) -> float:
    """Return the weight of a term (the inverse document frequency of BM25)."""
    return log(1 + (population - frequency + 0.5) / (frequency + 0.5)) if population else 1.0


def _longest_run(hits: Sequence[bool]) -> int:
    longest = run = 0
    for hit in hits:
        run = run + 1 if hit else 0
        longest = max(longest, run)
    return longest
