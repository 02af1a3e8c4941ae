"""Read a sample document's source: YAML front matter, then one block a line in a light markup.

The markup: `# ` title, `## ` and `### ` headings, `^^ ` a centred line, `>> ` a line set right,
`| a | b |` a table row (the first row of a table is its header), anything else a paragraph. In a
table, a cell that is only `^` belongs to the cell above it, one that is only `<` to its left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

from corpus.errors import UsageError

MERGE_UP = "^"
MERGE_LEFT = "<"


class Shape(StrEnum):
    """What a line of a source is; the value is the mark that opens the line."""

    TITLE = "# "
    HEADING = "## "
    SUBHEADING = "### "
    CENTRED = "^^ "
    RIGHT = ">> "
    PARAGRAPH = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text and its shape."""

    text: str
    shape: Shape = Shape.PARAGRAPH


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a table by row, all rows of one length; merge marks are still in place."""

    rows: tuple[tuple[str, ...], ...]

    def spans(self) -> tuple[tuple[int, int, int, int], ...]:
        """Return each merged area as (top row, left column, bottom row, right column)."""
        found = []
        for row, cells in enumerate(self.rows):
            for column, cell in enumerate(cells):
                if cell in (MERGE_UP, MERGE_LEFT):
                    continue
                right = column
                while right + 1 < len(cells) and cells[right + 1] == MERGE_LEFT:
                    right += 1
                bottom = row
                while bottom + 1 < len(self.rows) and self.rows[bottom + 1][column] == MERGE_UP:
                    bottom += 1
                if (bottom, right) != (row, column):
                    found.append((row, column, bottom, right))
        return tuple(found)

    def visible(self, row: int, column: int) -> str:
        """Return a cell's own text, empty where a merge mark stands."""
        cell = self.rows[row][column]
        return "" if cell in (MERGE_UP, MERGE_LEFT) else cell


@dataclass(frozen=True, slots=True)
class Source:
    """A sample document before it takes a format.

    `file` is the path to build, relative to the output folder; `facts` is the front matter (kind,
    topic, issuer, number, index, written, published and what a format needs); `manifest` is what
    the manifest beside the files must say because the text cannot.
    """

    file: str
    title: str
    content: tuple[Line | Table, ...]
    facts: Mapping[str, str]
    manifest: Mapping[str, object]


def read_source(path: Path) -> Source:
    """Read one source file.

    Raises:
        UsageError: The front matter, the file name or the title is missing, or a table is ragged.
    """
    _, _, rest = path.read_text(encoding="utf-8").partition("---\n")
    head, separator, body = rest.partition("\n---\n")
    facts = yaml.safe_load(head) if separator else None
    if not isinstance(facts, dict) or "file" not in facts:
        raise UsageError(f"sample source {path.name!r} has no front matter with a file name")
    manifest = facts.pop("manifest", {})
    content = _read_content(body, path.name)
    titles = [item.text for item in content if isinstance(item, Line) and item.shape is Shape.TITLE]
    if len(titles) != 1:
        raise UsageError(f"sample source {path.name!r} has {len(titles)} title lines, not one")
    return Source(
        file=facts.pop("file"),
        title=titles[0],
        content=content,
        facts={key: str(value) for key, value in facts.items()},
        manifest=manifest,
    )


def read_sources(folder: Path) -> tuple[Source, ...]:
    """Read every source of a folder, in the order of their names."""
    return tuple(read_source(path) for path in sorted(folder.glob("*.md")))


def _read_content(body: str, name: str) -> tuple[Line | Table, ...]:
    content: list[Line | Table] = []
    rows: list[tuple[str, ...]] = []
    for raw in [*body.splitlines(), ""]:
        text = raw.strip()
        if text.startswith("|"):
            rows.append(tuple(cell.strip() for cell in text.strip("|").split("|")))
            continue
        if rows:
            if len({len(row) for row in rows}) > 1:
                raise UsageError(f"sample source {name!r} has a ragged table at {rows[0][0]!r}")
            content.append(Table(tuple(rows)))
            rows = []
        if text:
            shape = next(shape for shape in Shape if text.startswith(shape.value))
            content.append(Line(text.removeprefix(shape.value), shape))
    return tuple(content)
