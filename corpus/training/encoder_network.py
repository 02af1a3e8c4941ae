"""The transformer of the sentence encoder, as it is trained; its weights begin as the pretrained ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from corpus.training.pretrained_encoder import PretrainedEncoder

LAYERS = 12


class Layer(nn.Module):  # type: ignore[misc]
    """A transformer layer with the norms after the sums, as in BERT."""

    def __init__(self, dimension: int, heads: int, inner: int) -> None:
        """Make the parts; their weights are loaded or learned."""
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.ao = (nn.Linear(dimension, dimension) for _ in range(4))
        self.fi, self.fo = nn.Linear(dimension, inner), nn.Linear(inner, dimension)
        self.aln, self.oln = nn.LayerNorm(dimension, 1e-12), nn.LayerNorm(dimension, 1e-12)

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Return x, float32 of shape (rows, pieces, dimension), one layer further."""
        rows, length, dimension = x.shape
        q, k, v = (
            part(x).view(rows, length, self.heads, dimension // self.heads).transpose(1, 2)
            for part in (self.q, self.k, self.v)
        )
        # Written out: on a CPU half as fast again as torch's own, which saves memory instead.
        scores = q @ k.transpose(-1, -2) * (dimension // self.heads) ** -0.5
        seen = torch.softmax(scores if mask is None else scores + mask, -1).to(v.dtype) @ v
        x = self.aln(x + self.ao(seen.transpose(1, 2).reshape(rows, length, dimension)))
        return self.oln(x + self.fo(functional.gelu(self.fi(x))))


class Network(nn.Module):  # type: ignore[misc]
    """Pieces → a vector for each, which knows the pieces around it."""

    def __init__(self, encoder: PretrainedEncoder, pieces: Sequence[int]) -> None:
        """Take over embeddings and layers of an encoder."""
        super().__init__()
        size = encoder.dimension
        self.word = nn.Embedding(len(pieces), size)
        self.pos = nn.Embedding(encoder.positions, size)
        self.ln = nn.LayerNorm(size, 1e-12)
        self.layers = nn.ModuleList(
            Layer(size, encoder.heads, encoder.inner) for _ in range(LAYERS)
        )
        self._take_over(encoder, pieces)
        # By what pieces are compared one by one, and how much each asks: at first by what they are, and
        # all the same.
        self.matching = nn.Linear(size, size, bias=False)
        self.asking = nn.Linear(size, 1)
        with torch.no_grad():
            self.matching.weight.copy_(torch.eye(size))
            self.asking.weight.zero_()
            self.asking.bias.zero_()

    def _take_over(self, encoder: PretrainedEncoder, pieces: Sequence[int]) -> None:
        def put(parameter: torch.Tensor, name: str) -> None:
            values = np.array(encoder.tensors[name])
            with torch.no_grad():
                parameter.copy_(torch.from_numpy(values).view(parameter.shape))

        words = encoder.tensors["emb.word"].reshape(-1, encoder.dimension)[list(pieces)]
        kind = encoder.tensors["emb.type"].reshape(-1, encoder.dimension)[0]
        with torch.no_grad():
            self.word.weight.copy_(torch.from_numpy(words + kind))
        put(self.pos.weight, "emb.pos")
        put(self.ln.weight, "emb.ln.w")
        put(self.ln.bias, "emb.ln.b")
        for number, layer in enumerate(self.layers):
            for name, part in layer.named_children():
                put(part.weight, f"l{number}.{name}.w")
                put(part.bias, f"l{number}.{name}.b")

    def forward(self, ids: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return vectors of shape (rows, pieces, dimension) for ids of shape (rows, pieces)."""
        x = self.ln(self.word(ids) + self.pos(torch.arange(ids.shape[1])))
        for layer in self.layers:
            x = layer(x, mask)
        return x

    def matched(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return what pieces are compared by, each of length one, for vectors of any shape."""
        return functional.normalize(self.matching(vectors), dim=-1)

    def weights(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return how much each piece asks, as logits, for vectors (…, dimension)."""
        asked: torch.Tensor = self.asking(vectors)
        return asked.squeeze(-1)


class Exported(nn.Module):  # type: ignore[misc]
    """All that is told of pieces at once, as `corpus.sentence_encoder` reads it."""

    def __init__(self, network: Network) -> None:
        """Take the network as it is."""
        super().__init__()
        self.network = network

    def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return vectors, what they are compared by, and how much each asks."""
        vectors = self.network(ids)
        return vectors, self.network.matched(vectors), self.network.weights(vectors)
