"""Kill an import at random moments and compare with an undisturbed one: `python -m eval.kill DIR`.

Each round starts from an empty data directory, is killed (SIGKILL, with its workers) at a random
moment of the time that an undisturbed import takes, and is then run again to its end. It must leave
the same clause ids and pass `verify --deep`.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from corpus.console import say
from corpus.documents import Access
from corpus.store import open_store
from corpus.verify import verify

STARTUP_SECONDS = 1.0  # before this a run has only imported its modules


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rounds; exit 0 only when each one left the same corpus."""
    parser = argparse.ArgumentParser(prog="python -m eval.kill", description=__doc__)
    parser.add_argument("folder", type=Path, help="documents to import")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        undisturbed = Path(scratch) / "undisturbed"
        started = time.monotonic()
        _sync(undisturbed, options.folder)
        seconds = time.monotonic() - started
        wanted, _ = _state(undisturbed)
        say(f"undisturbed: {len(wanted)} clauses in {seconds:.1f} s")
        bad = 0
        for number in range(1, options.times + 1):
            data = Path(scratch) / "killed"
            moment = moments.uniform(STARTUP_SECONDS, seconds)
            _sync(data, options.folder, kill_after=moment)
            _sync(data, options.folder)
            found, clean = _state(data)
            same = found == wanted and clean
            bad += not same
            verdict = "same corpus" if same else f"DIFFERENT ({len(found)} clauses, clean={clean})"
            say(f"{number:>3}: killed after {moment:5.1f} s, run again: {verdict}")
            shutil.rmtree(data)
        say(f"{options.times - bad} of {options.times} rounds left the same corpus")
    return 1 if bad else 0


def _sync(data: Path, folder: Path, *, kill_after: float | None = None) -> None:
    command = [sys.executable, "-m", "corpus", "--data-dir", str(data), "sync", str(folder)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        process.wait(timeout=kill_after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _state(data: Path) -> tuple[set[str], bool]:
    store = open_store(data)
    ids = store.catalogue.current_chunk_ids(Access.PUBLIC)
    clean = verify(store, Access.PUBLIC, deep=True).clean
    store.close()
    return ids, clean


if __name__ == "__main__":
    sys.exit(main())
