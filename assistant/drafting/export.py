"""A draft → the bytes of .docx, .pdf or .md, labelled, read back, and put in place whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assistant.drafting.document import OfficialDocument
from assistant.drafting.errors import ExportError
from assistant.drafting.labels import VISIBLE, Label, check_label
from assistant.drafting.layout.package import read_property
from assistant.drafting.layout.writer import write_docx
from assistant.drafting.markdown import read_front_matter, write_markdown
from assistant.drafting.pdf import convert_to_pdf, read_pdf_label

FORMATS = (".docx", ".pdf", ".md")


@dataclass(frozen=True, slots=True)
class Exported:
    """The bytes of a document in one format, and the label found in them when read back."""

    data: bytes
    metadata: str


def export(
    document: OfficialDocument, suffix: str, label: Label, *, final: bool = False
) -> Exported:
    """Return a document in a format; a final copy has no visible label, its metadata stays.

    Raises:
        ExportError: The format is unknown, cannot be made here, or lost its label.
    """
    check_format(suffix)
    metadata, visible = label.as_json(), "" if final else VISIBLE
    if suffix == ".md":
        text = write_markdown(document, label=visible, metadata=metadata)
        found = [read_front_matter(text)[0]]
        data = text.encode()
    else:
        data = write_docx(document, label=visible, metadata=metadata)
        found = read_property(data)
        if suffix == ".pdf":
            data = convert_to_pdf(data, metadata=metadata)
            found = [read_pdf_label(data)]
    if found != [metadata] or check_label(found[0]):
        raise ExportError("写入后读不回 AIGC 标识，没有导出；请重试")
    return Exported(data, metadata)


def check_format(suffix: str) -> None:
    """Refuse a format that is not ours.

    Raises:
        ExportError: It is none of .docx, .pdf, .md.
    """
    if suffix not in FORMATS:
        raise ExportError(
            f"不能导出 {suffix or '没有后缀的文件'!r}；--out 请用 {'、'.join(FORMATS)}"
        )


def put(data: bytes, path: Path) -> None:
    """Write a file whole or not at all: what stood there before stays until the new one is done.

    Raises:
        ExportError: It cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ExportError(f"写不进 {str(path)!r}：{error.strerror}；请检查目录和权限") from error
