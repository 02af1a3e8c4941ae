"""Classification marks: what carries one is refused at the door, what speaks of secrets is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document

from corpus.documents import Block, ParsedFile
from corpus.errors import ClassifiedError
from corpus.metadata import check_unclassified
from corpus.parsing import parse

Check = Callable[[str, str], None]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Return a function that reads a file of this content as it would be stored, and checks it."""

    def check_text(text: str, suffix: str = ".txt") -> None:
        path = tmp_path / f"文件{suffix}"
        path.write_text(text, encoding="utf-8")
        check_unclassified(parse(path), path.name)

    return check_text


BODY = "各县（区）人民政府：现将有关事项通知如下。"
REFUSED = r"'文件\.\w+' 的.*国家秘密标志“.密”.*保密规定"


@pytest.mark.parametrize(
    "lines",
    [
        ("秘密★1年", "示例市人民政府文件"),
        ("000012", "机密★", "特急"),
        ("绝密★长期",),
        ("密级：机密",),
        ("示例市文件", "机密"),
        ("秘 密 ★ 10年",),
        ("正文。",) * 40 + ("机密★5年",),
        ("编号：000012 机密★1年", "示例市人民政府文件"),
        ("No.000012 机密★1年",),
        ("第000012号 秘密★3年 特急",),
        ("★机密★1年",),
        ("示例市人民政府办公室文件　　秘密★3年",),
        ("机密★1年 和平区人民政府文件",),
        ("文号：示政发〔2024〕3号 密级：机密 紧急程度：特急",),
        ("正文。",) * 40 + ("编号：000012 机密★1年",),
    ],
)
def test_a_mark_is_refused(check: Check, lines: tuple[str, ...]) -> None:
    with pytest.raises(ClassifiedError, match=REFUSED):
        check("\n".join((*lines, BODY)), ".txt")


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        (
            "# 发文稿纸\n\n| 文号 | 密级 | 紧急程度 |\n|---|---|---|\n"
            "| 示政发〔2024〕3号 | 机密 | 特急 |\n\n正文。",
            ".md",
        ),
        (
            "<table><tr><td>密级</td><td>机密</td></tr><tr><td>拟稿</td><td>张某</td></tr></table>"
            "<p>正文。</p>",
            ".html",
        ),
        (
            "<table><tr><td>拟稿</td><td>张某</td></tr><tr><td>密级</td><td>机密</td></tr></table>"
            "<p>正文。</p>",
            ".html",
        ),
    ],
)
def test_a_mark_in_a_table_is_refused(check: Check, text: str, suffix: str) -> None:
    with pytest.raises(ClassifiedError, match=REFUSED):
        check(text, suffix)


@pytest.mark.parametrize(
    "rows",
    [
        (("发文字号", "示政发〔2024〕3号", "密级", "机密"), ("标题", "通知", "紧急程度", "特急")),
        # No label is known in the first column, so these rows are read as header and values.
        (("拟稿", "张某", "密级", "机密"), ("核稿", "李某", "紧急程度", "特急")),
    ],
)
def test_a_mark_in_a_form_is_refused(tmp_path: Path, rows: tuple[tuple[str, ...], ...]) -> None:
    form = Document()
    table = form.add_table(len(rows), len(rows[0]))
    for row, values in zip(table.rows, rows, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    form.add_paragraph(BODY)
    form.save(str(tmp_path / "文件.docx"))
    with pytest.raises(ClassifiedError, match=REFUSED):
        check_unclassified(parse(tmp_path / "文件.docx"), "文件.docx")


def test_a_mark_in_a_property_or_file_name_is_refused() -> None:
    text = ParsedFile("正文。", (Block(0, 3),))
    with pytest.raises(ClassifiedError):
        check_unclassified(ParsedFile(text.text, text.blocks, {"密级": "秘密"}))
    with pytest.raises(ClassifiedError):
        check_unclassified(text, "【机密】方案.docx")


@pytest.mark.parametrize(
    "lines",
    [
        ("中华人民共和国保守国家秘密法", "国家秘密的密级分为绝密、机密、秘密三级。"),
        ("秘密级国家秘密是一般的国家秘密。",),
        ("公文涉密的，标注“秘密★1年”等密级和保密期限。",),
        ("内部资料 注意保存", "密级：公开"),
        ("秘密写票处应当设在会场内。",),
        ("标注秘密★1年的文件由专人保管。",),
        ("密级标注的形式为绝密★、机密★、秘密★。",),
        ("公文首页的标注有秘密★和机密★。",),
        ("标明密级；机密文件应当专人保管。",),
        ("国家秘密的密级：机密、秘密由本机关确定。",),
        ("标明密级：机密级或者秘密级。",),
    ],
)
def test_talk_of_secrets_is_no_mark(check: Check, lines: tuple[str, ...]) -> None:
    check("\n".join(("保密须知", *lines, BODY)), ".txt")


def test_a_table_without_a_grade_is_no_mark(check: Check) -> None:
    table = "| 文号 | 密级 | 说明 |\n|---|---|---|\n| 示政发〔2024〕3号 | 公开 | 不涉及秘密 |"
    check(f"# 文件目录\n\n{table}\n\n正文。", ".md")
