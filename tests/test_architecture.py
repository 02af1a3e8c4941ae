"""The house: imports go one way, and each vendor's library has its seat."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "corpus": {"corpus"},
    "assistant": {"assistant", "corpus"},
    "eval": {"eval", "assistant", "corpus"},
    "ui.py": {"assistant", "corpus"},
}
# Where the program is put together: the command that serves the pages runs them.
MAY_ALSO_IMPORT = {"assistant/web/server.py": {"ui"}}
# A vendor's library → the only places that may import it.
SEATS = {
    "unstructured": ("corpus/parsing/",),
    "pypdfium2": ("corpus/parsing/", "assistant/drafting/pages.py"),
    "pdfplumber": ("corpus/parsing/",),
    "rapidocr_onnxruntime": ("corpus/parsing/",),
    "markdown_it": ("corpus/parsing/",),
    "olefile": ("corpus/parsing/",),
    "docx": ("corpus/parsing/", "corpus/sample/office.py", "assistant/drafting/"),
    "pypdf": ("assistant/drafting/pdf.py",),
    "openpyxl": ("corpus/parsing/", "corpus/sample/office.py"),
    "pptx": ("corpus/parsing/", "corpus/sample/office.py"),
    "reportlab": ("corpus/sample/pages.py",),
    "chromadb": ("corpus/vectors.py",),
    "tantivy": ("corpus/lexical.py",),
    "rjieba": ("corpus/tokens.py",),
    "pypinyin": ("corpus/spelling.py",),
    "lightgbm": (
        "corpus/ranking.py",
        "corpus/training/",
        "assistant/confidence.py",
        "eval/fitting/",
    ),
    "onnxruntime": ("corpus/sentence_encoder.py", "corpus/training/"),
    "tokenizers": ("corpus/sentence_encoder.py", "corpus/training/"),
    "torch": ("corpus/training/",),
    "llama_cpp": ("corpus/embedding.py", "assistant/runtime.py"),
    "sqlalchemy": (
        "corpus/catalogue.py",
        "corpus/database.py",
        "corpus/tables.py",
        "corpus/migrations/",
        "assistant/staff/",
    ),
    "argon2": ("assistant/staff/accounts.py",),
    "alembic": ("corpus/database.py", "corpus/migrations/"),
    "pebble": ("corpus/ingest.py",),
    "ir_measures": ("eval/",),
    "rapidfuzz": ("eval/",),
    "haystack": ("eval/peers/",),
    "jieba": ("eval/peers/",),
    "langchain_chroma": ("eval/peers/",),
    "langchain_classic": ("eval/peers/",),
    "langchain_community": ("eval/peers/",),
    "langchain_text_splitters": ("eval/peers/",),
    "gradio": ("ui.py",),
    "fastapi": (
        "ui.py",
        "assistant/api.py",
        "assistant/web/routes.py",
        "assistant/staff/asked.py",
        "assistant/staff/draft_routes.py",
        "assistant/staff/routes.py",
        "assistant/staff/guard.py",
    ),
    "uvicorn": ("assistant/web/server.py",),
}
FILES = sorted(path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))
FILES.append(ROOT / "ui.py")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way_and_vendors_keep_their_seats(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    found = imports(path)
    ours = found & {*MAY_IMPORT, "ui", "tests"}
    assert ours <= MAY_IMPORT[place.split("/")[0]] | MAY_ALSO_IMPORT.get(place, set())
    for vendor in found & SEATS.keys():
        assert place.startswith(SEATS[vendor]), f"{place} imports {vendor}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_says_its_one_job_in_its_first_line(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert docstring and docstring.splitlines()[0].strip()


def test_nothing_names_a_package_index_or_a_path_of_one_machine() -> None:
    for path in [*FILES, ROOT / "constraints.txt", ROOT / "pyproject.toml", *ROOT.glob("README*")]:
        text = path.read_text("utf-8")
        assert "index" + "-url" not in text and "/simple" not in text, path
        assert "/home/" not in text, path
