"""Hostile text stays text: whatever a document or a person says, no tag and no script comes of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from assistant.citations import Citation
from assistant.conversation import Answer, Basis, Trace
from assistant.replies import AnswerStatus, load_replies
from assistant.retrieval import Passage, retrieve
from assistant.services import open_services
from assistant.web.answers import render_answer, render_turn
from assistant.web.documents import Span, View, render_document, render_passage
from assistant.web.handouts import plain_text, sheet, work_order
from assistant.web.markup import mark_span, mark_words, safe_url
from assistant.web.results import Choices, read_request, render_search
from assistant.web.texts import Language, load_texts
from corpus.documents import Access, Chunk, Document, Metadata, Status

TEXTS = load_texts(Language.CHINESE)
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</template><script>alert(1)</script>",
    "javascript:alert(1)",
    "' onmouseover='alert(1)",
    "</textarea><svg onload=alert(1)>",
    "[1]<a href=javascript:alert(1)>x</a>[1]",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
hostile = st.one_of(
    st.sampled_from(ATTACKS),
    st.lists(st.sampled_from([*ATTACKS, "第一条", "\n", "80元", "<", '"', "&"]), max_size=6).map(
        "".join
    ),
).filter(str.strip)
ALLOWED = {
    "article", "h1", "h2", "h3", "h4", "h5", "span", "p", "div", "section", "ol", "ul", "li", "a",
    "strong", "button", "template", "mark", "dl", "dt", "dd", "details", "summary", "form", "label",
    "input", "select", "option", "datalist", "legend", "fieldset",
    "blockquote", "b", "br", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


def safe(page: str) -> Any:
    tree: Any = html.fragment_fromstring(page, create_parent="div")
    for node in tree.iter():
        assert node.tag in ALLOWED
        assert not any(name.startswith("on") for name in node.attrib)
        for name in ("href", "src", "action"):
            link = urlsplit(node.get(name, ""))
            assert link.scheme in ("", "tel", "http", "https")
            assert link.netloc == "" or link.scheme in ("http", "https")
    return tree


def citation(text: str, number: int = 1) -> Citation:
    return Citation(
        number, text, text, text, text, Status.REPEALED, text, text, 0, len(text), text,
        page=3, effective=text, published=text, ended_by=text,
    )  # fmt: skip


def an_answer(text: str, basis: Basis = Basis.EXTRACTIVE) -> Answer:
    return Answer(
        AnswerStatus.PARTIAL, f"{text}[1]\n{text}[9]", (citation(text),), text,
        basis=basis, suggestions=(text,), notices=(text,),
    )  # fmt: skip


def a_view(text: str, url: str = "") -> View:
    document = Document(
        "d" * 24, text, 1, True, Access.PUBLIC, "0" * 64, "text/plain",
        Metadata(title=text, issuer=text, document_number=text, kind=text, source_url=url or text),
        0.0, 1,
    )  # fmt: skip
    chunk = Chunk("c", document.id, 0, len(text), text, (text, text), text, lead=text)
    return View(document, text, (chunk,), Status.EXPIRED, document)


@given(hostile, st.sampled_from(list(Basis)), st.sampled_from(list(Language)))
def test_an_answer_carries_no_foreign_tag(text: str, basis: Basis, language: Language) -> None:
    texts = load_texts(language)
    given = an_answer(text, basis)
    page = render_turn("t1", text, render_answer(given, text, "t1", texts, day="2026-11-22"), texts)
    tree = safe(page)
    assert tree.find_class("asked-text")[0].text_content() == text.replace("\r", "\n")


@given(hostile)
def test_a_document_and_its_passage_carry_no_foreign_tag(text: str) -> None:
    view = a_view(text)
    span = Span(0, len(text)).within(view.text)
    safe(render_document(view, span, TEXTS))
    safe(render_passage(view, span, TEXTS))


@pytest.fixture(scope="module")
def found(sample: Path) -> Passage:
    services = open_services(sample)
    passage = retrieve("高龄津贴", services, as_of=date.today(), limit=1)[0]
    services.close()
    return passage


@given(hostile)
def test_a_search_page_carries_no_foreign_tag(found: Passage, text: str) -> None:
    view = a_view(text)
    passage = replace(found, chunk=view.chunks[0], document=view.document)
    asked = read_request(text, issuer=text, year=text, kind=text, status=text, region=text)
    choices = Choices((text,), (2024,), (text,), (text,))
    safe(render_search(asked, [passage], choices, TEXTS))


@given(hostile)
def test_handouts_keep_every_word_as_text(text: str) -> None:
    given = an_answer(text)
    safe(sheet(given, text, TEXTS, "2026-11-22"))
    assert text[:500] in work_order(given, text, "2026-11-22")
    assert text in plain_text(given, text, TEXTS, "2026-11-22")


MARK = re.compile(r"</?mark[^<>]*>")


@given(st.text(), st.lists(st.text(min_size=1, max_size=4), max_size=4))
def test_marking_words_changes_no_text(text: str, words: list[str]) -> None:
    marked = mark_words(text, words)
    assert unescape(MARK.sub("", marked)) == text
    assert not set("<>") & set(MARK.sub("", marked))


@given(
    st.text(alphabet='甲乙<&"', max_size=30),
    st.integers(0, 40),
    st.integers(0, 40),
    st.integers(0, 9),
)
def test_exactly_the_span_is_marked(text: str, start: int, end: int, offset: int) -> None:
    page = mark_span(text, offset, start, end)
    marked = re.findall(r"<mark[^<>]*>(.*?)</mark>", page)
    assert unescape(MARK.sub("", page)) == text
    assert unescape("".join(marked)) == text[max(start - offset, 0) : max(end - offset, 0)]


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//host/x", "/etc/passwd",
     "file:///etc/passwd", "https:", "vbscript:x", "http://[", ""],
)  # fmt: skip
def test_only_web_addresses_become_links(url: str) -> None:
    assert safe_url(url) is None


def test_a_web_address_stays_one() -> None:
    assert safe_url(" https://www.qinghe.example/a?b=1 ") == "https://www.qinghe.example/a?b=1"


def test_every_ending_has_its_words_in_both_languages() -> None:
    for language in Language:
        texts = load_texts(language)
        for status in AnswerStatus:
            for basis in Basis:
                given = Answer(status, "没有依据。", (), "请拨打12345。", basis=basis)
                page = render_answer(given, "问", "t1", texts, day=date.today().isoformat())
                assert texts[f"status_{status}"] in page
                assert 'href="tel:12345"' in page


def test_what_leaves_the_page_carries_the_label_of_its_basis() -> None:
    model = an_answer("甲", Basis.MODEL)
    for text in (plain_text(model, "问", TEXTS, "今天"), sheet(model, "问", TEXTS, "今天")):
        assert "内容由AI生成，仅供参考，请以正式文件为准" in text
    quoted = an_answer("甲")
    for text in (plain_text(quoted, "问", TEXTS, "今天"), sheet(quoted, "问", TEXTS, "今天")):
        assert "原文摘录" in text and "内容由AI生成" not in text


def test_a_draft_for_12345_says_the_whole_and_to_whom() -> None:
    asked = Trace(question="高龄津贴每月多少钱 要带什么材料", reply="answered")
    cited = (citation("清河市民政局"), citation("清河市民政局", 2), citation("清河市财政局", 3))
    given = replace(an_answer("甲"), citations=cited, trace=asked)
    draft = work_order(given, "那要带什么材料", "今天").split("\n")
    assert "诉求内容：高龄津贴每月多少钱 要带什么材料" in draft
    assert "建议承办单位：清河市民政局、清河市财政局" in draft
    assert any(line.startswith("诉求类型：咨询") for line in draft)


@pytest.mark.parametrize(
    ("question", "kind"), [("我要投诉物业", "投诉"), ("我要举报这家饭店用地沟油", "举报")]
)
def test_a_complaint_is_handed_over_as_one(question: str, kind: str) -> None:
    reply = load_replies().named("complaint")
    given = Answer(reply.status, reply.text, (), reply.next_step, Trace(reply=reply.name))
    draft = work_order(given, question, "今天")
    assert f"诉求类型：{kind}（" in draft and f"诉求内容：{question}\n" in draft


def test_a_long_answer_is_cut_to_one_page_and_says_so() -> None:
    long = "甲" * 400
    given = Answer(AnswerStatus.ANSWERED, "\n".join([f"{long}[1]"] * 5), (citation("乙"),), "丙")
    page = sheet(given, "问", TEXTS, "今天")
    assert page.count(long) == 1 and "内容较长" in page
