"""Read .docx documents below python-docx, from the XML parts themselves.

unstructured loses merged table cells, heading levels and automatic numbering, and repeats text
boxes; python-docx needs the whole package to be sound. Reading document.xml with the styles and
the numbering beside it keeps all of these, and reads a file whose other parts are damaged.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from lxml import etree

from corpus.documents import BlockKind
from corpus.errors import ParseError
from corpus.parsing.archive import open_archive, read_entry, refuse_document_types
from corpus.parsing.lines import Line, OnPage, Reading
from corpus.parsing.office_properties import core_properties
from corpus.parsing.tables import cell_text, table_lines
from corpus.parsing.word_numbering import Numbering, read_numbering
from corpus.parsing.xml import attribute, child, local_name, parse_xml

_HEADING_NAME = re.compile(r"(?:heading|标题)\s*([1-9])$", re.I)
_TITLE_NAME = re.compile(r"(?:title|标题|公文标题|文件标题)$", re.I)
# Deleted text, the fallback of a drawing, and text boxes (read as lines of their own).
_SKIPPED = frozenset({"del", "moveFrom", "Fallback", "txbxContent", "pPr", "rPr", "instrText"})
_TEXT_OF = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_MOST_STYLE_STEPS = 20
_MOST_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class _Style:
    """What a paragraph style says: a title, a heading level, a list."""

    title: bool = False
    level: int = 0
    list_id: str = ""
    list_level: int = 0


@dataclass(frozen=True, slots=True)
class _Context:
    styles: dict[str, _Style]
    numbering: Numbering


def read(data: bytes, on_page: OnPage) -> Reading:
    """Read a Word document; `on_page` is not called, pages exist only once it is laid out.

    Raises:
        ParseError: the document part is missing or damaged.
    """
    with open_archive(data) as archive:
        refuse_document_types(archive)
        properties = core_properties(archive)
        root = parse_xml(read_entry(archive, "word/document.xml"))
        styles = _read_styles(_optional(archive, "word/styles.xml"))
        numbering = read_numbering(_optional(archive, "word/numbering.xml"))
    body = child(root, "body")
    if body is None:
        raise ParseError("没有正文部分，文件可能已损坏，请用 Word 或 WPS 打开并另存后重新导入。")
    return Reading(tuple(_body_lines(body, _Context(styles, numbering))), properties)


def _optional(archive: zipfile.ZipFile, name: str) -> etree._Element | None:
    return parse_xml(read_entry(archive, name)) if name in archive.namelist() else None


def _read_styles(root: etree._Element | None) -> dict[str, _Style]:
    """Return the paragraph styles by id, each with what it inherits."""
    if root is None:
        return {}
    elements = {attribute(e, "styleId"): e for e in root if local_name(e) == "style"}
    return {style_id: _inherited(style_id, elements) for style_id in elements}


def _inherited(style_id: str, elements: dict[str, etree._Element]) -> _Style:
    title, level, list_id, list_level = False, 0, "", 0
    element = elements.get(style_id)
    for step in range(_MOST_STYLE_STEPS):
        if element is None:
            break
        name = attribute(child(element, "name"), "val")
        named = _HEADING_NAME.search(name)
        properties = child(element, "pPr")
        outline = attribute(child(properties, "outlineLvl"), "val")
        level = level or (int(named.group(1)) if named else 0)
        level = level or (int(outline) + 1 if outline.isdigit() and int(outline) < 9 else 0)
        title = title or (step == 0 and _TITLE_NAME.match(name) is not None)
        numbered = child(properties, "numPr")
        if not list_id:
            list_id = attribute(child(numbered, "numId"), "val")
            list_level = _integer(attribute(child(numbered, "ilvl"), "val"))
        element = elements.get(attribute(child(element, "basedOn"), "val"))
    return _Style(title, 0 if title else level, list_id, list_level)


def _integer(value: str) -> int:
    return int(value) if value.isdigit() else 0


def _body_lines(container: etree._Element, context: _Context) -> Iterator[Line]:
    """Yield the lines of a body, cell or content control, in order."""
    for element in container:
        name = local_name(element)
        if name == "p":
            yield from _paragraph_lines(element, context)
        elif name == "tbl":
            yield from _table_lines(element, context)
        elif name in ("sdt", "sdtContent", "ins", "smartTag", "customXml"):
            yield from _body_lines(element, context)


def _paragraph_lines(paragraph: etree._Element, context: _Context) -> Iterator[Line]:
    properties = child(paragraph, "pPr")
    style = context.styles.get(attribute(child(properties, "pStyle"), "val"), _Style())
    outline = attribute(child(properties, "outlineLvl"), "val")
    level = int(outline) + 1 if outline.isdigit() and int(outline) < 9 else style.level
    text = "".join(_pieces(paragraph))
    if text.strip():
        text = _number(properties, style, context.numbering) + text.lstrip()
    kind = BlockKind.HEADING if level else BlockKind.PARAGRAPH
    if style.title:
        yield Line(" ".join(text.split("\n")), BlockKind.TITLE, 1)
    else:
        for piece in text.split("\n"):
            yield Line(piece, kind, level)
    for box in _text_boxes(paragraph):
        yield from _body_lines(box, context)


def _number(properties: etree._Element | None, style: _Style, numbering: Numbering) -> str:
    """Return the automatic number before a paragraph."""
    numbered = child(properties, "numPr")
    list_id = attribute(child(numbered, "numId"), "val") or style.list_id
    level = attribute(child(numbered, "ilvl"), "val")
    return numbering.label(list_id, _integer(level) if level else style.list_level)


def _pieces(element: etree._Element) -> Iterator[str]:
    """Yield the visible text under an element."""
    for part in element:
        name = local_name(part)
        if name == "t":
            yield part.text or ""
        elif name in _TEXT_OF:
            yield _TEXT_OF[name]
        elif name not in _SKIPPED:
            yield from _pieces(part)


def _text_boxes(paragraph: etree._Element) -> Iterator[etree._Element]:
    """Yield the text boxes of a paragraph; those inside them are found when they are read."""
    for box in paragraph.iter("{*}txbxContent"):
        above = takewhile(lambda element: element is not paragraph, box.iterancestors())
        if not {local_name(element) for element in above} & {"Fallback", "txbxContent"}:
            yield box


def _table_lines(table: etree._Element, context: _Context) -> Iterator[Line]:
    """Yield the rows of a table; a table of one column is a frame around paragraphs."""
    rows = [list(_cells(row)) for row in _rows(table)]
    if all(len(row) <= 1 for row in rows):
        for row in rows:
            for cell in row:
                yield from _body_lines(cell, context)
        return
    grid: list[list[str]] = []
    header_rows = 0
    for index, (element, cells) in enumerate(zip(_rows(table), rows, strict=True)):
        marked = child(child(element, "trPr"), "tblHeader")
        if marked is not None and attribute(marked, "val") not in ("0", "false", "off"):
            header_rows += index == header_rows
        grid.append(_grid_row(cells, grid[-1] if grid else [], context))
    yield from table_lines(grid, header_rows=header_rows or None)


def _grid_row(cells: list[etree._Element], above: list[str], context: _Context) -> list[str]:
    """Return the cells of one row; merged ones repeat the value they are merged with."""
    row: list[str] = []
    for cell in cells:
        properties = child(cell, "tcPr")
        span = min(max(_integer(attribute(child(properties, "gridSpan"), "val")), 1), _MOST_COLUMNS)
        merged = child(properties, "vMerge")
        if merged is not None and attribute(merged, "val") != "restart":
            text = above[len(row)] if len(row) < len(above) else ""
        else:
            text = cell_text([line.text for line in _body_lines(cell, context)])
        row += [text] * span
    return row


def _rows(table: etree._Element) -> list[etree._Element]:
    return [row for row in _unwrapped(table) if local_name(row) == "tr"]


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    return (cell for cell in _unwrapped(row) if local_name(cell) == "tc")


def _unwrapped(element: etree._Element) -> Iterator[etree._Element]:
    """Yield the children, those inside content controls and tracked insertions too."""
    for part in element:
        if local_name(part) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _unwrapped(part)
        else:
            yield part
