"""Small sound files of every format, built here so that tests can damage them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from openpyxl import Workbook
from PIL import Image
from pptx import Presentation
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from corpus.documents import ParsedFile
from corpus.parsing import parse

PARAGRAPHS = [
    "清河市人民政府关于推进政务服务的通知",
    "各县（区）人民政府，市政府各部门：",
    "一、总体要求",
    "第一条 为了规范政务服务，方便企业和群众办事，制定本办法。",
    "（一）坚持便民利民。申请材料能够通过数据共享获取的，不得要求申请人提交。",
    "本办法自2026年1月1日起施行。",
]
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFD = "http://www.ofdspec.org/2016"


def zip_bytes(entries: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def docx_bytes(body: str, **parts: str) -> bytes:
    document = f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    entries: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": document,
    }
    for name, content in parts.items():
        entries[f"word/{name}.xml"] = content.replace("<w:", "<w:", 1)
    return zip_bytes(entries)


def word_paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def pdf_bytes(pages: list[list[tuple[float, float, str]]], *, size: float = 16) -> bytes:
    """Return a PDF with text at (x, y from the top) in points on A4 pages."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842), invariant=True)
    for page in pages:
        canvas.setFont("STSong-Light", size)
        for x, y, text in page:
            canvas.drawString(x, 842 - y, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def ofd_bytes(pages: list[str], *, template: str = "", info: str = "") -> bytes:
    """Return an OFD file from the TextObjects of its pages."""
    listed = "".join(
        f'<ofd:Page ID="{i}" BaseLoc="Pages/Page_{i}/Content.xml"/>' for i in range(len(pages))
    )
    used = '<ofd:Template TemplateID="900"/>' if template else ""
    named = '<ofd:TemplatePage ID="900" BaseLoc="Tpls/Tpl_0/Content.xml"/>' if template else ""
    entries: dict[str, str | bytes] = {
        "OFD.xml": f'<ofd:OFD xmlns:ofd="{OFD}"><ofd:DocBody><ofd:DocInfo>{info}</ofd:DocInfo>'
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f'<ofd:Document xmlns:ofd="{OFD}"><ofd:CommonData><ofd:PageArea>'
        f"<ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>{named}</ofd:CommonData>"
        f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
    }
    if template:
        entries["Doc_0/Tpls/Tpl_0/Content.xml"] = ofd_page(template)
    for index, objects in enumerate(pages):
        entries[f"Doc_0/Pages/Page_{index}/Content.xml"] = ofd_page(used + objects, nested=False)
    return zip_bytes(entries)


def ofd_page(objects: str, *, nested: bool = True) -> str:
    template, _, texts = objects.rpartition("/>") if not nested else ("", "", objects)
    head = f"{template}/>" if template else ""
    return (
        f'<ofd:Page xmlns:ofd="{OFD}">{head}<ofd:Content><ofd:Layer>{texts}</ofd:Layer>'
        "</ofd:Content></ofd:Page>"
    )


def ofd_text(x: float, y: float, text: str, *, boundary: bool = True, delta: str = "") -> str:
    place = f'Boundary="{x} {y} 150 6"' if boundary else ""
    start = 'X="0" Y="5"' if boundary else f'X="{x}" Y="{y + 5}"'
    steps = delta or f"g {len(text) - 1} 5.6"
    return (
        f'<ofd:TextObject Size="5.6" {place}><ofd:TextCode {start} DeltaX="{steps}">'
        f"{text}</ofd:TextCode></ofd:TextObject>"
    )


def _xlsx() -> bytes:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row in (["项目", "类别", "标准（元）"], ["低保", "城市", 810], [None, "农村", 660]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _pptx() -> bytes:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = PARAGRAPHS[0]
    slide.placeholders[1].text = PARAGRAPHS[3]
    buffer = io.BytesIO()
    deck.save(buffer)
    return buffer.getvalue()


def _eml() -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = PARAGRAPHS[0], "a@b.example", "c@d.example"
    message.set_content("\n".join(PARAGRAPHS[1:]))
    return bytes(message)


def _png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(buffer, "png")
    return buffer.getvalue()


@pytest.fixture(scope="session")
def sound_files() -> dict[str, bytes]:
    """One readable file a suffix (the .png is readable, and blank)."""
    text = "\n".join(PARAGRAPHS)
    html = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    lines = [(80.0, 100.0 + 30 * i, line[:25]) for i, line in enumerate(PARAGRAPHS)]
    return {
        ".txt": text.encode(),
        ".md": f"# {text}".encode(),
        ".html": f"<html><head><title>{PARAGRAPHS[0]}</title></head><body>{html}</body></html>".encode(),
        ".eml": _eml(),
        ".docx": docx_bytes("".join(map(word_paragraph, PARAGRAPHS))),
        ".xlsx": _xlsx(),
        ".pptx": _pptx(),
        ".pdf": pdf_bytes([lines, lines]),
        ".ofd": ofd_bytes(
            ["".join(ofd_text(30, 30 + 10 * i, t) for i, t in enumerate(PARAGRAPHS))]
        ),
        ".png": _png(),
    }


Read = Callable[[bytes, str], ParsedFile]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that writes bytes to a file with a suffix and parses it."""

    def read_bytes(data: bytes, suffix: str) -> ParsedFile:
        path = tmp_path / f"文件{suffix}"
        path.write_bytes(data)
        return parse(path)

    return read_bytes


@pytest.fixture(scope="session")
def make() -> type[Make]:
    """Return the builders of single files."""
    return Make


class Make:
    """The builders, in one name for the tests."""

    zip = staticmethod(zip_bytes)
    docx = staticmethod(docx_bytes)
    word_paragraph = staticmethod(word_paragraph)
    pdf = staticmethod(pdf_bytes)
    ofd = staticmethod(ofd_bytes)
    ofd_text = staticmethod(ofd_text)


def assert_covers(parsed: ParsedFile) -> None:
    """Assert that the blocks are the text: in order, none empty, nothing between but newlines."""
    pieces = [parsed.text[block.start : block.end] for block in parsed.blocks]
    assert parsed.text == "\n".join(pieces)
    assert all(piece and piece == piece.strip() and "\n" not in piece for piece in pieces)
    assert [b.start for b in parsed.blocks] == sorted({b.start for b in parsed.blocks})


@pytest.fixture(scope="session")
def covers() -> Callable[[ParsedFile], None]:
    return assert_covers
