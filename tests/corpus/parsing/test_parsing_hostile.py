"""At least two hundred damaged and hostile files: each is read or refused, never anything else."""

from __future__ import annotations

import io
import random
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from corpus.documents import ParsedFile
from corpus.errors import ParseError
from corpus.parsing import FORMATS, parse

SLOWEST_SECONDS = 20.0
SEED = 20260701


def damaged(sound: dict[str, bytes]) -> Iterator[tuple[str, bytes, str]]:
    """Yield truncated, bit-flipped, spliced and renamed copies of sound files."""
    chance = random.Random(SEED)
    for suffix, data in sound.items():
        for n in range(7):
            yield f"truncated-{n}", data[: chance.randrange(1, len(data))], suffix
        for n in range(7):
            flipped = bytearray(data)
            for _ in range(chance.choice((1, 4, 40))):
                flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
            yield f"flipped-{n}", bytes(flipped), suffix
        for n in range(3):
            at = chance.randrange(len(data))
            noise = chance.randbytes(chance.randrange(1, 4000))
            yield f"spliced-{n}", data[:at] + noise + data[at:], suffix
        for other in chance.sample(sorted(sound), 3):
            yield f"renamed-from{suffix}", data, other
        yield "noise", chance.randbytes(5000), suffix
        yield "empty", b"", suffix
        yield "blank", b" \r\n\t" * 50, suffix
        yield "magic-only", data[:8], suffix


def hostile(make: Any) -> Iterator[tuple[str, bytes, str]]:
    """Yield files built to exhaust or mislead a reader."""
    word = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    bomb = "<!DOCTYPE l [<!ENTITY a 'ha'>" + "".join(
        f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
    )
    bomb += (
        "]><w:document "
        + word
        + "><w:body><w:p><w:r><w:t>&j;</w:t></w:r></w:p></w:body></w:document>"
    )
    types = {"[Content_Types].xml": "<Types/>"}
    deep_xml = f"<w:document {word}><w:body>{'<w:tbl><w:tr><w:tc>' * 3000}"
    wide = f"<w:document {word}><w:body>{'<w:sdt>' * 200}x{'</w:sdt>' * 200}</w:body></w:document>"
    cyclic = f'<w:styles {word}><w:style w:styleId="a"><w:basedOn w:val="a"/></w:style></w:styles>'
    yield "entity-bomb", make.zip(types | {"word/document.xml": bomb}), ".docx"
    yield "entity-bomb-ofd", make.zip({"OFD.xml": bomb}), ".ofd"
    yield "deep-xml", make.zip(types | {"word/document.xml": deep_xml}), ".docx"
    yield "nested-controls", make.zip(types | {"word/document.xml": wide}), ".docx"
    yield (
        "cyclic-style",
        make.docx(make.word_paragraph("正文", '<w:pStyle w:val="a"/>'), styles=cyclic),
        ".docx",
    )
    yield "zip-bomb", make.zip(types | {"word/document.xml": b"0" * (260 << 20)}), ".docx"
    yield "zip-ratio", make.zip(types | {"word/document.xml": b"<" * (60 << 20)}), ".docx"
    yield "many-entries", make.zip(types | {f"a{n}": "" for n in range(10_001)}), ".docx"
    yield "traversal", make.zip(types | {"../../x": "1", "word/document.xml": "<a/>"}), ".docx"
    yield "plain-zip", make.zip({"a.txt": "正文"}), ".docx"
    yield "nested-zip", make.zip({"a.zip": make.zip({"b.zip": b"0" * 999})}), ".xlsx"
    yield "lying-size", lying_zip(make), ".docx"
    yield "encrypted-entry", encrypted_flag(make), ".docx"
    yield "no-body", make.zip(types | {"word/document.xml": f"<w:document {word}/>"}), ".docx"
    yield "ofd-no-pages", make.ofd([]), ".ofd"
    yield (
        "ofd-bad-root",
        make.zip({"OFD.xml": "<OFD><DocBody><DocRoot>x</DocRoot></DocBody></OFD>"}),
        ".ofd",
    )
    yield (
        "ofd-huge-delta",
        make.ofd([make.ofd_text(1, 1, "正文", delta="g 99999999999 1e999 g g")]),
        ".ofd",
    )
    yield "long-line", b"x" * (50 << 20), ".txt"
    yield "long-han-line", "政务，".encode() * 2_000_000, ".txt"
    yield "commas", b"(,:;" * 200_000 + "中".encode(), ".txt"
    yield "brackets", ("中" + "(" * 100_000 + ")" * 100_000).encode(), ".md"
    yield "stars", b"**a " * 50_000, ".md"
    yield "links", b"[" * 50_000, ".md"
    yield "quotes", b"> " * 5000 + "正文".encode(), ".md"
    yield "pipes", b"|a" * 20_000 + b"\n" + b"|-" * 20_000 + b"\n", ".md"
    yield "comments", b"<!--" * 100_000, ".md"
    yield "deep-html", b"<html><body>" + b"<div>" * 100_000 + "正文".encode(), ".html"
    yield "deep-inline", b"<html><body><p>" + b"<b>" * 50_000 + "正文".encode(), ".html"
    yield "deep-tables", b"<html><body>" + b"<table><tr><td>" * 5000 + "正文".encode(), ".html"
    span = '<td rowspan="99999999" colspan="99999999">正文</td><td>二</td>'
    yield (
        "huge-span",
        f"<html><body><table>{f'<tr>{span}</tr>' * 200}</table></body></html>".encode(),
        ".html",
    )
    yield (
        "html-entities",
        b"<!DOCTYPE html [<!ENTITY a 'b'>]><html><body>&a;&#0;&#xD800;</body></html>",
        ".html",
    )
    yield "no-text", b"<html><body><img src=a></body></html>", ".html"
    yield (
        "pdf-no-pages",
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj trailer<</Root 1 0 R>>",
        ".pdf",
    )
    yield (
        "pdf-loop",
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[2 0 R]/Count 9999999>>endobj trailer<</Root 1 0 R>>",
        ".pdf",
    )
    yield "png-huge", png_claiming(60_000, 60_000), ".png"
    yield "tiff-head", b"II*\0" + b"\xff" * 200, ".tif"
    yield "jpeg-head", b"\xff\xd8\xff\xe0" + b"\0" * 200, ".jpg"
    yield (
        "mail-parts",
        b"From: a\nSubject: b\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n" * 20_000,
        ".eml",
    )
    yield "program", b"\x7fELF" + b"\0" * 999, ".pdf"
    yield "rtf", b"{\\rtf1 " + b"{" * 10_000, ".doc"


