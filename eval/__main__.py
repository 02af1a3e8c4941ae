"""`python -m eval`: measure a version of the assistant on a benchmark."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from corpus.console import say
from corpus.errors import CorpusError
from eval.beir import load_benchmark
from eval.provenance import provenance
from eval.retrieval import CACHE_VARIABLE, evaluate


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command", dest="command")
    run = commands.add_parser("run", help="score a task on a benchmark folder (BEIR layout)")
    run.add_argument("task", choices=["retrieval"])
    run.add_argument("--data", type=Path, required=True, help="corpus.jsonl, queries.jsonl, qrels/")
    run.add_argument(
        "--out", type=Path, required=True, help="folder for samples.jsonl and run.json"
    )
    run.add_argument("--limit", type=int, help="only the first questions")
    options = parser.parse_args(arguments)
    cache = Path(os.environ.get(CACHE_VARIABLE) or "data/eval")
    try:
        benchmark = load_benchmark(options.data)
        scores = evaluate(benchmark, options.out, cache, limit=options.limit)
    except CorpusError as error:
        say(f"错误：{error}", error=True)
        return 1
    record = {"task": options.task, "benchmark": benchmark.name, "scores": scores, **provenance()}
    path = options.out / "run.json"
    path.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", "utf-8")
    for name, value in scores.items():
        say(f"{name:>8}  {value}")
    say(f"{path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
