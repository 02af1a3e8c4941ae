"""Where things stand on the pages: every kind measured in the PDF that LibreOffice renders.

All documents are converted by one process: the examples of each kind from their templates, and
with a text of several pages that a chat model wrote.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pdfplumber
import pypdfium2  # type: ignore[import-untyped]
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from assistant.drafting.assemble import assemble
from assistant.drafting.compose import compose
from assistant.drafting.document import Direction, Form, OfficialDocument
from assistant.drafting.export import LaidOut, export, lay_out, lay_out_all
from assistant.drafting.facts import facts_from
from assistant.drafting.kinds import load_kinds
from assistant.drafting.labels import VISIBLE, Label
from assistant.drafting.layout.widths import set_width
from assistant.drafting.pdf import count_pages, find_libreoffice, label_pdf, read_pdf_label

pytestmark = pytest.mark.skipif(find_libreoffice() is None, reason="LibreOffice is not installed")
TODAY = date(2026, 11, 22)
KINDS = load_kinds()
LABEL = Label("0198f0a2-7c3b-7e1a-9d20-1f0b6a6b7c11")
MM = 72 / 25.4
LEFT, RIGHT, TOP, BOTTOM = 28.0, 184.0, 37.0, 262.0  # 版心, in millimetres on the page
CHARACTER = 156 / 28
MARK_TOP = {Form.FILE: 72.0, Form.MINUTES: 72.0, Form.LETTER: 30.0, Form.ORDER: 57.0}
SENTENCE = (
    "各县市区民政部门要按照统一安排逐项核对台账信息，做到对象清楚、标准清楚、资金清楚、责任清楚。"
)
VARIANTS = ("short", "long")
CASES = [(name, variant) for name in KINDS for variant in VARIANTS]


class Copyist(BaseChatModel):
    """A chat model that writes each section in the words of its template."""

    @property
    def _llm_type(self) -> str:
        return "copyist"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        asked = str(messages[-1].text)
        text = asked.rpartition("可以写得更通顺：\n")[2]
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])


def document_of(name: str, variant: str) -> OfficialDocument:
    kind = KINDS[name]
    left_out = {"依据", "标题", "联合发文机关", "份号", "紧急程度"}
    facts = facts_from({e.name: e.example for e in kind.fields if e.name not in left_out}, kind)
    model = Copyist() if variant == "long" else None
    draft = compose(kind, facts, as_of=TODAY, model=model)
    if model:
        prompted = any(section.prompt for section in kind.sections)
        assert not prompted or any(s.written_by == "copyist" for s in draft.sections), name
    document = assemble(draft, kind, facts)
    if variant == "long":
        body = document.body
        document = replace(document, body=(*body[:-1], *[SENTENCE * 6] * 8, *body[-1:]))
    return document


@cache
def rendered() -> dict[tuple[str, str], tuple[OfficialDocument, LaidOut]]:
    documents = [document_of(name, variant) for name, variant in CASES]
    laid_out = lay_out_all(documents, label=VISIBLE)
    return dict(zip(CASES, zip(documents, laid_out, strict=True), strict=True))


@dataclass(frozen=True)
class Row:
    """A line of type: its characters in order, its edges in millimetres, the size of its type."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float


def rows(page: Any) -> list[Row]:
    """Return the lines of type of a page from the top, characters of one baseline together."""
    found: dict[int, list[dict[str, Any]]] = {}
    for char in page.chars:
        if char["text"].strip():
            found.setdefault(round(char["bottom"] / 4), []).append(char)
    lines = []
    for key in sorted(found):
        chars = sorted(found[key], key=lambda char: char["x0"])
        lines.append(
            Row(
                "".join(char["text"] for char in chars),
                chars[0]["x0"] / MM,
                chars[-1]["x1"] / MM,
                min(char["top"] for char in chars) / MM,
                max(char["bottom"] for char in chars) / MM,
                float(np.median([char["size"] for char in chars])),
            )
        )
    return lines


@cache
def pages(name: str, variant: str) -> list[tuple[float, float, list[Row]]]:
    """Return width, height and lines of every page."""
    with pdfplumber.open(io.BytesIO(rendered()[name, variant][1].pdf)) as pdf:
        return [(page.width / MM, page.height / MM, rows(page)) for page in pdf.pages]


