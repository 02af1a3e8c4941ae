"""Read .xlsx workbooks with openpyxl: each sheet a heading, each row beside its headers.

openpyxl and not unstructured: that one writes merged cells once, so that the rows below lose
their value, and shows dates and percentages as bare numbers.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from corpus.documents import BlockKind
from corpus.errors import ParseError
from corpus.parsing.archive import open_archive, refuse_document_types
from corpus.parsing.lines import Line, OnPage, Reading
from corpus.parsing.office_properties import core_properties
from corpus.parsing.tables import cell_text, table_lines

# openpyxl needs some fifty times the XML in memory; 32 MB of it is half a million cells.
_LARGEST_SHEETS = 32 * 1024 * 1024
_MOST_COLUMNS = 200
_MOST_MERGED_CELLS = 100_000


def read(data: bytes, on_page: OnPage) -> Reading:
    """Read a workbook; the visible sheets count as pages for `on_page` only.

    Raises:
        ParseError: the sheets are larger than any table of a document.
    """
    with open_archive(data) as archive:
        refuse_document_types(archive)
        sheets = [e for e in archive.infolist() if e.filename.startswith(("xl/work", "xl/shared"))]
        if sum(entry.file_size for entry in sheets) > _LARGEST_SHEETS:
            raise ParseError("表格超过 32 MB，像数据库而不是文件，请只保留需要的工作表后导入。")
        properties = core_properties(archive)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions that hold no text
        workbook = load_workbook(io.BytesIO(data), data_only=True)
    visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    lines: list[Line] = []
    for done, sheet in enumerate(visible, start=1):
        found = list(_sheet_lines(sheet))
        if found:
            lines += [Line(sheet.title, BlockKind.HEADING, 1), *found]
        on_page(done, len(visible))
    return Reading(tuple(lines), properties)


def _sheet_lines(sheet: Worksheet) -> Iterator[Line]:
    """Yield the lines of a sheet; blank rows part it into tables."""
    merged = _merged_values(sheet)
    block: list[list[str]] = []
    for row_number, row in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), start=1):
        cells = [
            _shown(merged.get((row_number, column), cell.value), str(cell.number_format))
            for column, cell in enumerate(row, start=1)
        ]
        if any(cells):
            block.append(cells)
        else:
            yield from _block_lines(block)
            block = []
    yield from _block_lines(block)


def _merged_values(sheet: Worksheet) -> dict[tuple[int, int], Any]:
    """Return the value of every place that a merged range covers, by row and column."""
    values: dict[tuple[int, int], Any] = {}
    for merged in sheet.merged_cells.ranges:
        value = sheet.cell(merged.min_row, merged.min_col).value
        rows = range(merged.min_row, min(merged.max_row, sheet.max_row) + 1)
        columns = range(merged.min_col, min(merged.max_col, sheet.max_column, _MOST_COLUMNS) + 1)
        if len(values) + len(rows) * len(columns) > _MOST_MERGED_CELLS:
            break
        values |= {(row, column): value for row in rows for column in columns}
    return values


def _block_lines(block: list[list[str]]) -> list[Line]:
    """Return a table; rows with one value only above or below it are plain lines."""
    width = max((sum(map(bool, row)) for row in block), default=0)
    if width <= 1:
        return [Line(cell) for row in block for cell in row if cell]
    first = next(i for i, row in enumerate(block) if _distinct(row) > 1)
    last = max(i for i, row in enumerate(block) if _distinct(row) > 1) if first < len(block) else 0
    above = [Line(next(filter(None, row))) for row in block[:first]]
    below = [Line(next(filter(None, row))) for row in block[last + 1 :]]
    return above + table_lines(block[first : last + 1]) + below


def _distinct(row: list[str]) -> int:
    return len({cell for cell in row if cell})


def _shown(value: Any, number_format: str) -> str:
    """Return a cell as the sheet shows it."""
    if value is None or isinstance(value, bool):
        return "" if value is None else ("是" if value else "否")
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, int | float):
        percent = "%" in number_format
        number = f"{value * 100 if percent else value:.10g}" if abs(value) < 1e15 else str(value)
        return f"{number}%" if percent else number
    return cell_text(str(value).split("\n"))
