"""A .docx, .md or .txt as numbered lines, each with the element (要素) it is."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.drafting.elements import Role, classify, kind_of_title
from assistant.drafting.errors import DocumentFileError

MAX_UNPACKED = 200 * 1024 * 1024  # bytes; a document that unpacks to more is an attack
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
ALTERNATE, FALLBACK = f"{_COMPATIBILITY}AlternateContent", f"{_COMPATIBILITY}Fallback"
FORMATS = (".docx", ".md", ".txt")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKDOWN = re.compile(r"^(?:#{1,6}\s+|>\s?|[-*+]\s+)")
_ESCAPED = re.compile(r"\\([.\\`*_{}\[\]()#+\-!|])")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.S)
# The element that each of our styles is.
STYLE_ROLES = {
    "GwCopyNumber": Role.COPY_NUMBER,
    "GwUrgency": Role.URGENCY,
    "GwMark": Role.MARK,
    "GwNumber": Role.NUMBER,
    "GwTitle": Role.TITLE,
    "GwSubtitle": Role.SUBTITLE,
    "GwAddressees": Role.ADDRESSEES,
    "GwBody": Role.BODY,
    "GwLevel1": Role.BODY,
    "GwLevel2": Role.BODY,
    "GwLevel3": Role.BODY,
    "GwLevel4": Role.BODY,
    "GwPeople": Role.PEOPLE,
    "GwAttachmentNote": Role.ATTACHMENT_NOTE,
    "GwSignature": Role.SIGNATURE,
    "GwDate": Role.DATE,
    "GwNote": Role.NOTE,
    "GwAttachmentMark": Role.ATTACHMENT_MARK,
    "GwAttachmentTitle": Role.ATTACHMENT_TITLE,
    "GwTable": Role.TABLE,
    "GwCopies": Role.COPIES,
    "GwPrinter": Role.PRINTER,
    "GwCategory": Role.CATEGORY,
    "GwLabel": Role.LABEL,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph: its number as a person counts (from 1), its text, the element it is."""

    number: int
    text: str
    role: Role


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document to be checked. `kind` is its 文种, `sources` what its figures may come from.

    `sources` is empty where nothing is known of where the text comes from.
    """

    lines: tuple[Line, ...]
    kind: str
    sources: tuple[str, ...] = ()

    def of(self, *roles: Role) -> list[Line]:
        """Return the lines that are one of some elements."""
        return [line for line in self.lines if line.role in roles]

    @property
    def title(self) -> str:
        """Return the title without its line breaks."""
        return "".join(line.text.replace("\n", "") for line in self.of(Role.TITLE))

    @property
    def running(self) -> list[Line]:
        """Return the running text: body, note and the text of attachments."""
        return self.of(Role.BODY, Role.ATTACHMENT_BODY)


def read_document(path: Path, *, kind: str = "") -> ReadDocument:
    """Read a file to be checked.

    Raises:
        DocumentFileError: It is missing, of another format, corrupt, locked, or carries macros.
    """
    suffix = path.suffix.lower()
    if suffix == ".docx":
        return arrange(read_docx(load_file(path), path.name), kind=kind)
    texts = read_text_lines(decode(load_file(path), path.name), markdown=suffix == ".md")
    return arrange([(text, None) for text in texts], kind=kind)


def read_plain_text(path: Path) -> str:
    """Return the paragraphs of a file as one text.

    Raises:
        DocumentFileError: It cannot be opened.
    """
    if path.suffix.lower() == ".docx":
        return "\n".join(text for text, _ in read_docx(load_file(path), path.name) if text)
    return decode(load_file(path), path.name)


def arrange(entries: Sequence[tuple[str, Role | None]], *, kind: str = "") -> ReadDocument:
    """Number the paragraphs of a text and find out which element each is."""
    roles = classify(entries)
    lines = tuple(
        Line(number, text, role)
        for number, ((text, _), role) in enumerate(zip(entries, roles, strict=True), start=1)
    )
    title = "".join(line.text.replace("\n", "") for line in lines if line.role is Role.TITLE)
    if not title:  # the mark of an order or of minutes is its title
        title = next((line.text for line in lines if line.role is Role.MARK), "")
    return ReadDocument(lines, kind or kind_of_title(title))


def load_file(path: Path) -> bytes:
    """Return the bytes of a file that may be checked.

    Raises:
        DocumentFileError: It is missing, of another format, or cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix == ".docm":
        raise DocumentFileError(f"{path.name} 带宏，不予打开；请另存为不带宏的 .docx 再检查")
    if suffix in (".doc", ".wps"):
        raise DocumentFileError(f"{path.name} 是旧格式；请另存为 .docx 再检查")
    if suffix not in FORMATS:
        raise DocumentFileError(f"不能检查 {path.name}；可检查 {'、'.join(FORMATS)}")
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentFileError(f"打不开 {str(path)!r}：{error.strerror}；请检查路径") from error


def read_docx(data: bytes, name: str) -> list[tuple[str, Role | None]]:
    """Return the paragraphs and table rows of a .docx in order, with the element a style says.

    Raises:
        DocumentFileError: It is corrupt, locked by a password, or carries macros.
    """
    check_package(data, name)
    import docx

    try:
        word = docx.Document(io.BytesIO(data))
        return [*_first_mark(word), *((text, role) for text, role, _ in _story(word))]
    except DocumentFileError:
        raise
    except Exception as error:  # python-docx raises whatever a broken part makes it trip over
        raise DocumentFileError(
            f"{name} 已损坏，读不出内容（{type(error).__name__}）；请用 Word 或 WPS 打开并另存后再试"
        ) from error


