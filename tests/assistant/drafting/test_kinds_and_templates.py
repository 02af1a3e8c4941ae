"""Kind files, facts files and the template language: what they give and how they fail."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.drafting.document import heading_end, heading_level, without_outer_brackets
from assistant.drafting.errors import FactsError, KindError
from assistant.drafting.facts import (
    ask_missing,
    empty_facts,
    facts_from,
    missing_fields,
    read_facts,
)
from assistant.drafting.kinds import KINDS_FOLDER, find_kind, load_kind, load_kinds
from assistant.drafting.templates import render, render_line
from corpus.numerals import chinese_to_int, int_to_chinese

FIFTEEN = [
    "决议",
    "决定",
    "命令",
    "公报",
    "公告",
    "通告",
    "意见",
    "通知",
    "通报",
    "报告",
    "请示",
    "批复",
    "议案",
    "函",
    "纪要",
]
VARIANTS = ["复函", "印发通知", "转发通知", "任免通知", "会议通知", "提案答复", "建议答复"]


def test_the_fifteen_kinds_and_their_variants_are_there() -> None:
    assert set(load_kinds()) >= {*FIFTEEN, *VARIANTS}


@pytest.mark.parametrize("kind", load_kinds().values(), ids=lambda kind: kind.name)
def test_the_empty_facts_of_a_kind_are_read_and_all_required_is_missing(
    kind: object, tmp_path: Path
) -> None:
    from assistant.drafting.kinds import Kind

    assert isinstance(kind, Kind)
    path = tmp_path / "facts.yaml"
    path.write_text(empty_facts(kind), "utf-8")
    facts = read_facts(path, kind)
    assert missing_fields(kind, facts) == [entry for entry in kind.fields if entry.required]


@pytest.mark.parametrize("kind", load_kinds().values(), ids=lambda kind: kind.name)
def test_every_example_of_a_field_fits_its_field(kind: object) -> None:
    from assistant.drafting.kinds import Kind

    assert isinstance(kind, Kind)
    for entry in kind.fields:
        facts_from({entry.name: entry.example}, kind)


BROKEN = {
    "an unknown key": ("summary:", "sumary:", "不认识的项 'sumary'，是不是 'summary'"),
    "a field without explanation": ("required: [发文机关,", "required: [发文机构,", "没有说明"),
    "a field that is not there": (
        "{缘由}，现将",
        "{原由}，现将",
        "没有的字段 '原由'，是不是 '缘由'",
    ),
    "an open bracket": ("{缘由}，现将", "{缘由，现将", "不成对"),
    "no direction of ours": ("direction: 下行", "direction: 向下", "应为 上行、平行、下行、公布"),
    "no YAML": ("form: 文件", "form: [文件", "不是正确的 YAML"),
    "a version that is no number": ("version: 2", "version: 二", "'version' 应为整数"),
    "a rule that is not there": ("G07]", "G77]", "没有规则 'G77'，是不是 "),
}


@pytest.mark.parametrize(("good", "bad", "says"), BROKEN.values(), ids=BROKEN)
def test_a_broken_kind_file_is_named_with_its_line(
    good: str, bad: str, says: str, tmp_path: Path
) -> None:
    shutil.copy(KINDS_FOLDER / "_fields.yaml", tmp_path)
    text = (KINDS_FOLDER / "通知.yaml").read_text("utf-8")
    assert good in text
    path = tmp_path / "通知.yaml"
    path.write_text(text.replace(good, bad, 1), "utf-8")
    with pytest.raises(KindError) as caught:
        load_kind(path)
    assert says in str(caught.value)
    assert "通知.yaml 第 " in str(caught.value)


def test_a_person_adds_a_kind_with_one_file(tmp_path: Path) -> None:
    shutil.copy(KINDS_FOLDER / "_fields.yaml", tmp_path)
    (tmp_path / "工作提示.yaml").write_text(
        "version: 1\nname: 工作提示\ndocument_kind: 通知\nsummary: 提醒\nform: 文件\n"
        'direction: 下行\ntitle: "{发文机关}关于{事由}的通知"\nrequired: [发文机关, 事由, 提示]\n'
        "fields:\n  提示: {help: 提醒什么, example: 按时报送}\n"
        "sections:\n  - name: 正文\n    template: 请{提示}。\nchecks: [F]\n",
        "utf-8",
    )
    assert find_kind("工作提示", tmp_path).sections[0].name == "正文"


def test_an_unknown_kind_names_its_neighbours() -> None:
    with pytest.raises(KindError, match=r"没有文种 '通之'.*draft --list"):
        find_kind("通之")


FACTS = {
    "not YAML": ("发文机关: [清河市", "第 1 行"),
    "an unknown field": (
        "发文机关: 甲局\n主送机构: 乙局",
        "第 2 行.*没有字段 '主送机构'，是不是 '主送机关'",
    ),
    "a date that is none": ("成文日期: 2026年13月1日", "第 1 行.*应为日期"),
    "a list where a line belongs": ("事由: [甲, 乙]", "第 1 行.*应为一段文字"),
    "the same field twice": ("事由: 甲\n事由: 乙", "第 2 行重复"),
    "a choice that is none": ("紧急程度: 很急", "应为 特急、加急 之一"),
    "nothing": ("", "是空的"),
    "a secrecy mark": ("附注: 机密★1年", "第 1 行：'附注' 含密级标志 '机密★1年'"),
    "a labelled secrecy mark": ("事由: 甲\n缘由: 密级：秘密", "第 2 行：'缘由' 含密级标志"),
    "one among entries": ("事项: [甲, 机密★长期]", "'事项' 含密级标志"),
    "one in an attachment": (
        "附件:\n  - 名称: 名单\n    内容: [甲, 机密★1年, 乙]",
        "'附件' 含密级标志 '机密★1年'",
    ),
    "one in an attached table": (
        "附件:\n  - 名称: 名单\n    表格: [[姓名, 职务], ['密级：秘密', 乙]]",
        "'附件' 含密级标志",
    ),
}


@pytest.mark.parametrize(("text", "says"), FACTS.values(), ids=FACTS)
def test_a_broken_facts_file_is_named_with_its_line(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(FactsError, match=says):
        read_facts(path, find_kind("通知"))


def test_what_is_missing_is_asked_for_and_asked_again_until_it_fits() -> None:
    kind = find_kind("公报")
    facts = facts_from({"发文机关": "清河市统计局", "事由": "甲", "缘由": "乙"}, kind)
    said: list[str] = []
    replies = iter(["床位5820张；机构46家", "不是日期", "2026-11-20"])
    whole = ask_missing(kind, facts, lambda _question: next(replies), said.append)
    assert whole.values["事项"] == ["床位5820张", "机构46家"]
    assert whole.values["成文日期"] == "2026年11月20日"
    assert len(said) == 1 and "应为日期" in said[0]


def test_a_reply_left_empty_leaves_a_gap() -> None:
    kind = find_kind("公报")
    whole = ask_missing(kind, facts_from({}, kind), lambda _question: "", lambda _line: None)
    assert not whole.values


@given(st.integers(1, 999))
def test_chinese_numbers_read_back(value: int) -> None:
    assert chinese_to_int(int_to_chinese(value)) == value


@given(st.text(max_size=40))
def test_the_text_of_a_fact_is_never_a_template(value: str) -> None:
    text = " ".join((value + "{缘由}[[x]]").split())
    given = {"事由": text, "缘由": "不该出现"}
    assert render("甲{事由}乙", given, frozenset()) == [f"甲{text}乙"]


def test_lists_are_numbered_level_by_level() -> None:
    items = [{"标题": "甲", "内容": ["乙", "丙"]}, "（二）丁"]
    assert render("{事项:一}", {"事项": items}, frozenset()) == [
        "一、甲",
        "（一）乙。",
        "（二）丙。",
        "二、丁。",
    ]


def test_a_fact_that_is_a_paragraph_ends_with_a_stop_and_a_title_does_not() -> None:
    assert render("{缘由}", {"缘由": "资金不足"}, frozenset()) == ["资金不足。"]
    assert render("{缘由}", {"缘由": "一、现状\n不足"}, frozenset()) == ["一、现状", "不足。"]
    assert render_line("{缘由}", {"缘由": "某市通知"}, frozenset()) == "某市通知"


def test_a_stop_is_never_doubled() -> None:
    assert render("{事由}。\n因{事由}，特此。", {"事由": "同意。"}, frozenset()) == [
        "同意。",
        "因同意，特此。",
    ]


def test_one_entry_alone_is_a_sentence_and_no_list() -> None:
    assert render("{事项:（一）}", {"事项": ["甲"]}, frozenset()) == ["甲。"]
    assert render("{事项:（一）}", {"事项": ["甲", "乙；"]}, frozenset()) == [
        "（一）甲。",
        "（二）乙；",
    ]


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("一、总体要求", 6),
        ("（一）范围。全市。", 6),
        ("一、同意。", 2),
        ("（二）同意。", 3),
        ("同意。", 0),
    ],
)
def test_only_a_heading_is_set_as_one(text: str, end: int) -> None:
    assert heading_end(text) == end


def test_a_required_gap_is_marked_and_an_optional_line_is_left_out() -> None:
    lines = render("甲{必}。\n乙{可}。\n[[丙{可}，]]丁", {}, frozenset({"必"}))
    assert lines == ["甲【待补：必】。", "丁"]


@given(st.lists(st.text("甲乙丙丁", min_size=1, max_size=5), min_size=1, max_size=12))
def test_numbering_runs_without_gaps(items: list[str]) -> None:
    lines = render("{事项:一}\n{#}尾", {"事项": items}, frozenset(), first=3)
    numbers = [chinese_to_int(line.partition("、")[0]) for line in lines]
    assert numbers == list(range(3, 4 + len(items)))
    assert all(heading_level(line) == 1 for line in lines)


def test_a_list_in_one_line_keeps_what_stands_under_a_heading() -> None:
    items = [
        {"标题": "研究养老工作", "内容": "审议《养老服务实施方案》。"},
        {"标题": "部署任务", "内容": ["甲", "乙；"]},
        "其他",
    ]
    line = "研究养老工作（审议《养老服务实施方案》）、部署任务（甲；乙）、其他。"
    assert render("{会议内容:顿}。", {"会议内容": items}, frozenset()) == [line]


BRACKETS = {
    "a pair around": ("（此件公开发布）", "此件公开发布"),
    "a pair of the other sort": ("(此件公开发布)", "此件公开发布"),
    "a pair at the end": ("联系人：张明（办公室）", "联系人：张明（办公室）"),
    "a pair at each end": ("（甲）和（乙）", "（甲）和（乙）"),
    "a pair within a pair": ("（联系人：张明（办公室））", "联系人：张明（办公室）"),
    "one that is not closed": ("（联系人：张明（办公室）", "联系人：张明（办公室）"),
    "one that is not opened": ("此件公开发布）", "此件公开发布"),
    "none": ("此件公开发布", "此件公开发布"),
}


@pytest.mark.parametrize(("text", "inner"), BRACKETS.values(), ids=BRACKETS)
def test_only_the_brackets_around_a_note_are_taken_off(text: str, inner: str) -> None:
    assert without_outer_brackets(text) == inner


def test_a_line_stands_in_for_a_fact_that_is_not_given() -> None:
    template = "{结语}。\n{!结语}照此执行。"
    assert render(template, {}, frozenset()) == ["照此执行。"]
    assert render(template, {"结语": "请批转"}, frozenset()) == ["请批转。"]
