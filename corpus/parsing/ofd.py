"""Read OFD files (GB/T 33190-2016): a zip of XML whose text stands at places on pages, in mm.

OFD.xml names each document's root, that names the pages and templates; a page's content holds
TextObjects, each with TextCodes that say where their characters stand. Only text is read: what is
drawn, signed or stamped is not.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from corpus.errors import ParseError
from corpus.parsing.archive import open_archive, read_entry
from corpus.parsing.lines import OnPage, Reading
from corpus.parsing.page_lines import Page, Piece, drop_running_lines, merge_pieces
from corpus.parsing.page_paragraphs import page_paragraphs
from corpus.parsing.xml import attribute, child, local_name, parse_xml

_A4_MILLIMETRES = (210.0, 297.0)
_MOST_PAGES = 3000
_MOST_REPEATS = 10_000
_ENCRYPTION_PARTS = ("encryptions.xml", "encryptinfo.xml", "decryptseed.dat")


@dataclass(frozen=True, slots=True)
class _Matrix:
    """An affine map (a, b, c, d, e, f) as OFD writes it: x' = ax + cy + e, y' = bx + dy + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def apply(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f


def read(data: bytes, on_page: OnPage) -> Reading:
    """Read an OFD file.

    Raises:
        ParseError: it is encrypted, damaged, or has no page.
    """
    with open_archive(data) as archive:
        if any(name.lower().endswith(_ENCRYPTION_PARTS) for name in archive.namelist()):
            raise ParseError("OFD 文件已加密，请用 OFD 阅读器解密并另存后重新导入。")
        entry = parse_xml(read_entry(archive, "OFD.xml"))
        properties: dict[str, str] = {}
        pages: list[Page] = []
        for body in entry:
            if local_name(body) != "DocBody":
                continue
            properties |= _properties(body)
            root = child(body, "DocRoot")
            path = (root.text or "").strip() if root is not None else ""
            pages += _document_pages(archive, path, len(pages), on_page)
    if not pages:
        raise ParseError("OFD 文件没有页面，可能已损坏，请用 OFD 阅读器打开核对。")
    return Reading(tuple(page_paragraphs(drop_running_lines(pages))), properties)


def _properties(body: etree._Element) -> dict[str, str]:
    """Return DocInfo: its plain fields and its custom data, by the names the file gives them."""
    found: dict[str, str] = {}
    info = child(body, "DocInfo")
    for field in info if info is not None else ():
        if local_name(field) == "CustomDatas":
            found |= {attribute(data, "Name"): data.text or "" for data in field}
        elif local_name(field) not in ("DocID", "Cover", "Creator", "CreatorVersion"):
            found[local_name(field)] = " ".join(map(str, field.itertext()))
    return found


def _document_pages(
    archive: zipfile.ZipFile, root_path: str, before: int, on_page: OnPage
) -> list[Page]:
    """Return the pages of one document; `before` pages of earlier ones come first."""
    names = {name.lstrip("/"): name for name in archive.namelist()}
    root_path = root_path.lstrip("/")
    if root_path not in names:
        raise ParseError("OFD 文件缺少正文部分，可能已损坏，请重新获取原文件。")
    folder = posixpath.dirname(root_path)
    root = parse_xml(read_entry(archive, names[root_path]))
    common = child(root, "CommonData")
    width, height = _page_size(child(common, "PageArea"), _A4_MILLIMETRES)
    templates = {
        attribute(template, "ID"): attribute(template, "BaseLoc")
        for template in (common if common is not None else ())
        if local_name(template) == "TemplatePage"
    }
    listed = child(root, "Pages")
    entries = [
        page for page in (listed if listed is not None else ()) if attribute(page, "BaseLoc")
    ]
    if len(entries) > _MOST_PAGES:
        raise ParseError(f"超过 {_MOST_PAGES} 页，请拆分后重新导入。")

    def content(location: str) -> etree._Element | None:
        path = location.lstrip("/") if location.startswith("/") else f"{folder}/{location}"
        path = posixpath.normpath(path)
        for candidate in (path, posixpath.join(path, "Content.xml"), location.lstrip("/")):
            if candidate in names:
                return parse_xml(read_entry(archive, names[candidate]))
        return None

    pages: list[Page] = []
    for index, entry in enumerate(entries, start=1):
        page = content(attribute(entry, "BaseLoc"))
        pieces: list[Piece] = []
        size = (width, height)
        if page is not None:
            size = _page_size(child(page, "Area"), size)
            for used in page:
                if local_name(used) == "Template":
                    template = content(templates.get(attribute(used, "TemplateID"), ""))
                    pieces += _pieces(template) if template is not None else ()
            pieces += _pieces(page)
        pages.append(Page(before + index, *size, tuple(merge_pieces(pieces))))
        on_page(before + index, before + len(entries))
    return pages


def _page_size(area: etree._Element | None, default: tuple[float, float]) -> tuple[float, float]:
    box = child(area, "PhysicalBox")
    numbers = _numbers(box.text or "") if box is not None else []
    return (numbers[2], numbers[3]) if len(numbers) == 4 and min(numbers[2:]) > 0 else default


def _pieces(page: etree._Element) -> Iterator[Piece]:
    """Yield the text codes of a page with their places."""
    for text_object in page.iter("{*}TextObject"):
        boundary = _numbers(attribute(text_object, "Boundary"))
        # Some writers leave it out; its text then stands where its own coordinates say.
        origin = (boundary[0], boundary[1]) if len(boundary) == 4 else (0.0, 0.0)
        numbers = _numbers(attribute(text_object, "CTM"))
        matrix = _Matrix(*numbers) if len(numbers) == 6 else _Matrix()
        size = (_numbers(attribute(text_object, "Size")) or [3.0])[0]
        x, y = 0.0, 0.0
        for code in text_object:
            if local_name(code) != "TextCode" or not code.text:
                continue
            x = (_numbers(attribute(code, "X")) or [x])[0]
            y = (_numbers(attribute(code, "Y")) or [y])[0]
            yield from _code_pieces(code, x, y, size, matrix, origin)


def _code_pieces(
    code: etree._Element,
    x: float,
    y: float,
    size: float,
    matrix: _Matrix,
    origin: tuple[float, float],
) -> Iterator[Piece]:
    """Yield one piece a line of a text code; DeltaY moves its characters to other lines."""
    text = code.text or ""
    steps_x = _deltas(attribute(code, "DeltaX"), len(text))
    steps_y = _deltas(attribute(code, "DeltaY"), len(text))
    height = abs(size * matrix.d) or size
    start, left, baseline = 0, x, y
    for index in range(1, len(text) + 1):
        step_x = steps_x[index - 1] if index <= len(steps_x) else None
        step_y = steps_y[index - 1] if index <= len(steps_y) else 0.0
        if index == len(text) or abs(step_y) > size * 0.3:
            first = matrix.apply(left, baseline)
            last = matrix.apply(x + _advance(text[index - 1], size), y)
            bottom = origin[1] + first[1] + height * 0.15
            yield Piece(
                text[start:index],
                origin[0] + min(first[0], last[0]),
                bottom - height,
                origin[0] + max(first[0], last[0]),
                bottom,
                height,
            )
            start, left, baseline = index, x + (step_x or 0.0), y + step_y
        x += _advance(text[index - 1], size) if step_x is None else step_x
        y += step_y


def _advance(char: str, size: float) -> float:
    return size / 2 if char.isascii() else size


def _deltas(value: str, length: int) -> list[float]:
    """Return the steps between characters; `g 3 5.6` stands for three steps of 5.6."""
    steps: list[float] = []
    tokens = value.split()
    position = 0
    while position < len(tokens) and len(steps) < length:
        if tokens[position] == "g" and position + 2 < len(tokens):
            count = _numbers(tokens[position + 1])
            step = _numbers(tokens[position + 2])
            repeats = min(int(count[0]) if count else 0, _MOST_REPEATS)
            steps += [step[0] if step else 0.0] * repeats
            position += 3
        else:
            steps += _numbers(tokens[position])[:1]
            position += 1
    return steps[:length]


def _numbers(value: str) -> list[float]:
    """Return the numbers in a list attribute; anything else in it is passed over."""
    return [
        float(found) for found in re.findall(r"-?(?:\d+\.?\d{0,12}|\.\d{1,12})", value)[:100_000]
    ]
