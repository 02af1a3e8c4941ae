from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from corpus.documents import BlockKind, ParsedFile
from corpus.errors import ParseError
from corpus.parsing.tables import table_lines
from corpus.parsing.word_numbering import chinese_number

Read = Callable[[bytes, str], ParsedFile]
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


def test_docx_merged_cells_repeat_their_value(read: Read, make: Any) -> None:
    down, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = [
        cell("类别") + cell("材料名称") + cell("份数"),
        cell("双方提交", down) + cell("申请书") + cell("1"),
        cell("", on) + cell("身份证明") + cell("2"),
        cell("合计三份材料", '<w:gridSpan w:val="2"/>') + cell("3"),
    ]
    table = "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"
    parsed = read(make.docx(make.word_paragraph("申请材料") + table), ".docx")
    assert parsed.text.split("\n") == [
        "申请材料",
        "类别：双方提交；材料名称：申请书；份数：1",
        "类别：双方提交；材料名称：身份证明；份数：2",
        "类别：合计三份材料；份数：3",
    ]
    assert {b.kind for b in parsed.blocks[1:]} == {BlockKind.TABLE_ROW}


def test_docx_headings_numbers_and_deleted_text(read: Read, make: Any) -> None:
    styles = f"""<w:styles {WORD}>
      <w:style w:styleId="a1"><w:name w:val="heading 1"/></w:style>
      <w:style w:styleId="a2"><w:name w:val="我的标题"/><w:basedOn w:val="a1"/></w:style>
      <w:style w:styleId="t"><w:name w:val="Title"/></w:style></w:styles>"""
    numbering = f"""<w:numbering {WORD}><w:abstractNum w:abstractNumId="7">
      <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>
      <w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>
      <w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>"""
    numbered = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr>'
    body = (
        make.word_paragraph("清河市养犬管理办法", '<w:pStyle w:val="t"/>')
        + make.word_paragraph("总则", f'<w:pStyle w:val="a2"/>{numbered}')
        + make.word_paragraph("附则", numbered)
        + "<w:p><w:r><w:t>保留</w:t></w:r><w:del><w:r><w:delText>删去</w:delText></w:r></w:del></w:p>"
    )
    parsed = read(make.docx(body, styles=styles, numbering=numbering), ".docx")
    assert parsed.text.split("\n") == ["清河市养犬管理办法", "一、总则", "二、附则", "保留"]
    assert [(b.kind, b.level) for b in parsed.blocks[:3]] == [
        (BlockKind.TITLE, 1),
        (BlockKind.HEADING, 1),
        (BlockKind.PARAGRAPH, 0),
    ]


def test_docx_with_an_external_entity_is_refused(read: Read, make: Any) -> None:
    evil = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'
    data = make.zip({"[Content_Types].xml": "<Types/>", "word/document.xml": evil})
    with pytest.raises(ParseError, match="外部实体"):
        read(data, ".docx")


def test_encrypted_office_file_says_password(read: Read) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(ParseError, match="有密码"):
        read(ole, ".docx")


def test_old_office_file_is_read_or_says_what_to_install(read: Read) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    with pytest.raises(ParseError, match="LibreOffice"):
        read(ole, ".doc")


def test_xlsx_rows_stand_beside_their_headers(read: Read, sound_files: dict[str, bytes]) -> None:
    parsed = read(sound_files[".xlsx"], ".xlsx")
    assert parsed.text.split("\n") == [
        "Sheet",
        "项目：低保；类别：城市；标准（元）：810",
        "项目：低保；类别：农村；标准（元）：660",
    ]


def test_pptx_slides_are_pages(read: Read, sound_files: dict[str, bytes]) -> None:
    parsed = read(sound_files[".pptx"], ".pptx")
    assert parsed.blocks[0].kind is BlockKind.HEADING
    assert {block.page for block in parsed.blocks} == {1}
    assert "第一条 为了规范政务服务" in parsed.text


def test_mail_subject_is_the_title(read: Read, sound_files: dict[str, bytes]) -> None:
    parsed = read(sound_files[".eml"], ".eml")
    assert parsed.text.startswith("清河市人民政府关于推进政务服务的通知\n各县（区）人民政府")
    assert parsed.properties["From"] == "a@b.example"


def test_service_guide_labels_are_read_beside_their_values() -> None:
    rows = [
        ["事项名称", "养犬登记", "办件类型", "即办件"],
        ["实施主体", "市公安局", "法定时限", "10日"],
    ]
    assert [line.text for line in table_lines(rows)] == [
        "事项名称：养犬登记；办件类型：即办件",
        "实施主体：市公安局；法定时限：10日",
    ]


def test_table_keeps_every_value() -> None:
    rows = [["序号", "单位", "电话"]] + [[str(n), f"第{n}窗口", f"6010{n:03}"] for n in range(30)]
    texts = [line.text for line in table_lines(rows)]
    assert len(texts) == 30
    assert all(value in text for row, text in zip(rows[1:], texts, strict=True) for value in row)


@pytest.mark.parametrize(
    ("number", "text"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五")]
)
def test_chinese_numbers(number: int, text: str) -> None:
    assert chinese_number(number) == text
