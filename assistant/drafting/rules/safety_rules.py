"""S: secrecy marks, personal data, gaps left open, and figures without a source."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.drafting.elements import Role
from assistant.drafting.grounding import ungrounded
from assistant.drafting.reading import ReadDocument
from assistant.drafting.rules.engine import Edit, Hit, Level, Registry
from assistant.drafting.secrecy import marked_line
from assistant.personal_data import valid_luhn

RULES = Registry()
_ID = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)
_PHONE = re.compile(r"(?<!\d)(?:\+?86[-\s]?)?1[3-9]\d{9}(?!\d)")
_CARD = re.compile(r"(?<!\d)\d{16,19}(?!\d)")
_MARK = re.compile(r"(?:绝密|机密|秘密)\s*[★☆]")
_GAP = re.compile(
    r"【待[^】]*】|[×✕xX]{3,}|[＿_]{3,}|×{2,}|XX+(?=[局市县区年月日号])|（此处[^）]*）"
)


@RULES.rule("S01", Level.ORDER, "涉密信息不得上网；《保守国家秘密法》")
def secrecy(document: ReadDocument) -> Iterator[Hit]:
    """Refuse a text that carries a secrecy mark."""
    marked = marked_line([line.text.replace("\n", " ") for line in document.lines])
    for place, line in enumerate(document.lines):
        found = (
            _MARK.search(line.text) if line.role is not Role.BODY or len(line.text) < 20 else None
        )
        if found or line.role is Role.SECRECY or place == marked:
            yield Hit(
                line.number,
                line.text[:10],
                "文件带密级标志，不得在本系统处理",
                "立即停止处理并移到涉密设备",
            )


@RULES.rule("S02", Level.ORDER, "《个人信息保护法》第六条")
def personal_data(document: ReadDocument) -> Iterator[Hit]:
    """Leave numbers of identity cards, mobile phones and bank cards out of documents."""
    for line in document.lines:
        if line.role in (Role.EMPTY, Role.LABEL):
            continue
        taken: list[tuple[int, int]] = []
        for name, pattern in (("身份证号", _ID), ("手机号码", _PHONE), ("银行卡号", _CARD)):
            for match in pattern.finditer(line.text):
                if any(start < match.end() and match.start() < end for start, end in taken):
                    continue
                if name == "银行卡号" and not valid_luhn(match[0]):
                    continue
                taken.append(match.span())
                masked = match[0][:3] + "*" * (len(match[0]) - 7) + match[0][-4:]
                if name == "身份证号":
                    masked = match[0][0] + "*" * (len(match[0]) - 2) + match[0][-1]
                edit = Edit(line.number, match.start(), match.end(), masked)
                yield Hit(
                    line.number, masked, f"正文含{name}", "非必要不写；必须写的作遮盖", (edit,)
                )


@RULES.rule("S03", Level.ORDER, "文稿未完成")
def gaps(document: ReadDocument) -> Iterator[Hit]:
    """Leave no 【待补：…】 and no ××× in what goes out."""
    for line in document.lines:
        if line.role in (Role.EMPTY, Role.LABEL):
            continue
        for match in _GAP.finditer(line.text):
            yield Hit(line.number, match[0], "还有未填的内容", "填写后再送审")


@RULES.rule("S04", Level.ORDER, "《党政机关公文处理工作条例》第二十条（四）")
def sources(document: ReadDocument) -> Iterator[Hit]:
    """Give a source to every figure, date, name and number; judged only where sources are known."""
    if not document.sources:
        return
    for line in document.of(Role.BODY):
        for claim in ungrounded(line.text, document.sources):
            yield Hit(
                line.number,
                claim.words,
                f"{claim.sort}在事实和所引文件中找不到来源",
                "核对，或写进事实",
            )
