"""Run our retrieval and every peer on one BEIR folder; each leaves a run that `compare` reads."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from corpus.embedding import open_embeddings
from corpus.errors import UsageError
from eval.beir import load_beir, read_documents
from eval.peers import Peer
from eval.progress import progress_bar
from eval.provenance import provenance
from eval.rows import SAMPLES, Run, read_run, to_row, write_record
from eval.runs import Plan, run
from eval.samples import DataSet
from eval.summary import summarise
from eval.tasks import Result, Row, load_task
from eval.tasks.retrieval import DEPTH, KEPT, score_ranking

OURS = "ours"
_PACKAGES = (
    "langchain-chroma",
    "langchain-classic",
    "langchain-community",
    "langchain-text-splitters",
    "rank-bm25",
    "jieba",
    "haystack-ai",
)


def run_peers(
    folder: Path, out: Path, *, limit: int | None = None, seed: int = 1, quiet: bool = False
) -> Iterator[Run]:
    """Yield our run, then one run a peer, over the same documents, questions and judgements.

    Raises:
        UsageError: The peers are not installed, or the data is wrong.
    """
    makers = _makers()
    data = load_beir(folder)
    yield run(Plan("retrieval", str(folder), limit, seed=seed), out / OURS, fresh=True, quiet=quiet)
    for make in makers:
        yield _run_peer(make(), data, out, limit=limit, seed=seed, quiet=quiet)


def _makers() -> list[Callable[[], Peer]]:
    """Return what makes each peer; one at a time is held in memory."""
    try:
        from eval.peers.haystack import Haystack
        from eval.peers.langchain import LangChain
    except ImportError as error:
        raise UsageError(
            f"对照方案没有安装（{error}）；请运行：make bench-peers，或 pip install '.[peers]'"
        ) from error
    embeddings = open_embeddings("static")
    kinds = ("bm25", "bm25-jieba", "chroma", "ensemble")
    return [*(partial(LangChain, kind, embeddings) for kind in kinds), Haystack]


def _run_peer(
    peer: Peer, data: DataSet, out: Path, *, limit: int | None, seed: int, quiet: bool
) -> Run:
    folder = out / peer.name
    folder.mkdir(parents=True, exist_ok=True)
    samples = data.samples[:limit]
    started = time.perf_counter()
    peer.add(read_documents(data.folder))
    indexed = round(time.perf_counter() - started, 1)
    rows: list[Row] = []
    with (
        (folder / SAMPLES).open("w", encoding="utf-8") as lines,
        progress_bar(peer.name, len(samples), quiet=quiet) as advance,
    ):
        for sample in samples:
            started = time.perf_counter()
            ranking = list(peer.search(sample.question))[:DEPTH]
            milliseconds = round((time.perf_counter() - started) * 1000, 3)
            output: dict[str, Any] = {"ranking": ranking[:KEPT], "passages": []}
            scores = score_ranking(ranking, sample.relevant)
            row = to_row(sample, Result(output, scores, milliseconds))
            rows.append(row)
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            lines.flush()
            advance()
    write_record(
        folder,
        {
            "task": "retrieval",
            "peer": peer.name,
            "data": {"name": data.name, "digest": data.digest},
            "limit": limit,
            "seed": seed,
            "indexing_seconds": indexed,
            **_provenance(),
            **summarise(load_task("retrieval"), rows, seed),
            "state": "complete",
        },
    )
    return read_run(folder)


def _provenance() -> Mapping[str, Any]:
    found = provenance()
    found["packages"] |= {name: metadata.version(name) for name in _PACKAGES}
    return found
