"""`python -m eval` starts fast: naming the commands loads no index, model or plotting library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
HEAVY = ("chromadb", "tantivy", "lightgbm", "scipy", "langchain_core", "ir_measures", "haystack")


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys, eval.__main__;"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


def test_every_command_explains_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "eval", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0
    for command in ("run", "compare", "gate", "report", "peers"):
        assert f"    {command} " in done.stdout
