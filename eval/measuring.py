"""Samples → results, in order, in this process or spread over several."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from pathlib import Path

from eval.bench import NO_MODEL, Bench
from eval.data_sets import load_data
from eval.samples import Sample
from eval.tasks import Result, load_task


@dataclass(frozen=True, slots=True)
class Unit:
    """What is under test: a task, the name of its data set, the data directory of its index.

    `model` writes the answers, `judge` grades them; `none` for neither.
    """

    task: str
    data: str
    folder: Path
    model: str = NO_MODEL
    judge: str = NO_MODEL

    def open(self) -> Bench:
        """Return what the task asks."""
        return Bench(
            load_data(self.data, self.task), self.folder, model=self.model, judge=self.judge
        )


def measure(
    unit: Unit, samples: Sequence[Sample], *, jobs: int = 1
) -> Iterator[tuple[Sample, Result]]:
    """Yield each sample with its result, in order of the samples.

    With several jobs each process opens the index for itself; latencies then hold the noise of the
    others.
    """
    if jobs == 1 or len(samples) < 2:
        ask = load_task(unit.task).ask
        bench = unit.open()
        try:
            for sample in samples:
                yield sample, ask(sample, bench)
        finally:
            bench.close()
        return
    # Spawned, not forked: the libraries below hold threads and open files.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=_watch_parent) as workers:
        yield from zip(samples, workers.map(_ask, repeat(unit), samples), strict=True)


def _ask(unit: Unit, sample: Sample) -> Result:
    return load_task(unit.task).ask(sample, _bench(unit))


@cache
def _bench(unit: Unit) -> Bench:
    """Return what a worker asks, opened once; it ends with the worker."""
    return unit.open()


def _watch_parent() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this worker when the run was killed: its siblings keep the queue of samples open."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
