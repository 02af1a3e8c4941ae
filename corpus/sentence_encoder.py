"""A small pretrained transformer that looks at the best clauses: how near each, and each part, is.

The index compares bags of words; this model knows each word among its neighbours, and so tells a
clause that answers from one that shares its words. It is slow beside a search (some milliseconds a
clause), so only the best few candidates are looked at. Made by
`corpus.training.train_sentence_encoder`.
"""

from __future__ import annotations

import os
import threading
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
KEPT = 400  # clauses whose vectors are kept for the next question: about 50 MB

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """How near a clause is to a question.

    Attributes:
        relevance: The cosine of clause and question.
        answer: For each character of the text, how far it speaks for the question: its share of
            the cosine of the text, float32 of shape (len(text),). The mean over a sentence is about
            the cosine of that sentence. What was cut off has the least value found.
    """

    relevance: float
    answer: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A head and a text as piece numbers; where the text begins, and its characters.

    `spans` holds (start, end) in the text for each of its pieces.
    """

    ids: list[int]
    text_at: int
    spans: list[tuple[int, int]]


def encode_question(tokenizer: Tokenizer, question: str) -> list[int]:
    """Return the pieces of a question as the model takes them."""
    prefix, asked = (
        tokenizer.encode(part, add_special_tokens=False).ids for part in (QUESTION_PREFIX, question)
    )
    return [START, *prefix, *asked[:QUESTION_PIECES], END]


def encode_clause(tokenizer: Tokenizer, head: str, text: str) -> Encoded:
    """Return the pieces of a clause below what stands above it."""
    prefix, named, told = (
        tokenizer.encode(part, add_special_tokens=False) for part in (CLAUSE_PREFIX, head, text)
    )
    before = [START, *prefix.ids, *named.ids[:HEAD_PIECES]]
    return Encoded(
        [*before, *told.ids[:TEXT_PIECES], END], len(before), list(told.offsets[:TEXT_PIECES])
    )


class SentenceEncoder:
    """The trained model, loaded when first used; may be used from several threads."""

    def __init__(self, folder: Path = MODEL) -> None:
        """Name the folder that holds weights and pieces."""
        self._folder = folder
        self._opened: tuple[Tokenizer, InferenceSession] | None = None
        self._lock = threading.Lock()
        # One clause a thread: half the time of one clause after the other on all threads.
        self._workers = ThreadPoolExecutor(CORES, thread_name_prefix="sentence-encoder")
        self._kept: OrderedDict[tuple[str, str], tuple[Encoded, Vectors]] = OrderedDict()

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
        found = self._workers.map(lambda clause: self._clause(*clause), clauses)
        asked = of_question.result().mean(axis=0)
        asked /= np.linalg.norm(asked)
        readings = []
        for (_, text), (encoded, vectors) in zip(clauses, found, strict=True):
            whole = vectors.mean(axis=0)
            told = vectors[encoded.text_at : encoded.text_at + len(encoded.spans)]
            readings.append(
                Reading(
                    float(whole @ asked / np.linalg.norm(whole)),
                    _by_character(encoded, told, asked, len(text)),
                )
            )
        return readings

    def _clause(self, head: str, text: str) -> tuple[Encoded, Vectors]:
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
    def _vectors(session: InferenceSession, ids: list[int]) -> Vectors:
        (vectors,) = session.run(None, {"ids": np.array([ids])})
        return np.asarray(vectors[0], dtype=np.float32)

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


def _by_character(
    encoded: Encoded, told: Vectors, asked: Vectors, length: int
) -> NDArray[np.float32]:
    """Return the share of each character in the cosine of the text and the question."""
    if not len(told):
        return np.zeros(length, dtype=np.float32)
    of_piece = told @ asked / np.linalg.norm(told.mean(axis=0))
    shares = np.full(length, of_piece.min(), dtype=np.float32)
    for (start, end), share in zip(encoded.spans, of_piece, strict=True):
        shares[start:end] = share
    return shares
