"""A file that was sent to be checked, read in memory; nothing of it is kept."""

from __future__ import annotations

from pathlib import PurePath

from assistant.drafting.errors import DocumentFileError
from assistant.drafting.reading import (
    FORMATS,
    ReadDocument,
    arrange,
    decode,
    read_docx,
    read_text_lines,
)
from assistant.web.gate import LARGEST_UPLOAD

LONGEST_NAME = 120


def file_name(sent: str) -> str:
    """Return the name of an uploaded file without the folders that a browser may send with it."""
    return PurePath(sent.replace("\\", "/")).name[:LONGEST_NAME]


def read_upload(data: bytes, name: str) -> ReadDocument:
    """Return an uploaded file as numbered lines.

    Raises:
        DocumentFileError: It is empty, too large, of another format, corrupt, locked, or carries
            macros.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in FORMATS:
        raise DocumentFileError(f"不能检查 {name!r}；可用：{'、'.join(FORMATS)}")
    if not data:
        raise DocumentFileError(f"{name!r} 是空文件")
    if len(data) > LARGEST_UPLOAD:
        raise DocumentFileError(f"{name!r} 超过 {LARGEST_UPLOAD // 1024 // 1024} MB")
    if suffix == ".docx":
        return arrange(read_docx(data, name))
    lines = read_text_lines(decode(data, name), markdown=suffix == ".md")
    return arrange([(line, None) for line in lines])