def numbered_paragraphs(word: Any) -> list[tuple[int, Any]]:
    """Return the paragraphs of a Word document that have text of their own, with their numbers."""
    first = len(_first_mark(word)) + 1
    return [
        (number, element)
        for number, (_, role, element) in enumerate(_story(word), start=first)
        if role is not Role.TABLE or element is not None
    ]


def _story(word: Any) -> list[tuple[str, Role | None, Any]]:
    """Return text, element and XML of every paragraph and table row; a row has no XML."""
    from docx.oxml.ns import qn

    entries: list[tuple[str, Role | None, Any]] = []
    for element in word.element.body.iter(qn("w:p"), qn("w:tbl")):
        if next(element.iterancestors(FALLBACK), None) is not None:
            continue  # a text box stands twice in a file: as it is, and for old readers
        if element.tag == qn("w:tbl"):
            if not _is_ours(element):
                entries += [(row, Role.TABLE, None) for row in _rows(element)]
            continue
        table = next(element.iterancestors(qn("w:tbl")), None)
        if table is not None and not _is_ours(table):
            continue
        entries.append((paragraph_text(element).strip(), _style_role(element), element))
    return entries


def check_package(data: bytes, name: str) -> None:
    """Refuse a .docx that is locked, broken, carries macros, or unpacks without end.

    Raises:
        DocumentFileError: It is one of these.
    """
    if data.startswith(_OLE):
        raise DocumentFileError(f"{name} 有打开密码或不是真正的 .docx；请取消密码或另存后再试")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            size = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise DocumentFileError(
            f"{name} 已损坏，不是完整的 .docx；请用 Word 或 WPS 打开并另存后再试"
        ) from None
    if any(part.lower().endswith(("vbaproject.bin", "vbadata.xml")) for part in names):
        raise DocumentFileError(f"{name} 带宏，不予打开；请另存为不带宏的 .docx 再检查")
    if "word/document.xml" not in names:
        raise DocumentFileError(f"{name} 已损坏，里面没有正文；请用 Word 或 WPS 打开并另存后再试")
    if size > MAX_UNPACKED:
        raise DocumentFileError(f"{name} 解开后超过 {MAX_UNPACKED // 2**20} MB，不予打开")


def paragraph_text(element: Any) -> str:
    """Return the text of a w:p element: breaks as newlines, tabs as tabs."""
    from docx.oxml.ns import qn

    parts: list[str] = []
    for node in text_nodes(element):
        if node.tag == qn("w:t"):
            parts.append(node.text or "")
        elif node.tag == qn("w:br"):
            parts.append("\n")
        elif node.getparent().tag == qn("w:r"):  # a tab stop in w:tabs is no tab
            parts.append("\t")
    return "".join(parts)


def text_nodes(element: Any) -> Iterator[Any]:
    """Yield text, breaks and tabs of a w:p element; those of a text box in it are paragraphs apart."""
    from docx.oxml.ns import qn

    for node in element.iter(qn("w:t"), qn("w:br"), qn("w:tab")):
        if next(node.iterancestors(qn("w:p"))) is element:
            yield node


def read_text_lines(text: str, *, markdown: bool) -> list[str]:
    """Return the lines of a text; of Markdown without its marks, its front matter empty lines."""
    if not markdown:
        return [line.strip().strip("　") for line in text.splitlines()]
    front = _FRONT_MATTER.match(text)
    skipped = front[0].count("\n") if front else 0
    lines = text.splitlines()
    return [""] * skipped + [unmarked(line) for line in lines[skipped:]]


def unmarked(line: str) -> str:
    """Return a line of Markdown without its marks."""
    plain = _MARKDOWN.sub("", line.strip())
    return _ESCAPED.sub(r"\1", plain.replace("**", "")).strip().strip("　")


def markdown_prefix(line: str) -> str:
    """Return the marks that a line of Markdown opens with."""
    found = _MARKDOWN.match(line.strip())
    return found[0] if found else ""


def decode(data: bytes, name: str) -> str:
    """Return the text of a file in UTF-8, GB 18030 or, where it says so, UTF-16.

    Raises:
        DocumentFileError: It is no text.
    """
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise DocumentFileError(f"{name} 不是文本文件；请另存为 UTF-8 文本或 .docx 再检查")


def _first_mark(word: Any) -> list[tuple[str, Role | None]]:
    """Return the mark of a letter, which stands in the header of its first page."""
    section = word.sections[0]
    if not section.different_first_page_header_footer:
        return []
    return [
        (paragraph.text.strip(), Role.MARK)
        for paragraph in section.first_page_header.paragraphs
        if paragraph._p.pPr is not None and paragraph._p.pPr.style == "GwMark"
    ]


def _style_role(element: Any) -> Role | None:
    properties = element.pPr
    style = properties.style if properties is not None else None
    return STYLE_ROLES.get(style or "")


def _is_ours(table: Any) -> bool:
    """Say whether a table only lays out elements of ours (marks, signatures, 版记)."""
    from docx.oxml.ns import qn

    styles = {node.get(qn("w:val")) for node in table.iter(qn("w:pStyle"))}
    return bool(styles) and styles <= {"GwMark", "GwSignature", "GwDate", "GwCopies", "GwPrinter"}


def _rows(table: Any) -> list[str]:
    from docx.oxml.ns import qn

    return [
        "\t".join(
            " ".join(
                paragraph_text(p).strip()
                for p in cell.iter(qn("w:p"))
                if next(p.iterancestors(FALLBACK), None) is None
            )
            for cell in row.iter(qn("w:tc"))
        )
        for row in table.iter(qn("w:tr"))
    ]
