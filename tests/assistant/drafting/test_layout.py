"""The layout: what the .docx says in its XML, and where the ink stands in the PDF of LibreOffice."""

from __future__ import annotations

import io
import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import docx
import numpy as np
import pdfplumber
import pypdfium2  # type: ignore[import-untyped]
import pytest
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from assistant.drafting.assemble import assemble
from assistant.drafting.checking import check_read
from assistant.drafting.compose import compose
from assistant.drafting.document import OfficialDocument
from assistant.drafting.elements import Role
from assistant.drafting.export import export
from assistant.drafting.facts import facts_from
from assistant.drafting.kinds import load_kinds
from assistant.drafting.labels import KEYS, VISIBLE, Label, check_label
from assistant.drafting.layout.package import Parts, read_property, rewrite
from assistant.drafting.layout.widths import break_title, width
from assistant.drafting.markdown import read_front_matter
from assistant.drafting.pdf import convert_to_pdf, find_libreoffice, label_pdf, read_pdf_label
from assistant.drafting.reading import arrange, read_docx

TODAY = date(2026, 11, 22)
KINDS = load_kinds()
LABEL = Label("0198f0a2-7c3b-7e1a-9d20-1f0b6a6b7c11")
MM = 72 / 25.4
needs_libreoffice = pytest.mark.skipif(
    find_libreoffice() is None, reason="LibreOffice is not installed"
)


@cache
def sample(name: str) -> OfficialDocument:
    """The document that the examples of a kind's own fields make."""
    kind = KINDS[name]
    left_out = {"依据", "标题", "联合发文机关", "份号", "紧急程度"}
    facts = facts_from({e.name: e.example for e in kind.fields if e.name not in left_out}, kind)
    return assemble(compose(kind, facts, as_of=TODAY), kind, facts)


@cache
def docx_of(name: str) -> bytes:
    return export(sample(name), ".docx", LABEL).data


@cache
def pdf_of(name: str) -> bytes:
    return convert_to_pdf(docx_of(name))


def style(word: Any, name: str) -> Any:
    (found,) = [
        s for s in word.styles.element.findall(qn("w:style")) if s.get(qn("w:styleId")) == name
    ]
    return found


def value(element: Any, path: str, attribute: str = "w:val") -> str:
    for part in path.split("/"):
        element = element.find(qn(part))
    return str(element.get(qn(attribute)))


@pytest.mark.parametrize("name", KINDS)
def test_page_type_and_pitch_are_those_of_the_standard(name: str) -> None:
    word = docx.Document(io.BytesIO(docx_of(name)))
    section = word.element.body.find(qn("w:sectPr"))
    assert (value(section, "w:pgSz", "w:w"), value(section, "w:pgSz", "w:h")) == ("11906", "16838")
    margins = [
        value(section, "w:pgMar", f"w:{side}") for side in ("top", "left", "bottom", "right")
    ]
    assert margins == ["2098", "1588", "1984", "1474"]
    body = style(word, "GwBody")
    assert value(body, "w:rPr/w:sz") == "32"
    assert value(body, "w:rPr/w:rFonts", "w:eastAsia").startswith("仿宋")
    assert 570 <= int(value(body, "w:pPr/w:spacing", "w:line")) <= 582
    assert value(body, "w:pPr/w:ind", "w:firstLineChars") == "200"
    title = style(word, "GwTitle")
    assert value(title, "w:rPr/w:sz") == "44" and value(title, "w:pPr/w:jc") == "center"
    assert "小标宋" in value(title, "w:rPr/w:rFonts", "w:eastAsia")
    faces = [
        value(style(word, f"GwLevel{n}"), "w:rPr/w:rFonts", "w:eastAsia") for n in (1, 2, 3, 4)
    ]
    assert [face[:2] for face in faces] == ["黑体", "楷体", "仿宋", "仿宋"]
    assert all(value(style(word, f"GwLevel{n}"), "w:rPr/w:b") == "0" for n in (1, 2, 3, 4))
    assert value(style(word, "GwPageNumber"), "w:rPr/w:sz") == "28"
    assert word.settings.odd_and_even_pages_header_footer


@pytest.mark.parametrize("name", KINDS)
def test_a_docx_reads_back_as_it_was_written_without_a_finding(name: str) -> None:
    document = sample(name)
    read = arrange(read_docx(docx_of(name), "a.docx"), kind=document.kind)
    body = [line.text for line in read.of(Role.BODY)]
    assert body == [block for block in document.body if isinstance(block, str)]
    if document.title and read.of(Role.TITLE):
        assert read.title == document.title
    findings = check_read(read, as_of=TODAY, applying=KINDS[name].checks)
    assert [f.line_text() for f in findings] == []


