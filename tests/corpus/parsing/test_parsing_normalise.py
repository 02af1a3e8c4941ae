from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.parsing.normalise import normalise_line
from corpus.parsing.plain import paragraphs

CASES = {
    "brackets around han": ("(一)举措及成效", "（一）举措及成效"),
    "brackets after han": ("创业(风险)投资基金", "创业（风险）投资基金"),
    "numbered bracket": ("(1)申请人", "（1）申请人"),
    "formula": ("f(x)的取值", "f(x)的取值"),
    "comma after a quote": ("“教育大模型”,已试点", "“教育大模型”，已试点"),
    "time and thousands": ("8:30至17:00,共1,000元", "8:30至17:00，共1,000元"),
    "address": ("见http://a.cn/x,y?b=1,谢谢", "见http://a.cn/x,y?b=1，谢谢"),
    "latin text": ("Open at 8:30, see (annex) one", "Open at 8:30, see (annex) one"),
    "latin in han": ("在 AI 大模型 Open Source 社区", "在AI大模型Open Source社区"),
    "digits and han": ("2025 年 5 月 23 日", "2025年5月23日"),
    "open date": ("自2026年  月  日起施行", "自2026年 月 日起施行"),
    "article lead": ("第十二条之一　申请人", "第十二条之一 申请人"),
    "chapter": ("第四章  总　　则", "第四章 总则"),
    "full-width letters": ("ＰＦＬＯＰＳ５０００％", "PFLOPS5000%"),
    "number stop": ("9．麦角酸", "9.麦角酸"),
    "invisible": ("\ufeff政\u200b务\u00ad服\ue000务\xa0", "政务服务"),
    "radicals": ("⼈⼯智能", "人工智能"),
    "nothing": ("\u3000\u200b \t", ""),
}


@pytest.mark.parametrize(("raw", "wanted"), CASES.values(), ids=CASES.keys())
def test_line_is_written_one_way(raw: str, wanted: str) -> None:
    assert normalise_line(raw) == wanted


MIXED = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "中文第一条章年月日(),:;?! “”’（）．.ａ１a1/ww:http//@　\u200b\u3099か\xa0\ue000⼈\t\n"
        ),
        st.characters(),
    ),
    max_size=60,
)


@settings(max_examples=600, deadline=None)
@given(MIXED)
def test_normalising_twice_is_normalising_once(raw: str) -> None:
    line = normalise_line(raw)
    assert normalise_line(line) == line
    assert line == line.strip() and "\n" not in line and "  " not in line


@settings(max_examples=600, deadline=None)
@given(MIXED)
def test_words_are_never_changed(raw: str) -> None:
    kept = [char for char in normalise_line(raw) if "\u4e00" <= char <= "\u9fa5"]
    assert kept[: raw.count("中")].count("中") <= raw.count("中")
    assert kept.count("中") == raw.count("中") and kept.count("文") == raw.count("文")


SENTENCE = st.text(alphabet="政务服务企业群众办事材料申请受理审核公示", min_size=80, max_size=200)


@settings(max_examples=60, deadline=None)
@given(st.lists(SENTENCE, min_size=4, max_size=12), st.integers(28, 38), st.booleans())
def test_broken_lines_come_back_as_they_were(
    sentences: list[str], width: int, blank_lines: bool
) -> None:
    written = [f"{sentence}。" for sentence in sentences]
    broken: list[str] = []
    for sentence in written:
        indented = f"　　{sentence}"
        broken += [indented[at : at + width] for at in range(0, len(indented), width)]
    raw = ("\n\n" if blank_lines else "\n").join(broken)
    assert paragraphs(raw) == written
    assert paragraphs("\n".join(paragraphs(raw))) == paragraphs(raw)


@settings(max_examples=100, deadline=None)
@given(st.lists(MIXED, max_size=8).map("\n".join))
def test_reading_a_text_again_changes_nothing(raw: str) -> None:
    once = paragraphs(raw)
    assert paragraphs("\n".join(once)) == once


def test_paragraph_per_line_text_is_left_alone() -> None:
    lines = [
        "一、总体要求",
        "到2027年底，形成10个左右数据集。",
        "（一）夯实底座",
        "落实部署要求" * 30 + "。",
    ]
    assert paragraphs("\n\n".join(lines)) == lines


def test_headings_between_broken_lines_stay_apart() -> None:
    body = "支持省内高校院所和科技企业承担国家和省里的科研项目开展通用人工智能科技攻关" * 4
    wrapped = [body[at : at + 33] for at in range(0, len(body), 33)]
    raw = "\n\n".join(
        ["  (一)举措及成效 ", f"  {wrapped[0][:31]}", *wrapped[1:], "  (二)下一步工作 "]
    )
    found = paragraphs(raw)
    assert found[0] == "（一）举措及成效"
    assert found[-1] == "（二）下一步工作"
    assert len(found) == 3
