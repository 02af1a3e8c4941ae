"""What nearness is worth in the confidence: `python -m eval.fitting.nearness --documents DIR --work DIR`.

Asked are questions that no model has learned from: the contrasts held out from the encoder (embedder
and ranker learned from none), in small pools of their texts, with and without the documents that
answer; and those of data sets. Prints how well what is answered and what is not are told apart; the
worth chosen is written in `assistant.confidence`.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from assistant.confidence import Evidence, gather_evidence, weigh
from assistant.reranking import CONSIDERED, rerank
from assistant.retrieval import retrieve
from assistant.services import Services, load_guides
from corpus.console import say
from corpus.documents import Access
from corpus.embedding import open_embeddings
from corpus.ranking import MODELS, Ranker, term_weights
from corpus.sentence_encoder import SentenceEncoder
from corpus.training.document_pools import SEED, SMALL, document_pools
from corpus.training.pools import is_right
from corpus.training.written_questions import CONTRASTS, held_out, read_questions
from eval.bench import Bench
from eval.data_sets import load_data
from eval.indexes import build_index, cache_folder
from eval.refusal_curve import auroc, refused_at
from eval.samples import TODAY, UNANSWERABLE
from eval.withholding import withhold

QUESTIONS = 60  # of each pool
WORTHS = (0.0, 10.0, 20.0, 24.0, 30.0)
COSTS = (0.0, 1.5, 3.0)
FALSE_REFUSALS = 0.1
NEAR_MISS = "near miss"

# Where questions were asked → whether an answer was there → what spoke for one.
Judged = Mapping[str, Mapping[bool, list[Evidence]]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, and print a line for each place, worth and cost."""
    parser = argparse.ArgumentParser(prog="python -m eval.fitting.nearness", description=__doc__)
    parser.add_argument("--documents", type=Path, required=True, help="the texts asked about")
    parser.add_argument("--work", type=Path, required=True, help="scratch folder")
    parser.add_argument("--data", nargs="*", default=[], help="data sets to ask as well")
    options = parser.parse_args(arguments)
    judged: dict[str, dict[bool, list[Evidence]]] = defaultdict(lambda: {True: [], False: []})
    asked = [_in_pools(options.documents, options.work), *(_in_data(n) for n in options.data)]
    for place, answered, told in (one for source in asked for one in source):
        judged[place][answered].append(told)
    for place, against in _pairs(judged):
        for worth in WORTHS:
            for cost in COSTS:
                right, wrong = ([weigh(t, worth, cost) for t in side] for side in against)
                say(
                    f"{place}: worth {worth:g}, cost {cost:g}: AUROC {auroc(right, wrong)}, refused at "
                    f"{FALSE_REFUSALS:.0%} false refusals {refused_at(right, wrong, FALSE_REFUSALS)}"
                )
    return 0


def _pairs(judged: Judged) -> Iterator[tuple[str, tuple[list[Evidence], list[Evidence]]]]:
    """Yield what is compared: a place with and without answers, and with its near misses."""
    for place, sides in judged.items():
        name = place.removesuffix(NEAR_MISS).strip()
        right = judged[name][True] if name in judged else sides[True]
        if right and sides[False]:
            yield place, (right, sides[False])


def _in_pools(documents: Path, work: Path) -> Iterator[tuple[str, bool, Evidence]]:
    embedder, guides = open_embeddings(), load_guides()
    questions = [one for one in read_questions(CONTRASTS) if held_out(one)]
    for name, store, asked in document_pools(documents, work, embedder, questions, lambda _: True):
        if name != SMALL:
            continue
        services = Services(store, (Access.PUBLIC,), Ranker(MODELS), SentenceEncoder(), guides)
        random.Random(SEED).shuffle(asked)
        for one in asked[:QUESTIONS]:
            place = "pools" if one.right else f"pools {NEAR_MISS}"
            yield from _ask(place, one.question, services, bool(one.right))
            if one.right:
                index = services.indexes[0]
                found = services.chunks(c.chunk_id for c in index.search(one.question))
                holding = {
                    c.document_id for c in found.values() if is_right(c.text, set(one.right))
                }
                yield from _ask(place, one.question, withhold(services, holding), False)


def _in_data(name: str) -> Iterator[tuple[str, bool, Evidence]]:
    data = load_data(name)
    bench = Bench(data, build_index(data, cache_folder()))
    for sample in data.samples:
        if sample.history:
            continue
        services = bench.services(sample.access)
        if sample.kind in UNANSWERABLE:
            yield from _ask(
                f"{data.name} {NEAR_MISS}", sample.question, services, False, sample.as_of
            )
        elif sample.answerable:
            yield from _ask(data.name, sample.question, services, True, sample.as_of)
            yield from _ask(
                data.name, sample.question, bench.without_answers(sample), False, sample.as_of
            )
    bench.close()


def _ask(
    place: str, question: str, services: Services, answered: bool, as_of: date = TODAY
) -> Iterator[tuple[str, bool, Evidence]]:
    found = retrieve(question, services, as_of=as_of, limit=CONSIDERED)
    passages = rerank(question, found, services.reader)
    sides = [index.words for index in services.indexes]
    population = sum(side.count() for side in sides)
    weights = term_weights(question, lambda w: sum(s.frequency(w) for s in sides), population)
    told = gather_evidence(question, passages, weights, services.store.embedder, population)
    if told:
        yield place, answered, told


if __name__ == "__main__":
    sys.exit(main())