@pytest.mark.parametrize("name", ["通知", "请示"])
def test_the_red_line_and_the_lines_of_the_imprint(name: str) -> None:
    story = docx.Document(io.BytesIO(docx_of(name))).element.body
    (rule,) = [
        border for border in story.iter(qn("w:bottom")) if border.get(qn("w:color")) == "FF0000"
    ]
    assert abs(int(rule.get(qn("w:space"))) - 11.34) <= MM
    edges = [e for cell in story.iter(qn("w:tcBorders")) for e in cell]
    assert [e.get(qn("w:sz")) for e in edges] == ["8", "6", "6", "8"]


def test_only_upward_documents_name_who_signs() -> None:
    for name, kind in KINDS.items():
        text = "".join(text for text, _ in read_docx(docx_of(name), "a.docx"))
        upward = kind.direction == "上行" or kind.document_kind == "答复"
        assert ("签发人" in text) == upward, name


@pytest.mark.parametrize("name", KINDS)
def test_the_label_is_there_once_and_survives_saving_twice(name: str) -> None:
    data = docx_of(name)
    (metadata,) = read_property(data)
    assert check_label(metadata) == [] and tuple(json.loads(metadata)) == KEYS
    again = rewrite(rewrite(data, Parts(aigc=metadata)), Parts(aigc=metadata))
    assert read_property(again) == [metadata]
    word = docx.Document(io.BytesIO(data))
    headers = [word.sections[0].header, word.sections[0].even_page_header]
    assert all(sum(VISIBLE in p.text for p in h.paragraphs) == 1 for h in headers)
    buffer = io.BytesIO()
    word.save(buffer)  # as a person's editor would
    assert read_property(buffer.getvalue()) == [metadata]


def test_a_final_copy_keeps_the_metadata_alone() -> None:
    data = export(sample("通知"), ".docx", LABEL, final=True).data
    word = docx.Document(io.BytesIO(data))
    assert all(VISIBLE not in p.text for p in word.sections[0].header.paragraphs)
    assert read_property(data) == [LABEL.as_json()]


def test_markdown_carries_the_label_in_front_and_at_the_end() -> None:
    text = export(sample("通知"), ".md", LABEL).data.decode()
    assert read_front_matter(text)[0] == LABEL.as_json()
    assert text.rstrip().endswith(VISIBLE) and text.count(VISIBLE) == 1


@given(st.text("清河市民政局关于做好高龄津贴发放工作的通知《》（）2027年", min_size=1, max_size=70))
def test_a_title_is_broken_without_loss_and_fits(title: str) -> None:
    lines = break_title(title)
    assert "".join(lines) == title
    assert all(width(line) <= 20 for line in lines)


def ink(pdf: bytes, page: int, *, red: bool) -> list[tuple[float, float, float, float]]:
    """Return the rows of ink of a page: top, bottom, left, right in millimetres from the edge."""
    scale = 4
    document = pypdfium2.PdfDocument(pdf)
    image = document[page].render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3].astype(int)
    document.close()
    if red:
        mask = (image[:, :, 0] > 150) & (image[:, :, 1] < 110) & (image[:, :, 2] < 110)
    else:
        mask = image.sum(axis=2) < 300
    inked = np.flatnonzero(mask.any(axis=1))
    groups = np.split(inked, np.flatnonzero(np.diff(inked) > 2) + 1)
    unit = 25.4 / 72 / scale
    found = []
    for rows in groups:
        if len(rows):
            columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(axis=0))
            found.append(
                (rows[0] * unit, (rows[-1] + 1) * unit, columns[0] * unit, (columns[-1] + 1) * unit)
            )
    return found


MARK_TOP = {"文件": 72.0, "纪要": 72.0, "信函": 30.0, "命令": 57.0}


@needs_libreoffice
@pytest.mark.parametrize("name", ["通知", "请示", "函", "命令", "纪要"])
def test_marks_and_lines_stand_where_the_standard_puts_them(name: str) -> None:
    rows = ink(pdf_of(name), 0, red=True)
    assert abs(rows[0][0] - MARK_TOP[KINDS[name].form]) <= 1
    if KINDS[name].form == "信函":
        assert abs(rows[1][0] - rows[0][1] - 4) <= 1
        assert abs(rows[-1][1] - (297 - 20)) <= 1
        assert all(abs(row[3] - row[2] - 170) <= 1 for row in rows[1:])
    elif KINDS[name].form != "命令":
        line = rows[-1]
        above = [row for row in ink(pdf_of(name), 0, red=False) if row[1] < line[0] - 1][-1]
        assert abs(line[0] - above[1] - 4) <= 1
        assert abs(line[2] - 28) <= 1 and abs(line[3] - line[2] - 156) <= 1


