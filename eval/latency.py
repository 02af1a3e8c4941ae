"""Time searches and answers in process: `python -m eval.latency --data-dir DIR --questions FILE`.

The peer is the bare calls that a search makes (one embedding, one Chroma query, two tantivy
queries), in the same run and in turn, so that the noise of the machine falls on both.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from assistant.answer import answer
from assistant.retrieval import retrieve
from assistant.services import Services, open_services
from corpus.console import say
from corpus.index import DENSE_CANDIDATES, DOCUMENT_CANDIDATES, LEXICAL_CANDIDATES
from corpus.store import data_folder

WARM_UP = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Print median and 95th percentile of each, in milliseconds, and the ratio to the peer."""
    parser = argparse.ArgumentParser(prog="python -m eval.latency", description=__doc__)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument(
        "--questions", type=Path, required=True, help="queries.jsonl of a benchmark"
    )
    parser.add_argument("--limit", type=int, default=200)
    options = parser.parse_args(arguments)
    lines = options.questions.read_text("utf-8").splitlines()[: options.limit]
    questions = [json.loads(line)["text"] for line in lines]
    services = open_services(data_folder(options.data_dir))
    today = date.today()
    calls: dict[str, Callable[[str], object]] = {
        "bare calls": lambda question: bare_calls(question, services),
        "search": lambda question: retrieve(question, services, as_of=today),
        "answer": lambda question: answer(question, services, as_of=today),
    }
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number, question in enumerate([*questions[:WARM_UP], *questions]):
        for name, call in calls.items():
            started = time.perf_counter()
            call(question)
            if number >= WARM_UP:
                times[name].append((time.perf_counter() - started) * 1000)
    middle: dict[str, float] = {}
    for name, taken in times.items():
        taken.sort()
        middle[name] = taken[len(taken) // 2]
        say(f"{name:>10}: p50 {middle[name]:6.2f} ms   p95 {taken[int(len(taken) * 0.95)]:6.2f} ms")
    say(f"search / bare calls, medians: {middle['search'] / middle['bare calls']:.2f}")
    return 0


def bare_calls(question: str, services: Services) -> None:
    """Make the calls of a search to the embedder, Chroma and tantivy, and nothing else."""
    for index in services.indexes:
        index.vectors.search(index.embedder.embed_matrix([question])[0], DENSE_CANDIDATES)
        index.words.search(question, LEXICAL_CANDIDATES)
        index.words.search_documents(question, DOCUMENT_CANDIDATES)


if __name__ == "__main__":
    sys.exit(main())
