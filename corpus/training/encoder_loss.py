"""How near the clauses of a batch are told to be to its questions, and how wrong that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional

from corpus.sentence_encoder import PAD, encode_clause, encode_question
from corpus.training.encoder_network import Network
from corpus.training.reading_groups import Group

TEMPERATURE = 0.03
# How a cosine becomes a chance, as log-odds: a slope, and an intercept that is learned from there on.
SLOPE, INTERCEPT = 20.0, -11.0
SLOPE_OF_PIECE, INTERCEPT_OF_PIECE = 10.0, -5.5
CHANCES_COUNT, PARTS_COUNT = 0.5, 0.5  # what these losses are worth beside that of the order
SAME_LENGTH = 8  # rows that are filled up to the longest of them together


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its clauses as pieces, the right one first; none is right where `answered` is false.

    `answer` holds the places of the pieces of the right clause that are the answer, `other` those
    of the rest of its text; both are empty where the answer's place is not known.
    """

    question: list[int]
    clauses: list[list[int]]
    answer: list[int]
    other: list[int]
    answered: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """What a batch shows: cosines, and shares of them.

    Attributes:
        near: Cosines of each question to all clauses of the batch, shape (questions, clauses); the
            clauses stand group by group, right ones first.
        parts: Cosines of the answer and of the rest of its text, shape (k, 2), for the questions
            where both are known.
        shares: For each of these, the share of each piece in the cosine: answer, then the rest.
    """

    near: torch.Tensor
    parts: torch.Tensor
    shares: list[tuple[torch.Tensor, torch.Tensor]]


def as_pieces(group: Group, tokenizer: Tokenizer) -> Asked | None:
    """Return a group as pieces; None where there is nothing to compare."""
    if len(group.clauses) < 2:
        return None
    encoded = [encode_clause(tokenizer, clause.head, clause.text) for clause in group.clauses]
    answer: list[int] = []
    other: list[int] = []
    if group.clauses[0].answer:
        start, end = group.clauses[0].answer
        for place, (a, b) in enumerate(encoded[0].spans, encoded[0].text_at):
            (answer if a < end and b > start else other).append(place)
    if not answer or len(other) < len(answer):
        answer, other = [], []
    return Asked(
        encode_question(tokenizer, group.question),
        [e.ids for e in encoded],
        answer,
        other,
        group.clauses[0].right,
    )


def encode_rows(network: Network, rows: Sequence[list[int]]) -> list[torch.Tensor]:
    """Return the vectors of the pieces of each row, shape (its pieces, dimension)."""
    found: dict[int, torch.Tensor] = {}
    by_length = sorted(range(len(rows)), key=lambda n: len(rows[n]))
    for start in range(0, len(rows), SAME_LENGTH):
        places = by_length[start : start + SAME_LENGTH]
        ids = torch.full((len(places), len(rows[places[-1]])), PAD)
        for line, place in enumerate(places):
            ids[line, : len(rows[place])] = torch.tensor(rows[place])
        mask = torch.where(ids == PAD, -1e4, 0.0)[:, None, None, :]
        with torch.autocast("cpu", torch.bfloat16):
            vectors = network(ids, mask.bfloat16()).float()
        for line, place in enumerate(places):
            found[place] = vectors[line, : len(rows[place])]
    return [found[place] for place in range(len(rows))]


def compare(network: Network, batch: Sequence[Asked], at: int | None = None) -> Compared:
    """Return how near the clauses of a batch are to its questions.

    With `at`, the piece at which questions begin, half of it is how well the pieces of the question
    are met, as `corpus.sentence_encoder.Reading` has it.
    """
    rows = [asked.question for asked in batch] + [c for asked in batch for c in asked.clauses]
    vectors = encode_rows(network, rows)
    questions = functional.normalize(torch.stack([v.mean(0) for v in vectors[: len(batch)]]), dim=1)
    clauses = functional.normalize(torch.stack([v.mean(0) for v in vectors[len(batch) :]]), dim=1)
    near = questions @ clauses.T
    met = [_Met(network, v[at:-1], vectors[len(batch) :]) for v in vectors[: len(batch)] if at]
    if met:
        near = (near + torch.stack([one.of_clauses() for one in met])) / 2
    parts, shares = [], []
    first = len(batch)
    for number, asked in enumerate(batch):
        if asked.answer:
            of_pieces = vectors[first]
            told, rest = of_pieces[asked.answer], of_pieces[asked.other]
            both = functional.normalize(torch.stack([told.mean(0), rest.mean(0)]), dim=1)
            part = both @ questions[number]
            if met:
                of_parts = met[number].of_parts(first - len(batch), asked.answer, asked.other)
                part = (part + of_parts) / 2
            parts.append(part)
            length = of_pieces.mean(0).norm()
            shares.append((told @ questions[number] / length, rest @ questions[number] / length))
        first += len(asked.clauses)
    return Compared(near, torch.stack(parts) if parts else torch.zeros(0, 2), shares)


