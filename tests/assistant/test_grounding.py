"""Figures are compared by what they mean; a sentence must stand in what it cites."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.grounding import Figure, figures, han_to_number, unsupported

CITED = (
    "《高龄津贴办法》清民发〔2026〕9号 第三条 对年满80周岁的老年人，按每人每月100元的标准发放高龄津贴，"
    "自2026年7月1日起执行，应当在10个工作日内办结，津贴资格不得转让。咨询电话0999-8812345。"
)


def in_han(number: int) -> str:
    """Write a number below 100,000,000 the way official texts do."""
    names, scales = "零一二三四五六七八九", ("", "十", "百", "千")

    def section(value: int) -> str:
        text, gap = "", False
        for place in (3, 2, 1, 0):
            digit = value // 10**place % 10
            if digit:
                text += ("零" if gap and text else "") + names[digit] + scales[place]
                gap = False
            else:
                gap = True
        return text

    high, low = divmod(number, 10_000)
    if not high:
        return section(low) or "零"
    between = "零" if low and low < 1000 else ""
    return section(high) + "万" + between + (section(low) if low else "")


@given(st.integers(1, 99_999_999))
def test_a_number_in_characters_is_read_as_it_is_written(number: int) -> None:
    assert han_to_number(in_han(number)) == number


@given(st.integers(2, 9_999_999), st.sampled_from(["元", "日", "人", "平方米", "个工作日"]))
def test_one_figure_has_one_form(number: int, unit: str) -> None:
    wide = str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    written = [str(number), f"{number:,}", wide, in_han(number)]
    found = {tuple(figures(f"共{text}{unit}。")) for text in written}
    assert len(found) == 1 and len(next(iter(found))) == 1


@given(st.integers(1, 99_999), st.integers(1, 99_999))
def test_a_figure_that_is_not_there_is_seen(said: int, written: int) -> None:
    reason = unsupported(f"补贴标准为{said}元。", f"补贴标准为{written}元。")
    assert reason == ("" if said == written else "figure")


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("一万二千元", "12000", "元"),
        ("一万二", "12000", ""),
        ("0.8万元", "8000", "元"),
        ("百分之三十五", "35", "%"),
        ("３．５％", "3.5", "%"),
        ("年满六十周岁", "60", "岁"),
        ("十五个工作日", "15", "工作日"),
        ("1.2亿元", "120000000", "元"),
        ("三点五万元", "35000", "元"),
        ("一式三份", "3", "份"),
    ],
)
def test_figures_are_read(text: str, value: str, unit: str) -> None:
    assert Figure(value, unit) in figures(text)


@pytest.mark.parametrize(
    "text", ["一次性补贴", "万元以上", "统一办理", "一般情况", "第一时间", "分两次发放"]
)
def test_words_that_count_nothing_are_no_figures(text: str) -> None:
    assert figures(text) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "年满80周岁的老人，每月可以领100元高龄津贴。",
        "八十周岁以上老年人每人每月一百元。",
        "高龄津贴自2026年7月1日起执行。",
        "十个工作日内办结高龄津贴。",
        "津贴资格不得转让。",
        "依据清民发[2026]9号发放高龄津贴。",
        "咨询电话是0999-8812345。",
    ],
)
def test_what_stands_in_the_cited_text_passes(sentence: str) -> None:
    assert unsupported(sentence, CITED) == ""


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("老年人每月可以领200元高龄津贴。", "figure"),
        ("年满70周岁的老年人发放高龄津贴。", "figure"),
        ("应当在10日内办结高龄津贴。", "figure"),
        ("高龄津贴自2026年7月10日起执行。", "figure"),
        ("高龄津贴自2026年10月1日起执行。", "figure"),
        ("高龄津贴自1月7日起执行，标准100元。", "date"),
        ("依据清民发〔2026〕10号发放高龄津贴。", "exact"),
        ("依据《养老服务条例》发放高龄津贴。", "exact"),
        ("咨询电话是0999-8812346。", "exact"),
        ("请登录www.example.com申领高龄津贴。", "exact"),
        ("津贴资格可以转让。", "negation"),
        ("您可以去海边度假钓鱼。", "words"),
    ],
)
def test_what_does_not_is_named(sentence: str, reason: str) -> None:
    found = unsupported(sentence, CITED)
    assert found == reason or (found and reason in ("figure", "date"))


@given(st.text(max_size=80), st.text(max_size=80))
def test_checking_never_fails(sentence: str, cited: str) -> None:
    assert isinstance(unsupported(sentence, cited), str)


@given(st.text(min_size=1, max_size=80))
def test_a_text_stands_in_itself(text: str) -> None:
    assert unsupported(text, text) in ("", "words", "negation")
