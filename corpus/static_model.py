"""The embedded dense model: a text's vector is the sum of the vectors of its words and bigrams.

A model is a table of 8-bit rows, so encoding is a dictionary look-up and a small product: fast on
one core, no framework, the same bits in every batch. `corpus.training` makes the file.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.errors import EmbeddingError
from corpus.tokens import bigrams, normalise, words

Matrix = npt.NDArray[np.float32]

FORMAT = 1
_BATCH = 1024  # texts counted at once; bounds the scratch memory of one call
_SHORTEST = 1e-6  # a sum shorter than this holds no known feature, or they cancel out


def features(text: str) -> list[str]:
    """Return the features of a text: its words and its bigrams.

    A word of two characters is also a bigram and so counts twice; keeping them apart as two
    features costs half of the vocabulary and was measured to be worse.
    """
    return words(text) + bigrams(text)


def bags(
    texts: Sequence[str], vocabulary: dict[str, int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Matrix]:
    """Count the known features of texts.

    Returns:
        The start of each text in what follows (with the end as last item), the feature numbers in
        ascending order within a text, and their weights 1 + ln(count): a feature said ten times
        matters more than one said once, but not ten times more.
    """
    size = max(len(vocabulary), 1)
    found: list[int] = []
    ends = [0]
    for text in texts:
        found.extend(n for n in map(vocabulary.get, features(text)) if n is not None)
        ends.append(len(found))
    rows = np.repeat(np.arange(len(texts), dtype=np.int64), np.diff(ends))
    keys, counts = np.unique(rows * size + np.asarray(found, dtype=np.int64), return_counts=True)
    starts = np.searchsorted(keys, np.arange(len(texts) + 1, dtype=np.int64) * size)
    return starts.astype(np.int64), keys % size, (1 + np.log(counts)).astype(np.float32)


@dataclass(frozen=True)
class StaticModel:
    """A vocabulary and its vectors.

    `rows` is int8 (features × dimension); the vector of feature n is `rows[n] * scales[n]`, with
    the weight of the feature in it.
    """

    name: str
    vocabulary: tuple[str, ...]
    rows: npt.NDArray[np.int8]
    scales: Matrix

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self.rows.shape[1])

    @cached_property
    def content_digest(self) -> str:
        """The sha256 of the table and the vocabulary, which a model card can name."""
        state = hashlib.sha256("\n".join(self.vocabulary).encode())
        state.update(self.rows.tobytes())
        state.update(self.scales.astype("<f4").tobytes())
        return state.hexdigest()

    @cached_property
    def digest(self) -> str:
        """The sha256 of all that decides a vector: the content and how text is cut into words."""
        parts = f"static {FORMAT}\0rjieba {version('rjieba')}\0{self.content_digest}"
        return hashlib.sha256(parts.encode()).hexdigest()

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {feature: n for n, feature in enumerate(self.vocabulary)}

    def weight(self, word: str) -> float:
        """Return how much a word weighs in a text's vector (its length); 0 for an unknown word.

        Training made words that name a matter long (护照 14) and words that only bind short
        (现在 4).
        """
        number = self._numbers.get(word)
        if number is None:
            return 0.0
        return float(np.linalg.norm(self.rows[number].astype(np.float32)) * self.scales[number])

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of texts, one unit-length row each.

        A text without a known feature gets a vector drawn from its digest: defined, the same each
        time, near to nothing.
        """
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            vectors[start : start + _BATCH] = self._encode_batch(texts[start : start + _BATCH])
        return vectors

    def _encode_batch(self, texts: Sequence[str]) -> Matrix:
        starts, numbers, weights = bags(texts, self._numbers)
        weights = weights * self.scales[numbers]
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        # One product a text, never one for the batch: a text must get the same bits in any batch.
        for n, text in enumerate(texts):
            inside = slice(starts[n], starts[n + 1])
            vector = weights[inside] @ self.rows[numbers[inside]].astype(np.float32)
            length = np.sqrt(np.square(vector).sum())
            known = length > _SHORTEST
            vectors[n] = vector / length if known else _from_digest(text, self.dimension)
        return vectors


def _from_digest(text: str, dimension: int) -> Matrix:
    drawn = hashlib.shake_256(normalise(text).encode()).digest(dimension)
    # Half-way between two byte values, so that no vector can be zero.
    vector = np.frombuffer(drawn, dtype=np.uint8).astype(np.float32) - np.float32(127.5)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def save_model(model: StaticModel, path: Path) -> None:
    """Write a model; the same model gives the same bytes wherever zlib is the same."""
    header = json.dumps({"format": FORMAT, "name": model.name}).encode()
    vocabulary = "\n".join(model.vocabulary).encode()
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            header=np.frombuffer(header, dtype=np.uint8),
            vocabulary=np.frombuffer(vocabulary, dtype=np.uint8),
            rows=model.rows,
            scales=model.scales,
        )


def load_model(path: Path) -> StaticModel:
    """Read a model file.

    Raises:
        EmbeddingError: The file is missing, damaged or of another format.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            header = json.loads(arrays["header"].tobytes())
            vocabulary = tuple(arrays["vocabulary"].tobytes().decode().split("\n"))
            rows, scales = arrays["rows"], arrays["scales"]
            name, layout = str(header["name"]), header["format"]
    except FileNotFoundError:
        raise EmbeddingError(f"找不到向量模型 {str(path)!r}；请重新安装本程序") from None
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise EmbeddingError(
            f"向量模型 {str(path)!r} 无法读取（{error}）；请重新安装本程序"
        ) from error
    if layout != FORMAT:
        raise EmbeddingError(
            f"向量模型 {str(path)!r} 的格式是 {layout!r}，本程序只能读格式 {FORMAT}；"
            "请换用与本程序同版本的模型"
        )
    fits = rows.ndim == 2 and len(rows) == len(vocabulary) and scales.shape == (len(rows),)
    if rows.dtype != np.int8 or scales.dtype != np.float32 or not fits:
        raise EmbeddingError(f"向量模型 {str(path)!r} 已损坏，各部分不相符；请重新安装本程序")
    return StaticModel(name=name, vocabulary=vocabulary, rows=rows, scales=scales)
