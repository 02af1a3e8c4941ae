"""Where a number comes from: commit, model digests, package versions."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from corpus.embedding import STATIC_MODEL
from corpus.ranking import MODELS

_PACKAGES = ("chromadb", "tantivy", "rjieba", "lightgbm", "numpy", "ir-measures")


def provenance() -> dict[str, Any]:
    """Return what is needed to make a run again."""
    return {
        "commit": _git("rev-parse", "HEAD"),
        "dirty": bool(_git("status", "--porcelain")),
        "models": {
            str(path.relative_to(MODELS.parent)): _sha256(path)
            for path in (STATIC_MODEL, *sorted(MODELS.glob("*.txt")))
        },
        "packages": {name: metadata.version(name) for name in _PACKAGES},
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


def _git(*arguments: str) -> str:
    """Return what git says, or an empty string outside a checkout."""
    root = Path(__file__).parent
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
