from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image

from corpus.documents import BlockKind, ParsedFile
from corpus.errors import ParseError
from corpus.numerals import int_to_chinese
from corpus.parsing.tables import table_lines

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


def test_xlsx_rows_stand_beside_their_headers(read: Read, sound_files: dict[str, bytes]) -> None:
    parsed = read(sound_files[".xlsx"], ".xlsx")
    assert parsed.text.split("\n") == [
        "Sheet",
        "项目：低保；类别：城市；标准（元）：810",
        "项目：低保；类别：农村；标准（元）：660",
    ]


def workbook_bytes(fill: Callable[[Worksheet], None]) -> bytes:
    workbook = Workbook()
    fill(workbook.worksheets[0])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def test_a_title_merged_over_all_columns_above_a_blank_row_is_one_line(read: Read) -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (["收费标准表", None], [None, None], ["项目", "标准"], ["停车", 5]):
            sheet.append(row)
        sheet.merge_cells("A1:B1")

    assert read(workbook_bytes(fill), ".xlsx").text.split("\n") == [
        "Sheet",
        "收费标准表",
        "项目：停车；标准：5",
    ]


def test_a_sheet_whose_columns_are_formatted_to_the_last_row_is_read(read: Read) -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (["项目", "标准"], ["停车", 5]):
            sheet.append(row)
        sheet["GZ1048576"].number_format = "0.00"

    started = time.process_time()
    assert read(workbook_bytes(fill), ".xlsx").text == "Sheet\n项目：停车；标准：5"
    assert time.process_time() - started < 10


def test_many_merged_ranges_take_no_time(read: Read) -> None:
    def fill(sheet: Worksheet) -> None:
        for number in range(3_000):
            sheet.append([f"甲{number}", f"乙{number}", None])
            sheet.append([None, f"丙{number}", None])
            sheet.merged_cells.ranges.add(
                CellRange(min_col=1, max_col=1, min_row=2 * number + 1, max_row=2 * number + 2)
            )

    started = time.process_time()
    lines = read(workbook_bytes(fill), ".xlsx").text.split("\n")
    assert lines[-1].count("甲2999") == 1 and "丙2999" in lines[-1]
    assert time.process_time() - started < 10


def test_a_text_box_inside_a_text_box_is_read(read: Read, make: Any) -> None:
    inner = "<w:txbxContent><w:p><w:r><w:t>内框</w:t></w:r></w:p></w:txbxContent>"
    outer = (
        f"<w:txbxContent><w:p><w:r><w:t>外框</w:t></w:r><w:r>{inner}</w:r></w:p></w:txbxContent>"
    )
    body = f"<w:p><w:r><w:t>正文</w:t></w:r><w:r>{outer}</w:r></w:p>"
    assert read(make.docx(body), ".docx").text.split("\n") == ["正文", "外框", "内框"]


def test_a_scan_of_too_many_pages_is_refused_not_cut_off(read: Read) -> None:
    frames = [Image.new("1", (20, 20), 1) for _ in range(201)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "tiff", save_all=True, append_images=frames[1:])
    with pytest.raises(ParseError, match="200 页"):
        read(buffer.getvalue(), ".tif")


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


@pytest.mark.parametrize(
    ("rows", "texts"),
    [
        (
            [
                ["事项名称", "法定办结时限", "承诺办结时限"],
                ["住房申请", "20个工作日", "20个工作日"],
            ],
            ["事项名称：住房申请；法定办结时限、承诺办结时限：20个工作日"],
        ),
        (
            [["地区", "城市低保标准", "农村低保标准"], ["甲县", "850元/月", "850元/月"]],
            ["地区：甲县；城市低保标准、农村低保标准：850元/月"],
        ),
        (  # the row spans its cells otherwise than the header does
            [["病种", "职工", "居民", "居民"], ["某病", "18000元/年", "18000元/年", "14400元/年"]],
            ["病种：某病；职工：18000元/年；居民：14400元/年"],
        ),
    ],
)
def test_equal_values_side_by_side_are_said_under_every_header(
    rows: list[list[str]], texts: list[str]
) -> None:
    assert [line.text for line in table_lines(rows)] == texts


def test_all_that_stands_beside_a_label_is_kept() -> None:
    rows = [
        ["项目", "内容", "内容"],
        ["补贴标准", "60—79岁", "每月50元"],
        ["补贴标准", "80岁以上", "每月100元"],
        ["办理依据", "《甲办法》", "《甲办法》"],
    ]
    assert [line.text for line in table_lines(rows)] == [
        "补贴标准：60—79岁；每月50元",
        "补贴标准：80岁以上；每月100元",
        "办理依据：《甲办法》",
    ]


def test_pairs_below_a_merged_header_stay_pairs() -> None:
    rows = [
        ["项目", "内容", "内容", "内容"],
        ["法定时限", "3日", "承诺时限", "1日"],
        ["实施主体", "市公安局", "市公安局", "市公安局"],
    ]
    assert [line.text for line in table_lines(rows)] == [
        "法定时限：3日；承诺时限：1日",
        "实施主体：市公安局",
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
    assert int_to_chinese(number) == text
