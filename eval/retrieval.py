"""The retrieval task: is the right document among the first? Scores by ir_measures."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import ir_measures

from assistant.retrieval import retrieve
from assistant.services import Services, open_services
from corpus.console import progress_bar
from corpus.documents import digest
from corpus.reading import READER_VERSION
from corpus.store import open_store
from corpus.texts import TextDocument, add_texts
from eval.beir import Benchmark

DEPTH = 100  # documents kept for each question
CLAUSES = 300  # clauses they are taken from: a document may have several
CACHE_VARIABLE = "ASSISTANT_EVAL_CACHE"  # where benchmark indexes are kept
MEASURES = ("R@1", "R@5", "R@10", "R@100", "nDCG@10", "RR@10")


@dataclass(frozen=True, slots=True)
class RetrievalSample:
    """What was found for one question: document id → score, and how long it took."""

    id: str
    question: str
    ranking: Mapping[str, float]
    milliseconds: float


def index_benchmark(benchmark: Benchmark, cache: Path, *, quiet: bool = False) -> Path:
    """Index the documents of a benchmark by the real ingest; return the data directory.

    The folder's name holds a digest of the documents, the reader and the embedder, so that a second run
    reuses it and a changed one never does.
    """
    content = (benchmark.folder / "corpus.jsonl").read_bytes()
    probe = open_store(cache / "probe")
    built_by = f"{READER_VERSION}:{probe.index_signature()}"
    signature = digest(content + built_by.encode())[:16]
    probe.close()
    folder = cache / f"{benchmark.name}-{signature}"
    store = open_store(folder)
    if store.catalogue.get_state("complete") != "1":
        with progress_bar("建立索引", quiet=quiet) as progress:
            documents = [TextDocument(*row) for row in benchmark.documents()]

            def counted() -> Iterable[TextDocument]:
                for done, document in enumerate(documents, start=1):
                    if progress:
                        progress(done, len(documents), done)
                    yield document

            add_texts(store, counted())
        store.catalogue.set_state(complete="1")
    store.close()
    return folder


def run_retrieval(
    benchmark: Benchmark, services: Services, limit: int | None
) -> Iterable[RetrievalSample]:
    """Yield what is found for each question: documents by their best clause."""
    sources = {d.id: d.source for d in services.store.catalogue.documents()}
    for question in benchmark.questions[:limit]:
        started = time.perf_counter()
        passages = retrieve(question.text, services, as_of=date.today(), limit=CLAUSES)
        milliseconds = (time.perf_counter() - started) * 1000
        ranking: dict[str, float] = {}
        for passage in passages:
            ranking.setdefault(sources[passage.document.id], passage.score)
        first = dict(list(ranking.items())[:DEPTH])
        yield RetrievalSample(question.id, question.text, first, round(milliseconds, 3))


def score_retrieval(
    samples: Sequence[RetrievalSample], relevant: Mapping[str, Mapping[str, int]]
) -> dict[str, float]:
    """Return the mean of each measure over the questions."""
    wanted = {sample.id: dict(relevant.get(sample.id, {})) for sample in samples}
    # Ties would be broken by id: the order found is what counts.
    run = {
        sample.id: {key: float(DEPTH - place) for place, key in enumerate(sample.ranking)}
        for sample in samples
    }
    measures = [ir_measures.parse_measure(name) for name in MEASURES]
    found = ir_measures.calc_aggregate(measures, wanted, run)
    return {str(measure): round(float(found[measure]), 4) for measure in measures}


def latency(samples: Sequence[RetrievalSample]) -> dict[str, float]:
    """Return the median and the 95th percentile in milliseconds, the first question left out."""
    times = sorted(sample.milliseconds for sample in samples[1:]) or [0.0]
    return {
        "p50_ms": times[len(times) // 2],
        "p95_ms": times[min(len(times) - 1, int(len(times) * 0.95))],
    }


def evaluate(
    benchmark: Benchmark, out: Path, cache: Path, *, limit: int | None = None
) -> dict[str, Any]:
    """Index, ask, score; write `samples.jsonl` and `run.json` into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    services = open_services(index_benchmark(benchmark, cache))
    samples: list[RetrievalSample] = []
    with (out / "samples.jsonl").open("w", encoding="utf-8") as lines:
        for sample in run_retrieval(benchmark, services, limit):
            samples.append(sample)
            row = {
                "id": sample.id,
                "question": sample.question,
                "relevant": benchmark.relevant.get(sample.id, {}),
                "ranking": list(sample.ranking)[:20],
                "ms": sample.milliseconds,
            }
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            lines.flush()
    services.close()
    return {**score_retrieval(samples, benchmark.relevant), **latency(samples), "n": len(samples)}
