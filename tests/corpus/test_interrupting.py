"""Ctrl-C ends every command with one line and status 130, and what it cut off is made good."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "corpus" / "sample" / "files" / "internal"
PRESS = "os.kill(os.getpid(), signal.SIGINT)"


def ran(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import os, signal, sys\n" + script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_while_libraries_load_the_program_ends_at_once() -> None:
    done = ran(
        "from corpus.interrupting import leaving_at_once\n"
        "with leaving_at_once():\n"
        f"    try:\n        {PRESS}\n"
        "    except BaseException:\n        print('a library swallowed it')\n"
        "print('went on')\n"
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("已中断")


def test_afterwards_a_command_is_interrupted_as_ever() -> None:
    done = ran(
        "from argparse import Namespace\n"
        "from corpus.console import run_command\n"
        "from corpus.interrupting import leaving_at_once\n"
        "def work(options):\n"
        f"    try:\n        {PRESS}\n    finally:\n        print('put away')\n"
        "with leaving_at_once():\n    pass\n"
        "sys.exit(run_command(Namespace(run=work)))\n"
    )
    assert (done.returncode, done.stdout) == (130, "put away\n")
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("已中断")


def test_who_was_told_to_ignore_it_goes_on_ignoring_it() -> None:
    done = ran(
        "from corpus.interrupting import leaving_at_once\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        f"with leaving_at_once():\n    {PRESS}\n"
        f"{PRESS}\n"
        "print('went on')\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "went on\n", "")


@pytest.mark.parametrize("package", ["corpus", "assistant"])
def test_nothing_slow_is_loaded_before_it_is_answered(package: str) -> None:
    done = ran(
        f"import {package}.__main__\n"
        "slow = {'sqlalchemy', 'chromadb', 'numpy', 'rich', 'multiprocessing', 'httpx'}\n"
        "print(sorted(slow & set(sys.modules)))\n"
    )
    assert done.stdout.strip() == "[]"


def test_a_sync_cut_off_says_one_line_and_the_same_command_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "corpus", "--data-dir", str(tmp_path), "sync", str(FOLDER)]
    # A session of its own: as at a terminal, its reading processes get the signal too.
    started = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    # Two children: the tracker of multiprocessing, and a reading process that is just starting.
    children = Path(f"/proc/{started.pid}/task/{started.pid}/children")
    until = time.monotonic() + 60
    while len(children.read_text().split()) < 2:
        assert time.monotonic() < until and started.poll() is None
        time.sleep(0.01)
    time.sleep(0.05)  # the child is Python by now, and loads what it reads files with
    os.killpg(started.pid, signal.SIGINT)
    said, error = started.communicate(timeout=60)
    assert (started.returncode, said) == (130, "")
    assert len(error.splitlines()) == 1 and "重新运行同一条命令" in error

    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "失败 0" in again.stdout
    check = [*command[:5], "verify"]
    assert "不一致" not in subprocess.run(check, cwd=ROOT, capture_output=True, text=True).stdout
