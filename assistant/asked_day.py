"""The day whose law a question asks for, where it names one: 2023年5月的时候低保是多少."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from corpus.metadata.dates import half_width

_DAY = r"((?:19|20)\d{2})年(?:(\d{1,2})月(?:份|(\d{1,2})[日号])?)?"
# Words that make a date the day of the law asked for. A date alone is most often part of the case or
# of a rule's name: 2024年3月1日以后出生的, 2025年居民医保缴费, 2022年5月1日施行的办法.
_THEN = r"(?:的时候|那时候?|当时|那会儿?|那天|这天|的?时(?!间|限|效|段|年?满|[^，。？]{0,4}周?岁)|(?:这一天)?有效的)"
_ASKED = re.compile(rf"(?:在|于|到)?{_DAY}{_THEN}[，,]?")
_RULED = re.compile(
    rf"(?:按照?|依照?|根据){_DAY}(?:时|当时)?(?:有效)?的?(?:规定|政策|标准|办法)[，,]?"
)
# Who asks of today tells by the date what happened then: 2019年的时候离职了，现在能领失业金吗.
_TODAY = re.compile(r"现在|目前|今年|如今|至今|眼下|还(?:能|可以|来得及)")
_EVENT = (
    r"(?:出生|离职|辞职|失业|退役|退伍|入伍|退休|去世|结婚|离婚|参加工作|工作|毕业|入职|入学|登记|受伤|住院|"
    r"领证|落户|搬|生|买|卖|租|签|办|交|缴|领)"
)
_HAPPENED_THEN = re.compile(rf"[^，,。？]{{0,8}}?{_EVENT}(?:[的了过后]|[，,]|$)")
_HAPPENED_ON = re.compile(rf"{_EVENT}(?:于|在|是)?$")
# A clause that asks nothing, before one that does, tells of the case as well.
_TOLD = re.compile(r"[^，,。；？]+[，,。；](?=.)")
_ASKS = re.compile(r"多少|几|哪|什么|啥|怎|如何|是否|能不能|可不可以|吗|呢")


@dataclass(frozen=True, slots=True)
class AskedDay:
    """A day read in a question, and the question without the words that name it."""

    day: date
    question: str


def read_asked_day(question: str) -> AskedDay | None:
    """Return the day whose law a question asks for; None where it names none.

    A month means its first day, a year its last: what was in force when it ended. Where the date may
    be a fact of the person's case, none is named: today's law is asked for.
    """
    plain = half_width(question)
    found = _RULED.search(plain) or _ASKED.search(plain)
    if not found or (found.re is _ASKED and _is_of_a_case(plain, found)):
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        asked = date(year, month or 12, day or (1 if month else 31))
    except ValueError:
        return None
    rest = (question[: found.start()] + question[found.end() :]).strip("，, ")
    return AskedDay(asked, rest) if rest else None


def _is_of_a_case(question: str, named: re.Match[str]) -> bool:
    """Say whether the day named tells when something happened to somebody."""
    before, after = question[: named.start()], question[named.end() :]
    if _TODAY.search(question) or _HAPPENED_ON.search(before) or _HAPPENED_THEN.match(after):
        return True
    told = None if named[0].endswith(("，", ",")) else _TOLD.match(after)
    return told is not None and not _ASKS.search(told[0])
