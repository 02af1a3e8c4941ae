"""G: what each kind of document may and must say (条例 art. 13 to 17)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.drafting.elements import Role
from assistant.drafting.reading import ReadDocument
from assistant.drafting.rules.engine import Edit, Hit, Level, Registry, replacing
from assistant.drafting.rules.words import replacements, words

RULES = Registry()
_REGULATION = "《党政机关公文处理工作条例》"
# 申请审批 and 报请审批 speak of a procedure; the 请 in them asks for nothing.
_NOT_WITHIN = r"(?<![申报提呈])"
_ASKING = re.compile(
    r"^.{0,8}(?:恳请|(?:请求|申请)(?!理由|依据|事项|背景|情况|缘由|原因|用途|内容|金额)"
    r"|请(?:予)?(?:批准|同意|安排|解决))"
)
# What stands before the letters of an agency (现将省政府吉政发〔2025〕9号): the verb, the agency's name.
_BEFORE_CODE = re.compile(
    r"^(?:.*(?:根据|按照|依据|依照|遵照|执行|落实|贯彻|现将|转发|印发|下发|学习)好?"
    r"|[见和与及以由对将把])?(?:.*(?:政府|办公厅|办公室|委员会|国务院|省委|市委|[厅局部])(?=[一-龥]{2}))?"
)
_LONGEST_CODE = 6
_NUMBER = r"[一-龥]{1,12}〔\d{4}〕\d+号"


@RULES.rule("G01", Level.ORDER, f"{_REGULATION}第十五条")
def one_matter(document: ReadDocument) -> Iterator[Hit]:
    """A request asks one superior for one matter; nothing upward goes to a person or copies down."""
    if document.kind not in ("请示", "报告"):
        return
    for line in document.of(Role.ADDRESSEES):
        names = [part for part in re.split(r"[、，,]", line.text.rstrip("：:")) if part]
        if document.kind == "请示" and len(names) > 1:
            yield Hit(line.number, line.text, "请示只主送一个上级机关", "保留一个，其他改为抄送")
        person = next(
            (post for post in words("personal_posts") if names and names[0].endswith(post)), ""
        )
        if person:
            yield Hit(line.number, line.text, "不得以领导者个人为主送", "改为机关名称")
    for line in document.of(Role.COPIES):
        lower = next((word for word in words("lower_agencies") if word in line.text), "")
        if lower:
            yield Hit(line.number, lower, "上行文不得抄送下级机关", "删去下级机关")
    if document.kind == "请示":
        yield from _request(document)


def _request(document: ReadDocument) -> Iterator[Hit]:
    body = document.of(Role.BODY)
    closing = re.compile(rf"{_NOT_WITHIN}请(?:予)?(?:{'|'.join(words('request_closings'))})")
    if body and not any(closing.search(line.text) for line in body):
        yield Hit(body[-1].number, "", "请示缺少结语", "末尾写“妥否，请批示。”")
    asked = [
        line
        for line in body
        if re.match(
            r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\d{1,2}[.．])", line.text
        )
        and _ASKING.search(line.text)
    ]
    if len(asked) > 1:
        yield Hit(asked[1].number, asked[1].text[:20], "请示应当一文一事", "另一件事另行请示")


@RULES.rule("G02", Level.ORDER, f"{_REGULATION}第十五条（四）")
def hidden_request(document: ReadDocument) -> Iterator[Hit]:
    """A report, a notice or a letter of information asks for no approval."""
    if document.kind not in ("报告", "通知", "通报", "通告", "公告", "函"):
        return
    if document.title.endswith(("请示报告", "请示的报告")):
        return  # F09 says that it is two kinds at once; what it asks for is then no slip
    phrases = words("approval_phrases")
    # A letter may ask an agency that is no superior to approve (条例 art. 8).
    used = (
        [p for p in phrases if p in ("妥否", "当否", "请批示", "请批复")]
        if document.kind == "函"
        else phrases
    )
    for line in document.of(Role.BODY):
        found = next((p for p in used if re.search(_NOT_WITHIN + p, line.text)), "")
        if found and "“" + found not in line.text:
            yield Hit(line.number, found, f"{document.kind}不得夹带请示事项", "删去，或另行请示")


@RULES.rule("G03", Level.PRACTICE, "平行文用语惯例")
def tone_of_a_letter(document: ReadDocument) -> Iterator[Hit]:
    """A letter speaks to an equal: 贵, and no orders."""
    if document.kind not in ("函", "答复"):
        return
    for line in document.of(Role.BODY):
        for word, better in replacements("command_words").items():
            for match in re.finditer(word, line.text):
                fix = f"改为“{better}”" if better else "改用商洽的语气"
                if better:
                    yield replacing(line, match.start(), match.end(), better, "函不用命令口气", fix)
                else:
                    yield Hit(line.number, match[0], "函不用命令口气", fix)


@RULES.rule("G04", Level.PRACTICE, "批复、复函引述来文惯例")
def cites_what_it_answers(document: ReadDocument) -> Iterator[Hit]:
    """A reply opens with the title and number of what it answers."""
    is_reply = document.kind == "批复" or (
        document.kind == "函" and document.title.endswith("复函")
    )
    if not is_reply:
        return
    body = document.of(Role.BODY)
    if body and not any(
        re.search(rf"《[^》]+》（(?:{_NUMBER}|第?[\d－-]+号|【待补：[^】]+】)）", line.text)
        for line in body[:2]
    ):
        yield Hit(
            body[0].number,
            body[0].text[:20],
            "没有引述来文标题和文号",
            "写“《来文标题》（文号）收悉”",
        )


@RULES.rule("G05", Level.PRACTICE, "引用公文先引标题、后引发文字号")
def title_before_number(document: ReadDocument) -> Iterator[Hit]:
    """Quote a document by title first, then its number in brackets."""
    for line in document.running:
        for match in re.finditer(
            rf"(?<![（(])({_NUMBER})(?:文件)?[，,、]?\s*(《[^》]+》)", line.text
        ):
            lead = _BEFORE_CODE.match(match[1])
            begin = match.start() + (len(lead[0]) if lead else 0)
            code = match[1][len(lead[0]) if lead else 0 :]
            right = f"{match[2]}（{code}）"
            # What is too long for the letters of an agency still holds words of the sentence.
            plain = code.find("〔") <= _LONGEST_CODE
            yield Hit(
                line.number,
                match[0],
                "引用公文应先引标题、后引文号",
                f"改为“{right}”" if plain else "写成“《标题》（文号）”",
                (Edit(line.number, begin, match.end(), right),) if plain else (),
            )


@RULES.rule("G06", Level.ORDER, f"{_REGULATION}第四十二条")
def abolished_rules(document: ReadDocument) -> Iterator[Hit]:
    """Do not rest on the rules of documents that the regulation ended."""
    for line in document.running:
        for old, new in replacements("abolished").items():
            place = line.text.find(old)
            if place >= 0:
                yield Hit(line.number, old, "引用了已废止的公文规定", f"改引{new}")


@RULES.rule("G07", Level.ORDER, f"{_REGULATION}第八条、第十七条")
def who_may_issue(document: ReadDocument) -> Iterator[Hit]:
    """An inner office issues nothing outward; a department issues no order and no motion."""
    for line in document.of(Role.SIGNATURE):
        name = line.text.strip()
        inner = re.search(r"(?:局|厅|委|委员会|部)[一-龥]{2,10}(处|科|股)$", name)
        if inner:
            yield Hit(line.number, name, "内设机构不得对外正式行文", "以机关名义行文")
    marks = document.of(Role.MARK, Role.SIGNATURE)
    if document.kind in ("令", "议案") and marks:
        name = marks[0].text
        if re.search(r"(?:局|厅|处|科)(?:文件|令)?$", name):
            word = "命令" if document.kind == "令" else "议案"
            yield Hit(
                marks[0].number, name, f"部门不能制发{word}", "以人民政府名义行文，或改用其他文种"
            )
