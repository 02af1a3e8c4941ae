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
from corpus.everyday import everyday_words, expand
from corpus.index import Candidate
from corpus.lexical import document_key
from corpus.tokens import bigrams, without_asking, words

MODELS = Path(__file__).parent / "models" / "ranker"
MODEL_FILE = "lambdamart.txt"
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
    "work_support",
    "work_best_other",
    "beyond_head_share",
    "beyond_head_coverage",
)
LOOKED_AT = 40  # candidates that are looked at with their text, unless more are asked for
DENSE_SHARE = 0.5  # of the plain fusion that picks them
# What being the best whole document adds to the ranker's score, less for each lower place. The
# training pools have few long documents of one subject, so the ranker trusts this too little
# (eval/LOG.md: policy documents R@1 .82 → .845, the other sets unchanged).
DOCUMENT_PRIOR = 0.8
ASKS_FIGURE = re.compile(
    r"多少|几[个天年月日岁次种类]|多久|多长|多大|何时|什么时候|时间|期限|金额|标准|比例|[几哪]月"
)
_ARTICLE = re.compile(r"第[一二三四五六七八九十百千零〇\d]+条(?:之[一二三四五六七八九十]+)?$")
FIGURE = re.compile(r"\d|[一二三四五六七八九十百千万亿]+(?:日|天|年|个月|元|倍|周岁|%|工作日)")


Term = tuple[str, ...]  # the forms of one thing that a question names: any of them is a hit


@dataclass(frozen=True, slots=True)
class ScoredChunk:
    """A chunk with its relevance (higher is better; a log-odds-like number without unit).

    `evidence` holds the values of FEATURES that the score rests on.
    """

    chunk: Chunk
    score: float
    evidence: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """What all candidates of a question score together, however few are looked at with their text.

    Arrays of shape (number of candidates,): both sides, with a worst score filled in where a side
    did not find a chunk, their plain mix, and the place of each candidate in it (0 = best).
    """

    candidates: Sequence[Candidate]
    dense: NDArray[np.float64]
    lexical: NDArray[np.float64]
    fused: NDArray[np.float64]
    places: NDArray[np.intp]

    def best(self, depth: int) -> list[int]:
        """Return the indices of the best candidates in the plain mix, best first."""
        return [int(i) for i in np.argsort(self.places, kind="stable")[:depth]]


def gather(candidates: Sequence[Candidate]) -> Pool:
    """Return the candidates of a question with their plain mix: both sides scaled to [0, 1]."""
    dense, lexical = _sides(candidates)
    fused = DENSE_SHARE * _scaled(dense) + (1 - DENSE_SHARE) * _scaled(lexical)
    places = np.empty(len(candidates), dtype=np.intp)
    places[np.argsort(-fused, kind="stable")] = np.arange(len(candidates))
    return Pool(candidates, dense, lexical, fused, places)