class _Met:
    """How near each piece of a question is to each piece of some clauses."""

    def __init__(
        self, network: Network, question: torch.Tensor, clauses: Sequence[torch.Tensor]
    ) -> None:
        """Compare the vectors of a question with those of whole clauses, both ends included."""
        inner = [vectors[1:-1] for vectors in clauses]
        self._weights = torch.softmax(network.weights(question), 0)
        cosines = network.matched(question) @ network.matched(torch.cat(inner)).T
        self._cosines = cosines.split([len(vectors) for vectors in inner], dim=1)

    def of_clauses(self) -> torch.Tensor:
        """Return how well each clause meets the question, shape (clauses,)."""
        return torch.stack([self._weights @ one.max(1).values for one in self._cosines])

    def of_parts(self, clause: int, *parts: Sequence[int]) -> torch.Tensor:
        """Return how well parts of a clause do, each the places of its pieces."""
        inner = [torch.tensor(part) - 1 for part in parts]
        return torch.stack(
            [self._weights @ self._cosines[clause][:, part].max(1).values for part in inner]
        )


def first_places(batch: Sequence[Asked]) -> list[int]:
    """Return the places of the right clauses among all clauses of a batch."""
    places, place = [], 0
    for asked in batch:
        places.append(place)
        place += len(asked.clauses)
    return places


class Loss(nn.Module):  # type: ignore[misc]
    """How wrong a batch is told: the order of clauses and parts, and the chance of each to answer.

    The order alone leaves open what cosine is enough to answer; the chances make it the same for
    every question, also for those that no clause answers.
    """

    def __init__(self) -> None:
        """Begin with the intercepts as they are for the pretrained encoder."""
        super().__init__()
        self.of_clause = nn.Parameter(torch.tensor(INTERCEPT))
        self.of_piece = nn.Parameter(torch.tensor(INTERCEPT_OF_PIECE))

    def forward(self, seen: Compared, batch: Sequence[Asked]) -> torch.Tensor:
        """Return the loss, a scalar."""
        places = first_places(batch)
        answered = [n for n, asked in enumerate(batch) if asked.answered]
        right = torch.tensor([places[n] for n in answered])
        loss = functional.cross_entropy(seen.near[answered] / TEMPERATURE, right)
        chances, labels = [], []
        for number, (place, asked) in enumerate(zip(places, batch, strict=True)):
            chances.append(seen.near[number, place : place + len(asked.clauses)])
            labels += [float(asked.answered), *[0.0] * (len(asked.clauses) - 1)]
        log_odds = SLOPE * torch.cat(chances) + self.of_clause
        loss = loss + CHANCES_COUNT * functional.binary_cross_entropy_with_logits(
            log_odds, torch.tensor(labels)
        )
        if seen.shares:
            whole = torch.zeros(len(seen.parts), dtype=torch.long)
            loss = loss + PARTS_COUNT * (
                functional.cross_entropy(seen.parts / TEMPERATURE, whole) + self._of_pieces(seen)
            )
        return loss

    def _of_pieces(self, seen: Compared) -> torch.Tensor:
        losses = []
        for told, rest in seen.shares:
            log_odds = SLOPE_OF_PIECE * torch.cat([told, rest]) + self.of_piece
            labels = torch.cat([torch.ones(len(told)), torch.zeros(len(rest))])
            losses.append(functional.binary_cross_entropy_with_logits(log_odds, labels))
        return torch.stack(losses).mean()
