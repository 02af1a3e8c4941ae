"""How sure one may be that the passages found answer a question: a probability, learned."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import exp, log1p
from pathlib import Path

import lightgbm
import numpy as np

from assistant.retrieval import NAMED_BONUS, Passage
from assistant.sentences import nearness_of, sentence_scores, sentences_of
from assistant.term_matching import match_terms
from corpus.embedding import Embedder, StaticEmbeddings
from corpus.errors import StorageError
from corpus.ranking import FEATURES, Term, rarity

MODEL = Path(__file__).parent / "models" / "confidence.txt"
LOOKED_AT = 5  # passages that speak for an answer
# A word weighs this much in the embedded model if it names a matter (护照 13.4, 水价 13.7; 房子 8.6, 现在
# 4.2), and a word this near to it says the same thing otherwise (犬只 for 养狗: .38; strangers: .25).
NAMES_A_MATTER = 12.5
NEAR_ENOUGH = 0.3
UNHEARD_COST = 1.5  # in log-odds, where a matter was never heard of (eval/LOG.md)
_YEAR = re.compile(r"(?<![\d〔\[(（])((?:19|20)\d\d)年?(?![\d〕\])）月])")
# What a unit of the encoder's nearness adds to the log-odds, and the nearness that adds nothing. Read off
# three sets: more is better on questions about new laws and on the gold set, worse on policy-covid.
NEARNESS_WORTH, TYPICAL_NEARNESS = 24.0, 0.44
READ = 3  # of them, those whose words are compared with the question's
# What the ranker saw in the best passage, taken over as it is.
_OF_BEST = (
    "dense",
    "dense_deviation",
    "lexical_per_term",
    "lexical_deviation",
    "fused",
    "text_coverage",
    "all_coverage",
    "bigram_coverage",
    "longest_match",
    "agreement",
    "document_reciprocal_rank",
    "work_support",
    "text_length",
)
SIGNALS = (
    *_OF_BEST,
    "sentence",
    "score",
    "lead",
    "second",
    "best_dense",
    "best_dense_deviation",
    "best_coverage",
    "best_bigram_coverage",
    "terms",
    "nearness",
    "best_nearness",
    "rarest",
    "best_rarest",
    "weakest",
    "best_weakest",
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for passages that may answer.

    Attributes:
        log_odds: What the trees make of the signals of search.
        near: How near passages and sentences were seen to be (`nearness`).
        unheard: Whether the question names a matter that no document knows.
    """

    log_odds: float
    near: float | None
    unheard: bool


def confidence(
    question: str,
    passages: Sequence[Passage],
    weights: Mapping[Term, float],
    embedder: Embedder,
    population: int,
) -> float:
    """Return the probability (0 to 1) that one of the passages answers the question.

    Gradient-boosted trees over `signals`, trained by `python -m eval.fitting.confidence` on
    questions asked with and without the documents that answer them; their log-odds rise with how
    near the best passage was seen to be (`nearness`).

    Args:
        question: The question.
        passages: What was found, best first.
        weights: The rarity of each term of the question.
        embedder: The model whose index was searched.
        population: How many clauses may be seen.

    Raises:
        StorageError: The model is missing.
    """
    if not question or not passages:
        return 0.0
    if passages[0].score >= NAMED_BONUS / 2:
        return 1.0  # the document that the question names by its 文号 or title
    told = gather_evidence(question, passages, weights, embedder, population)
    return weigh(told) if told else 0.0


def gather_evidence(
    question: str,
    passages: Sequence[Passage],
    weights: Mapping[Term, float],
    embedder: Embedder,
    population: int,
) -> Evidence | None:
    """Return what the confidence rests on, for what `confidence` takes; None where nothing speaks."""
    found = signals(question, passages, weights, embedder)
    if not found:
        return None
    row = np.array([[found[name] for name in SIGNALS]])
    log_odds = float(np.asarray(_model().predict(row, num_threads=1, raw_score=True))[0])
    unheard = unheard_subjects(weights, passages, embedder, population)
    return Evidence(log_odds, nearness(passages), bool(unheard))


def weigh(
    told: Evidence, worth: float = NEARNESS_WORTH, unheard_cost: float = UNHEARD_COST
) -> float:
    """Return the probability that evidence comes to."""
    log_odds = told.log_odds
    if told.near is not None:
        log_odds += worth * (told.near - TYPICAL_NEARNESS)
    if told.unheard:
        log_odds -= unheard_cost
    return 1 / (1 + exp(-log_odds))


