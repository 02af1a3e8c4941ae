from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.documents import BlockKind, ParsedFile
from corpus.errors import ParseError
from corpus.parsing import parse

Read = Callable[[bytes, str], ParsedFile]
SENTENCE = "为了规范公共租赁住房的申请审核分配使用和退出管理保障住房困难家庭的基本居住需求" * 4


def page_of(sentences: list[str], *, width: int = 26, top: float = 120) -> list[Any]:
    """Return the lines of indented paragraphs set in 16 points, `width` characters a line."""
    lines: list[tuple[float, float, str]] = []
    for sentence in sentences:
        indented = f"　　{sentence}"
        for at in range(0, len(indented), width):
            piece = indented[at : at + width]
            shift = 32 if piece.startswith("　　") else 0
            lines.append((80.0 + shift, top + 28 * len(lines), piece.lstrip("　")))
    return lines


def test_pdf_lines_are_joined_over_a_page_break(read: Read, make: Any) -> None:
    first = page_of([f"{SENTENCE}，第一页未完"], width=26)
    rest = page_of(["续到第二页完。"])[0]
    pages = [
        [(80.0, 40.0, "清河市人民政府公报"), *first, (290.0, 805.0, "— 1 —")],
        [(80.0, 40.0, "清河市人民政府公报"), (80.0, 120.0, rest[2]), (290.0, 805.0, "— 2 —")],
    ]
    # The first page's last line must reach the margin for its paragraph to go on.
    last = pages[0][-2]
    pages[0][-2] = (last[0], last[1], (last[2] + SENTENCE)[:26])
    parsed = read(make.pdf(pages), ".pdf")
    assert parsed.text.count("\n") == 0
    assert parsed.text.endswith("续到第二页完。") and parsed.blocks[0].page == 1
    assert "公报" not in parsed.text and "—" not in parsed.text


def test_pdf_paragraphs_stay_apart(read: Read, make: Any) -> None:
    written = [f"第{n}条 {SENTENCE}。" for n in ("一", "二", "三")]
    parsed = read(make.pdf([page_of(written)]), ".pdf")
    assert parsed.text.split("\n") == written


def test_pdf_title_over_two_lines_is_one(read: Read, make: Any) -> None:
    head = [(200.0, 60.0, "清河市人民政府关于推进"), (176.0, 92.0, "公共租赁住房保障工作的通知")]
    parsed = read(make.pdf([[*head, *page_of([f"{SENTENCE}。"], top=160)]]), ".pdf")
    assert parsed.text.split("\n")[0] == "清河市人民政府关于推进公共租赁住房保障工作的通知"
    assert parsed.blocks[0].kind is BlockKind.TITLE


def test_pages_are_reported_as_they_are_read(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "三页.pdf"
    path.write_bytes(make.pdf([page_of([f"{SENTENCE}。"])] * 3))
    seen: list[tuple[int, int]] = []
    parse(path, on_page=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_ofd_text_template_delta_and_missing_boundary(read: Read, make: Any) -> None:
    two_lines = (
        '<ofd:TextObject Size="5.6" Boundary="30 80 150 20"><ofd:TextCode X="0" Y="5" '
        'DeltaX="5.6 5.6 5.6 -16.8 5.6 5.6 5.6" DeltaY="0 0 0 10 0 0 0">申请材料办理时限'
        "</ofd:TextCode></ofd:TextObject>"
    )
    page = (
        make.ofd_text(30, 60, "一、受理条件")
        + make.ofd_text(30, 70, "年满八十周岁。", boundary=False)
        + two_lines
    )
    info = "<ofd:Title>高龄津贴申领指南</ofd:Title>"
    parsed = read(
        make.ofd([page], template=make.ofd_text(30, 40, "云江省政务服务"), info=info), ".ofd"
    )
    assert parsed.text.split("\n") == [
        "云江省政务服务",
        "一、受理条件",
        "年满八十周岁。",
        "申请材料",
        "办理时限",
    ]
    assert parsed.properties["Title"] == "高龄津贴申领指南"
    assert {block.page for block in parsed.blocks} == {1}


def test_encrypted_ofd_says_so(read: Read, make: Any) -> None:
    data = make.zip({"OFD.xml": "<a/>", "Doc_0/Encryptions.xml": "<a/>"})
    with pytest.raises(ParseError, match="加密"):
        read(data, ".ofd")


def test_blank_scan_says_that_nothing_was_found(read: Read, sound_files: dict[str, bytes]) -> None:
    with pytest.raises(ParseError, match="没有认出文字"):
        read(sound_files[".png"], ".png")


SAMPLE = Path(__file__).parents[3] / "corpus" / "sample" / "files" / "public"
SCANS = sorted(SAMPLE.glob("清河市电动自行车登记上牌工作的通告.pdf"))


@pytest.mark.parametrize("path", SCANS, ids=lambda path: path.stem)
def test_scan_is_recognised(path: Path) -> None:
    parsed = parse(path)
    assert "本市上道路行驶的电动自行车" in parsed.text
    assert {block.page for block in parsed.blocks} == {1, 2}
