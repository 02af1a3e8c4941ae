"""The day whose law a question asks for, where it names one: 2023年5月的时候低保是多少."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from corpus.metadata.dates import half_width

_DAY = r"((?:19|20)\d{2})年(?:(\d{1,2})月(?:份|(\d{1,2})[日号])?)?"
# Words that make a date the day of the law asked for. A date alone is most often part of the case or
# of a rule's name: 2024年3月1日以后出生的, 2025年居民医保缴费, 2022年5月1日施行的办法.
_THEN = r"(?:的时候|那时候?|当时|那会儿?|那天|这天|(?:的)?时(?!间|限|效|段|年?满|[^，。？]{0,4}周?岁)|(?:这一天)?有效的)"
_ASKED = re.compile(rf"(?:在|于|到)?{_DAY}{_THEN}[，,]?")
_RULED = re.compile(
    rf"(?:按照?|依照?|根据){_DAY}(?:时|当时)?(?:有效)?的?(?:规定|政策|标准|办法)[，,]?"
)


@dataclass(frozen=True, slots=True)
class AskedDay:
    """A day read in a question, and the question without the words that name it."""

    day: date
    question: str


def read_asked_day(question: str) -> AskedDay | None:
    """Return the day whose law a question asks for; None where it names none.

    A month means its first day, a year its last: what was in force when it ended.
    """
    plain = half_width(question)
    found = _ASKED.search(plain) or _RULED.search(plain)
    if not found:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        asked = date(year, month or 12, day or (1 if month else 31))
    except ValueError:
        return None
    rest = (question[: found.start()] + question[found.end() :]).strip("，, ")
    return AskedDay(asked, rest) if rest else None
