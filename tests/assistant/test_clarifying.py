"""Asking back: only where the clauses differ in whom or where they rule, never twice, to the point."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from assistant.answer import answer
from assistant.conversation import Answer, Role, Turn
from assistant.regions import only_there
from assistant.replies import AnswerStatus
from assistant.services import Services, open_services
from corpus.documents import Access
from corpus.embedding import Embedder
from corpus.ingest import sync
from corpus.store import Store

TODAY = date(2026, 11, 22)

RULE = """{place}加装电梯财政补助办法

（示例文件）
{place}人民政府 2025年3月1日发布

一、补助标准
{place}对既有住宅加装电梯每台补助{amount}万元，一次性发放给业主。

二、申请时限
业主应当自电梯使用登记之日起6个月内提出申请。
"""


def ask(services: Services, question: str, *before: str) -> Answer:
    """Ask after earlier turns, the person's and the assistant's in turn."""
    roles = (Role.USER, Role.ASSISTANT)
    history = [Turn(roles[n % 2], text) for n, text in enumerate(before)]
    return answer(question, services, as_of=TODAY, history=history)


@pytest.fixture(scope="module")
def two_counties(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    folder = tmp_path_factory.mktemp("counties")
    for place, amount in (("东山县", 5), ("西河县", 8)):
        text = RULE.format(place=place, amount=amount)
        (folder / f"{place}加装电梯财政补助办法.txt").write_text(text, "utf-8")
    data = tmp_path_factory.mktemp("data")
    store = Store(data, embedder)
    assert not sync(store, sorted(folder.iterdir()), Access.PUBLIC).failed
    store.close()
    return data


@pytest.mark.parametrize(
    ("question", "groups"),
    [
        ("普通门诊起付线是多少", {"职工医保", "居民医保"}),
        ("申请公租房要什么条件", {"稳定就业的外来务工人员", "新就业无房职工"}),
    ],
)
def test_who_one_is_decides(question: str, groups: set[str], citizens: Services) -> None:
    given = ask(citizens, question)
    assert given.status is AnswerStatus.CLARIFY
    assert not given.citations
    assert {choice.split("，")[0] for choice in given.suggestions} >= groups
    for choice in given.suggestions:
        chosen = ask(citizens, choice, question, given.text)
        assert chosen.status is AnswerStatus.ANSWERED
        assert choice.split("，")[0] in chosen.citations[0].quote


def test_a_group_may_be_typed_instead(citizens: Services) -> None:
    question = "普通门诊起付线是多少"
    back = ask(citizens, question)
    given = ask(citizens, "我是居民医保的", question, back.text)
    assert given.status is AnswerStatus.ANSWERED
    assert given.citations[0].quote.startswith("（二）居民医保普通门诊不设起付标准")


def test_who_asks_the_same_again_is_answered(citizens: Services) -> None:
    question = "普通门诊起付线是多少"
    back = ask(citizens, question)
    again = ask(citizens, question, question, back.text)
    assert again.status is not AnswerStatus.CLARIFY
    assert again.citations


def test_who_asks_something_new_gets_that(citizens: Services) -> None:
    back = ask(citizens, "普通门诊起付线是多少")
    given = ask(citizens, "结婚登记要预约吗", "普通门诊起付线是多少", back.text)
    assert "结婚" in given.citations[0].title


@pytest.mark.parametrize(
    "question",
    [
        "住院能报多少",  # one clause says it for all
        "职工普通门诊起付线是多少",
        "外来打工的申请公租房要什么条件",
        "高龄津贴多少钱",
        "城乡居民养老保险基础养老金多少",
        "养犬登记要多少钱",
        "结婚登记要什么材料",
    ],
)
def test_nothing_is_asked_back_where_nothing_is_open(question: str, citizens: Services) -> None:
    assert ask(citizens, question).status is not AnswerStatus.CLARIFY


def test_the_place_decides(two_counties: Path) -> None:
    services = open_services(two_counties)
    try:
        question = "加装电梯每台补助多少钱"
        given = ask(services, question)
        assert given.status is AnswerStatus.CLARIFY
        assert set(given.suggestions) == {f"在{p}，{question}？" for p in ("东山县", "西河县")}
        chosen = ask(services, f"在西河县，{question}？", question, given.text)
        assert "8万元" in chosen.citations[0].quote
        assert not chosen.notices
        named = ask(services, "东山加装电梯每台补助多少钱")
        assert named.status is AnswerStatus.ANSWERED
    finally:
        services.close()


def test_a_rule_of_one_county_says_so(citizens: Services) -> None:
    given = ask(citizens, "生活垃圾处理费每户每月多少")
    assert any("只适用于临溪县" in notice for notice in given.notices)
    told = ask(citizens, "生活垃圾处理费每户每月多少", "你好", "您可以问临溪县的规定。")
    assert any("只适用于临溪县" in notice for notice in told.notices)
    said = ask(citizens, "生活垃圾处理费每户每月多少", "我住在临溪县", "您好。")
    assert not any("只适用于" in notice for notice in said.notices)
    named = ask(citizens, "临溪县生活垃圾处理费每户每月多少")
    assert not any("只适用于" in notice for notice in named.notices)


@pytest.mark.parametrize(
    ("said", "places", "count"),
    [
        ("补贴多少", ["清河市", "临溪县"], 1),
        ("临溪的补贴多少", ["清河市", "临溪县"], 0),
        ("补贴多少", ["清河市"], 0),  # the corpus has no other city
        ("补贴多少", ["望山区", "望山区"], 1),
        ("补贴多少", ["", ""], 0),
    ],
)
def test_what_holds_in_one_place_alone_is_said(said: str, places: list[str], count: int) -> None:
    held = ("云江省", "云江省清河市", "清河市", "临溪县", "望山区")
    assert len(only_there(said, places, held)) == count


@pytest.mark.parametrize(
    "question",
    ["公租房申请条件", "吃低保要什么材料", "石桥县政务大厅在哪条街", "退休职工二级医院住院报多少"],
)
def test_a_new_subject_is_not_dragged_into_the_old_one(question: str, citizens: Services) -> None:
    given = ask(citizens, question, "生育津贴要什么材料", "见下。")
    assert given.trace.question == question
    follow_up = ask(citizens, "多久能批下来", "生育津贴要什么材料", "见下。")
    assert follow_up.trace.question.startswith("生育津贴要什么材料")
