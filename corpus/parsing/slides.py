"""Read .pptx presentations: slide titles as headings, text and tables in reading order."""

from __future__ import annotations

from corpus.documents import BlockKind
from corpus.parsing import _unstructured, web
from corpus.parsing.archive import open_archive, refuse_document_types
from corpus.parsing.lines import Line, OnPage, Reading
from corpus.parsing.office_properties import core_properties


def read(data: bytes, on_page: OnPage) -> Reading:
    """Read a presentation; a page is a slide."""
    with open_archive(data) as archive:
        refuse_document_types(archive)
        properties = core_properties(archive)
    elements = _unstructured.partition_slides(data)
    pages = max((element.metadata.page_number or 1 for element in elements), default=1)
    lines: list[Line] = []
    for element in elements:
        page = element.metadata.page_number or 1
        if element.category == "Table" and element.metadata.text_as_html:
            table = web.fragment_lines(element.metadata.text_as_html)
            lines += [Line(line.text, line.kind, line.level, page) for line in table]
        elif element.category == "Title" and not element.metadata.parent_id:
            lines += _text_lines(element.text, page, level=1)
        elif element.category != "PageBreak":
            lines += _text_lines(element.text, page, level=0)
        on_page(page, pages)
    return Reading(tuple(lines), properties)


def _text_lines(text: str, page: int, *, level: int) -> list[Line]:
    kind = BlockKind.HEADING if level else BlockKind.PARAGRAPH
    return [Line(piece, kind, level, page) for piece in text.splitlines()]
