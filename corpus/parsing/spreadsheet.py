"""Read .xlsx workbooks with openpyxl: each sheet a heading, each row beside its headers.

openpyxl and not unstructured: that one writes merged cells once, so that the rows below lose
their value, and shows dates and percentages as bare numbers. Row by row, because people format
whole columns: a sheet of ten rows then has a million, which would take gigabytes.
"""

from __future__ import annotations

import io
import re
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from corpus.documents import BlockKind
from corpus.errors import ParseError
from corpus.parsing.archive import open_archive, read_entry, refuse_document_types
from corpus.parsing.lines import Line, OnPage, Reading
from corpus.parsing.office_properties import core_properties
from corpus.parsing.tables import cell_text, table_lines

# openpyxl needs some fifty times the XML in memory; 32 MB of it is half a million cells.
_LARGEST_SHEETS = 32 * 1024 * 1024
_MOST_COLUMNS = 200
_MOST_MERGED_CELLS = 100_000
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s+ref=[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")


@dataclass(frozen=True, slots=True)
class _Merged:
    """A merged range, rows and columns counted from one, ends included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


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
            workbook = load_workbook(io.BytesIO(data), data_only=True, read_only=True)
        visible: list[ReadOnlyWorksheet] = [
            sheet
            for sheet in workbook.worksheets
            if isinstance(sheet, ReadOnlyWorksheet) and sheet.sheet_state == "visible"
        ]
        lines: list[Line] = []
        for done, sheet in enumerate(visible, start=1):
            part = sheet._worksheet_path  # type: ignore[attr-defined]  # the stubs lack it
            merged = _merged_ranges(read_entry(archive, part))
            found = list(_sheet_lines(sheet, merged))
            if found:
                lines += [Line(sheet.title, BlockKind.HEADING, 1), *found]
            on_page(done, len(visible))
    return Reading(tuple(lines), properties)


def _merged_ranges(part: bytes) -> list[_Merged]:
    """Return the merged ranges of a sheet; read row by row, openpyxl passes over them."""
    if part.startswith((b"\xff\xfe", b"\xfe\xff")):
        part = part.replace(b"\0", b"")
    found = []
    for match in _MERGED.finditer(part):
        left, top, right, bottom = range_boundaries(match[1].decode("ascii"))
        if left and top and right and bottom:
            found.append(_Merged(top, bottom, left, right))
    return found


def _sheet_lines(sheet: ReadOnlyWorksheet, merged: Sequence[_Merged]) -> Iterator[Line]:
    """Yield the lines of a sheet; blank rows part it into tables."""
    block: list[list[str]] = []
    for cells in _rows(sheet, merged):
        if any(cells):
            block.append(cells)
        elif block:
            yield from _block_lines(block)
            block = []
    yield from _block_lines(block)


def _rows(sheet: ReadOnlyWorksheet, merged: Sequence[_Merged]) -> Iterator[list[str]]:
    """Yield the rows as shown; each place that a merged range covers has its value."""
    starting: dict[int, list[_Merged]] = defaultdict(list)
    for area in merged:
        starting[area.first_row].append(area)
    running: list[tuple[_Merged, str]] = []
    room = _MOST_MERGED_CELLS
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    for number, row in enumerate(sheet.rows, start=1):
        cells = [_shown(c.value, str(c.number_format)) for c in row[:_MOST_COLUMNS]]
        for area in starting.pop(number, ()):
            if area.first_column <= len(cells):
                running.append((area, cells[area.first_column - 1]))
        for area, value in running:
            last = min(area.last_column, _MOST_COLUMNS)
            room -= last - area.first_column + 1
            if room > 0:
                cells += [""] * (last - len(cells))
                cells[area.first_column - 1 : last] = [value] * (last - area.first_column + 1)
        running = [(area, value) for area, value in running if number < area.last_row and room > 0]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _block_lines(block: list[list[str]]) -> list[Line]:
    """Return a table; rows with one value only above or below it are plain lines."""
    telling = [index for index, row in enumerate(block) if _distinct(row) > 1]
    if not telling:  # a title merged over all columns, a note
        return [Line(_first(row)) for row in block]
    longest = max(map(len, block))
    table = [[*row, *[""] * (longest - len(row))] for row in block[telling[0] : telling[-1] + 1]]
    above = [Line(_first(row)) for row in block[: telling[0]]]
    below = [Line(_first(row)) for row in block[telling[-1] + 1 :]]
    return above + table_lines(table) + below


def _first(row: list[str]) -> str:
    return next(filter(None, row))


def _distinct(row: list[str]) -> int:
    return len({cell for cell in row if cell})


def _shown(value: Any, number_format: str) -> str:
    """Return a cell as the sheet shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
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
