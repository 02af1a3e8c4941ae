"""Quotes as HTML: no word is lost, rows stand in tables, many quotes are folded, figures are bold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from assistant.citations import Citation
from assistant.conversation import Answer, Basis
from assistant.replies import AnswerStatus
from assistant.web.quotes import OPEN_QUOTES, emphasise, render_said, urgent_numbers
from assistant.web.texts import Language, load_texts
from corpus.documents import Status

TEXTS = load_texts(Language.CHINESE)
CITATION = Citation(1, "d", "题", "", "", Status.IN_FORCE, "一、", "", 0, 0, "s")
ROWS = "环节：网上报名；小学：6月20日；初中：6月27日\n环节：补报名；小学：8月10日"


def said(*quotes: str, opening: str = "") -> str:
    """Return an answer of quotes as HTML; the numbered link is [n]."""
    citations = tuple(
        replace(CITATION, number=n, quote=quote, end=len(quote))
        for n, quote in enumerate(quotes, start=1)
    )
    text = "\n".join(
        (*([opening] if opening else []), *(f"{c.quote}[{c.number}]" for c in citations))
    )
    given = Answer(AnswerStatus.ANSWERED, text, citations, "12345", basis=Basis.EXTRACTIVE)
    return render_said(given, TEXTS, lambda citation: f"[{citation.number}]")


def words_of(page: str) -> str:
    return "".join(html.fragment_fromstring(page, create_parent="div").text_content().split())


@given(
    st.lists(st.text("甲乙1元：；。、，<&", min_size=1).filter(str.strip), min_size=1, max_size=5)
)
def test_no_word_of_a_quote_is_lost(quotes: list[str]) -> None:
    shown = words_of(said(*quotes))
    for character in "甲乙1元<&":
        assert shown.count(character) >= sum(quote.count(character) for quote in quotes)


def test_rows_stand_in_one_table_also_where_a_cell_is_empty() -> None:
    tree = html.fragment_fromstring(said(ROWS), create_parent="div")
    table = tree.find(".//table")
    assert table is not None
    assert [cell.text_content() for cell in table.iter("th")] == ["环节", "小学", "初中"]
    rows = [[cell.text_content() for cell in row.iter("td")] for row in table.iter("tr")][1:]
    assert rows == [["网上报名", "6月20日", "6月27日"], ["补报名", "8月10日", ""]]


def test_a_sentence_with_colons_is_no_row() -> None:
    assert "<table" not in said("第五条：同时符合下列条件的；可以申请。\n（一）年满18周岁；")


def test_the_best_quotes_stand_open_and_the_rest_is_folded() -> None:
    page = said(*(f"第{n}条可以申请。" for n in range(10)))
    opened, _, folded = page.partition("<details")
    assert opened.count("quoted") == OPEN_QUOTES
    assert folded.count("quoted") == 10 - OPEN_QUOTES
    assert "<details" not in said("甲。" * 400)  # the first is never folded


def test_an_opening_stands_before_the_quotes() -> None:
    assert words_of(said("甲可以。", opening="下面的条款有关。")) == "下面的条款有关。甲可以。[1]"


@pytest.mark.parametrize(
    ("text", "bold"),
    [
        ("每人每月100元", "100元"),
        ("自2025年7月1日起", "2025年7月1日"),
        ("20个工作日内办结", "20个工作日"),
        ("支付比例为60%。", "60%"),
        ("年满80周岁", "80周岁"),
    ],
)
def test_figures_are_bold(text: str, bold: str) -> None:
    assert f"<b>{bold}</b>" in emphasise(text)


def test_only_numbers_to_call_at_once_become_buttons() -> None:
    assert urgent_numbers("拨打110，发短信到12110，或120；其他12345；再拨110") == ["110", "120"]
