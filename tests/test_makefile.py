"""Setting up: what is stopped or fails says how to go on, and the same command makes it good."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent


def make(venv: Path, target: Path, python: Path) -> subprocess.Popen[str]:
    """Start make as a terminal does, with stand-ins for Python in place of the real."""
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    return subprocess.Popen(
        ["make", f"VENV={venv}", f"PYTHON={python}", str(target)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)
    return path


def test_an_environment_that_fails_is_made_again_by_the_next_run(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    target = venv / "bin" / "python"
    # As Debian's Python without python3-venv: the folder is there, pip is not.
    broken = script(
        tmp_path / "python3",
        f'case "$2" in *venv.main*) mkdir -p {target.parent}; touch {target}; exit 1;; esac',
    )
    started = make(venv, target, broken)
    said, _ = started.communicate(timeout=30)
    assert started.returncode != 0 and "再运行一次同样的命令" in said and "python3-venv" in said
    assert not target.exists()


def test_ctrl_c_while_packages_are_fetched_leaves_one_line_and_no_mark(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    ready = venv / ".run-ready"
    begun = tmp_path / "begun"
    python = script(venv / "bin" / "python", f"touch {begun}; exec sleep 30")
    started = make(venv, ready, python)
    until = time.monotonic() + 20
    while not begun.exists():
        assert time.monotonic() < until and started.poll() is None
        time.sleep(0.01)
    os.killpg(started.pid, signal.SIGINT)
    said, _ = started.communicate(timeout=20)
    assert started.returncode != 0 and not ready.exists()
    ours = [line for line in said.splitlines() if not line.startswith("make")]
    assert ours[-1] == "== 已中断；再运行一次同样的命令，就接着安装"
    assert "没有装完" not in said and "Traceback" not in said
