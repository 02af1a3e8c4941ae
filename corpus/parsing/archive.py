"""Open the zip files that documents are, and refuse the ones built to exhaust the reader."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from corpus.errors import ParseError

_MEBIBYTE = 1024 * 1024
LARGEST_CONTENT = 256 * _MEBIBYTE
LARGEST_RATIO = 200
MOST_ENTRIES = 10_000
# Blank slides and default styles legitimately compress very well; they are small.
_RATIO_MATTERS_FROM = 4 * _MEBIBYTE
_XML_PROLOG_BYTES = 4096


@contextmanager
def open_archive(data: bytes) -> Iterator[zipfile.ZipFile]:
    """Open a zip file after checking what it claims to hold.

    Raises:
        ParseError: it is damaged, encrypted, or unpacks to more than a document can be.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise ParseError("文件不完整或已损坏，请重新下载或从原单位重新获取。") from error
    with archive:
        _check(archive, len(data))
        try:
            yield archive
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, KeyError) as error:
            raise ParseError("文件不完整或已损坏，请重新下载或从原单位重新获取。") from error


def _check(archive: zipfile.ZipFile, size: int) -> None:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise ParseError(f"内含文件超过 {MOST_ENTRIES} 个，不像正常文档，请核对来源。")
    total = sum(entry.file_size for entry in entries)
    if total > LARGEST_CONTENT or (
        total > _RATIO_MATTERS_FROM and total > LARGEST_RATIO * max(size, 1)
    ):
        raise ParseError("解压后大得异常（疑似压缩炸弹），已拒绝读取，请核对来源。")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise ParseError("文件有密码，请去掉密码后重新导入。")
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if ".." in path.parts:
            raise ParseError("内部路径指向文件之外，可能是恶意文件，已拒绝读取。")


def refuse_document_types(archive: zipfile.ZipFile) -> None:
    """Refuse an Office file whose XML declares a document type: no office program writes one.

    Entities are declared there, and an entity can name a file on this machine or expand without
    end.

    Raises:
        ParseError: a part declares one.
    """
    for entry in archive.infolist():
        if entry.filename.lower().endswith((".xml", ".rels")):
            with archive.open(entry) as part:
                head = part.read(_XML_PROLOG_BYTES).replace(b"\0", b"")
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise ParseError("内部含有外部实体声明，可能是恶意文件，已拒绝读取。")


def read_entry(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the bytes of one entry, never more than it said it holds.

    Raises:
        ParseError: it holds more than its header says (the sizes were checked on opening).
        KeyError: there is no such entry.
    """
    entry = archive.getinfo(name)
    with archive.open(entry) as part:
        content = part.read(entry.file_size + 1)
    if len(content) > entry.file_size:
        raise ParseError("内部大小与声明不符，文件可能已损坏，请重新获取原文件。")
    return content