class Ranker:
    """A trained LambdaMART model, loaded when first used."""

    def __init__(self, folder: Path = MODELS) -> None:
        """Name the folder that holds the model."""
        self.path = folder / MODEL_FILE

    @cached_property
    def _booster(self) -> lightgbm.Booster:
        try:
            # Read here and handed over as text: LightGBM's own reader cannot open every path.
            text = self.path.read_text("utf-8")
        except OSError as error:
            raise StorageError(
                f"排序模型 {str(self.path)!r} 读不出（{error.strerror}）；请重新安装本程序"
            ) from error
        return lightgbm.Booster(model_str=text)

    def score(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return one score for each row of features, shape (n, len(FEATURES))."""
        # One thread: for a few dozen rows, waking a second costs more than it saves.
        return np.asarray(self._booster.predict(features, num_threads=1), dtype=np.float64)


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
    pool = gather(candidates)
    looked_at = pool.best(depth)
    chunks, owners = fetch([candidates[i].chunk_id for i in looked_at])
    known = [
        (i, chunk)
        for i in looked_at
        if (chunk := chunks.get(candidates[i].chunk_id)) and chunk.document_id in owners
    ]
    if not known:
        return []
    found = [chunk for _, chunk in known]
    matrix = features(
        query,
        pool,
        [i for i, _ in known],
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
            evidence=tuple(matrix[i].tolist()),
        )
        for i in np.argsort(-scores, kind="stable")
    ]


def features(
    query: str,
    pool: Pool,
    looked_at: Sequence[int],
    chunks: Sequence[Chunk],
    owners: Sequence[Document],
    documents: Mapping[str, float],
    *,
    frequency: Callable[[str], int],
    population: int,
) -> NDArray[np.float32]:
    """Return what the ranker looks at, float32 of shape (len(looked_at), len(FEATURES)).

    `looked_at` are places in the pool, `chunks` and `owners` their clauses and documents.
    """
    chosen = np.asarray(looked_at, dtype=np.intp)
    dense, lexical, fused = pool.dense[chosen], pool.lexical[chosen], pool.fused[chosen]
    top_dense, top_lexical = float(pool.dense.max()), float(pool.lexical.max()) or 1.0
    top_document = max(documents.values(), default=0.0) or 1.0
    document_places = {key: place for place, key in enumerate(documents)}
    pairs = list(dict.fromkeys(bigrams(without_asking(expand(query)))))
    count = max(len(pairs), 1)
    weights = term_weights(query, frequency, population)
    total = sum(weights.values()) or 1.0
    asks_figure = float(bool(ASKS_FIGURE.search(query)))
    support = Counter(chunk.document_id for chunk in chunks)
    best_dense: dict[str, float] = {}
    best_lexical: dict[str, float] = {}
    for chunk, d, w in zip(chunks, dense, lexical, strict=True):
        best_dense[chunk.document_id] = max(best_dense.get(chunk.document_id, -1.0), float(d))
        best_lexical[chunk.document_id] = max(best_lexical.get(chunk.document_id, 0.0), float(w))
    work_support, work_best_other = _of_work(owners, fused, pool.places[chosen])
    dense_deviation = _deviation(pool.dense)[chosen]
    lexical_deviation = _deviation(pool.lexical)[chosen]
    agreement = sum(
        1
        for candidate in pool.candidates
        if (candidate.dense_rank is not None and candidate.dense_rank < 10)
        and (candidate.lexical_rank is not None and candidate.lexical_rank < 10)
    )
    rows = np.empty((len(chosen), len(FEATURES)), dtype=np.float32)
    for i, (place, chunk, owner) in enumerate(zip(chosen, chunks, owners, strict=True)):
        candidate = pool.candidates[place]
        text = chunk.text.lower()
        head = f"{owner.metadata.title} {' '.join(chunk.heading_path)}".lower()
        covered = headed = either = beyond = 0.0
        for term, value in weights.items():
            in_text = any(form in text for form in term)
            in_head = any(form in head for form in term)
            covered += value * in_text
            headed += value * in_head
            either += value * (in_text or in_head)
            beyond += value * (in_text and not in_head)
        paired = [pair in text for pair in pairs]
        key = document_key(chunk.document_id)
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
            documents.get(key, 0.0) / top_document,
            1 / (1 + document_places.get(key, 99)),
            log1p(owner.chunk_count),
            asks_figure * bool(FIGURE.search(text)),
            asks_figure,
            work_support[i],
            work_best_other[i],
            # All clauses of a document share what its title names: what tells them apart is the
            # rest of the question.
            (total - headed) / total,
            beyond / max(total - headed, 0.05 * total),
        )
    return rows


def _of_work(
    owners: Sequence[Document], fused: NDArray[np.float64], places: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how well the other clauses of each candidate's work were found: all, and the best.

    A work is a law or a document, also where its articles are kept as documents of their own
    (中华人民共和国民法典第五十四条): where several clauses of one work answer to a question, it is
    the work that rules the matter.
    """
    works = [_ARTICLE.sub("", owner.metadata.title) or owner.id for owner in owners]
    worth = 1 / (5 + places)
    members: dict[str, list[int]] = {}
    for i, work in enumerate(works):
        members.setdefault(work, []).append(i)
    support, best_other = np.zeros(len(works)), np.zeros(len(works))
    for of_work in members.values():
        if len(of_work) == 1:
            continue
        indices = np.asarray(of_work)
        support[indices] = worth[indices].sum() - worth[indices]
        best, second = np.sort(fused[indices])[::-1][:2]
        best_other[indices] = np.where(fused[indices] == best, second, best)
    return support, best_other


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


def term_weights(query: str, frequency: Callable[[str], int], population: int) -> dict[Term, float]:
    """Return the terms of a question that carry its subject, with the rarity of each.

    An everyday word and the document words for it are one term: a clause on 犬只 is a clause on 狗,
    and a term is as rare as the most frequent of its forms.
    """
    everyday = everyday_words(query)
    left = query
    for word in everyday:
        left = left.replace(word, " ")
    terms: list[Term] = [(word, *formal) for word, formal in everyday.items()]
    terms += [(w,) for w in words(without_asking(left)) if len(w) > 1 or w.isdigit()]
    return {
        term: min(rarity(_frequency_of(form, frequency), population) for form in term)
        for term in dict.fromkeys(terms)
    }


def _frequency_of(form: str, frequency: Callable[[str], int]) -> int:
    """Return in about how many chunks a form stands: as often as the rarest of its words."""
    return min((frequency(word) for word in words(form)), default=0)


def rarity(frequency: int, population: int) -> float:
    """Return the weight of a term (the inverse document frequency of BM25)."""
    return log(1 + (population - frequency + 0.5) / (frequency + 0.5)) if population else 1.0


def _longest_run(hits: Sequence[bool]) -> int:
    longest = run = 0
    for hit in hits:
        run = run + 1 if hit else 0
        longest = max(longest, run)
    return longest
