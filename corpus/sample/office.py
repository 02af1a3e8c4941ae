"""Write a sample document as docx, xlsx or pptx, the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from pptx import Presentation
from pptx.util import Pt as SlidePt

from corpus.sample.source import Line, Shape, Source, Table

ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_ALIGNMENT = {
    Shape.CENTRED: WD_ALIGN_PARAGRAPH.CENTER,
    Shape.RIGHT: WD_ALIGN_PARAGRAPH.RIGHT,
}


def write_docx(source: Source) -> bytes:
    """Return a Word document: title and headings by style, tables with their merged cells."""
    document = Document()
    for style in ("Normal", "Title", "Heading 1", "Heading 2"):
        fonts = document.styles[style].element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), "FangSong" if style == "Normal" else "SimHei")
    for item in source.content:
        if isinstance(item, Table):
            _docx_table(document, item)
        elif item.shape is Shape.TITLE:
            document.add_heading(item.text, level=0).alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif item.shape is Shape.HEADING:
            document.add_heading(item.text, level=1)
        elif item.shape is Shape.SUBHEADING:
            document.add_heading(item.text, level=2)
        else:
            paragraph = document.add_paragraph(item.text)
            if item.shape is Shape.PARAGRAPH:
                paragraph.paragraph_format.first_line_indent = Pt(24)
            else:
                paragraph.alignment = _ALIGNMENT[item.shape]
    _set_properties(document.core_properties, source)
    buffer = io.BytesIO()
    document.save(buffer)
    return _settle(buffer.getvalue(), _moment(source))


def write_xlsx(source: Source) -> bytes:
    """Return a workbook: a sheet for each heading, lines above the table in merged rows."""
    workbook = Workbook()
    for empty in workbook.worksheets:
        workbook.remove(empty)
    sheet = None
    width = max(len(item.rows[0]) for item in source.content if isinstance(item, Table))
    opening = [source.title]
    for item in source.content:
        if isinstance(item, Line) and item.shape is Shape.HEADING:
            sheet = workbook.create_sheet(item.text)
            for text in opening:
                _sheet_line(sheet, text, width)
            opening = []
        elif sheet is None:
            if isinstance(item, Line) and item.shape is not Shape.TITLE:
                opening.append(item.text)
        elif isinstance(item, Line):
            _sheet_line(sheet, item.text, width)
        else:
            _sheet_table(sheet, item)
    workbook.properties.title = source.title
    workbook.properties.creator = source.facts["issuer"]
    workbook.properties.created = _moment(source).replace(tzinfo=None)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return _settle(buffer.getvalue(), _moment(source))


def write_pptx(source: Source) -> bytes:
    """Return slides: a title slide, then one slide a heading with its lines and tables."""
    slides = Presentation()
    cover = slides.slides.add_slide(slides.slide_layouts[0])
    cover.shapes.title.text = source.title
    under = cover.placeholders[1].text_frame
    frame = under
    slide = cover
    for item in source.content:
        if isinstance(item, Line) and item.shape is Shape.TITLE:
            continue
        if isinstance(item, Line) and item.shape is Shape.HEADING:
            slide = slides.slides.add_slide(slides.slide_layouts[1])
            slide.shapes.title.text = item.text
            frame = slide.placeholders[1].text_frame
        elif isinstance(item, Line):
            paragraph = frame.paragraphs[0] if not frame.text else frame.add_paragraph()
            paragraph.text = item.text
            paragraph.font.size = SlidePt(20)
        else:
            _slide_table(slide, item)
    _set_properties(slides.core_properties, source)
    buffer = io.BytesIO()
    slides.save(buffer)
    return _settle(buffer.getvalue(), _moment(source))


def _docx_table(document, table: Table) -> None:  # type: ignore[no-untyped-def]
    grid = document.add_table(rows=len(table.rows), cols=len(table.rows[0]), style="Table Grid")
    for row, cells in enumerate(table.rows):
        for column in range(len(cells)):
            grid.cell(row, column).text = table.visible(row, column)
    for top, left, bottom, right in table.spans():
        text = table.visible(top, left)
        # Merging joins the paragraphs of both cells, so the text is set again.
        grid.cell(top, left).merge(grid.cell(bottom, right)).text = text


def _sheet_line(sheet, text: str, width: int) -> None:  # type: ignore[no-untyped-def]
    row = sheet.max_row + 1 if sheet["A1"].value is not None else 1
    sheet.cell(row, 1, text).alignment = Alignment(wrap_text=True)
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)


def _sheet_table(sheet, table: Table) -> None:  # type: ignore[no-untyped-def]
    first = sheet.max_row + 1 if sheet["A1"].value is not None else 1
    for row, cells in enumerate(table.rows):
        for column in range(len(cells)):
            if text := table.visible(row, column):
                value = int(text) if re.fullmatch(r"[1-9]\d{0,5}", text) else text
                cell = sheet.cell(first + row, 1 + column, value)
                cell.font = Font(bold=row == 0)
    for top, left, bottom, right in table.spans():
        sheet.merge_cells(
            start_row=first + top,
            start_column=1 + left,
            end_row=first + bottom,
            end_column=1 + right,
        )
    for column in range(1, len(table.rows[0]) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 22


def _slide_table(slide, table: Table) -> None:  # type: ignore[no-untyped-def]
    rows, columns = len(table.rows), len(table.rows[0])
    place = (SlidePt(40), SlidePt(250), SlidePt(640), SlidePt(30 * rows))
    grid = slide.shapes.add_table(rows, columns, *place).table
    for row, cells in enumerate(table.rows):
        for column in range(len(cells)):
            grid.cell(row, column).text = table.visible(row, column)
            grid.cell(row, column).text_frame.paragraphs[0].font.size = SlidePt(14)
    for top, left, bottom, right in table.spans():
        grid.cell(top, left).merge(grid.cell(bottom, right))


def _moment(source: Source) -> datetime:
    return datetime.strptime(source.facts["published"], "%Y-%m-%d").replace(tzinfo=UTC)


def _set_properties(properties, source: Source) -> None:  # type: ignore[no-untyped-def]
    properties.title = source.title
    properties.author = properties.last_modified_by = source.facts["issuer"]
    properties.comments = ""
    properties.created = properties.modified = _moment(source).replace(tzinfo=None)


def _settle(data: bytes, moment: datetime) -> bytes:
    """Return the same package with no trace of when it was written."""
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            member = old.read(name)
            if name == "docProps/core.xml":
                pattern = rb"(<dcterms:modified[^>]*>)[^<]*"
                member = re.sub(pattern, rb"\g<1>" + stamp, member)
            info = zipfile.ZipInfo(name, ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, member)
    return buffer.getvalue()
