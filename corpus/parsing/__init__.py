"""A file of any format read here → one normalised text with headings, tables and page numbers."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from corpus.documents import ParsedFile
from corpus.errors import ParseError
from corpus.parsing.detect import SUFFIXES, Format, detect
from corpus.parsing.lines import Reading, assemble

__all__ = ["FORMATS", "LARGEST_FILE", "parse"]

_MEBIBYTE = 1024 * 1024
_TEXTUAL = frozenset({Format.TEXT, Format.MARKDOWN, Format.HTML})
# The longest law has 0.3 MB of text; 20 MB of text is no document but a data dump.
_LARGEST_TEXT = 20 * _MEBIBYTE
LARGEST_FILE = 200 * _MEBIBYTE
"""Bytes of the largest file that is read; a larger one is an archive or a film."""

_NAMES = {
    Format.TEXT: "纯文本",
    Format.MARKDOWN: "Markdown",
    Format.HTML: "网页",
    Format.EMAIL: "电子邮件",
    Format.DOCX: "Word 文档",
    Format.XLSX: "Excel 工作簿",
    Format.PPTX: "PowerPoint 演示文稿",
    Format.PDF: "PDF",
    Format.OFD: "OFD 版式文件",
    Format.IMAGE: "图片（文字识别）",
    Format.LEGACY: "旧版 Office 或 WPS 文件（需要 LibreOffice）",
}

FORMATS: Mapping[str, str] = MappingProxyType(
    {suffix: _NAMES[found] for suffix, found in SUFFIXES.items()}
)
"""What can be read: file suffix in lower case with its dot → what it is, in Chinese."""

# Loaded when the first such file comes: most take seconds to import.
_READERS = {
    Format.TEXT: "plain",
    Format.MARKDOWN: "markdown",
    Format.HTML: "web",
    Format.EMAIL: "mail",
    Format.DOCX: "word",
    Format.XLSX: "spreadsheet",
    Format.PPTX: "slides",
    Format.PDF: "pdf",
    Format.OFD: "ofd",
    Format.IMAGE: "ocr",
    Format.LEGACY: "legacy",
}


def parse(path: Path, *, on_page: Callable[[int, int], None] | None = None) -> ParsedFile:
    """Read a file as one normalised text.

    Args:
        path: the file; its format is found from its content.
        on_page: called with (pages done, pages in all) while a paged file is read.

    Raises:
        ParseError: the file cannot be read; the message names it, what is wrong and what to do.
    """
    try:
        return _parse(path, on_page or (lambda done, total: None))
    except ParseError as error:
        raise ParseError(f"{path.name}：{error}") from error
    except MemoryError as error:
        raise ParseError(f"{path.name}：太大，内存不够读取，请拆分后重新导入。") from error
    except RecursionError as error:
        raise ParseError(f"{path.name}：内部嵌套过深，不像正常文档，请核对来源。") from error
    except Exception as error:  # a damaged file can break a vendor's reader in any way
        raise ParseError(
            f"{path.name}：文件已损坏，无法读取（{type(error).__name__}），"
            "请用原来的软件打开并另存后重新导入。"
        ) from error


def _parse(path: Path, on_page: Callable[[int, int], None]) -> ParsedFile:
    suffix = path.suffix.lower()
    data = _read_bytes(path)
    found = detect(data, suffix)
    if found in _TEXTUAL and len(data) > _LARGEST_TEXT:
        raise ParseError("文本超过 20 MB，不像一份文件，请拆分后重新导入。")
    reader = importlib.import_module(f"{__name__}.{_READERS[found]}")
    reading: Reading = reader.read(data, on_page)
    return assemble(reading, found.value)


def _read_bytes(path: Path) -> bytes:
    """Return the content of the file, after looking at its size.

    Raises:
        ParseError: it is not a file that can be opened, or is larger than any document.
    """
    try:
        if not path.is_file():
            raise ParseError("找不到这个文件，请核对路径。")
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise ParseError("超过 200 MB，请拆分后重新导入。")
        return path.read_bytes()
    except OSError as error:
        raise ParseError("打不开这个文件，请检查读取权限后重新导入。") from error
