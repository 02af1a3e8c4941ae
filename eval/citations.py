"""Check every citation of every answer: `python -m eval.citations --data DIR [DIR …]`.

Each question of a benchmark is answered from its own documents; a citation holds when its quote is
the span of the stored document that it names, and a figure when it stands in the cited text.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from assistant.answer import Answer, answer
from assistant.services import Services, open_services
from corpus.console import say
from eval.beir import load_benchmark
from eval.retrieval import CACHE_VARIABLE, index_benchmark

_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_MARKER = re.compile(r"\[\d+\]")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print counts; exit 0 only when every citation and every figure holds."""
    parser = argparse.ArgumentParser(prog="python -m eval.citations", description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    options = parser.parse_args(arguments)
    cache = Path(os.environ.get(CACHE_VARIABLE) or "data/eval")
    bad = 0
    for folder in options.data:
        benchmark = load_benchmark(folder)
        services = open_services(index_benchmark(benchmark, cache))
        counts: Counter[str] = Counter()
        for question in benchmark.questions:
            given = answer(question.text, services, as_of=date.today())
            counts[given.status] += 1
            counts["citations"] += len(given.citations)
            counts["wrong citations"] += _wrong_citations(given, services)
            counts["figures without a source"] += _loose_figures(given)
        bad += counts["wrong citations"] + counts["figures without a source"]
        say(f"{benchmark.name}: {dict(counts)}")
        services.close()
    return 1 if bad else 0


def _wrong_citations(given: Answer, services: Services) -> int:
    texts = {c.document_id: services.store.catalogue.text(c.document_id) for c in given.citations}
    return sum(texts[c.document_id][c.start : c.end] != c.quote for c in given.citations)


def _loose_figures(given: Answer) -> int:
    cited = "".join(citation.quote for citation in given.citations)
    # The words that the program itself adds (a warning with a successor's title) hold no claim.
    said = _MARKER.sub("", re.sub(r"（注意：[^）]*）", "", given.text))
    return sum(figure not in cited for figure in _FIGURE.findall(said))


if __name__ == "__main__":
    sys.exit(main())
