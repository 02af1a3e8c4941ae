"""The layout as the .docx says it in its XML: styles, measures, labels, what reads back."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from assistant.drafting import pdf
from assistant.drafting.assemble import assemble
from assistant.drafting.checking import check_read
from assistant.drafting.compose import compose
from assistant.drafting.document import OfficialDocument
from assistant.drafting.elements import Role
from assistant.drafting.errors import ExportError
from assistant.drafting.export import export
from assistant.drafting.facts import facts_from
from assistant.drafting.kinds import load_kinds
from assistant.drafting.labels import KEYS, VISIBLE, Label, check_label
from assistant.drafting.layout.package import Parts, read_property, rewrite
from assistant.drafting.layout.widths import break_title, width
from assistant.drafting.layout.writer import write_docx
from assistant.drafting.markdown import read_front_matter
from assistant.drafting.pdf import convert_all
from assistant.drafting.reading import arrange, read_docx

TODAY = date(2026, 11, 22)
KINDS = load_kinds()
LABEL = Label("0198f0a2-7c3b-7e1a-9d20-1f0b6a6b7c11")
MM = 72 / 25.4


@cache
def sample(name: str) -> OfficialDocument:
    """The document that the examples of a kind's own fields make."""
    kind = KINDS[name]
    left_out = {"依据", "标题", "联合发文机关", "份号", "紧急程度"}
    facts = facts_from({e.name: e.example for e in kind.fields if e.name not in left_out}, kind)
    return assemble(compose(kind, facts, as_of=TODAY), kind, facts)


@cache
def docx_of(name: str) -> bytes:
    return write_docx(sample(name), label=VISIBLE, metadata=LABEL.as_json())


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


def test_a_letter_shows_copy_number_and_urgency_a_line_each() -> None:
    document = replace(sample("函"), copy_number="000001", urgency="特急")
    entries = read_docx(write_docx(document, label=VISIBLE, metadata=LABEL.as_json()), "a.docx")
    texts = [text for text, _ in entries]
    at = next(place for place, text in enumerate(texts) if text.startswith("000001"))
    assert texts[at] == f"000001\t{document.number}"
    assert entries[at + 1] == ("特急", Role.URGENCY)


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


def test_a_machine_without_libreoffice_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(Exception, match="没有安装 LibreOffice"):
        convert_all([b""])


def test_a_conversion_that_hangs_leaves_nothing_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {tmp_path}/child\nwait\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(pdf, "find_libreoffice", lambda: str(program))
    monkeypatch.setattr(pdf, "TIMEOUT", 1)
    monkeypatch.setattr(pdf, "TIMEOUT_EACH", 0)
    with pytest.raises(ExportError, match="没有完成"):
        convert_all([docx_of("通知")])
    child = int((tmp_path / "child").read_text("utf-8"))
    for _ in range(50):
        if not Path(f"/proc/{child}").exists() or "Z" in state_of(child):
            return
        time.sleep(0.1)
    raise AssertionError("the process that was started lives on")


def state_of(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0]


def test_what_is_shown_names_no_file_of_this_machine() -> None:
    assert str(Path.cwd()).encode() not in docx_of("通知")
