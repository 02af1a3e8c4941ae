"""How far the words of a question stand in a text, as they are or by meaning (犬只 for 养狗)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.embedding import Embedder
from corpus.ranking import Term
from corpus.tokens import bigrams, normalise, words

_LONGEST = 600  # characters of a text that are compared word by word


@dataclass(frozen=True, slots=True)
class TermMatches:
    """How well each word of a question is met by each of some texts.

    `nearness` has shape (words, texts): 1 where the word stands there, else the cosine of the
    nearest word; `weights` has shape (words,): the rarity of each word, summing to 1.
    """

    nearness: NDArray[np.float64]
    weights: NDArray[np.float64]

    def coverage(self) -> NDArray[np.float64]:
        """Return, for each text, the mean nearness of the words by their rarity."""
        return np.asarray(self.weights @ self.nearness, dtype=np.float64)

    def rarest(self) -> NDArray[np.float64]:
        """Return, for each text, the nearness of the rarest word."""
        return np.asarray(self.nearness[int(self.weights.argmax())], dtype=np.float64)

    def weakest(self) -> NDArray[np.float64]:
        """Return, for each text, the nearness of the worst met word among the rarer ones."""
        rare = self.weights >= 0.5 * self.weights.max()
        return np.asarray(self.nearness[rare].min(axis=0), dtype=np.float64)


def match_terms(
    weights: Mapping[Term, float], texts: Sequence[str], embedder: Embedder
) -> TermMatches | None:
    """Compare the terms of a question (term → rarity) with texts; None where there is nothing."""
    if not weights or not texts or not sum(weights.values()):
        return None
    terms = list(weights)
    forms = list(dict.fromkeys(form for term in terms for form in term))
    of_text = [dict.fromkeys((*words(t[:_LONGEST]), *bigrams(t[:_LONGEST]))) for t in texts]
    vocabulary = {word: place for place, word in enumerate(dict.fromkeys((*forms, *_all(of_text))))}
    vectors = embedder.embed_matrix(list(vocabulary))
    cosines = vectors[: len(forms)] @ vectors.T
    of_term = [[vocabulary[form] for form in term] for term in terms]
    nearness = np.zeros((len(terms), len(texts)))
    for place, (text, tokens) in enumerate(zip(texts, of_text, strict=True)):
        plain = normalise(text)
        columns = [vocabulary[token] for token in tokens]
        nearest = cosines[:, columns].max(axis=1) if columns else np.zeros(len(forms))
        of_terms = np.array([nearest[rows].max() for rows in of_term])
        stands = np.array([any(form in plain for form in term) for term in terms])
        nearness[:, place] = np.where(stands, 1.0, np.clip(of_terms, 0.0, 1.0))
    rarity = np.array(list(weights.values()), dtype=np.float64)
    return TermMatches(nearness, rarity / rarity.sum())


def _all(tokens: Sequence[Mapping[str, None]]) -> list[str]:
    return [token for of_text in tokens for token in of_text]