@cache
def ink(
    name: str, variant: str, page: int, *, red: bool
) -> list[tuple[float, float, float, float]]:
    """Return the rows of ink of a page: top, bottom, left, right in millimetres from the edge."""
    scale = 3
    document = pypdfium2.PdfDocument(rendered()[name, variant][1].pdf)
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
    for group in groups:
        if len(group):
            columns = np.flatnonzero(mask[group[0] : group[-1] + 1].any(axis=0))
            edges = (group[0], group[-1] + 1, columns[0], columns[-1] + 1)
            top, bottom, left, right = (float(edge) * unit for edge in edges)
            found.append((top, bottom, left, right))
    return found


def is_letter(name: str) -> bool:
    return KINDS[name].form is Form.LETTER


def body_rows(name: str, variant: str) -> list[list[Row]]:
    """Return the lines of 3号 type of every page that is part of the text area."""
    return [
        [row for row in lines if abs(row.size - 16) < 0.3 and row.top > TOP - 1]
        for _, _, lines in pages(name, variant)
    ]


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_the_mark_stands_where_the_form_puts_it(name: str, variant: str) -> None:
    assert abs(ink(name, variant, 0, red=True)[0][0] - MARK_TOP[KINDS[name].form]) <= 1


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_red_lines_are_as_long_and_as_far_as_the_standard_says(name: str, variant: str) -> None:
    red = ink(name, variant, 0, red=True)
    document = rendered()[name, variant][0]
    if is_letter(name):
        assert abs(red[1][0] - red[0][1] - 4) <= 1
        assert abs(red[-1][1] - (297 - 20)) <= 1
        assert all(abs(row[3] - row[2] - 170) <= 1 for row in red[1:])
    elif KINDS[name].form is not Form.ORDER:
        line = red[-1]
        assert abs(line[2] - LEFT) <= 1 and abs(line[3] - line[2] - 156) <= 1
        if document.number or KINDS[name].form is Form.MINUTES:
            above = [row for row in ink(name, variant, 0, red=False) if row[1] < line[0] - 1][-1]
            assert abs(line[0] - above[1] - 4) <= 1


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_no_page_holds_more_than_22_lines_of_28_characters(name: str, variant: str) -> None:
    full = 0
    for number, lines in enumerate(body_rows(name, variant), start=1):
        assert len(lines) <= 22, number
        assert all(row.bottom <= BOTTOM + 1 for row in lines), number
        assert all(row.left >= LEFT - 1 and row.right <= RIGHT + 1 for row in lines), number
        assert all(set_width(row.text) <= 28.5 for row in lines), number
        full += len(lines) == 22 and any(len(row.text) == 28 for row in lines)
    assert full or variant != "long"


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_the_first_page_shows_text_and_text_begins_two_characters_in(
    name: str, variant: str
) -> None:
    document = rendered()[name, variant][0]
    first = str(document.body[0])
    (begins, *_) = [row for row in body_rows(name, variant)[0] if first.startswith(row.text[:6])]
    assert abs(begins.left - (LEFT + 2 * CHARACTER)) <= 1
    if document.addressees:
        (to, *_) = [
            row
            for row in body_rows(name, variant)[0]
            if document.addressees.startswith(row.text[:4])
        ]
        assert abs(to.left - LEFT) <= 1 and to.top < begins.top


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_the_title_is_centred(name: str, variant: str) -> None:
    if KINDS[name].form in (Form.ORDER, Form.MINUTES):
        return  # their mark is their title
    titled = [row for row in pages(name, variant)[0][2] if abs(row.size - 22) < 0.3]
    document = rendered()[name, variant][0]
    assert "".join(row.text for row in titled) == document.title.replace(" ", "")
    for row in titled:
        opening = 11 / MM * (row.text[0] in "《（") - 11 / MM * (row.text[-1] in "》）")
        assert abs((row.left + row.right + opening * 0) / 2 - (LEFT + RIGHT) / 2) <= 1


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_every_page_has_its_number_at_the_outer_edge(name: str, variant: str) -> None:
    for number, (width, height, lines) in enumerate(pages(name, variant), start=1):
        line = [row for row in lines if abs(row.size - 14) < 0.3 and row.top > height - 35]
        if is_letter(name) and number == 1:
            assert not line
            continue
        assert [row.text for row in line] == [f"—{number}—"]
        if number % 2:
            assert abs(line[0].right - (width - 26 - 14 / MM)) <= 1
        else:
            assert abs(line[0].left - (28 + 14 / MM)) <= 1


