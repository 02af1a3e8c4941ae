"""Which element (要素) each line of a document is, by its style or by its form and place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from assistant.drafting.document import heading_level
from corpus.metadata.dates import DATE


class Role(StrEnum):
    """The elements of an official document; `empty` is a blank line."""

    COPY_NUMBER = "份号"
    SECRECY = "密级"
    URGENCY = "紧急程度"
    MARK = "发文机关标志"
    NUMBER = "发文字号"
    SIGNER = "签发人"
    CATEGORY = "办理类别"
    TITLE = "标题"
    SUBTITLE = "题注"
    ADDRESSEES = "主送机关"
    BODY = "正文"
    PEOPLE = "出席人员"
    ATTACHMENT_NOTE = "附件说明"
    SIGNATURE = "署名"
    DATE = "成文日期"
    NOTE = "附注"
    ATTACHMENT_MARK = "附件序号"
    ATTACHMENT_TITLE = "附件标题"
    ATTACHMENT_BODY = "附件正文"
    TABLE = "表格"
    COPIES = "抄送机关"
    PRINTER = "印发机关"
    LABEL = "AI标识"
    EMPTY = "空行"


KINDS = (
    "决议", "决定", "命令", "令", "公报", "公告", "通告", "意见", "通知", "通报", "报告", "请示", "批复", "议案", "函", "纪要", "答复",
)  # fmt: skip
_KIND_END = re.compile(rf"({'|'.join(KINDS)})(?:（[^（）]{{1,12}}）)?[。，；：！]?$")
_COPY_NUMBER = re.compile(r"^\d{3,8}$")
_SECRECY = re.compile(r"^(?:密\s*级\s*[:：]\s*)?(?:绝密|机密|秘密)(?:★.*|[\s　]+保密期限[:：].*)?$")
_URGENCY = re.compile(r"^(?:特提|特急|加急|平急|紧急)$")
_NUMBER = re.compile(
    r"^[一-龥]{1,12}\s*(?:[〔\[［（(【﹝]\d{2,4}[〕\]］）)】﹞]|\d{4}年)\s*(?:第)?\d{1,5}\s*号?"
    r"(?:\s*签发人.*)?$|^第[\d一二三四五六七八九十]+号$|^(?:19|20)\d{2}年第\d+号$"
)
_SIGNER = re.compile(r"^签发人[：:]")
_CATEGORY = re.compile(r"^(?:办理类别|公开属性)[：:]")
_MARK = re.compile(r"^[一-龥（）、]{3,30}(?:文件|令|公告|通告|纪要)$")
_AGENCY = re.compile(
    r"^[一-龥（）·]{2,30}(?:局|厅|部|委|委员会|政府|办公室|办公厅|中心|院|会|处|公司|银行|大学|学校|医院|馆|社|队|联|组|科|股|所)$"
)
_DATE_LINE = re.compile(
    rf"^[（(]?\s*(?:{DATE}|\d{{2}}年\d{{1,2}}月\d{{1,2}}[日号]|\d{{4}}年\d{{1,2}}月\d{{1,2}}号"
    r"|\d{4}年[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}[日号])\s*[）)]?$"
)
_ATTACHMENT_NOTE = re.compile(r"^附件(?:说明)?[：:]")
_ATTACHMENT_MARK = re.compile(r"^附件\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})?[：:]?$")
_COPIES = re.compile(r"^(?:抄送|抄报)[：:]")
_PRINTER = re.compile(
    rf"^(?:.{{2,40}}?[\s　]*)?(?:{DATE})\s*印发$|^.{{2,40}}[\s　\t]+.{{4,20}}印发$"
)
_LABEL = re.compile(r"(?:人工智能|AI).{0,12}(?:生成|合成)")
_PEOPLE = re.compile(r"^(?:出席|请假|列席|参加)[：:]")
_NOTE = re.compile(r"^[（(].*[）)]$|^(?:此件|联系人|联系电话)")
_ADDRESSEES = re.compile(
    r"^(?:各|[一-龥]).{0,600}?(?:局|厅|部|委|委员会|政府|办公室|办公厅|部门|单位|公司|院|会|处|机构|代表|委员|市长|局长|省长|县长|书记|主任|学校|组|中心|联|[）)])[：:，,。；;]?$"
)
_SUBTITLE = re.compile(r"^[（(].*(?:通过|批准|印发|公布|草案|试行).*[）)]$|^（示例.*）$")
_HEAD_LINES = 14  # the title stands among the first lines
_CLOSES = ("。", "；", "！", "？", "：", ":", ";", "，", ",")


def kind_of_title(title: str) -> str:
    """Return the 文种 that a title ends with, or an empty text."""
    found = _KIND_END.search(title.strip())
    if not found:
        return ""
    return "令" if found[1] == "命令" else found[1]


def classify(entries: Sequence[tuple[str, Role | None]]) -> list[Role]:
    """Return the element of each line; one that a style names stands, the others are read."""
    texts = [text for text, _ in entries]
    given = [role for _, role in entries]
    if any(role in (Role.TITLE, Role.MARK) for role in given):
        return _by_style(texts, given)
    roles: list[Role | None] = [Role.EMPTY if not text else role for text, role in entries]
    start = _head(texts, roles)
    _foot(texts, roles, start)
    for place, role in enumerate(roles):
        if role is None:
            roles[place] = Role.BODY
    return [role or Role.BODY for role in roles]


def _by_style(texts: Sequence[str], given: Sequence[Role | None]) -> list[Role]:
    """Return the elements that styles name; what a style leaves open is running text."""
    result: list[Role] = []
    in_attachment = False
    for text, role in zip(texts, given, strict=True):
        if role is Role.ATTACHMENT_MARK:
            in_attachment = True
        elif role in (Role.COPIES, Role.PRINTER):
            in_attachment = False
        found = role or Role.BODY
        if found is Role.BODY and in_attachment:
            found = Role.ATTACHMENT_BODY
        if found is Role.NUMBER and text.startswith(("签发人", "第")) and "〔" not in text:
            found = Role.SIGNER if text.startswith("签发人") else found
        result.append(Role.EMPTY if not text else found)
    return result


def _head(texts: Sequence[str], roles: list[Role | None]) -> int:
    """Name the lines up to the addressees; return where the text begins."""
    title = _title_place(texts, roles)
    for place in range(title[0] if title else min(_HEAD_LINES, len(texts))):
        if roles[place] is not None:
            continue
        role = _head_role(texts[place])
        if role is None and title and _AGENCY.match(texts[place]):
            role = Role.MARK
        if role is not None:
            roles[place] = role
        elif not title:
            return place
    if title is None:
        return 0
    for place in range(title[0], title[1]):
        if roles[place] is None:
            roles[place] = Role.TITLE
    position = title[1]
    while position < len(texts):
        if roles[position] is Role.EMPTY:
            position += 1
        elif _NUMBER.match(texts[position]):
            roles[position] = Role.NUMBER
            position += 1
        elif _SIGNER.match(texts[position]):
            roles[position] = Role.SIGNER
            position += 1
        elif _CATEGORY.match(texts[position]):
            roles[position] = Role.CATEGORY
            position += 1
        elif _SUBTITLE.match(texts[position]):
            roles[position] = Role.SUBTITLE
            position += 1
        else:
            break
    if (
        position < len(texts)
        and roles[position] is None
        and len(texts[position]) <= 600
        and _ADDRESSEES.match(texts[position])
        and not texts[position].startswith(("根据", "为", "按照", "现将", "经"))
    ):
        roles[position] = Role.ADDRESSEES
        position += 1
    return position


def _title_place(texts: Sequence[str], roles: Sequence[Role | None]) -> tuple[int, int] | None:
    """Return the first and the last (exclusive) line of the title, or None."""
    seen = 0
    for place, text in enumerate(texts):
        if not text or roles[place] is Role.EMPTY:
            continue
        seen += 1
        if seen > _HEAD_LINES:
            return None
        if _head_role(text) in (Role.NUMBER, Role.SIGNER, Role.COPY_NUMBER, Role.CATEGORY):
            continue
        joined, last = text, place
        if _KIND_END.search(joined) and (
            "关于" in joined or "的" in joined or "对" in joined or len(joined) <= 30
        ):
            if _MARK.match(joined) and "关于" not in joined and _follows_title(texts, place):
                continue
            return place, _title_end(texts, place)
        while (
            last + 1 < len(texts)
            and last - place < 3
            and texts[last + 1]
            and len(texts[last]) <= 30
        ):
            last += 1
            joined += texts[last]
            if joined.endswith(_CLOSES) or _head_role(texts[last]) is not None:
                break
            if _KIND_END.search(joined) and "关于" in joined and len(joined) <= 90:
                return place, last + 1
    return None


def _title_end(texts: Sequence[str], place: int) -> int:
    """Return the last (exclusive) line of a title whose first line may itself end with a kind.

    …关于分解落实2026年政府工作报告 / 重点工作任务的通知 is a notice, and its next line is a part of it.
    """
    end = place + 1
    if "关于" not in texts[place]:
        return end
    for last in range(place + 1, min(place + 4, len(texts))):
        text = texts[last]
        if (
            not text
            or len(text) > 40
            or "关于" in text
            or text.endswith(_CLOSES)
            or heading_level(text)
            or _head_role(text) is not None
            or _ADDRESSEES.match(text)
        ):
            break
        if _KIND_END.search(text):
            end = last + 1
    return end


def _follows_title(texts: Sequence[str], place: int) -> bool:
    """Say whether a fuller title follows a mark such as 清河市公安局通告."""
    following = [text for text in texts[place + 1 : place + 8] if text]
    return any("关于" in text and _KIND_END.search(text) for text in following)


def _head_role(text: str) -> Role | None:
    for role, pattern in (
        (Role.COPY_NUMBER, _COPY_NUMBER),
        (Role.SECRECY, _SECRECY),
        (Role.URGENCY, _URGENCY),
        (Role.NUMBER, _NUMBER),
        (Role.SIGNER, _SIGNER),
        (Role.CATEGORY, _CATEGORY),
        (Role.MARK, _MARK),
    ):
        if pattern.match(text):
            return role
    return Role.LABEL if _LABEL.search(text) and len(text) <= 60 else None


def _foot(texts: Sequence[str], roles: list[Role | None], start: int) -> None:
    """Name what follows the text: note of attachments, signature, date, attachments, 版记."""
    in_note = in_attachment = after_date = title_due = False
    for place in range(start, len(texts)):
        text = texts[place]
        if roles[place] is Role.EMPTY:
            continue
        if roles[place] is Role.TABLE:
            in_note = False
            continue
        if text.startswith("|"):
            roles[place] = Role.TABLE
            continue
        if _COPIES.match(text):
            roles[place], in_attachment = Role.COPIES, False
        elif _PRINTER.match(text):
            roles[place], in_attachment = Role.PRINTER, False
        elif _LABEL.search(text) and len(text) <= 60:
            roles[place] = Role.LABEL
        elif _ATTACHMENT_NOTE.match(text) and not in_attachment and len(text) > 3:
            roles[place], in_note = Role.ATTACHMENT_NOTE, True
            continue
        elif _ATTACHMENT_MARK.match(text):
            roles[place], in_attachment, title_due = Role.ATTACHMENT_MARK, True, True
        elif in_attachment:
            roles[place] = Role.ATTACHMENT_TITLE if title_due else Role.ATTACHMENT_BODY
            title_due = False
        elif in_note and re.match(r"^\d{1,2}\s*[.、．]", text):
            roles[place] = Role.ATTACHMENT_NOTE
            continue
        elif _DATE_LINE.match(text):
            roles[place], after_date = Role.DATE, True
            _sign(texts, roles, place, start)
        elif after_date and (_NOTE.match(text) or _is_bare_note(text)):
            roles[place], after_date = Role.NOTE, False
        elif after_date:
            # What a notice issues follows its date without a mark of its own.
            roles[place], after_date, in_attachment = Role.ATTACHMENT_TITLE, False, True
        elif _PEOPLE.match(text):
            roles[place] = Role.PEOPLE
        in_note = False


def _is_bare_note(text: str) -> bool:
    """Say whether a line under the date is a note that lacks its brackets."""
    return text.startswith("此件") or (len(text) <= 12 and "公开" in text)


def _sign(texts: Sequence[str], roles: list[Role | None], date: int, start: int) -> None:
    """Name the lines over the date that sign: short, an agency or a post with a name."""
    place = date - 1
    while place >= start and roles[place] in (None, Role.EMPTY):
        text = texts[place]
        if roles[place] is Role.EMPTY:
            place -= 1
            continue
        if (
            len(text) > 60
            or text.endswith(_CLOSES)
            or re.match(r"^[（(]?[一二三四五六七八九十\d]+[、.）)]", text)
        ):
            return
        parts = re.split(r"[\s　]+", text)
        if not (all(_AGENCY.match(part) for part in parts) or len(parts) == 2):
            return
        roles[place] = Role.SIGNATURE
        place -= 1
