"""Old Office and WPS files: told apart by content, converted by the real LibreOffice, ended for certain."""

from __future__ import annotations

import os
import shutil
import socketserver
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from corpus.documents import Access, ParsedFile
from corpus.embedding import Embedder
from corpus.errors import ParseError
from corpus.ingest import sync
from corpus.parsing import libreoffice, parse
from corpus.parsing.legacy import _suffix
from corpus.store import Store
from corpus.verify import verify

Read = Callable[[bytes, str], ParsedFile]
SAMPLE = Path(__file__).parents[3] / "corpus/sample/files/public/清河市养犬管理办法.docx"
needs_libreoffice = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="needs LibreOffice (apt install libreoffice-writer)"
)


def made_by_libreoffice(source: Path, target: str, folder: Path) -> Path:
    subprocess.run(
        [
            *("soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}"),
            *("--convert-to", target, "--outdir", str(folder), str(source)),
        ],
        capture_output=True,
        check=True,
        timeout=60,
    )
    return folder / f"{source.stem}.{target}"


@pytest.fixture(scope="module")
def old_word(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Word 97 document made from a sample."""
    return made_by_libreoffice(SAMPLE, "doc", tmp_path_factory.mktemp("doc"))


def left_behind() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).glob(f"{libreoffice._PREFIX}*")}


@needs_libreoffice
def test_a_doc_and_a_wps_file_are_cited_like_the_docx_they_were(
    old_word: Path, tmp_path: Path, embedder: Embedder
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for suffix in (".doc", ".wps"):  # WPS writes Word 97's format under its own suffix
        shutil.copy(old_word, folder / f"养犬{suffix}")
    before = left_behind()
    store = Store(tmp_path / "data", embedder)
    report = sync(store, [folder], Access.PUBLIC, workers=2)  # two profiles at the same time
    assert (report.added, report.failed) == (2, ())
    wanted = parse(SAMPLE)
    for document in store.catalogue.documents():
        text = store.catalogue.text(document.id)
        assert text == wanted.text
        clauses = store.catalogue.chunks_of(document.id)
        assert "第十七条" in {clause.locator for clause in clauses}
        assert all(text[clause.start : clause.end] == clause.text for clause in clauses)
    assert verify(store, Access.PUBLIC).clean
    store.close()
    assert left_behind() <= before


@needs_libreoffice
def test_no_picture_is_fetched_that_a_document_links_to(tmp_path: Path, read: Read) -> None:
    asked: list[str] = []

    class Listener(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            asked.append(self.request.recv(100).decode("ascii", "replace"))

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Listener)
    source = tmp_path / "linked.fodt"
    source.write_text(linking_document(server.server_address[1]), "utf-8")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        old = made_by_libreoffice(source, "doc", tmp_path)
        assert asked, "LibreOffice as it comes fetches the picture; else this proves nothing"
        asked.clear()
        assert "正文" in read(old.read_bytes(), ".doc").text
        assert asked == []
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def linking_document(port: int | str) -> str:
    names = {
        "office": "office",
        "text": "text",
        "draw": "drawing",
        "svg": "svg-compatible",
    }
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in names.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<office:document {spaces} xmlns:xlink="http://www.w3.org/1999/xlink" '
        'office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text">'
        '<office:body><office:text><text:p>正文<draw:frame text:anchor-type="as-char" '
        'svg:width="2cm" svg:height="2cm"><draw:image xlink:type="simple" '
        f'xlink:href="http://127.0.0.1:{port}/a.png"/></draw:frame></text:p></office:text>'
        "</office:body></office:document>"
    )


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Return a function that puts a shell script in the place of LibreOffice."""

    def put(script: str) -> Path:
        program = tmp_path / "bin" / "soffice"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
        return program

    return put


def test_a_conversion_that_hangs_is_ended_with_all_that_it_started(
    stand_in: Callable[[str], Path], tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive = tmp_path / "child"
    stand_in(f"sleep 100 & echo $! > {alive}; wait")
    monkeypatch.setattr(libreoffice, "WAITING_SECONDS", 0.5)
    before = left_behind()
    with pytest.raises(ParseError, match="转换太久"):
        read(compound_file(["WordDocument"]), ".doc")
    assert left_behind() <= before
    state = Path(f"/proc/{alive.read_text().strip()}/stat")
    deadline = time.monotonic() + 5
    while state.exists() and state.read_text().split()[2] != "Z":
        assert time.monotonic() < deadline, "what it started still runs"
        time.sleep(0.05)


def test_a_conversion_that_never_stops_computing_is_ended(
    stand_in: Callable[[str], Path], read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in("while :; do :; done")
    monkeypatch.setattr(libreoffice, "COMPUTING_SECONDS", 1)
    with pytest.raises(ParseError, match="转换太久"):
        read(compound_file(["WordDocument"]), ".doc")


def test_a_conversion_of_which_nothing_comes_says_what_to_do(
    stand_in: Callable[[str], Path], read: Read
) -> None:
    stand_in("exit 1")
    with pytest.raises(ParseError, match=r"转换不了.*libreoffice-calc.*另存为 \.xlsx"):
        read(compound_file(["Workbook"]), ".xls")


def test_without_libreoffice_the_sentence_names_what_to_install(
    read: Read, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ParseError, match="apt install libreoffice-writer"):
        read(compound_file(["WordDocument"]), ".doc")


def test_folders_of_killed_conversions_are_deleted_later(
    stand_in: Callable[[str], Path], read: Read, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    old, young = (tmp_path / f"{libreoffice._PREFIX}{name}" for name in ("old", "young"))
    old.mkdir()
    young.mkdir()
    os.utime(old, (1, 1))
    stand_in("exit 1")
    with pytest.raises(ParseError):
        read(compound_file(["WordDocument"]), ".doc")
    assert not old.exists() and young.exists()


@pytest.mark.parametrize(
    ("streams", "suffix"),
    [
        (["WordDocument", "ObjectPool/Workbook"], ".doc"),  # a letter with an Excel table in it
        (["Workbook", "MBD1/WordDocument"], ".xls"),
        (["PowerPoint Document", "Pictures"], ".ppt"),
        (["CONTENTS"], ".doc"),
    ],
)
def test_what_a_file_is_stands_at_its_top_not_in_what_it_holds(
    streams: list[str], suffix: str
) -> None:
    assert _suffix(compound_file(streams)) == suffix


@pytest.mark.parametrize(
    ("streams", "content", "says"),
    [
        (["EncryptedPackage"], b"", "有密码"),
        (["WordDocument"], b"\xec\xa5\xc1\x00" + b"\0" * 6 + b"\x00\x01", "有密码"),
        (["Catalog"], b"", "不是 Word、Excel 或 PowerPoint"),
    ],
    ids=["encrypted package", "encrypted text", "thumbnails"],
)
def test_what_cannot_be_converted_is_not_tried(
    read: Read, streams: list[str], content: bytes, says: str
) -> None:
    with pytest.raises(ParseError, match=says):
        read(compound_file(streams, content), ".doc")


@pytest.mark.parametrize(
    "data",
    [
        b"{\\rtf1 text" + bytes(range(256)) * 20 + b"}",
        b"{\\rtf1 text that was cut",
        b"{\\rtf1 \\bin999999999 text}",
    ],
    ids=["noise", "cut", "more data than there is"],
)
def test_a_damaged_rtf_file_is_not_given_to_libreoffice(read: Read, data: bytes) -> None:
    with pytest.raises(ParseError, match="已损坏"):
        read(data, ".rtf")


def compound_file(streams: list[str], content: bytes = b"") -> bytes:
    """Return a compound file ([MS-CFB]) with these streams, at most one level deep."""
    end, free, sectors = 0xFFFFFFFE, 0xFFFFFFFF, 8  # a stream of 4,096 bytes needs no mini stream
    storages = sorted({name.split("/")[0] for name in streams if "/" in name})
    names = ["Root Entry", *storages, *streams]
    inside = {
        storage: [i for i, n in enumerate(names) if n.startswith(f"{storage}/")]
        for storage in storages
    }
    top = [i for i, name in enumerate(names) if i and "/" not in name]
    following = {a: b for group in (top, *inside.values()) for a, b in pairwise(group)}
    directory_sectors = -(-len(names) // 4)
    first_stream = 1 + directory_sectors
    fat = [0xFFFFFFFD, *range(2, first_stream), end]
    entries = []
    for number, name in enumerate(names):
        is_stream = number > len(storages)
        children = top if not number else inside.get(name, [])
        start = len(fat) if is_stream else 0
        if is_stream:
            fat += [*range(start + 1, start + sectors), end]
        label = (name.rsplit("/", 1)[-1] + "\0").encode("utf-16-le")
        entries.append(
            label.ljust(64, b"\0")
            + struct.pack("<HBB", len(label), 2 if is_stream else 1 if number else 5, 1)
            + struct.pack(
                "<III", free, following.get(number, free), children[0] if children else free
            )
            + bytes(36)
            + struct.pack("<IQ", start if is_stream else end, 4096 if is_stream else 0)
        )
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0")
        + struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0)
        + struct.pack("<109I", 0, *[free] * 108)
    )
    table = struct.pack("<128I", *fat, *[free] * (128 - len(fat)))
    directory = b"".join(entries).ljust(directory_sectors * 512, b"\0")
    return header + table + directory + content.ljust(4096, b"\0") * len(streams)
