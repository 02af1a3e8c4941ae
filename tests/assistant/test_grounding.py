"""Figures are compared by what they mean; a sentence must stand in what it cites."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.figures import Figure, figures, han_to_number
from assistant.grounding import unsupported

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
        ("分两次发放", "2", "次"),
        ("个人负担三分之二", "2/3", "分之"),
        ("百分之一", "1", "%"),
        ("十分之三", "30", "%"),
        ("千分之五", "0.5", "%"),
        ("半年内", "6", "月"),
        ("半个小时", "30", "分钟"),
        ("半天", "0.5", "日"),
        ("每周三上午", "3", "星期"),
        ("每周三次", "3", "次"),
        ("星期天休息", "7", "星期"),
        ("上午九点开门", "9:00", "点"),
        ("下午两点半", "2:30", "点"),
        ("13:05", "1:05", "点"),
        ("17时30分", "5:30", "点"),
    ],
)
def test_figures_are_read(text: str, value: str, unit: str) -> None:
    assert Figure(value, unit) in figures(text)


@pytest.mark.parametrize(
    "text",
    [
        "一次性补贴",
        "万元以上",
        "统一办理",
        "一般情况",
        "第一时间",
        "提交一份申请",
        "其中之一",
        "下半年",
        "以下三点要求",
        "半月板损伤",
        "残疾人两项补贴",
    ],
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


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        ("高龄津贴每月9号发放。", "《高龄津贴发放办法》清民发〔2026〕9号 高龄津贴按月发放。"),
        ("高龄津贴2周内办结。", "高龄津贴在2个工作日内办结。"),
        ("奖励面积按3亩计算。", "奖励面积按3公顷计算。"),
    ],
    ids=["of a 文号", "of weeks", "of land"],
)
def test_a_figure_of_another_thing_is_no_proof(sentence: str, cited: str) -> None:
    assert unsupported(sentence, cited) == "figure"


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        ("身份证复印件两份。", "身份证复印件一份。"),
        ("每年可以申请两次。", "每年可以申请一次。"),
        ("陪护人员两人。", "陪护人员一人。"),
        ("费用个人负担三分之二。", "费用个人负担三分之一。"),
        ("应在半年内提出申请。", "应在一年内提出申请。"),
        ("每周三上午集中办理。", "每周五上午集中办理。"),
        ("周一至周六集中办理。", "周一至周五集中办理。"),
        ("周六集中办理。", "工作日集中办理。"),
        ("上午九点开门。", "上午八点开门。"),
        ("窗口8:30开门。", "窗口9:00开门。"),
        ("最高补贴20。", "最高补贴20%。"),
        ("最高补贴20。", "最高补贴20年。"),
        ("补贴对象3至5岁。", "补贴对象3至6岁。"),
    ],
)
def test_a_figure_in_words_is_held_against_the_cited_one(sentence: str, cited: str) -> None:
    assert unsupported(sentence, cited) == "figure"


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        ("身份证复印件两份。", "身份证复印件2份。"),
        ("身份证复印件2份。", "身份证复印件二份。"),
        ("身份证复印件1份。", "身份证复印件一份。"),
        ("补贴百分之二十。", "补贴20%。"),
        ("费用个人负担三分之二。", "费用个人负担三分之二。"),
        ("费用个人负担30%。", "费用个人负担十分之三。"),
        ("应在六个月内提出申请。", "应在半年内提出申请。"),
        ("星期三上午集中办理。", "每周三上午集中办理。"),
        ("周三上午集中办理。", "周一至周五上午集中办理。"),
        ("周一到周五集中办理。", "星期一、二、三、四、五集中办理。"),
        ("周一至周五集中办理。", "工作日集中办理。"),
        ("工作日集中办理。", "工作日集中办理。"),
        ("周六、周日集中办理。", "周末集中办理。"),
        ("每周三次集中办理。", "每周3次集中办理。"),
        ("上午九点开门。", "上午9:00开门。"),
        ("上午8点半到下午5点开门。", "上午8:30至下午17:00开门。"),
        ("最高补贴30万。", "最高补贴30万元。"),
        ("补贴80到89岁。", "补贴80周岁至89周岁。"),
        ("补贴3万元至5万元。", "补贴3至5万元。"),
        ("补贴500元至1万元。", "补贴500至1万元。"),
        ("5月、6月、7月集中办理。", "每年5、6、7月集中办理。"),
        ("补贴80周岁以上。", "1、补贴对象：80周岁以上。"),
    ],
)
def test_a_figure_in_other_words_is_the_same(sentence: str, cited: str) -> None:
    assert unsupported(sentence, cited) == ""


@given(st.text(max_size=80), st.text(max_size=80))
def test_checking_never_fails(sentence: str, cited: str) -> None:
    assert isinstance(unsupported(sentence, cited), str)


@given(st.text(min_size=1, max_size=80))
def test_a_text_stands_in_itself(text: str) -> None:
    assert unsupported(text, text) in ("", "words", "negation")


ALLOWANCE = (
    "二、自2025年7月1日起，全省高龄津贴最低标准为：80周岁至89周岁每人每月100元，90周岁至99周岁每人每月200元，"
    "100周岁及以上每人每月600元。各地可以在最低标准基础上适当提高；现行标准低于最低标准的，应当按照最低标准执行。"
)
PERMIT = (
    "五、申请材料：（一）本人居民身份证；（二）居住证明材料，包括房屋租赁合同、房屋产权证明文件、购房合同或者"
    "房屋出租人、用人单位、就读学校出具的住宿证明等；（三）近期免冠照片。"
)
DOGS = (
    "第六条 在重点管理区饲养犬只的，养犬人应当自取得免疫证明之日起30日内，向居住地公安派出所或者通过“清河办”"
    "客户端申请养犬登记。"
)
FUND = (
    "一、租房提取：职工连续足额缴存住房公积金满3个月，本人及配偶在本市无自有住房且租赁住房的，可提取住房公积金"
    "支付房租，每人每年最高18000元。"
)
RULES = "第二条 本省行政区域内一次性创业补贴的申请、审核、发放和监督，适用本办法。"


@pytest.mark.parametrize(
    ("sentence", "cited", "question"),
    [
        ("80到89岁的老人，每月能领100元高龄津贴。", ALLOWANCE, "老人满80岁能领多少"),
        ("90岁至99岁每月200元，百岁以上600元。", ALLOWANCE, "老人满80岁能领多少"),
        ("各地还可以在这个最低标准上再提高一些。", ALLOWANCE, "高龄津贴多少"),
        ("这个标准从2025年7月1日开始执行。", ALLOWANCE, "高龄津贴多少"),
        ("办理居住证需要带身份证、居住证明和近期免冠照片。", PERMIT, "办居住证要什么"),
        ("租房的可以用租赁合同证明住处，也可以让单位或学校开住宿证明。", PERMIT, "办居住证要什么"),
        ("拿到狗的免疫证明后30天内，要到居住地派出所办登记。", DOGS, "养狗要登记吗"),
        ("也可以在“清河办”客户端上申请。", DOGS, "养狗要登记吗"),
        ("在重点管理区养犬必须登记。", DOGS, "养狗要登记吗"),
        ("每人每年最多提取18000元。", FUND, "租房能提多少公积金"),
        ("提取的钱用来支付房租。", FUND, "租房能提多少公积金"),
        (
            "连续足额缴存满3个月，夫妻双方在本市没有自有住房而租房住的，可以提取公积金。",
            FUND,
            "租房",
        ),
    ],
)
def test_plain_words_for_what_is_there_pass(sentence: str, cited: str, question: str) -> None:
    assert unsupported(sentence, cited, question=question) == ""


@pytest.mark.parametrize(
    ("sentence", "cited", "question"),
    [
        (
            "内部规定：已经发放的补贴开展抽查。",
            RULES,
            "内部规定里一次性创业补贴审核操作口径是怎么写的",
        ),
        ("内部规定：扣分标准：群众因同一事项。", RULES, "内部工作规则"),
        ("本人到社区申请就能当场领到补贴。", ALLOWANCE, "高龄津贴怎么领"),
        ("养犬人可以不登记，交钱就行。", DOGS, "养狗要登记吗"),
        ("任何人都能免费领取黄金。", PERMIT, "办居住证要什么"),
        ("公积金可以用来买车和旅游。", FUND, "租房能提多少公积金"),
    ],
)
def test_what_nobody_wrote_does_not(sentence: str, cited: str, question: str) -> None:
    assert unsupported(sentence, cited, question=question)
