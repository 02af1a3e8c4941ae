"""Read PDF files: text and its places by pypdfium2, tables by pdfplumber, scans by recognition.

unstructured's PDF partitioner needs torch even for plain text and knows no running headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import pairwise

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # ships no types
import pypdfium2.raw as pdfium_raw  # type: ignore[import-untyped]

from corpus.errors import ParseError
from corpus.parsing.lines import OnPage, Reading
from corpus.parsing.normalise import normalise_line
from corpus.parsing.page_lines import Page, Piece, drop_running_lines, merge_pieces
from corpus.parsing.page_paragraphs import PlacedRows, page_paragraphs
from corpus.parsing.pdf_tables import find_tables, outside

_MOST_PAGES = 3000
# At two to four seconds a page: half an hour, the longest a person would leave one file running.
_MOST_SCANNED_PAGES = 500
_FEWEST_CHARACTERS = 8
_FEWEST_READABLE = 0.5
# In heights of the text: a Latin space is about a quarter, table columns stand further apart.
_WORD_GAP = 0.2
_WIDEST_GAP = 0.9
_MOST_OBJECTS = 200_000
_PROPERTIES = ("Title", "Author", "Subject", "Keywords", "CreationDate")
# What writing programs fill in when nobody said anything.
_PLACEHOLDERS = frozenset({"untitled", "anonymous", "unspecified", "none", "null", "unknown"})
_PDF_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")


def read(data: bytes, on_page: OnPage) -> Reading:
    """Read a PDF file; pages without text are recognised from their image.

    Raises:
        ParseError: it has a password, no pages, too many pages, or is damaged.
    """
    with closing(_open(data)) as document:
        count = len(document)
        if count == 0:
            raise ParseError("PDF 没有页面，可能已损坏，请重新获取原文件。")
        if count > _MOST_PAGES:
            raise ParseError(f"PDF 超过 {_MOST_PAGES} 页，请拆分后重新导入。")
        pages: list[Page] = []
        ruled: list[int] = []
        scanned = 0
        for index in range(count):
            with closing(document[index]) as page:
                found, is_scan, has_rules = _read_page(page, index + 1)
                if is_scan:
                    scanned += 1
                    if scanned > _MOST_SCANNED_PAGES:
                        raise ParseError(f"扫描页超过 {_MOST_SCANNED_PAGES} 页，请拆分后重新导入。")
                    found = _recognise(page, index + 1)
            pages.append(found)
            if has_rules:
                ruled.append(index)
            on_page(index + 1, count)
        properties = _properties(document)
    tables = find_tables(data, ruled, pages)
    pages = [
        replace(page, pieces=tuple(merge_pieces(outside(page, tables).pieces))) for page in pages
    ]
    rows = [PlacedRows(table.page, table.top, table.lines) for table in tables]
    return Reading(tuple(page_paragraphs(drop_running_lines(pages), rows)), properties)


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", 0) == pdfium_raw.FPDF_ERR_PASSWORD:
            raise ParseError("PDF 有密码，请去掉密码后重新导入。") from error
        raise ParseError("PDF 不完整或已损坏，请重新下载或从原单位重新获取。") from error


def _properties(document: pdfium.PdfDocument) -> dict[str, str]:
    properties = {}
    for key in _PROPERTIES:
        value = document.get_metadata_value(key)
        day = _PDF_DATE.match(value)
        if value.strip("()").lower() not in _PLACEHOLDERS:
            properties[key] = "-".join(day.groups()) if day else value
    return properties


def _read_page(page: pdfium.PdfPage, number: int) -> tuple[Page, bool, bool]:
    """Return the pieces of a page, whether it is a scan, and whether rules are drawn on it."""
    width, height = page.get_size()
    with closing(page.get_textpage()) as text:
        pieces = tuple(_pieces(page, text))
    images = rules = 0
    for seen, item in enumerate(page.get_objects(max_depth=3)):
        images += item.type == pdfium_raw.FPDF_PAGEOBJ_IMAGE
        rules += item.type == pdfium_raw.FPDF_PAGEOBJ_PATH
        if seen > _MOST_OBJECTS:
            break
    whole = "".join(piece.text for piece in pieces)
    readable = normalise_line(whole.replace("\ufffd", ""))
    spoiled = len(readable) < _FEWEST_READABLE * len(re.sub(r"\s", "", whole))
    is_scan = spoiled or (images > 0 and len(readable) < _FEWEST_CHARACTERS)
    return Page(number, width, height, pieces), is_scan, rules >= 4


def _pieces(page: pdfium.PdfPage, text: pdfium.PdfTextPage) -> Iterator[Piece]:
    """Yield the runs of characters that stand together on one line."""
    rotation, size = page.get_rotation(), page.get_size()
    run: list[Piece] = []
    for index in range(text.count_chars()):
        char = chr(pdfium_raw.FPDFText_GetUnicode(text.raw, index))
        # Line ends and spaces that pdfium made up have no box; the boxes around them say more.
        if char in "\r\n\0" or pdfium_raw.FPDFText_IsGenerated(text.raw, index) == 1:
            continue
        found = Piece(char, *_upright(text.get_charbox(index, loose=True), rotation, size))
        if run and not _stands_with(run[-1], found):
            yield _run(run)
            run = []
        run.append(found)
    if run:
        yield _run(run)


def _stands_with(before: Piece, after: Piece) -> bool:
    """Tell whether a character follows another on the same line, a space at most between them."""
    middle = (after.top + after.bottom) / 2
    gap = after.left - before.right
    return (
        before.top <= middle <= before.bottom
        and -_WIDEST_GAP < gap / max(before.height, 0.1) < _WIDEST_GAP
    )


def _run(run: Sequence[Piece]) -> Piece:
    """Return the characters of one run as a piece, with the Latin spaces that gaps stand for."""
    text = run[0].text
    for before, after in pairwise(run):
        apart = after.left - before.right > _WORD_GAP * before.height
        text += f" {after.text}" if apart and not text.endswith(" ") else after.text
    return Piece(
        text,
        min(piece.left for piece in run),
        min(piece.top for piece in run),
        max(piece.right for piece in run),
        max(piece.bottom for piece in run),
        max(piece.height for piece in run),
    )


def _upright(
    box: tuple[float, float, float, float], rotation: int, size: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) as the page is shown, whatever its rotation."""
    left, bottom, right, top = box
    width, height = size
    if rotation == 90:
        return bottom, left, top, right
    if rotation == 180:
        return width - right, bottom, width - left, top
    if rotation == 270:
        return width - top, height - right, width - bottom, height - left
    return left, height - top, right, height - bottom


def _recognise(page: pdfium.PdfPage, number: int) -> Page:
    # Loaded for scans only: the recognition models take seconds and 200 MB.
    from corpus.parsing.ocr import LONGEST_SIDE, recognise

    width, height = page.get_size()
    scale = LONGEST_SIDE / max(width, height, 1.0)
    with closing(page.render(scale=scale)) as bitmap:
        pieces = recognise(bitmap.to_numpy())
    scaled = [
        Piece(p.text, p.left / scale, p.top / scale, p.right / scale, p.bottom / scale)
        for p in pieces
    ]
    return Page(number, width, height, tuple(scaled))
