"""What only looks like a fault is left alone, and what a fix writes keeps the meaning."""

from __future__ import annotations

import pytest

from assistant.drafting.fixing import apply, edits_of
from tests.assistant.drafting.test_checker import BASES, check

LOOK_ALIKES: dict[str, tuple[str, str, str]] = {
    # What only looks like a fault: base, words of it, words in their place.
    "a service number": ("函", "请予支持为盼", "咨询请拨400-800-8820"),
    "an extension": ("函", "请予支持为盼", "咨询请拨0000-6040018-8012"),
    "an address": ("通知", "各地要", "办理地点为人民路88-3号，各地要"),
    "a standard": ("通知", "各地要", "按照JGJ 450-2018，各地要"),
    "a number with a part": ("通知", "各地要", "按照清民发〔2026〕12-1号，各地要"),
    "a number before a blank": ("通知", "各地要", "按照清民发〔2026〕3 号，各地要"),
    "an item that begins with a year": ("通知", "2.核对", "2.2026年6月底前完成核对。\n\n3.核对"),
    "an item that begins with a month": ("通知", "2.核对", "2.6月底前完成核对。\n\n3.核对"),
    "a procedure of approval": ("通知", "各地要", "优化用地申请审批流程，按程序报请审批，各地要"),
    "the same in a report": ("报告", "部分乡镇", "规范项目申请审批后，部分乡镇"),
    "headings of a request": (
        "请示",
        "一、基本情况\n\n2026年，全市助餐点服务老年人31.5万人次。\n\n二、请示事项",
        "一、申请理由\n\n2026年，全市助餐点服务老年人31.5万人次。\n\n二、申请事项",
    ),
    "a closing that asks to approve": ("请示", "妥否，请批示", "以上请示当否，请批准"),
    "a closing that asks for words": ("请示", "妥否，请批示", "妥否，请予批示"),
    "years that have passed": ("通知", "各地要", "近10年以来，经过10年初步建成体系，各地要"),
    "the year at hand": ("报告", "部分乡镇", "当前年度，部分乡镇"),
    "output of a year": ("报告", "部分乡镇", "目前年产20万吨，部分乡镇"),
    "before a day": ("报告", "部分乡镇", "截止日前、5个工作日前，部分乡镇"),
    "the young of today": ("报告", "部分乡镇", "如今年轻人增多，部分乡镇"),
    "a label with a point": ("通知", "各地要", "编号为No.2026001，各地要"),
    "a statement of what was done": ("函", "我局需要", "我局认真贯彻执行条例，需要"),
    "an attachment's title over two lines": (
        "通知",
        "附件2\n\n高龄津贴核对办法",
        "附件2\n\n高龄津贴\n\n核对办法",
    ),
    "matters that you handle": ("函", "提供80周岁", "就你办理的事项提供80周岁"),
}


@pytest.mark.parametrize(("base", "old", "new"), LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_what_only_looks_like_a_fault_is_left_alone(base: str, old: str, new: str) -> None:
    assert old in BASES[base]
    text = BASES[base].replace(old, new, 1)
    assert [finding.line_text() for finding in check(text)] == []


def mended(text: str) -> str:
    lines = [line.strip().strip("　") for line in text.splitlines()]
    findings = check("\n".join(lines))
    for number, edits in edits_of(findings).items():
        lines[number - 1] = apply(lines[number - 1], edits)
    return "\n".join(lines).strip()


MENDED: dict[str, tuple[str, str, str, str]] = {
    # What a fix writes: base, words of it, the faulty words in their place, what they become.
    "a range of sums": ("通知", "各地要", "每月2000-3000元，各地要", "每月2000～3000元，各地要"),
    "a range of years": ("通知", "各地要", "在2026-2028年，各地要", "在2026—2028年，各地要"),
    "a number with a part": (
        "通知",
        "各地要",
        "按照清民发[2026]12-1号，各地要",
        "按照清民发〔2026〕12-1号，各地要",
    ),
    "a year of two digits": ("通知", "各地要", "自26年以来，各地要", "自2026年以来，各地要"),
    "an order to an equal": ("函", "请贵局协助", "请务必于月底前协助", "请于月底前协助"),
    "an order at its end": ("函", "请予支持为盼", "请认真贯彻执行", "请予支持"),
    "an order about something": (
        "函",
        "请予支持为盼",
        "请认真贯彻执行《养老条例》",
        "请认真贯彻执行《养老条例》",
    ),
    "an agency before its number": (
        "通知",
        "各地要",
        "现将省政府云政发〔2025〕9号《养老意见》转发给你们，各地要",
        "现将省政府《养老意见》（云政发〔2025〕9号）转发给你们，各地要",
    ),
    "a note with brackets in it": (
        "通知",
        "（此件公开发布）",
        "（联系人：示例乙（办公室）",
        "（联系人：示例乙（办公室））",
    ),
    "words that are no agency": (
        "通知",
        "各地要",
        "为了更好地做好云政发〔2025〕9号《养老意见》，各地要",
        "为了更好地做好云政发〔2025〕9号《养老意见》，各地要",
    ),
}


@pytest.mark.parametrize(("base", "old", "new", "becomes"), MENDED.values(), ids=MENDED)
def test_a_fix_keeps_the_meaning(base: str, old: str, new: str, becomes: str) -> None:
    text = BASES[base].replace(old, new, 1)
    assert check(text)
    assert mended(text) == BASES[base].replace(old, becomes, 1).strip()
