"""Read .doc, .wps, .xls, .et, .ppt and .rtf by letting LibreOffice convert them, where it is."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from corpus.errors import ParseError
from corpus.parsing import slides, spreadsheet, word
from corpus.parsing.lines import OnPage, Reading

_SECONDS = 90
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WORKBOOK = "Workbook".encode("utf-16-le")
_SLIDES = "PowerPoint Document".encode("utf-16-le")


def read(data: bytes, on_page: OnPage) -> Reading:
    """Read a file of the old binary formats.

    Raises:
        ParseError: it has a password, LibreOffice is not installed, or it cannot convert it.
    """
    if _ENCRYPTED in data:
        raise ParseError("文件有密码，请去掉密码后重新导入。")
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise ParseError(
            "是旧版 Office 或 WPS 格式，请安装 LibreOffice，"
            "或用 Word、WPS 另存为 .docx（表格 .xlsx，演示 .pptx）后重新导入。"
        )
    if _WORKBOOK in data:
        return spreadsheet.read(_convert(program, data, ".xls", "xlsx"), on_page)
    if _SLIDES in data:
        return slides.read(_convert(program, data, ".ppt", "pptx"), on_page)
    suffix = ".rtf" if data.startswith(b"{\\rtf") else ".doc"
    return word.read(_convert(program, data, suffix, "docx"), on_page)


def _convert(program: str, data: bytes, suffix: str, target: str) -> bytes:
    """Return the file in the target format, converted in a folder and profile of its own.

    Raises:
        ParseError: it took too long or nothing came out.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / f"source{suffix}"
        source.write_bytes(data)
        command = [
            program,
            "--headless",
            "--norestore",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--convert-to",
            target,
            "--outdir",
            str(folder / "out"),
            str(source),
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise ParseError(
                f"LibreOffice 转换超过 {_SECONDS} 秒，请用 Word 或 WPS 另存为 .docx 后重新导入。"
            ) from error
        converted = folder / "out" / f"source.{target}"
        if not converted.is_file():
            raise ParseError("LibreOffice 转换不了，请用 Word 或 WPS 另存为 .docx 后重新导入。")
        return converted.read_bytes()
