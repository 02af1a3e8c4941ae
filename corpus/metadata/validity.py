"""Validity: when a text comes into force and ends, and its status."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from corpus.documents import Metadata, Status
from corpus.metadata.dates import DATE, half_width, number, parse_date, years_after

# What follows must not be an object: 自2021年1月1日起实施门诊统筹以来 sets no term of the text itself.
_FORCE = (
    r"(?:起|后|开始)?\s*(?:正式)?(?:施行|实施|执行|生效|试行)"
    r"(?=\s*(?:[，,；;、（()）]|$|至|到|有效|期限|为期|[\d一二两三四五]{1,3}\s*年))"
)
_SELF = (
    r"(?:本|此|该)(?:实施|管理|暂行|试行|工作)?"
    r"(?:法|条例|办法|规定|细则|通知|意见|方案|规则|通告|公告|解释|决定|措施|指引|指南|标准|规范|规程|制度|计划|政策|文件|修正案|决议|章程|公约|解答|安排|清单|预案|纲要)"
)
_FROM_DATE = re.compile(rf"[自从]\s*({DATE})\s*{_FORCE}")
_FROM_EVENT = re.compile(
    rf"[自从]\s*(印发|发布|公布|颁布|通过|发文|下发|公告|签发)\s*之日"
    rf"(?:起)?\s*(?:满|的?第)?\s*(?:(\d{{1,3}}|[一二三四五六七八九十]{{1,4}})\s*(?:个)?(日|天|月))?\s*{_FORCE}"
)
_TERM = re.compile(
    r"有效期(?:限)?\s*(?:为|是|暂定|暂定为|:|：)?\s*(\d{1,2}|[一二两三四五六七八九十]{1,3})\s*(?:个)?(年|月)"
    r"(?!以|内|的)"
)
_PERIOD = r"(?:有效|试行|执行|施行|实施)期限?"
_SPAN = rf"[自从]\s*{DATE}\s*起?\s*(?:至|到)\s*({DATE})\s*止?\s*"
# A day that ends something else, as 申报受理截至2024年6月30日, is no end of the text.
_UNTIL = re.compile(
    rf"{_PERIOD}\s*(?:为|是|暂定为?|延长|延续|:|：)?\s*(?:[自从]?\s*{DATE}\s*起?)?"
    rf"\s*(?:截止?)?(?:至|到)\s*({DATE})"
    rf"|(?:施行|实施|执行|试行|有效)\s*(?:至|到)\s*({DATE})"
    rf"|{_SPAN}(?:期间)?(?:施行|实施|执行|试行|有效)"
    rf"|(?:^|[，,])\s*(?:{_SELF})?{_SPAN}(?=[，,]|$)"
    rf"|(?:至|到)\s*({DATE})\s*(?:自动|自行)?(?:失效|废止)"
)
_LONGEST_SENTENCE = 2000
"""A sentence that repeals a dozen texts has some 1,000 characters; a longer one is no sentence."""
_TERM_WORDS = re.compile(
    rf"{_PERIOD}|(?:施行|实施|执行|试行)[至到]"
    r"|[自从][^。；;\n]{2,24}?(?:施行|实施|执行|生效|试行)"
)
_SENTENCE = re.compile(r"[^。；;\n]+")
_STATUS_WORDS: tuple[tuple[str, Status], ...] = (
    ("征求意见", Status.DRAFT),
    ("撤销", Status.REVOKED),
    ("废止", Status.REPEALED),
    ("已修改", Status.AMENDED),
    ("已被修改", Status.AMENDED),
    ("修改后失效", Status.AMENDED),
    ("尚未", Status.NOT_YET_IN_FORCE),
    ("未生效", Status.NOT_YET_IN_FORCE),
    ("未施行", Status.NOT_YET_IN_FORCE),
    ("失效", Status.EXPIRED),
    ("无效", Status.EXPIRED),
    ("有效", Status.IN_FORCE),
)
_STATUS_ANSWERS = {"是": Status.IN_FORCE, "否": Status.EXPIRED}
"""What a row 是否有效 answers."""
_STATUS_NOTE = re.compile(
    # Bare words are the filter of a search form; a note stands in brackets or names its text.
    r"(?:[（(【\[]\s*|.*[（(【\[]\s*|(?=[本该此]))(?:[本该此](?:文件|文|件|办法|通知|规定|条例))?\s*"
    r"(已(?:被|于|经|由)?[^。]{0,40}(?:废止|失效|撤销)|失效|废止)\s*[）)】\]。]?"
)


@dataclass(frozen=True, slots=True)
class Term:
    """When a text comes into force, and the last day on which it is."""

    effective: date | None = None
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Anchors:
    """The days from which a term may count: of writing, of issue (印发), of publication.

    `stated` is the effective date that a page gives in its labelled rows.
    """

    written: date | None = None
    issued: date | None = None
    published: date | None = None
    stated: date | None = None


def read_term(text: str, anchors: Anchors) -> Term:
    """Return the term that a text sets for itself.

    Only a sentence about the text itself counts: one that begins with 本办法, 本通知 and the like,
    or holds nothing but the date. A date in the text comes first, then the page's effective date,
    then what “自印发之日起” gives: the day of issue, else of writing. A web page is put up days
    after a paper is issued, so its own date counts only for 发布 and 公布. “30日后” counts from
    there; a period ends on the day before its anniversary.
    """
    effective = expires = None
    for _, sentence in sentences_with(_TERM_WORDS, text):
        if not _about_itself(sentence):
            continue
        plain = half_width(sentence)
        start = _start(plain, anchors)
        end = _end(plain, start or effective)
        effective = effective or start
        expires = expires or end
        if effective and expires:
            break
    return Term(effective, expires)


def read_status(title: str, head: Sequence[str], labels: Mapping[str, str]) -> Status | None:
    """Return the status that the title, a note at the head or a labelled row states, or None."""
    stated = labels.get("status", "")
    if stated in _STATUS_ANSWERS:
        return _STATUS_ANSWERS[stated]
    for word, status in _STATUS_WORDS:
        if word in stated:
            return status
    if re.search(r"征求意见稿|[（(](?:草案|送审稿|讨论稿|修订草案)[^）)]{0,10}[）)]", title):
        return Status.DRAFT
    for line in (title[-12:], *head):
        found = _STATUS_NOTE.fullmatch(line.strip()) if len(line) <= 60 else None
        if found:
            return next(status for word, status in _STATUS_WORDS if word in found[1])
    return None


def status_on(metadata: Metadata, day: date) -> Status:
    """Return the status of a document on a day, from its stated status and its dates.

    A draft stays a draft and a revoked text was never in force. A text is not yet in force before
    its effective date (before its publication where that is not known) and expired after its last
    day; a repealed or expired text was in force until its last day where that day is known. With
    no evidence against it an issued text counts as in force.
    """
    stated = metadata.status
    if stated in (Status.DRAFT, Status.REVOKED):
        return stated
    begins = metadata.effective or metadata.published or metadata.written
    if begins and day < begins:
        return Status.NOT_YET_IN_FORCE
    if stated is Status.NOT_YET_IN_FORCE and not begins:
        return stated
    ended = stated in (Status.REPEALED, Status.EXPIRED, Status.AMENDED)
    if metadata.expires and day > metadata.expires:
        return stated if ended and stated else Status.EXPIRED
    if ended and stated and not metadata.expires:
        return stated
    return Status.IN_FORCE


def sentences_with(words: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    """Yield each sentence that holds one of the words once, with its place in the text."""
    position = 0
    while found := words.search(text, position):
        lowest = max(position, found.start() - _LONGEST_SENTENCE)
        ends = (text.rfind(mark, lowest, found.start()) + 1 for mark in "。；;\n")
        start = max(lowest, *ends)
        sentence = _SENTENCE.match(text, start, found.end() + _LONGEST_SENTENCE)
        position = max(found.end(), sentence.end() if sentence else 0)
        yield start, text[start:position]


def _about_itself(sentence: str) -> bool:
    plain = re.sub(
        r"^\s*(?:第[一二三四五六七八九十百零〇\d]+条|[（(]?[一二三四五六七八九十\d]+[）)、.．])\s*",
        "",
        sentence,
    )
    return bool(re.match(rf"\s*(?:(?:以上|上述)?{_SELF}|[自从]|{_PERIOD})", plain))


def _start(sentence: str, anchors: Anchors) -> date | None:
    found = _FROM_DATE.search(sentence)
    if found:
        return parse_date(found[1])
    event = _FROM_EVENT.search(sentence)
    if not event:
        period = _UNTIL.search(sentence)
        days = re.findall(DATE, period[0]) if period else []
        return parse_date(days[0]) if len(days) == 2 else None
    if anchors.stated:
        return anchors.stated
    if event[1] in {"发布", "公布", "颁布", "公告"}:
        day = anchors.issued or anchors.published or anchors.written
    else:
        day = anchors.issued or anchors.written
    if day and event[2]:
        count = number(event[2]) or 0
        return _months_after(day, count) if event[3] == "月" else day + timedelta(days=count)
    return day


def _end(sentence: str, start: date | None) -> date | None:
    term = _TERM.search(sentence)
    if term:
        count = 2 if term[1] == "两" else number(term[1])
        if not start or not count:
            return None
        if term[2] == "年":
            return years_after(start, count)
        return _months_after(start, count) - timedelta(days=1)
    days = (parse_date(until[until.lastindex or 0]) for until in _UNTIL.finditer(sentence))
    return next((day for day in days if day and not (start and day <= start)), None)


def _months_after(day: date, months: int) -> date:
    total = day.month - 1 + months
    year, month = day.year + total // 12, total % 12 + 1
    for last in range(day.day, 27, -1):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    return date(year, month, day.day)
