"""A small pretrained transformer that looks at the best clauses: how near each, and each part, is.

The index compares bags of words; this model knows each word among its neighbours, and so tells a
clause that answers from one that shares its words. It is slow beside a search (some milliseconds a
clause), so only the best few candidates are looked at. Made by
`corpus.training.train_sentence_encoder`.
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.errors import StorageError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

MODEL = Path(__file__).parent / "models" / "sentence-encoder"
WEIGHTS_FILE, TOKENIZER_FILE = "model.onnx", "tokenizer.json"
START, PAD, END = 0, 1, 2  # piece numbers
# As the encoder was pretrained: what is asked, and what is told.
QUESTION_PREFIX, CLAUSE_PREFIX = "query: ", "passage: "
QUESTION_PIECES, HEAD_PIECES, TEXT_PIECES = 60, 40, 200  # taken of each; the rest is cut off
CORES = max(1, min(4, len(os.sched_getaffinity(0))))
KEPT = 400  # clauses whose vectors are kept for the next question: about 80 MB

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A head and a text as piece numbers; where the text begins, and its characters.

    `spans` holds (start, end) in the text for each of its pieces.
    """

    ids: list[int]
    text_at: int
    spans: list[tuple[int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """How near a clause is to a question, as a whole and in parts.

    What is near is told two ways, and the mean of both counts: the cosine of question and clause, each
    the mean of its pieces; and how well the pieces of the question are met, for each the cosine of the
    nearest piece of the clause, weighted by how much the piece asks (late interaction, Khattab and
    Zaharia 2020). A word that nothing in the clause speaks of tells against it, however near the whole.

    Attributes:
        relevance: How near the clause is, -1 to 1.
        asked: The vector of the question, of length one; float32 of shape (dimension,).
        weights: How much each piece of the question asks; float32 of shape (its pieces,), sum one.
        told: The vectors of the pieces of the text, shape (pieces, dimension).
        cosines: Of the pieces of the question and those of the text, shape (its pieces, pieces).
        spans: Where these pieces stand in the text (start, end); what was cut off has none.
    """

    relevance: float
    asked: Vectors
    weights: Vectors
    told: Vectors
    cosines: Vectors
    spans: Sequence[tuple[int, int]]

    def of_part(self, start: int, end: int) -> float | None:
        """Return how near a part of the text is, -1 to 1; None where none of it was read."""
        first = bisect_right(self.spans, start, key=lambda span: span[1])
        last = bisect_left(self.spans, end, key=lambda span: span[0])
        if first >= last:
            return None
        return _near(self.told[first:last], self.cosines[:, first:last], self.asked, self.weights)


def encode_question(tokenizer: Tokenizer, question: str) -> list[int]:
    """Return the pieces of a question as the model takes them."""
    prefix, asked = (
        tokenizer.encode(part, add_special_tokens=False).ids for part in (QUESTION_PREFIX, question)
    )
    return [START, *prefix, *asked[:QUESTION_PIECES], END]


def question_at(tokenizer: Tokenizer) -> int:
    """Return at which piece of an encoded question the question itself begins."""
    return 1 + len(tokenizer.encode(QUESTION_PREFIX, add_special_tokens=False).ids)


def encode_clause(tokenizer: Tokenizer, head: str, text: str) -> Encoded:
    """Return the pieces of a clause below what stands above it."""
    prefix, named, told = (
        tokenizer.encode(part, add_special_tokens=False) for part in (CLAUSE_PREFIX, head, text)
    )
    before = [START, *prefix.ids, *named.ids[:HEAD_PIECES]]
    return Encoded(
        [*before, *told.ids[:TEXT_PIECES], END], len(before), list(told.offsets[:TEXT_PIECES])
    )


@dataclass(frozen=True, slots=True)
class _Vectors:
    """What the model tells of the pieces of a text.

    Attributes:
        of_whole: Their mean is the vector of the text; float32 of shape (pieces, dimension).
        matched: What pieces are compared by, each of length one; float16 of the same shape.
        weights: How much each asks, as logits; float32 of shape (pieces,).
    """

    of_whole: Vectors
    matched: NDArray[np.float16]
    weights: Vectors


class SentenceEncoder:
    """The trained model, loaded when first used; may be used from several threads."""

    def __init__(self, folder: Path = MODEL) -> None:
        """Name the folder that holds weights and pieces."""
        self._folder = folder
        self._opened: tuple[Tokenizer, InferenceSession] | None = None
        self._lock = threading.Lock()
        # One clause a thread: half the time of one clause after the other on all threads.
        self._workers = ThreadPoolExecutor(CORES, thread_name_prefix="sentence-encoder")
        self._kept: OrderedDict[tuple[str, str], tuple[Encoded, _Vectors]] = OrderedDict()

    def read(self, question: str, clauses: Sequence[tuple[str, str]]) -> list[Reading]:
        """Return how near each clause, given as (head, text), is to a question.

        Raises:
            StorageError: The model is missing.
        """
        if not clauses:
            return []
        tokenizer, session = self._open()
        of_question = self._workers.submit(
            self._vectors, session, encode_question(tokenizer, question)
        )
        # All at hand before the first product: threads of the linear algebra would be in their way.
        found = list(self._workers.map(lambda clause: self._clause(*clause), clauses))
        question_vectors, at = of_question.result(), question_at(tokenizer)
        asked = question_vectors.of_whole.mean(axis=0)
        asked /= np.linalg.norm(asked)
        weights = np.exp(question_vectors.weights[at:-1])
        weights /= weights.sum()
        matched = question_vectors.matched[at:-1].astype(np.float32)
        readings = []
        for encoded, vectors in found:
            cosines = matched @ vectors.matched.T.astype(np.float32)
            text = slice(encoded.text_at, encoded.text_at + len(encoded.spans))
            readings.append(
                Reading(
                    _near(vectors.of_whole, cosines[:, 1:-1], asked, weights),
                    asked,
                    weights,
                    vectors.of_whole[text],
                    cosines[:, text],
                    encoded.spans,
                )
            )
        return readings

    def _clause(self, head: str, text: str) -> tuple[Encoded, _Vectors]:
        """Return a clause with its vectors; those of the last questions are kept."""
        with self._lock:
            kept = self._kept.get((head, text))
            if kept:
                self._kept.move_to_end((head, text))
                return kept
        tokenizer, session = self._open()
        encoded = encode_clause(tokenizer, head, text)
        found = encoded, self._vectors(session, encoded.ids)
        with self._lock:
            self._kept[head, text] = found
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    @staticmethod
    def _vectors(session: InferenceSession, ids: list[int]) -> _Vectors:
        of_whole, matched, weights = session.run(None, {"ids": np.array([ids])})
        return _Vectors(of_whole[0], matched[0].astype(np.float16), weights[0])

    def _open(self) -> tuple[Tokenizer, InferenceSession]:
        with self._lock:
            if self._opened is None:
                self._opened = _load(self._folder)
            return self._opened


def _load(folder: Path) -> tuple[Tokenizer, InferenceSession]:
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    try:
        tokenizer = Tokenizer.from_str((folder / TOKENIZER_FILE).read_text("utf-8"))
        session = onnxruntime.InferenceSession(
            (folder / WEIGHTS_FILE).read_bytes(), options, providers=["CPUExecutionProvider"]
        )
    except OSError as error:
        raise StorageError(
            f"句子编码模型 {str(folder)!r} 读不出（{error.strerror}）；请重新安装本程序"
        ) from error
    return tokenizer, session


def _near(told: Vectors, cosines: Vectors, asked: Vectors, weights: Vectors) -> float:
    """Return how near pieces are to a question, as `Reading` has it."""
    whole = told.mean(axis=0)
    cosine = float(whole @ asked / np.linalg.norm(whole))
    met = float(weights @ cosines.max(axis=1)) if cosines.size else cosine
    return (cosine + met) / 2
