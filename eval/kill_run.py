"""Kill a measurement at random moments until it ends: `python -m eval.kill_run TASK --data DIR`.

The run is killed (SIGKILL, with its workers) after a random time and taken up again by the same
command, over and over, until one of the attempts reaches the end. It must leave the same rows and
scores, milliseconds apart, as a run that nobody disturbed.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpus.console import say
from eval.rows import read_run
from eval.tasks import TASKS

STARTUP_SECONDS = 3.0  # before this a run has only imported its modules and opened the index


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare a disturbed run with an undisturbed one; exit 0 only when both are the same."""
    parser = argparse.ArgumentParser(prog="python -m eval.kill_run", description=__doc__)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--data", required=True, help="BEIR folder, or gold")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--kills", type=int, default=4, help="how often it is killed, about")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    moments = random.Random(options.seed)
    command = [sys.executable, "-m", "eval", "run", options.task, "--data", options.data]
    with tempfile.TemporaryDirectory() as scratch:
        undisturbed, disturbed = Path(scratch) / "undisturbed", Path(scratch) / "disturbed"
        started = time.monotonic()
        _run([*command, "--out", str(undisturbed)])
        seconds = time.monotonic() - started
        wanted = _result(undisturbed)
        say(f"undisturbed: {len(wanted[0])} samples in {seconds:.1f} s")
        kills = 0
        again = [*command, "--out", str(disturbed), "--jobs", str(options.jobs)]
        share = seconds / (options.kills + 1)
        while _run(again, kill_after=STARTUP_SECONDS + moments.uniform(0, 2 * share)):
            kills += 1
            say(f"killed with {_lines(disturbed)} samples on disk")
        same = _result(disturbed) == wanted
        verdict = "the same result" if same else "DIFFERENT"
        say(f"killed {kills} times and run again: {verdict}, {_lines(disturbed)} samples")
    return 0 if same else 1


def _run(command: Sequence[str], *, kill_after: float | None = None) -> bool:
    """Run a command; return whether it had to be killed."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        if process.wait(timeout=kill_after):
            raise SystemExit(f"{' '.join(command)} failed")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def _lines(folder: Path) -> int:
    path = folder / "samples.jsonl"
    return path.read_bytes().count(b"\n") if path.is_file() else 0


def _result(folder: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return rows and scores of a run, milliseconds left out."""
    run = read_run(folder)
    rows = [{key: value for key, value in row.items() if key != "ms"} for row in run.rows]
    scores = run.record["scores"].items()
    return rows, {name: value for name, value in scores if not name.endswith("_ms")}


if __name__ == "__main__":
    sys.exit(main())
