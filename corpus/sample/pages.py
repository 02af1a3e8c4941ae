"""Write a sample document in pages: PDF with text, PDF that is a scan, OFD (GB/T 33190-2016)."""

from __future__ import annotations

import io
import zipfile
from itertools import groupby
from math import ceil
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.colors import black
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Paragraph,
    SimpleDocTemplate,
    Spacer,
)
from reportlab.platypus import Table as PdfTable

from corpus.errors import UsageError
from corpus.sample.office import ZIP_DATE
from corpus.sample.source import Line, Shape, Source, Table
from corpus.sample.typesetting import break_lines, columns

SERIF = "STSong-Light"  # a CID font: every PDF reader brings its own, so none is embedded
SCAN_DPI = 150  # what an office scanner makes
# The page of an official letter (GB/T 9704-2012, 5.2): 22 lines of 28 characters of 16 pt.
PAGE_COLUMNS, PAGE_ROWS, TITLE_COLUMNS = 28, 22, 20
LEFT, TOP, RIGHT_EDGE, CHARACTER, LEADING = 28.0, 37.0, 184.0, 5.6, 10.2  # millimetres
OFD_NAMESPACE = "http://www.ofdspec.org/2016"


def write_pdf(source: Source) -> bytes:
    """Return a PDF with text, a running header and page numbers on every page."""
    registerFont(UnicodeCIDFont(SERIF))
    buffer = io.BytesIO()
    template = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        title=source.title,
        author=source.facts["issuer"],
        topMargin=30 * mm,
        bottomMargin=28 * mm,
        leftMargin=28 * mm,
        rightMargin=26 * mm,
        invariant=1,
    )

    def furnish(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.setFont(SERIF, 10)
        canvas.drawString(28 * mm, 280 * mm, source.facts.get("running_header", source.title))
        canvas.line(28 * mm, 278 * mm, 184 * mm, 278 * mm)
        canvas.drawCentredString(105 * mm, 15 * mm, f"— {document.page} —")

    story = [flowable for item in source.content for flowable in _flowables(item)]
    template.build(story, onFirstPage=furnish, onLaterPages=furnish)
    return buffer.getvalue()


def write_scan(source: Source, font: Path) -> bytes:
    """Return a PDF of page images, as a scanner makes it: no text, a little askew.

    Args:
        source: What to write.
        font: A font file with Chinese glyphs, used to draw the pages.

    Raises:
        UsageError: The font file cannot be read.
    """
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    for number, lines in enumerate(_paged(source), start=1):
        image = _drawn(lines, font, page=number)
        canvas.drawImage(ImageReader(image), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def write_ofd(source: Source) -> bytes:
    """Return an OFD package: pages of text objects, each character placed by DeltaX."""
    pages = _paged(source)
    spread = f'xmlns:ofd="{OFD_NAMESPACE}"'
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    listed = "".join(
        f'<ofd:Page ID="{100 + number}" BaseLoc="Pages/Page_{number}/Content.xml"/>'
        for number in range(len(pages))
    )
    members = {
        "OFD.xml": (
            f'{head}<ofd:OFD {spread} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
            f"<ofd:DocID>{source.facts['document_id']}</ofd:DocID>"
            f"<ofd:Title>{escape(source.title)}</ofd:Title>"
            f"<ofd:Author>{escape(source.facts['issuer'])}</ofd:Author>"
            f"<ofd:CreationDate>{source.facts['published']}</ofd:CreationDate></ofd:DocInfo>"
            "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
        ),
        "Doc_0/Document.xml": (
            f"{head}<ofd:Document {spread}><ofd:CommonData><ofd:MaxUnitID>9999</ofd:MaxUnitID>"
            "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
            "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData>"
            f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
        ),
        "Doc_0/PublicRes.xml": (
            f'{head}<ofd:Res {spread} BaseLoc="Res"><ofd:Fonts>'
            '<ofd:Font ID="1" FontName="FangSong" FamilyName="FangSong"/></ofd:Fonts></ofd:Res>'
        ),
    }
    for number, lines in enumerate(pages):
        members[f"Doc_0/Pages/Page_{number}/Content.xml"] = (
            f'{head}<ofd:Page {spread}><ofd:Content><ofd:Layer ID="{200 + number}">'
            f"{_ofd_lines(lines, number)}</ofd:Layer></ofd:Content></ofd:Page>"
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, member in members.items():
            info = zipfile.ZipInfo(name, ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, member)
    return buffer.getvalue()


def _flowables(item: Line | Table) -> list[object]:
    plain = ParagraphStyle("plain", fontName=SERIF, fontSize=12, leading=20, wordWrap="CJK")
    styles = {
        Shape.TITLE: ParagraphStyle("t", plain, fontSize=18, leading=28, alignment=1),
        Shape.CENTRED: ParagraphStyle("c", plain, alignment=1),
        Shape.RIGHT: ParagraphStyle("r", plain, alignment=2),
        Shape.HEADING: ParagraphStyle("h", plain, fontSize=13, firstLineIndent=24),
        Shape.SUBHEADING: ParagraphStyle("s", plain, firstLineIndent=24),
        Shape.PARAGRAPH: ParagraphStyle("p", plain, firstLineIndent=24),
    }
    if isinstance(item, Line):
        return [Paragraph(escape(item.text), styles[item.shape])]
    cell = ParagraphStyle("cell", plain, fontSize=10.5, leading=15)
    rows = [
        [Paragraph(escape(item.visible(row, column)), cell) for column in range(len(cells))]
        for row, cells in enumerate(item.rows)
    ]
    spans = [("SPAN", (left, top), (right, bottom)) for top, left, bottom, right in item.spans()]
    width = 156 * mm / len(item.rows[0])
    grid = PdfTable(rows, colWidths=[width] * len(item.rows[0]), repeatRows=1)
    grid.setStyle(
        [("GRID", (0, 0), (-1, -1), 0.5, black), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"), *spans]
    )
    return [Spacer(1, 6), grid, Spacer(1, 6)]


def _paged(source: Source) -> list[list[tuple[str, Shape]]]:
    """Return the pages of a document as lines that fit, each with the shape it came from."""
    lines: list[tuple[str, Shape]] = []
    for item in source.content:
        if isinstance(item, Table):
            lines += [("　".join(row), Shape.PARAGRAPH) for row in item.rows]
        elif item.shape is Shape.TITLE:
            length = columns(item.text)
            even = ceil(length / ceil(length / TITLE_COLUMNS))
            lines += [(part, item.shape) for part in break_lines(item.text, even)]
        elif item.shape in (Shape.CENTRED, Shape.RIGHT):
            lines.append((item.text, item.shape))
        else:
            lines += [(part, item.shape) for part in break_lines("　　" + item.text, PAGE_COLUMNS)]
    starts = range(0, len(lines), PAGE_ROWS)
    return [lines[start : start + PAGE_ROWS] for start in starts]


def _face(font: Path, size: int) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(str(font), size)
    except OSError as problem:
        raise UsageError(f"font {str(font)!r} cannot be read: {problem}") from problem


def _drawn(lines: list[tuple[str, Shape]], font: Path, page: int) -> Image.Image:
    def pixels(millimetres: float) -> int:
        return round(millimetres / 25.4 * SCAN_DPI)

    width, height = pixels(210), pixels(297)
    image = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(image)
    for row, (text, shape) in enumerate(lines):
        size = CHARACTER * 1.25 if shape is Shape.TITLE else CHARACTER
        face = _face(font, pixels(size))
        length = pen.textlength(text, font=face)
        left = {
            Shape.TITLE: (width - length) / 2,
            Shape.CENTRED: (width - length) / 2,
            Shape.RIGHT: pixels(RIGHT_EDGE) - length,
        }.get(shape, pixels(LEFT))
        pen.text((left, pixels(TOP + row * LEADING)), text, fill=20, font=face)
    face = _face(font, pixels(4.9))
    pen.text((width / 2 - pixels(6), pixels(274)), f"— {page} —", fill=20, font=face)
    askew = image.rotate(0.4, resample=Image.Resampling.BICUBIC, fillcolor=255)
    return askew.quantize(16).convert("L")


def _ofd_lines(lines: list[tuple[str, Shape]], page: int) -> str:
    objects = []
    for row, (text, shape) in enumerate(lines):
        indent = len(text) - len(text.lstrip("　"))
        shown = text.strip("　")
        length = columns(shown) * CHARACTER
        left = {
            Shape.TITLE: 105 - length / 2,
            Shape.CENTRED: 105 - length / 2,
            Shape.RIGHT: RIGHT_EDGE - length,
        }.get(shape, LEFT + indent * CHARACTER)
        top = TOP + row * LEADING
        objects.append(
            f'<ofd:TextObject ID="{1000 * (page + 1) + row}" Font="1" Size="{CHARACTER}" '
            f'Boundary="{left:.2f} {top:.2f} {length:.2f} {CHARACTER:.2f}">'
            f'<ofd:TextCode X="0" Y="{CHARACTER * 0.85:.2f}" DeltaX="{_ofd_delta(shown)}">'
            f"{escape(shown)}</ofd:TextCode></ofd:TextObject>"
        )
    return "".join(objects)


def _ofd_delta(text: str) -> str:
    """Return the steps from character to character, runs written as `g count step`."""
    steps = [f"{columns(character) * CHARACTER:.1f}" for character in text[:-1]]
    runs = [(step, len(list(run))) for step, run in groupby(steps)]
    return " ".join(f"g {count} {step}" if count > 1 else step for step, count in runs)
