"""A draft → the bytes of .docx, .pdf or .md, labelled, read back, and put in place whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.drafting.document import Form, ImprintPage, OfficialDocument
from assistant.drafting.errors import ExportError
from assistant.drafting.labels import VISIBLE, Label, check_label
from assistant.drafting.layout.package import read_property
from assistant.drafting.layout.writer import write_docx
from assistant.drafting.markdown import read_front_matter, write_markdown
from assistant.drafting.pdf import (
    convert_all,
    count_pages,
    find_libreoffice,
    label_pdf,
    read_pdf_label,
)

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
        laid_out = lay_out(document, label=visible, metadata=metadata, pdf=suffix == ".pdf")
        data = laid_out.docx
        found = read_property(data)
        if suffix == ".pdf":
            data = label_pdf(laid_out.pdf, metadata)
            found = [read_pdf_label(data)]
    if found != [metadata] or check_label(found[0]):
        raise ExportError("写入后读不回 AIGC 标识，没有导出；请重试")
    return Exported(data, metadata)


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A document as .docx and as the PDF that shows its pages, empty where nothing made one."""

    docx: bytes
    pdf: bytes


def lay_out(
    document: OfficialDocument, *, label: str, metadata: str = "", pdf: bool = False
) -> LaidOut:
    """Return a document with 版记 at the foot of its last side, which is an even page (§7.4).

    The pages are counted in the PDF of LibreOffice. Without LibreOffice 版记 stands on the page
    where the rest ends; so does that of a letter, which is one sheet as a rule.

    Raises:
        ExportError: A PDF is asked for and LibreOffice is not installed, or fails.
    """
    if not pdf and (find_libreoffice() is None or not _is_placed(document)):
        return LaidOut(write_docx(document, label=label, metadata=metadata), b"")
    return lay_out_all([document], label=label, metadata=metadata)[0]


def lay_out_all(
    documents: Sequence[OfficialDocument], *, label: str, metadata: str = ""
) -> list[LaidOut]:
    """Return several documents as `lay_out` does, with their PDF, by one start of LibreOffice.

    Raises:
        ExportError: LibreOffice is not installed, or fails.
    """

    def write(document: OfficialDocument, page: ImprintPage) -> bytes:
        return write_docx(document, label=label, metadata=metadata, imprint=page)

    tried = [
        [ImprintPage.LAST, ImprintPage.NEXT] if _is_placed(document) else [ImprintPage.LAST]
        for document in documents
    ]
    files = [[write(d, page) for page in pages] for d, pages in zip(documents, tried, strict=True)]
    converted = iter(convert_all([docx for versions in files for docx in versions]))
    result = []
    for document, versions in zip(documents, files, strict=True):
        laid_out = [LaidOut(docx, next(converted)) for docx in versions]
        fitting = [entry for entry in laid_out if count_pages(entry.pdf) % 2 == 0]
        if fitting or len(laid_out) == 1:
            result.append((fitting or laid_out)[0])
        else:
            after = write(document, ImprintPage.AFTER_BLANK)
            result.append(LaidOut(after, convert_all([after])[0]))
    return result


def _is_placed(document: OfficialDocument) -> bool:
    """Say whether 版记 is brought to an even page: where there is one, and not in a letter."""
    has_imprint = bool(document.copies_to or document.printer or document.print_date)
    return has_imprint and document.form is not Form.LETTER


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
