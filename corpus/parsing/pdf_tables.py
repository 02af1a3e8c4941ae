"""Find the ruled tables of PDF pages with pdfplumber, merged cells and page breaks resolved."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import pdfplumber

from corpus.parsing.lines import Line
from corpus.parsing.normalise import normalise_line
from corpus.parsing.page_lines import Page, Piece, merge_pieces
from corpus.parsing.tables import cell_text, table_lines

_TOLERANCE = 2.0
_MOST_TABLE_PAGES = 300
_CLOSE_TO_EDGE = 0.16


@dataclass(frozen=True, slots=True)
class PdfTable:
    """A table on a page: its rows and the box they fill, `top` growing downwards."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    page: int
    box: tuple[float, float, float, float]
    grid: tuple[tuple[str, ...], ...]


def find_tables(data: bytes, ruled: Sequence[int], pages: Sequence[Page]) -> list[PdfTable]:
    """Return the tables of the pages that have rules drawn on them (0-based numbers).

    A table that goes on at the top of the next page is one table: its rows keep its headers.
    """
    if not ruled:
        return []
    found: list[_Found] = []
    with pdfplumber.open(io.BytesIO(data)) as document:
        for index in ruled[:_MOST_TABLE_PAGES]:
            page = document.pages[index]
            for table in page.find_tables():
                grid = _grid(table, pages[index])
                if len(grid) > 1 and len(grid[0]) > 1 and any(map(any, grid)):
                    found.append(_Found(index + 1, table.bbox, grid))
            page.close()
    return _with_headers(found, pages)


def outside(page: Page, tables: Sequence[PdfTable]) -> Page:
    """Return the page without the lines that stand inside its tables."""
    boxes = [table for table in tables if table.page == page.number]
    kept = tuple(
        piece
        for piece in page.pieces
        if not any(
            box.top - _TOLERANCE <= (piece.top + piece.bottom) / 2 <= box.bottom + _TOLERANCE
            and piece.left < box.right
            and piece.right > box.left
            for box in boxes
        )
    )
    return replace(page, pieces=kept)


def _grid(table: pdfplumber.table.Table, page: Page) -> tuple[tuple[str, ...], ...]:
    """Return the cells by row, a merged cell repeated in every place it covers."""
    cells = [cell for cell in table.cells if cell is not None]
    lefts = _edges([cell[0] for cell in cells] + [cell[2] for cell in cells])
    tops = _edges([cell[1] for cell in cells] + [cell[3] for cell in cells])
    texts = {cell: _text_within(cell, page) for cell in cells}
    return tuple(
        tuple(
            next(
                (
                    texts[cell]
                    for cell in cells
                    if cell[0] - _TOLERANCE <= (left + right) / 2 <= cell[2] + _TOLERANCE
                    and cell[1] - _TOLERANCE <= (top + bottom) / 2 <= cell[3] + _TOLERANCE
                ),
                "",
            )
            for left, right in pairwise(lefts)
        )
        for top, bottom in pairwise(tops)
    )


def _edges(values: Sequence[float]) -> list[float]:
    """Return the distinct positions of rules, those closer than a rule's width taken as one."""
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > _TOLERANCE:
            edges.append(value)
    return edges


def _text_within(cell: tuple[float, float, float, float], page: Page) -> str:
    """Return the text in a cell, the lines its width broke joined."""
    left, top, right, bottom = cell
    inside: list[Piece] = [
        piece
        for piece in page.pieces
        if left - _TOLERANCE <= (piece.left + piece.right) / 2 <= right + _TOLERANCE
        and top - _TOLERANCE <= (piece.top + piece.bottom) / 2 <= bottom + _TOLERANCE
    ]
    return cell_text([line.text for line in merge_pieces(inside)], wrapped=True)


def _with_headers(found: Sequence[_Found], pages: Sequence[Page]) -> list[PdfTable]:
    """Return the rows of the tables; one continued from the page before gets its headers."""
    tables: list[PdfTable] = []
    header: tuple[str, ...] = ()
    for index, table in enumerate(found):
        before = found[index - 1] if index else None
        goes_on = before is not None and _continues(before, table, pages)
        grid = list(table.grid)
        if goes_on and header:
            if [normalise_line(cell) for cell in grid[0]] != [normalise_line(c) for c in header]:
                grid.insert(0, header)
            lines = table_lines(grid, header_rows=1, page=table.page)
        else:
            lines = table_lines(grid, page=table.page)
            header = grid[0]
        tables.append(PdfTable(table.page, *table.box, tuple(lines)))
    return tables


def _continues(before: _Found, table: _Found, pages: Sequence[Page]) -> bool:
    """Tell whether a table at the top of a page goes on from one at the foot of the page before."""
    above, here = pages[before.page - 1], pages[table.page - 1]
    return (
        table.page == before.page + 1
        and len(table.grid[0]) == len(before.grid[0])
        and before.box[3] >= above.height * (1 - _CLOSE_TO_EDGE)
        and table.box[1] <= here.height * _CLOSE_TO_EDGE
    )