def lying_zip(make: Any) -> bytes:
    """Return a .docx whose entry says that it is far smaller than it is."""
    data = bytearray(
        make.zip({"[Content_Types].xml": "<Types/>", "word/document.xml": b"a" * 9999})
    )
    real = (9999).to_bytes(4, "little")
    return bytes(data.replace(real, (10).to_bytes(4, "little")))


def encrypted_flag(make: Any) -> bytes:
    """Return a .docx whose entries are marked as encrypted."""
    buffer = io.BytesIO(make.zip({"[Content_Types].xml": "<a/>", "word/document.xml": "<a/>"}))
    with zipfile.ZipFile(buffer) as archive:
        offsets = [entry.header_offset for entry in archive.infolist()]
    data = bytearray(buffer.getvalue())
    for offset in offsets:
        data[offset + 6] |= 1
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 1)
    return bytes(data)


def png_claiming(width: int, height: int) -> bytes:
    """Return the head of a PNG that claims a size, with no pixels."""
    import struct
    import zlib

    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk


def test_every_damaged_file_is_read_or_refused(
    tmp_path: Path,
    sound_files: dict[str, bytes],
    make: Any,
    covers: Callable[[ParsedFile], None],
) -> None:
    cases = [*damaged(sound_files), *hostile(make)]
    assert len(cases) >= 200
    slow: list[tuple[str, float]] = []
    for number, (name, data, suffix) in enumerate(cases):
        path = tmp_path / f"{number}-{name}{suffix}"
        path.write_bytes(data)
        started = time.monotonic()
        try:
            covers(parse(path))
        except ParseError as error:
            message = str(error)
            assert message.startswith(f"{path.name}：") and message.endswith("。"), message
            assert "\n" not in message and len(message) < 200
        slow.append((path.name, time.monotonic() - started))
        path.unlink()
    assert max(seconds for _, seconds in slow) < SLOWEST_SECONDS, max(slow, key=lambda s: s[1])


def test_sound_files_hold_the_invariants(
    tmp_path: Path, sound_files: dict[str, bytes], covers: Callable[[ParsedFile], None]
) -> None:
    for suffix, data in sound_files.items():
        assert suffix in FORMATS
        if suffix == ".png":
            continue
        path = tmp_path / f"好{suffix}"
        path.write_bytes(data)
        parsed = parse(path)
        covers(parsed)
        assert "清河市人民政府" in parsed.text or suffix == ".xlsx"
