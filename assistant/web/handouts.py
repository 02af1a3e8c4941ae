"""What a person takes away from an answer: plain text, a one-page sheet, a draft for 12345."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from assistant.citations import Citation
from assistant.conversation import Answer, Basis
from assistant.web.markup import element, named_title
from assistant.web.texts import Texts

# One A4 page at 12 pt holds about 38 lines of 42 characters; half of it is for the text.
SHEET_TEXT = 700
SHEET_SOURCES = 6
ORDER_QUESTION = 500
_COMPLAINT = "complaint"  # the fixed reply that whoever complains or reports somebody is given
_REPORT = re.compile(r"举报|检举")


def notice(answer: Answer, texts: Texts) -> str:
    """Return the sentence that must stand beside this answer wherever it goes (GB 45438-2025)."""
    return texts["notice_model" if answer.basis is Basis.MODEL else "notice_extract"]


def plain_text(answer: Answer, question: str, texts: Texts, day: str) -> str:
    """Return an answer as text with its sources, to be pasted anywhere."""
    lines = [question, "", answer.text, *answer.notices]
    if answer.citations:
        lines += ["", f"{texts['sources']}："]
        lines += [f"[{c.number}] {_name(c, texts)}" for c in answer.citations]
    lines += [
        "",
        f"{texts['next_step']}：{answer.next_step}",
        f"{notice(answer, texts)}（{day}）",
    ]
    return "\n".join(lines)


def work_order(answer: Answer, question: str, day: str) -> str:
    """Return the draft of a request to 12345; what only the citizen knows is left for them.

    Args:
        answer: what the assistant found.
        question: what was asked last, personal data masked.
        day: the day of the draft.
    """
    # A follow-up (那要带什么材料) says nothing by itself; what was searched for stands alone.
    whole = answer.trace.question or question
    issuers = "、".join(dict.fromkeys(c.issuer for c in answer.citations if c.issuer))
    lines = [
        "【12345政务服务便民热线诉求草稿】",
        f"诉求类型：{_order_type(answer, whole)}（请按实际改为：咨询、求助、投诉、举报、建议）",
        f"诉求内容：{whole[:ORDER_QUESTION]}",
        "具体情况：（请补充时间、地点、经过和希望解决的问题）",
        "所在地区：（请填写县区、街道或乡镇）",
        f"建议承办单位：{issuers or '（不清楚可不填，由12345转办）'}",
        "联系方式：（请在拨打或提交时提供，本草稿不保存）",
    ]
    if answer.citations:
        lines.append("已查到的相关文件：")
        lines += [f"{c.number}. {_name(c, None)}" for c in answer.citations]
    else:
        lines.append("已查询：在已收录的文件中没有找到依据。")
    lines.append(f"查询日期：{day}（由政务服务助手根据提问整理，个人信息已遮盖）")
    return "\n".join(lines)


def _order_type(answer: Answer, question: str) -> str:
    """Return the type of request that 12345 files a question under."""
    if answer.trace.reply != _COMPLAINT:
        return "咨询"
    return "举报" if _REPORT.search(question) else "投诉"


def sheet(answer: Answer, question: str, texts: Texts, day: str) -> str:
    """Return the one-page sheet (明白纸) of an answer as HTML, cut so that one A4 page holds it."""
    said, whole = _cut(answer.text.split("\n"), SHEET_TEXT)
    body = "".join(element("p", escape(line)) for line in said)
    if not whole:
        body += element("p", escape(texts["sheet_cut"]))
    sources = "".join(
        element("li", escape(_name(c, texts)), value=c.number)
        for c in answer.citations[:SHEET_SOURCES]
    )
    return element(
        "div",
        element("p", escape(texts["sheet_kind"]), class_="sheet-kind")
        + element("h1", escape(question[:120]))
        + element("h2", escape(texts["sheet_rules"]))
        + body
        + element("h2", escape(texts["sheet_basis"]))
        + element("ol", sources)
        + element("h2", escape(texts["next_step"]))
        + element("p", escape(answer.next_step))
        + element(
            "p",
            escape(f"{notice(answer, texts)} · {texts.fill('sheet_day', day=day)}"),
            class_="sheet-notice",
        ),
        class_="sheet",
    )


def _cut(lines: Sequence[str], budget: int) -> tuple[list[str], bool]:
    """Return whole lines up to a number of characters, at least one, and whether that is all."""
    kept: list[str] = []
    for line in filter(str.strip, lines):
        if kept and sum(map(len, kept)) + len(line) > budget:
            return kept, False
        if len(line) > budget:
            return [*kept, line[:budget] + "……"], False
        kept.append(line)
    return kept, True


def _name(citation: Citation, texts: Texts | None) -> str:
    untitled = texts["untitled"] if texts else "（无标题）"
    number = f"（{citation.document_number}）" if citation.document_number else ""
    status = texts[f"validity_{citation.status.name.lower()}"] if texts else str(citation.status)
    facts = "，".join(filter(None, (citation.issuer, citation.published, status)))
    return f"{named_title(citation.title or untitled)}{number}{citation.locator}【{facts}】"