@needs_libreoffice
def test_page_numbers_stand_seven_millimetres_under_the_text_area() -> None:
    pdf = pdf_of("通知")
    with pdfplumber.open(io.BytesIO(pdf)) as pages:
        assert len(pages.pages) >= 2
        for number, page in enumerate(pages.pages, start=1):
            line = [c for c in page.chars if abs(c["size"] - 14) < 0.2 and c["top"] > 262 * MM]
            assert "".join(c["text"] for c in line).replace(" ", "") == f"—{number}—"
            left = line[0]["x0"] / MM
            right = max(c["x1"] for c in line) / MM
            assert (abs(right - (210 - 26 - 5)) <= 1.5) if number % 2 else (abs(left - 33) <= 1.5)
    # The ink of both dashes, which is as thin as a hair; the figure between them is taller.
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=8).to_numpy()[:, :, :3].sum(axis=2) < 300
    unit = 25.4 / 72 / 8
    foot = image[int(264 / unit) : int(275 / unit)]
    first = int(np.flatnonzero(foot.any(axis=0))[0])
    dash = np.flatnonzero(foot[:, first : first + int(3 / unit)].any(axis=1))
    assert abs(264 + dash.mean() * unit - 269) <= 1


@needs_libreoffice
def test_a_letter_has_no_number_on_its_first_page_and_its_copies_at_the_foot() -> None:
    with pdfplumber.open(io.BytesIO(pdf_of("函"))) as pages:
        first, last = pages.pages[0], pages.pages[-1]
        assert "—" not in (first.crop((0, 262 * MM, first.width, 275 * MM)).extract_text() or "")
        copies = last.crop((0, 250 * MM, last.width, 262.5 * MM)).extract_text()
        assert copies.startswith("抄送：")


@needs_libreoffice
def test_the_imprint_ends_with_the_text_area_of_the_last_page() -> None:
    pdf = pdf_of("通知")
    last = len(pypdfium2.PdfDocument(pdf)) - 1
    lines = [row for row in ink(pdf, last, red=False) if row[3] - row[2] > 150]
    assert abs(lines[-1][1] - 262) <= 1


def long_document() -> OfficialDocument:
    sentence = (
        "各县市区民政部门要按照统一安排逐项核对台账信息做到对象清楚标准清楚资金清楚责任清楚。"
    )
    kind = KINDS["通知"]
    wide = [[f"指标{n}" for n in range(12)], *[["数值"] * 12 for _ in range(30)]]
    attachments = [
        {"名称": f"发放明细表（之{n}）", "表格": wide}
        if n % 4 == 3
        else {"名称": f"工作流程说明（之{n}）", "内容": [sentence] * 3}
        for n in range(20)
    ]
    facts = facts_from(
        {
            "发文机关": "清河市民政局",
            "发文字号": "清民发〔2026〕18号",
            "事由": "做好高龄津贴发放工作",
            "主送机关": "各县（市、区）民政局",
            "缘由": "为保障老年人生活",
            "事项": [{"标题": f"做好工作{n}", "内容": sentence * 15} for n in range(16)],
            "附件": attachments,
            "成文日期": "2026-11-20",
            "抄送机关": "清河市财政局",
            "印发机关": "清河市民政局办公室",
            "印发日期": "2026-11-21",
        },
        kind,
    )
    return assemble(compose(kind, facts, as_of=TODAY), kind, facts)


@needs_libreoffice
def test_a_long_document_is_set_in_22_lines_of_28_characters() -> None:
    document = long_document()
    assert sum(len(block) for block in document.body if isinstance(block, str)) > 10_000
    data = export(document, ".docx", LABEL).data
    with pdfplumber.open(io.BytesIO(convert_to_pdf(data))) as pages:
        full = 0
        for number, page in enumerate(pages.pages, start=1):
            lines: dict[int, int] = {}
            for char in page.chars:
                if abs(char["size"] - 16) < 0.3 and char["text"].strip():
                    lines[round(char["bottom"])] = lines.get(round(char["bottom"]), 0) + 1
                    assert char["x1"] <= (184 + 1) * MM
            assert len(lines) <= 22 and max(lines.values(), default=0) <= 28
            full += len(lines) == 22 and max(lines.values()) == 28
            numbers = page.crop((0, page.height * 0.85, page.width, page.height)).extract_text()
            assert f"— {number} —" in numbers
        assert full >= 10
        last = pages.pages[-1]
        assert last.width < last.height and "抄送：清河市财政局。" in last.extract_text()
        turned = [page for page in pages.pages if page.width > page.height]
        assert len(turned) == 10  # five tables of 31 rows, two landscape pages each


@needs_libreoffice
def test_a_pdf_carries_the_label_once() -> None:
    data = export(sample("公告"), ".pdf", LABEL).data
    assert read_pdf_label(data) == LABEL.as_json()
    assert read_pdf_label(label_pdf(data, LABEL.as_json())) == LABEL.as_json()
    with pdfplumber.open(io.BytesIO(data)) as pages:
        assert all(page.extract_text().count(VISIBLE) == 1 for page in pages.pages)


def test_a_machine_without_libreoffice_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(Exception, match="没有安装 LibreOffice"):
        convert_to_pdf(b"")


def test_what_is_shown_names_no_file_of_this_machine() -> None:
    assert str(Path.cwd()).encode() not in docx_of("通知")
