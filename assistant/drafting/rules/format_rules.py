"""F: the elements as GB/T 9704-2012 and the regulation set them: number, date, levels, title."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.drafting.document import heading_level, without_outer_brackets
from assistant.drafting.elements import KINDS, Role
from assistant.drafting.layout.widths import width
from assistant.drafting.reading import Line, ReadDocument
from assistant.drafting.rules.engine import Edit, Hit, Level, Registry, replacing
from assistant.drafting.rules.words import words
from corpus.metadata.dates import half_width, parse_date
from corpus.numerals import chinese_to_int, int_to_chinese

RULES = Registry()
UPWARD = {"请示", "报告", "议案"}
_DOWNWARD = {"通知", "通报", "批复", "决定", "公告", "通告", "公报", "函", "令", "决议", "纪要"}
_ABOUT_KINDS = ("通知", "请示", "报告", "批复", "意见", "决定", "通报", "函")
_BAD_NUMBER = re.compile(
    r"(?P<code>[一-龥]{1,12}?)(?:"
    r"[\[\(（【［﹝](?P<y1>(?:19|20)\d{2})[\]\)）】］﹞]\s*(?:第)?0*(?P<n1>\d+(?:-\d{1,3})?)\s*号"
    r"|[〔\[\(（【［﹝](?P<y2>\d{2})[〕\]\)）】］﹞]\s*(?:第)?0*(?P<n2>\d+(?:-\d{1,3})?)\s*号"
    r"|〔(?P<y3>(?:19|20)\d{2})〕\s*(?:第\s*0*|0+)(?P<n3>\d+(?:-\d{1,3})?)\s*号?"
    r"|[〔\[［【]\s*(?P<y4>(?:19|20)\d{2})\s*[〕\]］】](?P<n4>\d+)(?!\d*(?:-\d{1,3})?\s*号))"
)
_DATE_FORM = re.compile(r"(?:19|20)\d{2}年(?:[1-9]|1[0-2])月(?:[1-9]|[12]\d|3[01])日")
_ANY_DATE = re.compile(
    r"[12]\d{3}[-/.年]\s*\d{1,2}[-/.月]\s*\d{1,2}[日号]?|\d{2}年\d{1,2}月\d{1,2}[日号]|"
    r"(?:[一二][〇○零Ｏ0一二三四五六七八九]{3}|\d{4})年"
    r"[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}[日号]"
)
_LINES_ON_FIRST_PAGE = 22
_LINES_OF_HEAD = 12  # measured: mark, number, red line and the blank lines between them


@RULES.rule("F01", Level.ORDER, "GB/T 9704-2012 7.2.5")
def document_number(document: ReadDocument) -> Iterator[Hit]:
    """Bracket the year with 〔〕, in full; no 第, no leading zero; end with 号."""
    for line in document.lines:
        if line.role in (Role.EMPTY, Role.LABEL, Role.TABLE):
            continue
        for match in _BAD_NUMBER.finditer(line.text):
            groups = match.groupdict()
            year = next(groups[f"y{i}"] for i in range(1, 5) if groups[f"y{i}"])
            number = next(groups[f"n{i}"] for i in range(1, 5) if groups[f"n{i}"])
            right = f"{match['code']}〔{year if len(year) == 4 else '20' + year}〕{number}号"
            yield replacing(
                line, match.start(), match.end(), right, "发文字号写法不规范", f"改为“{right}”"
            )


@RULES.rule("F02", Level.ORDER, "GB/T 9704-2012 7.3.5.4、7.4.3")
def dates_of_the_document(document: ReadDocument) -> Iterator[Hit]:
    """Write the day of signing and of printing in Arabic digits, full, without leading zeros."""
    for line in document.of(Role.DATE, Role.PRINTER):
        if line.text.startswith("【"):
            continue
        match = _ANY_DATE.search(line.text)
        if match is None or _DATE_FORM.fullmatch(match[0]):
            continue
        shown = match[0].replace("号", "日")
        day = parse_date(shown) or parse_date("20" + half_width(shown))
        right = f"{day.year}年{day.month}月{day.day}日" if day else ""
        message = "成文日期、印发日期应为阿拉伯数字全写且不编虚位"
        if right:
            yield replacing(line, match.start(), match.end(), right, message, f"改为“{right}”")
        else:
            yield Hit(line.number, match[0], message, "写成 2026年5月8日 的样子")


@RULES.rule("F03", Level.ORDER, "GB/T 9704-2012 7.3.2")
def addressees(document: ReadDocument) -> Iterator[Hit]:
    """End the addressees with a full-width colon."""
    for line in document.of(Role.ADDRESSEES)[-1:]:
        if not line.text.endswith("："):
            end = len(line.text)
            start = end - 1 if line.text[-1] in "，,。；;:" else end
            edit = Edit(line.number, start, end, "：")
            yield Hit(
                line.number, line.text[-8:], "主送机关后应加全角冒号", "末尾改为“：”", (edit,)
            )


@RULES.rule("F04", Level.ORDER, "GB/T 9704-2012 7.3.4、7.3.7")
def attachment_note(document: ReadDocument) -> Iterator[Hit]:
    """Number attachments 1. 2. without stops after names; note and attachment pages agree."""
    notes = document.of(Role.ATTACHMENT_NOTE)
    names: list[str] = []
    for line in notes:
        text = line.text
        head = re.match(r"^附件(?:说明)?([：:])?\s*", text)
        begin = head.end() if head else 0
        if head and head[1] == ":":
            yield replacing(
                line, head.start(1), head.end(1), "：", "附件说明的冒号应为全角", "改为“：”"
            )
        number = re.match(r"(\d{1,2})\s*([.．、，])?\s*", text[begin:])
        if number and number[2] in ("、", "，", "．"):
            at = begin + number.start(2)
            yield replacing(line, at, at + 1, ".", "附件顺序号后应用“.”", "改为“1.”的样子")
        name_at = begin + (number.end() if number and number[2] else 0)
        name = text[name_at:].strip()
        tail = re.search(r"[。；;，,、]+$", name)
        if tail:
            end = len(text.rstrip())
            yield replacing(
                line, end - len(tail[0]), end, "", "附件名称后不加标点符号", "删去末尾标点"
            )
        names.append(name.rstrip("。；;，,、"))
    yield from _attachment_pages(document, notes, names)
    yield from _attachment_references(document, len(names))


def _attachment_pages(document: ReadDocument, notes: list[Line], names: list[str]) -> Iterator[Hit]:
    marks = document.of(Role.ATTACHMENT_MARK)
    if marks and not notes:
        yield Hit(
            marks[0].number, marks[0].text, "有附件而正文下没有附件说明", "在正文下写“附件：…”"
        )
    for mark in marks if notes else []:
        digits = re.search(r"\d+", mark.text)
        number = int(digits[0]) if digits else 1
        wanted = names[number - 1] if 0 < number <= len(names) else ""
        first, title = _title_under(document, mark, wanted)
        if first is None:
            continue
        if not wanted:
            yield Hit(mark.number, mark.text, "附件序号在附件说明里没有", "使序号与附件说明一致")
        elif wanted != title:
            yield Hit(
                first.number,
                title,
                f"附件标题与附件说明“{wanted[:20]}”不一致",
                "使两处完全一致",
            )


def _title_under(document: ReadDocument, mark: Line, wanted: str) -> tuple[Line | None, str]:
    """Return the line under an attachment's mark that begins its title, and the whole title.

    A long title is broken over lines: those that follow belong to it while they spell the name
    that the note gives.
    """
    following = [
        line
        for line in document.of(Role.ATTACHMENT_MARK, Role.ATTACHMENT_TITLE, Role.ATTACHMENT_BODY)
        if line.number > mark.number
    ]
    if not following or following[0].role is not Role.ATTACHMENT_TITLE:
        return None, ""
    title = ""
    for line in following:
        longer = title + line.text.replace("\n", "")
        if title and (title == wanted or not wanted.startswith(longer)):
            break
        title = longer
    return following[0], title


def _attachment_references(document: ReadDocument, count: int) -> Iterator[Hit]:
    for line in document.of(Role.BODY):
        for match in re.finditer(r"[（(](?:详)?见附件\s*(\d{1,2})?[）)]", line.text):
            if int(match[1] or 1) > count:
                yield Hit(
                    line.number, match[0], "正文提到的附件不在附件说明里", "补写附件说明，或删去"
                )


@RULES.rule("F05", Level.ORDER, "GB/T 9704-2012 7.4.2")
def copies_end(document: ReadDocument) -> Iterator[Hit]:
    """End the list of copies with a full stop."""
    for line in document.of(Role.COPIES):
        if not line.text.endswith("。"):
            end = len(line.text)
            start = end - 1 if line.text[-1] in "，,.；;、" else end
            edit = Edit(line.number, start, end, "。")
            yield Hit(line.number, line.text[-8:], "抄送机关后应标句号", "末尾改为“。”", (edit,))


@RULES.rule("F06", Level.ORDER, "GB/T 9704-2012 7.2.1、7.3.6")
def copy_number_and_note(document: ReadDocument) -> Iterator[Hit]:
    """Write 份号 in six digits and 附注 in round brackets."""
    for line in document.of(Role.COPY_NUMBER):
        if not re.fullmatch(r"\d{6}", line.text):
            right = line.text.zfill(6) if len(line.text) < 6 else ""
            edits = (Edit(line.number, 0, len(line.text), right),) if right else ()
            yield Hit(line.number, line.text, "份号应为6位阿拉伯数字", "写成 000001 的样子", edits)
    for line in document.of(Role.NOTE):
        inner = without_outer_brackets(line.text)
        if line.text != f"（{inner}）":
            edit = Edit(line.number, 0, len(line.text), f"（{inner}）")
            yield Hit(
                line.number, line.text, "附注应加全角圆括号", f"改为“（{inner[:16]}）”", (edit,)
            )


@RULES.rule("F07", Level.ORDER, "《党政机关公文处理工作条例》第九条（六）")
def signer(document: ReadDocument) -> Iterator[Hit]:
    """Name the signer on 上行文, and only there."""
    found = next((line for line in document.lines if _names_signer(line)), None)
    head = document.of(Role.NUMBER, Role.MARK)
    if document.kind in UPWARD and found is None and head:
        yield Hit(
            head[-1].number, "", "上行文应当标注签发人", "在发文字号同一行右侧写“签发人：姓名”"
        )
    elif document.kind in _DOWNWARD and found is not None:
        yield Hit(found.number, found.text, "平行文、下行文不标注签发人", "删去签发人")


def _names_signer(line: Line) -> bool:
    return line.role in (Role.SIGNER, Role.NUMBER) and "签发人" in line.text


@RULES.rule("F08", Level.ORDER, "GB/T 9704-2012 7.3.3")
def levels(document: ReadDocument) -> Iterator[Hit]:
    """Use 一、（一）1.（1）in this order, numbered without gaps within one level."""
    wrong = list(_marks(document))
    yield from wrong
    mislabelled = {hit.line for hit in wrong}
    within = [0, 0, 0, 0]  # the last number of each level under the present heading
    running = [0, 0, 0, 0]  # the last number of each level in the whole text
    for line in document.of(Role.BODY):
        text = _as_meant(line.text)
        level = heading_level(text)
        number = _number(text) if level else None
        if number is None:
            continue
        place = level - 1
        # Numbers begin anew under each heading, or run on through the headings above them.
        allowed = {1, within[place] + 1, running[place] + 1}
        if number not in allowed and line.number not in mislabelled:
            right = _label(level, within[place] + 1)
            label = _label_of(line.text)
            message = f"序号不连续，应为“{right}”"
            yield replacing(line, 0, len(label), right, message, f"改为“{right}”")
        within[place] = running[place] = number
        within[level:] = [0] * (4 - level)


def _as_meant(text: str) -> str:
    """Return a paragraph with its numbering as it was meant, so that one slip is told once."""
    text = re.sub(r"^([一二三四五六七八九十]+)[.．，](?=\S)", r"\1、", text)
    text = re.sub(r"^[(（]([一二三四五六七八九十]+|\d{1,2})[)）]", r"（\1）", text)
    return re.sub(r"^(\d{1,2})[、，]", r"\1.", text)


def _marks(document: ReadDocument) -> Iterator[Hit]:
    for line in document.of(Role.BODY):
        text = line.text
        wrong = re.match(r"^(（[一二三四五六七八九十\d]+）)[、，,.]", text)
        if wrong:
            yield replacing(
                line, wrong.end(1), wrong.end(), "", "“（一）”后不加标点", f"改为“{wrong[1]}”"
            )
        half = re.match(r"^[(（]([一二三四五六七八九十]+|\d{1,2})[)）]", text)
        if half and ("(" in half[0] or ")" in half[0]):
            right = f"（{half[1]}）"
            yield replacing(line, 0, half.end(), right, "层次序号的括号应为全角", f"改为“{right}”")
        comma = re.match(r"^(\d{1,2})[、，]", text)
        if comma:
            yield replacing(
                line, comma.end(1), comma.end(), ".", "第三层序号应为“1.”", f"改为“{comma[1]}.”"
            )
        dot = re.match(r"^([一二三四五六七八九十]+)[.．，](?=\S)", text)
        if dot:
            yield replacing(
                line, dot.end(1), dot.end(), "、", "第一层序号应为“一、”", f"改为“{dot[1]}、”"
            )


def _label_of(text: str) -> str:
    found = re.match(r"^(?:[一二三四五六七八九十百]+、|（[^）]+）|\d{1,2}[.．])", text)
    return found[0] if found else ""


def _number(text: str) -> int | None:
    inner = _label_of(text).strip("、（）.．")
    try:
        return chinese_to_int(inner)
    except (KeyError, ValueError):
        return None


def _label(level: int, number: int) -> str:
    return (
        f"{int_to_chinese(number)}、",
        f"（{int_to_chinese(number)}）",
        f"{number}.",
        f"（{number}）",
    )[level - 1]


@RULES.rule("F09", Level.PRACTICE, "《党政机关公文处理工作条例》第九条（七）")
def title(document: ReadDocument) -> Iterator[Hit]:
    """Make the title of issuer, matter and kind, without stops or words of urgency."""
    lines = document.of(Role.TITLE)
    if not lines:
        if any(line.text.endswith(("令", "纪要")) for line in document.of(Role.MARK)):
            return  # the mark of an order or of minutes is its title
        yield Hit(0, "", "没有找到标题", "补写由发文机关、事由和文种组成的标题")
        return
    whole, last = document.title, lines[-1]
    doubled = re.search(
        r"(?:请示报告|报告请示|请示函|函请示|通知通告|公告通告|意见报告|请示的报告)$", whole
    )
    if doubled:
        yield Hit(last.number, doubled[0], "两个文种连用", "只保留一个文种")
    if re.search(r"[。，；：！？、,.;:!]$", whole):
        at = len(last.text)
        yield replacing(last, at - 1, at, "", "标题末尾不加标点", "删去末尾标点")
    inner = re.search(
        r"[，；：！。]", re.sub(r"《[^》]*》|（[^）]*）|“[^”]*”|【[^】]*】", "", whole[:-1])
    )
    if inner:
        yield Hit(
            last.number, inner[0], "标题中除书名号、引号、括号、顿号外一般不用标点", "改写标题"
        )
    for word in words("urgent_words"):
        if word in whole:
            yield Hit(last.number, word, "紧急程度不写进标题", "删去，在版头标注紧急程度")
    plain = re.sub(r"[。，；：！？]$", "", whole)
    if not any(plain.endswith((kind, kind + "（试行）")) for kind in KINDS) and not re.search(
        r"(?:答复|函|纪要)(?:（[^）]+）)?$", plain
    ):
        yield Hit(last.number, whole[-10:], "标题没有文种", "末尾写明文种，如“的通知”")
    elif (
        "关于" not in whole
        and document.kind in _ABOUT_KINDS
        and not re.search(r"转发|批转|印发|政府工作报告$", whole)
    ):
        yield Hit(last.number, whole[:20], "标题没有“关于…的”事由", "写成“机关关于事由的文种”")


@RULES.rule("F10", Level.ORDER, "GB/T 9704-2012 7.3.3")
def body_on_first_page(document: ReadDocument) -> Iterator[Hit]:
    """Keep room for body text on the first page: too many addressees move to 版记."""
    if not document.of(Role.MARK) or not document.of(Role.BODY):
        return
    received = document.of(Role.ADDRESSEES)
    title_lines = max(1, round(width(document.title) / 20 + 0.49)) + 1
    used = _LINES_OF_HEAD + title_lines
    used += sum(-(-round(width(line.text)) // 28) for line in received)
    if received and used >= _LINES_ON_FIRST_PAGE:
        yield Hit(
            received[0].number,
            received[0].text[:12],
            f"主送机关占满首页（约{used}行），首页不显示正文",
            "把主送机关移到版记",
        )
