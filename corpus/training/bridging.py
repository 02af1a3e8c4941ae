"""More pairs of the kind that is scarce: a lay question with the article that answers it.

A lawyer's answer says in legal words what the asker said in everyday ones, so the article nearest
to question and answer together is often right for the question alone. On questions whose articles
are known, the first one found so is right for one in two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_matrix

from corpus.training.pairs import Bags, Pair

BRIDGED = "bridged"

# Articles to take for a question of each answered set; replies to complaints are further from law.
_ARTICLES = {
    "lawyer_llama_advice": 2,
    "lawyer_llama_answer": 2,
    "lawbench_3-8": 2,
    "citizen_reply": 1,
}
_LAW_SETS = ("stard_train", "lawyer_llama_articles")
_SHORTEST_ARTICLE = 25  # characters; shorter ones are headings and formulas
_TERMS = 100  # the heaviest features of a question and its answer; 40 find less (.48 against .53)
_QUESTIONS = 256  # questions a block: bounds memory to 256 × articles × 8 bytes


def collect_articles(pairs: Sequence[Pair]) -> list[str]:
    """Return the distinct articles of law among the positives, with the name of their law."""
    articles: dict[str, None] = {}
    for pair in pairs:
        if pair.source == "title_law":
            articles.setdefault(pair.query.split(" ")[0] + pair.positive)
        elif pair.source in _LAW_SETS:
            articles.setdefault(pair.positive)
    return [article for article in articles if len(article) > _SHORTEST_ARTICLE]


def bridge(
    pairs: Sequence[Pair], articles: Sequence[str], bags: Bags, numbers: Mapping[str, int]
) -> list[Pair]:
    """Return pairs of a question and an article, found by BM25 through the question's answer.

    Args:
        pairs: All training pairs; the answered sets are taken from them.
        articles: The articles to choose from.
        bags: The features of all texts of the pairs and of the articles.
        numbers: The row of each text in `bags`.
    """
    weights, idf = _bm25_weights(bags.matrix[[numbers[article] for article in articles]])
    by_feature = weights.T.tocsr()
    asked = [pair for pair in pairs if pair.source in _ARTICLES]
    found: list[Pair] = []
    for start in range(0, len(asked), _QUESTIONS):
        block = asked[start : start + _QUESTIONS]
        terms = bags.matrix[[numbers[pair.query] for pair in block]]
        terms = terms + bags.matrix[[numbers[pair.positive] for pair in block]]
        scores = (_heaviest(terms, idf) @ by_feature).toarray()
        for pair, row in zip(block, scores, strict=True):
            best = np.argsort(-row, kind="stable")[: _ARTICLES[pair.source]]
            found += [Pair(pair.query, articles[n], BRIDGED) for n in best]
    return found


def _bm25_weights(
    articles: csr_matrix,
) -> tuple[csr_matrix, np.ndarray[tuple[int], np.dtype[np.float32]]]:
    """Return the BM25 weights (k1 1.2, b 0.75, the usual values) of articles, and the idf."""
    counts = np.exp(articles.data - 1)
    places = np.repeat(np.arange(articles.shape[0]), np.diff(articles.indptr))
    lengths = np.bincount(places, counts, minlength=articles.shape[0])
    having = np.bincount(articles.indices, minlength=articles.shape[1])
    idf = np.log(1 + (articles.shape[0] - having + 0.5) / (having + 0.5)).astype(np.float32)
    shares = lengths[places] / lengths.mean()
    weights = idf[articles.indices] * counts * 2.2 / (counts + 1.2 * (0.25 + 0.75 * shares))
    weighted = (weights.astype(np.float32), articles.indices, articles.indptr)
    return csr_matrix(weighted, shape=articles.shape), idf


def _heaviest(terms: csr_matrix, idf: np.ndarray[tuple[int], np.dtype[np.float32]]) -> csr_matrix:
    """Return the heaviest features of each row; the rest costs time and finds nothing."""
    kept = terms.copy()
    heaviness = terms.data * idf[terms.indices]
    for start, end in pairwise(terms.indptr):
        if end - start > _TERMS:
            light = start + np.argsort(-heaviness[start:end], kind="stable")[_TERMS:]
            kept.data[light] = 0
    kept.eliminate_zeros()
    return kept
