"""Where a number comes from: commit, code, prompts, models, index and package versions."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from corpus.catalogue import Catalogue
from corpus.documents import Access

ROOT = Path(__file__).parent.parent
MODELS = ROOT / "corpus" / "models"
CODE = ("assistant", "corpus", "eval", "prompts")
_NOT_CODE = ("corpus/models/", "corpus/sample/files/", "eval/gold/")
_PACKAGES = (
    "chromadb",
    "tantivy",
    "rjieba",
    "lightgbm",
    "numpy",
    "scipy",
    "rapidfuzz",
    "ir-measures",
    "langchain-core",
)


def provenance() -> dict[str, Any]:
    """Return what is needed to make a run again, the index apart."""
    return {
        "commit": _git("rev-parse", "HEAD"),
        "dirty": bool(_git("status", "--porcelain")),
        "code": code_digest(),
        "models": {
            path.relative_to(MODELS).as_posix(): _sha256(path)
            for path in _files(MODELS)
            if path.suffix != ".md"
        },
        "prompts": {
            path.relative_to(ROOT).as_posix(): _sha256(path)
            for path in _files(ROOT / "prompts")
            if path.suffix == ".yaml"
        },
        "packages": {name: _version(name) for name in _PACKAGES},
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


def _version(package: str) -> str:
    """Return the version of a package, "" where it is not installed: not every task needs each."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def code_digest() -> str:
    """Return one digest of the program's source and prompts as they lie on disk."""
    whole = hashlib.sha256()
    for folder in CODE:
        for path in _files(ROOT / folder):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in (".py", ".yaml") and not name.startswith(_NOT_CODE):
                whole.update(f"{name}\0{_sha256(path)}\n".encode())
    return whole.hexdigest()


def index_digest(folder: Path) -> str:
    """Return one digest of what the indexes of a data directory hold and how they were built."""
    catalogue = Catalogue(folder / "catalogue.db")
    whole = hashlib.sha256()
    for access in Access:
        whole.update(f"{access}\0{catalogue.get_state(f'index:{access}')}\n".encode())
        for chunk_id in sorted(catalogue.current_chunk_ids(access)):
            whole.update(f"{chunk_id}\n".encode())
    catalogue.close()
    return whole.hexdigest()


def _files(folder: Path) -> Iterable[Path]:
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )


def _git(*arguments: str) -> str:
    """Return what git says, or an empty string outside a checkout."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