@pytest.mark.parametrize("name", KINDS)
def test_the_dash_of_the_page_number_is_seven_millimetres_under_the_text(name: str) -> None:
    # The ink of a dash is as thin as a hair; the figure beside it is taller.
    document = pypdfium2.PdfDocument(rendered()[name, "long"][1].pdf)
    unit = 25.4 / 72 / 8
    for page in (1, 2):
        image = document[page].render(scale=8).to_numpy()[:, :, :3].sum(axis=2) < 300
        foot = image[int(264 / unit) : int(275 / unit)]
        first = int(np.flatnonzero(foot.any(axis=0))[0])
        dash = np.flatnonzero(foot[:, first : first + int(3 / unit)].any(axis=1))
        assert abs(264 + dash.mean() * unit - 269) <= 1
    document.close()


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_the_imprint_ends_the_text_area_of_the_last_side(name: str, variant: str) -> None:
    every = pages(name, variant)
    last = every[-1][2]
    copies = next(row for row in last if row.text.startswith("抄送："))
    if is_letter(name):
        assert copies.bottom <= BOTTOM + 0.5 and copies.top >= 250
        return
    assert len(every) % 2 == 0
    lines = [r for r in ink(name, variant, len(every) - 1, red=False) if r[3] - r[2] > 150]
    assert abs(lines[-1][1] - BOTTOM) <= 1
    # Thick, thin, thick: 0.35, 0.25 and 0.35 mm wide, and no other above them (§7.4.1).
    assert [row[0] > 240 for row in lines][-4:].count(True) == 3
    assert all(abs(row[2] - LEFT) <= 1 and abs(row[3] - RIGHT) <= 1 for row in lines)
    assert abs(copies.left - (LEFT + 14 / MM)) <= 1


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_a_sealed_date_ends_four_characters_from_the_right(name: str, variant: str) -> None:
    document = rendered()[name, variant][0]
    if document.form in (Form.ORDER, Form.MINUTES) or document.subtitle:
        return
    found = [
        (page, place)
        for page, lines in enumerate(body_rows(name, variant))
        for place, row in enumerate(lines)
        if row.text == document.date
    ]
    (page, place) = found[-1]
    lines = body_rows(name, variant)[page]
    day, signed = lines[place], lines[place - 1]
    assert signed.text == document.issuers[0]
    assert abs(day.right - (RIGHT - 4 * CHARACTER)) <= 1
    assert abs((signed.left + signed.right - day.left - day.right) / 2) <= CHARACTER / 2
    assert place > 1 or page == 0  # never alone at the head of a page


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_every_page_carries_the_visible_label_above_the_text(name: str, variant: str) -> None:
    for _, _, lines in pages(name, variant):
        labelled = [row for row in lines if row.text == VISIBLE]
        assert len(labelled) == 1 and labelled[0].bottom < TOP


@pytest.mark.parametrize("name", KINDS)
def test_an_attachment_has_its_number_on_line_one_and_its_title_on_line_three(name: str) -> None:
    attached = next(
        lines for _, _, lines in pages(name, "short")[1:] if any(r.text == "附件" for r in lines)
    )
    mark = next(row for row in attached if row.text == "附件")
    title = next(row for row in attached if abs(row.size - 22) < 0.3)
    assert abs(mark.left - LEFT) <= 1 and mark.top < TOP + 8
    line = 225 / 22
    assert 2 * line - 3 <= title.bottom - mark.bottom <= 2 * line + 3


def test_only_upward_documents_in_the_general_form_name_who_signs_beside_the_number() -> None:
    for name, kind in KINDS.items():
        number = rendered()[name, "short"][0].number
        beside = [
            row for row in pages(name, "short")[0][2] if row.text.startswith(f"{number}签发人：")
        ]
        upward = kind.direction is Direction.UP and kind.form is Form.FILE
        assert bool(beside) == (upward and bool(number)), name


def notice(**more: Any) -> OfficialDocument:
    kind = KINDS["通知"]
    given = {
        "发文机关": "清河市民政局",
        "发文字号": "清民发〔2026〕18号",
        "事由": "做好高龄津贴发放工作",
        "主送机关": "各县（市、区）民政局",
        "缘由": "为保障老年人生活",
        "事项": ["认真核对台账"],
        "成文日期": "2026-11-20",
        "抄送机关": "清河市财政局",
        "印发机关": "清河市民政局办公室",
        "印发日期": "2026-11-21",
    }
    facts = facts_from({**given, **more}, kind)
    return assemble(compose(kind, facts, as_of=TODAY), kind, facts)


@cache
def long_document() -> tuple[OfficialDocument, LaidOut]:
    wide = [[f"指标{n}" for n in range(12)], *[["数值"] * 12 for _ in range(30)]]
    attachments = [
        {"名称": f"发放明细表（之{n}）", "表格": wide}
        if n % 4 == 3
        else {"名称": f"工作流程说明（之{n}）", "内容": [SENTENCE] * 3}
        for n in range(20)
    ]
    tasks = [{"标题": f"做好工作{n}", "内容": SENTENCE * 15} for n in range(16)]
    document = notice(事项=tasks, 附件=attachments)
    return document, lay_out(document, label=VISIBLE, pdf=True)


