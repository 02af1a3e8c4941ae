"""Find out what a file is from its content; its name only settles what content leaves open."""

from __future__ import annotations

import re
from enum import StrEnum

from corpus.errors import ParseError
from corpus.parsing.archive import open_archive
from corpus.parsing.encodings import looks_like_text


class Format(StrEnum):
    """The formats that can be read; the value is the media type."""

    TEXT = "text/plain"
    MARKDOWN = "text/markdown"
    HTML = "text/html"
    EMAIL = "message/rfc822"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    PDF = "application/pdf"
    OFD = "application/ofd"
    IMAGE = "image/*"
    LEGACY = "application/x-ole-storage"


SUFFIXES: dict[str, Format] = {
    ".txt": Format.TEXT,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".shtml": Format.HTML,
    ".eml": Format.EMAIL,
    ".docx": Format.DOCX,
    ".docm": Format.DOCX,
    ".xlsx": Format.XLSX,
    ".xlsm": Format.XLSX,
    ".pptx": Format.PPTX,
    ".pptm": Format.PPTX,
    ".pdf": Format.PDF,
    ".ofd": Format.OFD,
    ".png": Format.IMAGE,
    ".jpg": Format.IMAGE,
    ".jpeg": Format.IMAGE,
    ".tif": Format.IMAGE,
    ".tiff": Format.IMAGE,
    ".bmp": Format.IMAGE,
    ".doc": Format.LEGACY,
    ".wps": Format.LEGACY,
    ".xls": Format.LEGACY,
    ".et": Format.LEGACY,
    ".ppt": Format.LEGACY,
    ".dps": Format.LEGACY,
    ".rtf": Format.LEGACY,
}

_IMAGE_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"BM")
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RTF_MAGIC = b"{\\rtf"
_REFUSED_MAGIC = (
    (b"Rar!", "是 RAR 压缩包"),
    (b"7z\xbc\xaf\x27\x1c", "是 7z 压缩包"),
    (b"\x1f\x8b", "是 gzip 压缩包"),
    (b"MZ", "是程序文件"),
    (b"\x7fELF", "是程序文件"),
)
_ZIP_CONTENT = (
    ("OFD.xml", Format.OFD),
    ("word/document.xml", Format.DOCX),
    ("xl/workbook.xml", Format.XLSX),
    ("ppt/presentation.xml", Format.PPTX),
)
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_EMAIL_START = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]{1,40}:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}")
_EMAIL_HEADER = re.compile(rb"^(?:from|subject|mime-version|received|message-id):", re.I | re.M)
_TEXTUAL = frozenset({Format.TEXT, Format.MARKDOWN, Format.HTML, Format.EMAIL})


def detect(data: bytes, suffix: str) -> Format:
    """Return the format of a file from its bytes.

    Args:
        data: the whole file.
        suffix: its suffix in lower case with the dot; decides between kinds of text only.

    Raises:
        ParseError: it is in no format read here, or its suffix claims one that it is not.
    """
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise ParseError("是空文件，请核对后重新提供。")
    for magic, what in _REFUSED_MAGIC:
        if data.startswith(magic):
            raise ParseError(f"{what}，不能直接导入，请解压或另存为 .docx、.pdf 等文档后再导入。")
    if b"%PDF-" in data[:1024]:
        return Format.PDF
    if data.startswith(b"PK"):
        return _detect_zip(data)
    if data.startswith((_OLE_MAGIC, _RTF_MAGIC)):
        return Format.LEGACY
    if data.startswith(_IMAGE_MAGIC[:4]) or (data.startswith(b"BM") and b"\0" in data[:64]):
        return Format.IMAGE
    claimed = SUFFIXES.get(suffix, Format.TEXT)
    if not looks_like_text(data):
        raise ParseError(
            f"扩展名是 {suffix or '空的'}，内容却不是能识别的文档，"
            "文件可能已损坏，请重新获取原文件。"
        )
    if _HTML_START.match(data[:8192].removeprefix(b"\xef\xbb\xbf")):
        return Format.HTML
    if claimed in _TEXTUAL:
        return claimed
    if _EMAIL_START.match(data) and _EMAIL_HEADER.search(data[:8192]):
        return Format.EMAIL
    raise ParseError(f"扩展名是 {suffix}，内容却不是这种格式，请改正扩展名或重新获取原文件。")


def _detect_zip(data: bytes) -> Format:
    """Tell the Office formats and OFD apart by the part each must have."""
    with open_archive(data) as archive:
        names = {name.lstrip("/") for name in archive.namelist()}
    for name, found in _ZIP_CONTENT:
        if name in names:
            return found
    if "EncryptedPackage" in names:
        raise ParseError("文件有密码，请去掉密码后重新导入。")
    raise ParseError("是普通压缩包，不是文档，请解压后导入里面的文件。")
