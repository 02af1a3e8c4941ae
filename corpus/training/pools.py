"""The pools that rankers and confidences are trained in: passages of several kinds, and questions."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from corpus.console import say
from corpus.store import Store
from corpus.texts import TextDocument, add_texts
from corpus.training.pairs import fold_of

SEED = 20_251
Pairs = dict[str, list[tuple[str, str]]]  # source → (question, right passage)


@dataclass(frozen=True, slots=True)
class Pool:
    """Passages to search in, and the questions asked there: source → how many of each fold.

    `limit` keeps a pool small: what a score or a rank means differs between five hundred clauses and
    a hundred thousand, and the ranker must serve both. `layout` says how passages make documents:
    each its own, a law with its articles, or several that stand one after the other (a stand-in for
    long documents).
    """

    fill: tuple[str, ...]
    ask: Mapping[str, int]
    layout: Literal["single", "law", "grouped"]
    limit: int | None = None


POOLS = {
    "statutes": Pool(("ict_law", "stard_train"), {"stard_train": 1_679}, "single"),
    "laws": Pool(("ict_law", "stard_train"), {"stard_train": 1_679}, "law"),
    "reading": Pool(
        ("cmrc2018", "cjrc_dev", "drcd_trad", "rageval_zh", "csl_title_abs", "citizen_reply"),
        {"cmrc2018": 400, "cjrc_dev": 200},
        "grouped",
    ),
    "policy": Pool(
        ("ncp_answer", "covid_faq", "policybench_expl", "lecoqa_answer", "lawyer_llama_advice"),
        {"ncp_answer": 350, "lecoqa_answer": 200},
        "single",
    ),
    "few laws": Pool(("ict_law", "stard_train"), {"stard_train": 150}, "law", 700),
    "few statutes": Pool(("ict_law", "stard_train"), {"stard_train": 150}, "single", 700),
    "few readings": Pool(
        ("cmrc2018", "cjrc_dev"), {"cmrc2018": 100, "cjrc_dev": 50}, "grouped", 400
    ),
    "few policies": Pool(
        ("ncp_answer", "covid_faq", "policybench_expl", "citizen_reply"),
        {"ncp_answer": 200},
        "single",
        600,
    ),
    "few answers": Pool(
        ("lecoqa_answer", "citizen_reply", "covid_faq"), {"lecoqa_answer": 150}, "single", 500
    ),
}
GROUP_SIZE = 6  # passages of a long document
_ARTICLE = re.compile(
    r"(.{4,60}?)(第[一二三四五六七八九十百千零]+条(?:之[一二三四五六七八九十]+)?) (.+)", re.S
)


def read_pairs(path: Path, more: Iterable[str] = ()) -> Pairs:
    """Read the pairs of the sources that pools are made of, and of some more."""
    wanted = {source for pool in POOLS.values() for source in (*pool.fill, *pool.ask)} | {*more}
    pairs: Pairs = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["source"] in wanted:
                pairs[row["source"]].append((row["query"], row["positive"]))
    return pairs


def questions_of(pairs: Pairs, pool: Pool, fold: int) -> dict[str, set[str]]:
    """Return question → its right passages, a fixed sample of the fold from each source."""
    chooser = random.Random(SEED)
    questions: dict[str, set[str]] = defaultdict(set)
    for source, count in pool.ask.items():
        of_source: dict[str, set[str]] = defaultdict(set)
        for query, positive in pairs[source]:
            if fold_of(query) != fold:
                continue
            of_source[query].add(positive)
        chosen = chooser.sample(sorted(of_source), min(count, len(of_source)))
        for query in chosen:
            questions[query] |= of_source[query]
    return questions


def fill_pool(store: Store, pool: Pool, pairs: Pairs, questions: Mapping[str, set[str]]) -> None:
    """Index the passages of a pool, unless an earlier run did."""
    if store.catalogue.get_state("complete") == "1":
        return
    passages = _passages(pool, pairs, questions)
    say(f"indexing {len(passages)} passages")
    add_texts(store, _LAYOUTS[pool.layout](passages))
    store.catalogue.set_state(complete="1")


def is_right(text: str, passages: Iterable[str]) -> bool:
    """Say whether a clause is a part of a right passage: its middle stands there."""
    letters = _letters(text)
    middle = letters[len(letters) // 3 :][:24]
    return any(middle in _letters(passage) for passage in passages)


def _letters(text: str) -> str:
    return re.sub(r"\s", "", text)


def _passages(pool: Pool, pairs: Pairs, questions: Mapping[str, set[str]]) -> list[str]:
    """Return the passages of a pool in order; a limited one keeps the right ones and some more."""
    passages = list(dict.fromkeys(passage for source in pool.fill for _, passage in pairs[source]))
    if pool.limit is None:
        return passages
    right = set().union(*questions.values())
    others = [passage for passage in passages if passage not in right]
    more = random.Random(SEED).sample(others, max(0, pool.limit - len(right)))
    kept = right | set(more)
    return [passage for passage in passages if passage in kept]


def _single(passages: Sequence[str]) -> Iterator[TextDocument]:
    for number, passage in enumerate(passages):
        article = _ARTICLE.fullmatch(passage)
        if article:
            yield TextDocument(str(number), article[1] + article[2], article[3])
        else:
            yield TextDocument(str(number), "", passage)


def _by_law(passages: Sequence[str]) -> Iterator[TextDocument]:
    laws: dict[str, list[str]] = defaultdict(list)
    for passage in passages:
        article = _ARTICLE.fullmatch(passage)
        if article:
            laws[article[1]].append(f"{article[2]} {article[3]}")
    for law, articles in laws.items():
        yield TextDocument(law, law, "\n".join([law, *articles]))


def _grouped(passages: Sequence[str]) -> Iterator[TextDocument]:
    for start in range(0, len(passages), GROUP_SIZE):
        yield TextDocument(str(start), "", "\n".join(passages[start : start + GROUP_SIZE]))


_LAYOUTS = {"single": _single, "law": _by_law, "grouped": _grouped}