def test_ten_thousand_characters_and_twenty_attachments_keep_every_page_right() -> None:
    document, laid_out = long_document()
    assert sum(len(block) for block in document.body if isinstance(block, str)) > 10_000
    with pdfplumber.open(io.BytesIO(laid_out.pdf)) as pdf:
        full = 0
        for number, page in enumerate(pdf.pages, start=1):
            height = page.height / MM
            lines = [row for row in rows(page) if abs(row.size - 16) < 0.3 and row.top > TOP - 8]
            assert len(lines) <= 22 and all(set_width(row.text) <= 28.5 for row in lines)
            full += len(lines) == 22 and max(len(row.text) for row in lines) == 28
            if page.width < page.height:
                found = [row for row in rows(page) if row.text == f"—{number}—"]
                assert len(found) == 1 and found[0].top > height - 35
        assert full >= 10 and len(pdf.pages) % 2 == 0
        last = pdf.pages[-1]
        assert last.width < last.height and "抄送：清河市财政局。" in last.extract_text()
        turned = [page for page in pdf.pages if page.width > page.height]
        assert len(turned) == 10  # five tables of 31 rows, two landscape pages each
        for page in turned:
            turned_row = [char for char in page.chars if not char["upright"]]
            assert "".join(c["text"] for c in turned_row).strip(" ") == f"— {page.page_number} —"
            # What is the foot of a page upright is the left edge of a page turned (§8).
            assert abs(np.mean([c["x0"] + c["x1"] for c in turned_row]) / 2 / MM - (297 - 269)) <= 1
            if page.page_number % 2:
                assert abs(max(c["bottom"] for c in turned_row) / MM - (RIGHT - 14 / MM)) <= 1
            else:
                assert abs(min(c["top"] for c in turned_row) / MM - (LEFT + 14 / MM)) <= 1


@pytest.mark.parametrize("count", [3, 12, 19, 20, 21, 22, 25])
def test_a_document_of_any_length_ends_on_an_even_page(count: int) -> None:
    pdf = lay_out(notice(事项=[f"核对第{n}项台账" for n in range(count)]), label="", pdf=True).pdf
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) % 2 == 0 and "印发" in opened.pages[-1].extract_text()
        for before, page in zip(opened.pages, opened.pages[1:], strict=False):
            if not rows(before):  # a blank page, and 版记 after it, have no number (§7.5)
                assert "—" not in page.extract_text()


JOINT = {
    "two": ["清河市财政局"],
    "three": ["清河市财政局", "清河市人力资源和社会保障局"],
    "five": [f"清河市{name}局" for name in ("财政", "教育", "公安", "人力资源和社会保障")],
}


@pytest.mark.parametrize("others", JOINT.values(), ids=JOINT)
def test_joint_issuers_sign_side_by_side_and_the_first_page_shows_text(others: list[str]) -> None:
    document = notice(联合发文机关=others)
    with pdfplumber.open(io.BytesIO(lay_out(document, label="", pdf=True).pdf)) as pdf:
        lines = [rows(page) for page in pdf.pages]
    assert any(row.text.startswith("为保障老年人生活") for row in lines[0])
    signed = [row for page in lines[1:] or lines for row in page if abs(row.size - 16) < 0.3]
    text = "".join(row.text for row in signed)
    assert all(name in text for name in document.issuers)
    day = next(row for row in signed if row.text == document.date)
    assert day.left > (LEFT + RIGHT) / 2 - CHARACTER  # under the last, at the right


def test_an_unsealed_date_begins_two_characters_after_the_name() -> None:
    pdf = lay_out(notice(加盖印章="否"), label="", pdf=True).pdf
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        lines = [row for page in opened.pages for row in rows(page)]
    place = next(n for n, row in enumerate(lines) if row.text == "2026年11月20日")
    assert lines[place - 1].text == "清河市民政局"
    assert abs(lines[place].left - lines[place - 1].left - 2 * CHARACTER) <= 1


def test_a_pdf_carries_the_label_once() -> None:
    data = export(document_of("公告", "short"), ".pdf", LABEL).data
    assert read_pdf_label(data) == LABEL.as_json()
    assert read_pdf_label(label_pdf(data, LABEL.as_json())) == LABEL.as_json()
    assert count_pages(data) % 2 == 0
