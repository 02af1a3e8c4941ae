"""Convert one file with LibreOffice: alone in its folder, off the network, and ended for certain."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from corpus.errors import ParseError

# Two hundred pages take 7 seconds of computing, a first start on a slow disk 15 by the clock; a
# busy machine shares its cores among several.
COMPUTING_SECONDS = 20
WAITING_SECONDS = 60
_LARGEST_OUTPUT_BLOCKS = 1_048_576  # of 512 bytes
_PREFIX = "assistant-libreoffice-"
_ABANDONED_SECONDS = 3_600  # a folder that old was left by a process that was killed

_COMPONENTS = {
    "docx": "libreoffice-writer",
    "xlsx": "libreoffice-calc",
    "pptx": "libreoffice-impress",
}

# LibreOffice fetches linked pictures while it loads a file. A proxy where nobody listens (port 9,
# discard) stops every protocol it has; the other settings keep it from trying, and macros from
# running.
_SETTINGS = (
    ("/org.openoffice.Inet/Settings", "ooInetProxyType", "2"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", "9"),
    ("/org.openoffice.Inet/Settings", "ooInetNoProxy", ""),
    ("/org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "2"),
)


def convert(data: bytes, suffix: str, target: str) -> bytes:
    """Return a file in the target format.

    Args:
        data: the whole file.
        suffix: what it is, as a suffix with its dot.
        target: docx, xlsx or pptx.

    Raises:
        ParseError: LibreOffice is not installed, took too long, or made nothing of the file.
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise ParseError(
            "是旧版 Office 或 WPS 格式，本机没有安装 LibreOffice：请安装"
            f"（Debian、统信、麒麟：apt install {_COMPONENTS[target]}），"
            f"或用 Word、WPS 另存为 .{target} 后重新导入。"
        )
    _sweep()
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source = folder / f"source{suffix}"
        source.write_bytes(data)
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_settings(), "utf-8")
        ended = _run(
            [
                program,
                "--headless",
                "--norestore",
                f"-env:UserInstallation={profile.as_uri()}",
                "--convert-to",
                target,
                "--outdir",
                str(folder),
                str(source),
            ]
        )
        if not ended:
            raise ParseError(
                f"LibreOffice 转换太久，已放弃，请用 Word 或 WPS 另存为 .{target} 后重新导入。"
            )
        converted = folder / f"source.{target}"
        if converted.is_file():
            return converted.read_bytes()
    raise ParseError(
        f"LibreOffice 转换不了（文件已损坏、有密码，或没有装 {_COMPONENTS[target]}），"
        f"请用 Word 或 WPS 另存为 .{target} 后重新导入。"
    )


def _run(command: list[str]) -> bool:
    """Run a command and say whether it ended in time; whatever it started ends with this call."""
    # Limits are set in a shell, not between fork and exec: this process may hold threads.
    limits = f"ulimit -t {COMPUTING_SECONDS}; ulimit -f {_LARGEST_OUTPUT_BLOCKS}"
    limited = ["/bin/sh", "-c", f'{limits}; exec "$@"', "sh", *command]
    before = _computed()
    process = subprocess.Popen(
        limited,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,  # soffice is a script that starts a program that starts another
    )
    try:
        process.wait(WAITING_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return _computed() - before < COMPUTING_SECONDS - 1


def _computed() -> float:
    """Return the seconds of computing of all processes that ended and were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _settings() -> str:
    """Return the settings of a fresh profile as LibreOffice keeps them."""
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value>'
        "</prop></item>"
        for path, name, value in _SETTINGS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>'
    )


def _sweep() -> None:
    """Delete the folders of conversions whose process was killed: they hold copies of documents."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
