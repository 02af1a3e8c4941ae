"""The training pairs: a question or title with a text that answers or continues it."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from corpus.errors import UsageError
from corpus.static_model import features

# Long positives (news, judgments) say what they are about in their first paragraph.
_TEXT_LIMIT = 512
FOLDS = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A text to search with, a text to be found by it, and the name of the data set."""

    query: str
    positive: str
    source: str


def fold_of(query: str) -> int:
    """Return the fold of a question, 0 to FOLDS - 1; the same text is always in the same one."""
    return zlib.crc32(query.encode()) % FOLDS


def read_pairs(
    path: Path, *, without: frozenset[str] = frozenset(), hold_out: int | None = None
) -> list[Pair]:
    """Read pairs from gzipped JSON lines, leaving some data sets or one fold of questions out.

    A ranker must be trained on questions that its embedder has not seen: `hold_out` leaves out
    the questions of one fold, from every data set.

    Raises:
        UsageError: The file is missing, is no such file, or a set to leave out is not in it.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        pairs = [Pair(row["query"], row["positive"], row["source"]) for row in rows]
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"{path} holds no training pairs: {error}") from error
    unknown = without - {pair.source for pair in pairs}
    if unknown:
        raise UsageError(f"{path} has no data set named {', '.join(sorted(unknown))}")
    return [
        pair
        for pair in pairs
        if pair.source not in without and (hold_out is None or fold_of(pair.query) != hold_out)
    ]


@dataclass(frozen=True, slots=True)
class Bags:
    """Counted features of texts: one row a text (weights 1 + ln count), one column a feature.

    `idf` is ln((texts + 1) / (texts with the feature + 1)).
    """

    vocabulary: tuple[str, ...]
    matrix: csr_matrix
    idf: np.ndarray[tuple[int], np.dtype[np.float32]]


def count_features(texts: Sequence[str], *, vocabulary_size: int) -> Bags:
    """Count the features of texts and keep the most frequent ones, ties in order of appearance."""
    numbers: dict[str, int] = {}
    found: list[np.ndarray[tuple[int], np.dtype[np.int32]]] = []
    for text in texts:
        seen = [numbers.setdefault(name, len(numbers)) for name in features(text[:_TEXT_LIMIT])]
        found.append(np.array(seen, dtype=np.int32))
    columns = np.concatenate(found)
    ends = np.cumsum([0, *map(len, found)])
    matrix = csr_matrix(
        (np.ones(len(columns), dtype=np.float32), columns, ends), shape=(len(texts), len(numbers))
    )
    matrix.sum_duplicates()
    frequency = np.bincount(matrix.indices, minlength=len(numbers))
    kept = np.argsort(-frequency, kind="stable")[:vocabulary_size]
    matrix = matrix[:, kept].tocsr()
    matrix.sort_indices()
    matrix.data = 1 + np.log(matrix.data)
    names = list(numbers)
    idf = np.log((len(texts) + 1) / (frequency[kept] + 1)).astype(np.float32)
    return Bags(tuple(names[n] for n in kept), matrix, idf)


def number_texts(pairs: Iterable[Pair], more: Iterable[str] = ()) -> dict[str, int]:
    """Number the distinct texts of pairs, then further texts, in order of appearance."""
    numbers: dict[str, int] = {}
    for pair in pairs:
        numbers.setdefault(pair.query, len(numbers))
        numbers.setdefault(pair.positive, len(numbers))
    for text in more:
        numbers.setdefault(text, len(numbers))
    return numbers