def nearness(passages: Sequence[Passage]) -> float | None:
    """Return how near the best passage and the nearest sentence are to the question, as their mean.

    None where no passage was looked at.
    """
    looked_at = [passage for passage in passages if passage.reading][:LOOKED_AT]
    if not looked_at:
        return None
    best = looked_at[0].reading
    told = [nearness_of(one, looked_at[one.place]) for one in sentences_of(looked_at)]
    of_sentences = [near for near in told if near is not None]
    assert best is not None
    return (best.relevance + max(of_sentences, default=best.relevance)) / 2


def asks_of_another_year(question: str, passages: Sequence[Passage], as_of: date) -> bool:
    """Say whether a question names a year that none of the best passages speaks of or rules.

    A rule speaks for every year from its first to the one asked about: 2028年居民医保交多少 is not
    answered by what holds for 2027.
    """
    years = {int(year) for year in _YEAR.findall(question)}
    for passage in passages[:LOOKED_AT]:
        metadata = passage.document.metadata
        days = [day for day in (metadata.effective, metadata.published, metadata.written) if day]
        first = min((day.year for day in days), default=as_of.year)
        head = metadata.title + passage.chunk.text
        years = {y for y in years if str(y) not in head and not first <= y <= as_of.year}
    return bool(years)


def unheard_subjects(
    weights: Mapping[Term, float],
    passages: Sequence[Passage],
    embedder: Embedder,
    population: int,
) -> list[str]:
    """Return the words of a question that name a matter of which no document says a word.

    殡仪馆火化怎么收费 over a corpus without funeral homes finds what others are charged: whatever the
    rest of the question matches, it is about something else. Only the embedded model knows which
    words name a matter; with another embedder none is returned.
    """
    if not isinstance(embedder, StaticEmbeddings):
        return []
    never = rarity(0, population) - 1e-9
    named: dict[Term, float] = {
        term: weight
        for term, weight in weights.items()
        if len(term) == 1 and weight >= never and embedder.weight(term[0]) >= NAMES_A_MATTER
    }
    matches = match_terms(named, [_with_head(passage) for passage in passages[:READ]], embedder)
    if matches is None:
        return []
    nearest = matches.nearness.max(axis=1)
    return [term[0] for term, near in zip(named, nearest, strict=True) if near < NEAR_ENOUGH]


def signals(
    question: str,
    passages: Sequence[Passage],
    weights: Mapping[Term, float],
    embedder: Embedder,
) -> dict[str, float]:
    """Return what the probability rests on, by the names of SIGNALS; empty where nothing speaks.

    `sentence` is the probability of the likeliest sentence; `lead` and `second` are how far the
    best score stands above the last and the second; `nearness`, `rarest` and `weakest` say how far
    the words of the question stand in the best passage, by themselves or by meaning; `best_…` is
    the highest among the first few.
    """
    first = [passage for passage in passages if passage.evidence][:LOOKED_AT]
    if not first:
        return {}
    rows = [dict(zip(FEATURES, passage.evidence, strict=True)) for passage in first]
    scores = [passage.score for passage in first]
    found = {name: rows[0][name] for name in _OF_BEST}
    sentences = sentences_of(first)
    told = sentence_scores(question, sentences, first, embedder, weights) if sentences else [0.0]
    found["sentence"] = float(max(told))
    found["score"] = scores[0]
    found["lead"] = scores[0] - scores[-1]
    found["second"] = scores[0] - scores[min(1, len(scores) - 1)]
    found["best_dense"] = max(row["dense"] for row in rows)
    found["best_dense_deviation"] = max(row["dense_deviation"] for row in rows)
    found["best_coverage"] = max(row["all_coverage"] for row in rows)
    found["best_bigram_coverage"] = max(row["bigram_coverage"] for row in rows)
    found["terms"] = log1p(len(weights))
    matches = match_terms(weights, [_with_head(passage) for passage in first[:READ]], embedder)
    for name, values in (
        ("nearness", matches.coverage() if matches else [0.0]),
        ("rarest", matches.rarest() if matches else [0.0]),
        ("weakest", matches.weakest() if matches else [0.0]),
    ):
        found[name] = float(values[0])
        found[f"best_{name}"] = float(max(values))
    return found


def _with_head(passage: Passage) -> str:
    chunk = passage.chunk
    return " ".join((passage.document.metadata.title, *chunk.heading_path, chunk.lead, chunk.text))


@cache
def _model() -> lightgbm.Booster:
    try:
        return lightgbm.Booster(model_str=MODEL.read_text("utf-8"))
    except OSError as error:
        raise StorageError(
            f"把握程度模型 {str(MODEL)!r} 读不出（{error.strerror}）；请重新安装本程序"
        ) from error
