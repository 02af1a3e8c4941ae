"""Read .doc, .wps, .xls, .et, .ppt, .dps and .rtf: tell which it is and have it converted."""

from __future__ import annotations

import io
import re

import olefile

from corpus.errors import ParseError
from corpus.parsing import slides, spreadsheet, word
from corpus.parsing.libreoffice import convert
from corpus.parsing.lines import OnPage, Reading

_DOCUMENTS = ("WordDocument", "CONTENTS", "MatOST")  # the last two: Microsoft Works
_WORKBOOKS = ("Workbook", "Book")
_SLIDES = ("PowerPoint Document",)
_PASSWORD = ("EncryptedPackage", "EncryptedSummary")
# [MS-DOC] 2.5.2 FibBase: bit 8 of the flags at byte 10 says that the text is encrypted.
_FLAGS_AT = 10
_ENCRYPTED = 0x0100
_BINARY = re.compile(rb"\\bin(\d{1,12})")


def read(data: bytes, on_page: OnPage) -> Reading:
    """Read a file of the old binary formats.

    Raises:
        ParseError: it has a password or is damaged, LibreOffice is not installed or cannot
            convert it.
    """
    if data.startswith(b"{\\rtf"):
        _check_rich_text(data)
        return word.read(convert(data, ".rtf", "docx"), on_page)
    suffix = _suffix(data)
    if suffix == ".xls":
        return spreadsheet.read(convert(data, suffix, "xlsx"), on_page)
    if suffix == ".ppt":
        return slides.read(convert(data, suffix, "pptx"), on_page)
    return word.read(convert(data, suffix, "docx"), on_page)


def _check_rich_text(data: bytes) -> None:
    """Refuse what LibreOffice would read as text though it is noise, or wait for though it is cut.

    Raises:
        ParseError: it has no end, holds noise, or claims more binary data than there is.
    """
    binary = [int(length) for length in _BINARY.findall(data)]
    noisy = b"\0" in data.rstrip(b"\0") and not binary
    if noisy or not data.rstrip(b"\0 \r\n").endswith(b"}") or max(binary, default=0) > len(data):
        raise ParseError("文件不完整或已损坏，请重新下载或从原单位重新获取。")


def _suffix(data: bytes) -> str:
    """Return the suffix of a compound file by the streams at its top: it may hold others inside.

    Raises:
        ParseError: it is damaged, has a password, or is no document.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            top = {path[0] for path in file.listdir() if len(path) == 1}
            flags = (
                file.openstream(_DOCUMENTS[0]).read(_FLAGS_AT + 2) if _DOCUMENTS[0] in top else b""
            )
    except (OSError, ValueError, IndexError) as error:
        raise ParseError("文件不完整或已损坏，请重新下载或从原单位重新获取。") from error
    encrypted = int.from_bytes(flags[_FLAGS_AT:], "little") & _ENCRYPTED
    if encrypted or not top.isdisjoint(_PASSWORD):
        raise ParseError("文件有密码，请去掉密码后重新导入。")
    for streams, suffix in ((_DOCUMENTS, ".doc"), (_WORKBOOKS, ".xls"), (_SLIDES, ".ppt")):
        if not top.isdisjoint(streams):
            return suffix
    raise ParseError("不是 Word、Excel 或 PowerPoint 文件，请另存为 .docx、.pdf 等文档后再导入。")
