"""A .docx → PDF through LibreOffice where it is installed, with the AIGC key in its information."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from pypdf import PdfReader, PdfWriter

from assistant.drafting.errors import ExportError
from assistant.drafting.layout.styles import FALLBACKS

# Seconds for a start and for each file: a first start on a slow disk takes about fifteen, a long
# document on a machine with ten times the work it can do about seven.
TIMEOUT, TIMEOUT_EACH = 120, 10
AIGC_KEY = "/AIGC"


def find_libreoffice() -> str | None:
    """Return the program that converts, or None."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert_all(files: Sequence[bytes]) -> list[bytes]:
    """Return several .docx as PDF, in order, by one process: its start is most of the time.

    Raises:
        ExportError: LibreOffice is not installed, failed, or took too long.
    """
    program = find_libreoffice()
    if program is None:
        raise ExportError(
            "没有安装 LibreOffice，不能导出 PDF；请安装 libreoffice-writer，或用 --out 文件.docx 导出后另存"
        )
    with tempfile.TemporaryDirectory(prefix="draft-pdf-") as name:
        folder = Path(name)
        sources = [folder / f"draft-{place}.docx" for place in range(len(files))]
        for source, docx in zip(sources, files, strict=True):
            source.write_bytes(_as_libreoffice_reads(docx))
        fonts = folder / "fonts.conf"
        fonts.write_text(_font_settings(), "utf-8")
        limit = TIMEOUT + TIMEOUT_EACH * len(sources)
        # A session of its own: the program that is named starts another, and both must end.
        process = subprocess.Popen(
            [
                program,
                "--headless",
                "--norestore",
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                "--convert-to",
                "pdf",
                "--outdir",
                str(folder),
                *map(str, sources),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
            start_new_session=True,
        )
        try:
            _, said = process.communicate(timeout=limit)
        except BaseException as error:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            if isinstance(error, subprocess.TimeoutExpired):
                raise ExportError(
                    f"LibreOffice 超过 {limit} 秒没有完成；请重试或导出 .docx"
                ) from None
            raise
        targets = [source.with_suffix(".pdf") for source in sources]
        if process.returncode != 0 or not all(target.exists() for target in targets):
            reason = said.decode("utf-8", "replace").strip().splitlines()
            raise ExportError(f"LibreOffice 转换失败：{reason[-1] if reason else '没有说明'}")
        return [target.read_bytes() for target in targets]


def count_pages(pdf: bytes) -> int:
    """Return the number of pages of a PDF."""
    return len(PdfReader(io.BytesIO(pdf)).pages)


def label_pdf(pdf: bytes, metadata: str) -> bytes:
    """Return a PDF whose document information holds the AIGC key once; unchanged where empty."""
    if not metadata:
        return pdf
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.add_metadata({AIGC_KEY: metadata})
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def read_pdf_label(pdf: bytes) -> str:
    """Return the AIGC key of a PDF, empty where there is none."""
    information = PdfReader(io.BytesIO(pdf)).metadata
    return str(information.get(AIGC_KEY, "")) if information else ""


def _as_libreoffice_reads(docx: bytes) -> bytes:
    """Return the copy that is converted: hanging punctuation off, as LibreOffice says it.

    Measured on 7.4: w:overflowPunct is read the wrong way round, so that a 29th character hangs
    out of the text area where Word sets 28.
    """
    source = zipfile.ZipFile(io.BytesIO(docx))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in source.namelist():
            data = source.read(name)
            if name == "word/styles.xml":
                data = data.replace(
                    b'<w:overflowPunct w:val="0"/>', b'<w:overflowPunct w:val="1"/>'
                )
            archive.writestr(name, data)
    return target.getvalue()


def _font_settings() -> str:
    """Return fontconfig settings that add our stand-ins to those of the machine."""
    aliases = "".join(
        f'<alias binding="same"><family>{escape(name)}</family><accept>'
        + "".join(f"<family>{escape(other)}</family>" for other in others)
        + "</accept></alias>"
        for name, others in FALLBACKS.items()
    )
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
        f"{aliases}</fontconfig>"
    )
