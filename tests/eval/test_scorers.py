"""The scorers: laws that hold for any text, and the cases that decide what counts as right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eval.bootstrap import mean_interval
from eval.normalise import canonical, characters, figures, holds_figure, without_marks
from eval.refusal_curve import auroc, refused_at, threshold_at, trade_off
from eval.samples import Place, Sample
from eval.scorers.facts import score_key_facts, score_right_figures, score_supported_figures
from eval.scorers.places import Found, score_citations, score_passages, stands
from eval.scorers.wording import score_wording

CHINESE = st.text(
    "补贴标准每人月元一二三四五十百千万第条年日号0123456789.,％%（）〔〕 ", max_size=40
)
SHARES = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("三万元", "30000元"),
        ("３万元", "3万元"),
        ("1.5万元", "15,000元"),
        ("百分之五", "5％"),
        ("百分之三点五", "3.5%"),
        ("二〇二〇年二月三日", "2020-02-03"),
        ("2020.2.3", "2020年02月03日"),
        ("国办发[2023]15号", "国办发〔2023〕15号"),
        ("国办发（2023）第015号", "国办发〔2023〕15号"),
        ("十五个工作日", "15个工作日"),
        ("六十周岁", "60周岁"),
        ("一千二百元", "1200元"),
        ("一百零五元", "105元"),
        ("二亿元", "2亿元"),
        ("2万5千元", "25000元"),
        ("2万5元", "25000元"),
        ("2万5000元", "25000元"),
        ("1亿2000万元", "120000000元"),
        ("8千元", "8000元"),
        ("3百人", "300人"),
        ("2026年1月5-8日", "2026年1月5日-8日"),
        ("2026年1月5号", "2026年1月5日"),
    ],
)
def test_one_value_has_one_form(one: str, other: str) -> None:
    assert characters(one) == characters(other)
    assert figures(one) == figures(other) != frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "统一办理，一般情形，万一遗失，一、二、三",
        "单位：万元",
        "单位：亿元、千人、万户",
        "办理十分便捷",
    ],
)
def test_words_with_numerals_are_words(text: str) -> None:
    assert figures(text) == frozenset()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("十分钟、十元、百岁", {"10", "100"}),
        ("5千克、3千米", {"5", "3"}),
        ("2026年1-3月", {"2026", "1", "3"}),
        ("2026.1-3", {"2026.1", "3"}),
        ("8千3次", {"8000", "3"}),
        ("3万2026年", {"30000", "2026"}),
        ("2026-1-3月", {"2026", "1", "3"}),
    ],
)
def test_figures_that_are_nothing_more_stay(text: str, read: set[str]) -> None:
    assert figures(text) == read


@given(CHINESE)
@example("见0.0.0")  # a number of three parts is one figure
def test_the_canonical_form_is_final(text: str) -> None:
    once = canonical(text)
    assert figures(once) >= frozenset() and characters(text) == "".join(characters(text))
    assert all(holds_figure(once, figure) for figure in figures(text))


@given(CHINESE, CHINESE)
def test_scores_of_wording_lie_between_none_and_all(one: str, other: str) -> None:
    scores = {name: score.value for name, score in score_wording(one, [other]).items()}
    assert all(value is not None and 0 <= value <= 1 for value in scores.values())
    f1, rouge = scores["character_f1"], scores["rouge_l"]
    assert f1 is not None and rouge is not None and rouge <= f1 + 1e-9
    if characters(one):
        assert all(score.value == 1.0 for score in score_wording(one, [other, one]).values())


def test_rouge_is_the_longest_common_subsequence_of_characters() -> None:
    # 每月补 is common to 每月补贴 (4) and 每年月补 (4).
    assert score_wording("每月补贴", ["每年月补"])["rouge_l"].value == pytest.approx(0.75)
    assert score_wording("每月补贴", []) == {}


@pytest.mark.parametrize(
    ("text", "figure", "stands_there"),
    [
        ("补贴15元", "5", False),
        ("补贴5.5元", "5", False),
        ("补贴5元", "5", True),
        ("补贴5.", "5", True),
        ("15元，另5元", "5", True),
        ("2020年2月3日", "2月3日", True),
        ("12月3日", "2月3日", False),
    ],
)
def test_a_figure_is_not_found_inside_another(text: str, figure: str, stands_there: bool) -> None:
    assert holds_figure(text, figure) is stands_there


def test_figures_of_an_answer_must_be_cited() -> None:
    cited = ["每人每月补贴三百元，自2024年1月1日起施行。"]
    good = score_supported_figures("每月300元，从2024-1-1起。[1]", cited)
    assert good is not None and good.value == 1.0
    bad = score_supported_figures("每月300元，最多6个月。", cited)
    assert bad is not None and bad.value == 0.5 and bad.reason == "6"
    assert score_supported_figures("可以办理。[12]", cited) is None
    assert without_marks("可以[1]（注意：该文件已废止，现行文件为《办法（2024年）》）") == "可以"


def test_figures_of_the_right_answer_are_looked_for() -> None:
    half = score_right_figures("补助2.4万元", ["满50人的，补助24000元"])
    assert half is not None and half.value == 0.5 and half.reason == "50"
    assert score_right_figures("补助", ["可以"]) is None
    sum_of_scales = score_right_figures("补助2万5千元", ["25000元"])
    assert sum_of_scales is not None and sum_of_scales.value == 1.0


def test_key_facts_see_full_width_digits() -> None:
    fact = r"(?<![\d.])100(?!\d|周岁)"
    for text, value in (("每月１００元", 1.0), ("满100周岁", 0.0), ("2100元", 0.0)):
        score = score_key_facts(text, [fact])
        assert score is not None and score.value == value
    assert score_key_facts("每月100元", []) is None


def test_a_place_is_its_clause_and_what_lies_below() -> None:
    places = (Place("甲.md", "一、"),)
    assert stands(Found("甲.md", "一、（二）", ""), places)
    assert not stands(Found("甲.md", "十一、", ""), places)
    assert not stands(Found("乙.md", "一、", ""), places)
    assert stands(Found("甲.md", "", ""), places)


def test_citations_are_judged_by_document_and_place() -> None:
    sample = Sample("q", "问", relevant={"甲": 1, "乙": 1}, places=(Place("甲", "第三条"),))
    cited = [Found("甲", "第三条第二款", "…"), Found("丙", "第一条", "…")]
    scores = {name: score.value for name, score in score_citations(sample, cited).items()}
    assert scores == {
        "citation_recall": 0.5,
        "citation_hit": 1.0,
        "citation_precision": 0.5,
        "place_hit": 1.0,
        "place_precision": 0.5,
    }
    nothing = score_citations(sample, [])
    assert nothing["citation_hit"].value == 0.0 and "citation_precision" not in nothing


def test_the_passage_that_holds_the_answer() -> None:
    clauses = [Found("甲", "一", "补贴标准为每人每月三百元，"), Found("甲", "二", "按季度发放。")]
    other = [Found("乙", str(n), "每人每月300元") for n in range(5)]
    whole = Sample("q", "问", relevant={"甲": 1}, answers=("每人每月300元",))
    assert score_passages(whole, [clauses[0]], clauses)["passage@5"].value == 1.0
    assert score_passages(whole, [clauses[1], *other], clauses)["passage@5"].value == 0.0
    assert score_passages(whole, [*other, clauses[0]], clauses)["passage@5"].value == 0.0
    over_two = Sample("q", "问", relevant={"甲": 1}, answers=("每人每月300元，按季度发放",))
    scores = score_passages(over_two, [clauses[0]], clauses)
    assert scores["passage@5"].value == 1.0 and scores["passage_whole@5"].value == 0.0
    lacking = Sample("q", "问", relevant={"甲": 1}, answers=("可以免费办理",))
    assert score_passages(lacking, clauses, clauses)["passage@5"].value is None


@given(SHARES, SHARES)
def test_auroc_counts_pairs(answerable: list[float], others: list[float]) -> None:
    pairs = [(a > b) + 0.5 * (a == b) for a in answerable for b in others]
    assert auroc(answerable, others) == pytest.approx(np.mean(pairs), abs=1e-4)
    curve = trade_off(answerable, others)
    assert curve[0][0] == 0.0 and curve[-1] == (1.0, 1.0)
    assert curve == sorted(curve)


@given(SHARES, SHARES, st.sampled_from([0.0, 0.05, 0.2, 0.5]))
def test_few_answerable_questions_are_refused(
    answerable: list[float], others: list[float], allowed: float
) -> None:
    threshold = threshold_at(answerable, allowed)
    assert np.mean(np.asarray(answerable) < threshold) <= allowed
    refused = refused_at(answerable, others, allowed)
    assert refused == pytest.approx(np.mean(np.asarray(others) < threshold), abs=1e-4)


@given(SHARES)
def test_an_interval_holds_the_mean_and_repeats(values: list[float]) -> None:
    low, high = mean_interval(values, 3)
    assert low - 1e-4 <= float(np.mean(values)) <= high + 1e-4 or len(values) > 1
    assert (low, high) == mean_interval(values, 3)
    assert min(values) - 1e-4 <= low <= high <= max(values) + 1e-4
