"""The history under a law's title: who adopted, promulgated and amended it, and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from corpus.metadata.dates import DATE, half_width, parse_date
from corpus.metadata.document_numbers import normalise_number
from corpus.metadata.issuers import is_organisation

_EVENT = re.compile(rf"({DATE})")
_HISTORY_LINE = re.compile(rf"[（(]?\s*(?:根据|自|经|依据)?\s*{DATE}")
_END = re.compile(r"第[一1]\s*[编章条]|总\s*则|目\s*录|序\s*言|一、")
_QUOTED = re.compile(r"《[^《》]*(?:《[^》]*》[^《》]*)*》|[〈<][^〉>]*[〉>]")
_VERB = re.compile(r"通过|批准|公布|发布|颁布|公告|修订|修正|修改|施行|实施|生效|废止")
_AMENDMENT = frozenset({"修订", "修正", "修改"})
_PROMULGATION = frozenset({"公布", "发布", "颁布", "公告"})
_ORDER = re.compile(r"^(.{0,40}?令)\s*第?\s*[（(]?\s*第?(\S{1,6}?)\s*号")
_CONGRESS = re.compile(
    r"([一-鿿]{0,12}?)第?[\d一二三四五六七八九十百]{1,4}届(全国)?(?:人民代表大会|人大)(常务委员会|常委会)?"
)
_NAMED_CONGRESS = re.compile(r"([一-鿿]{2,12}?)(?:人民代表大会|人大)(常务委员会|常委会)?")
_LINES = 40
"""A history longer than this many lines is not one; the longest known has 25 lines."""


@dataclass(frozen=True, slots=True)
class History:
    """What the history says of this version of the text.

    `written` is the last adoption or amendment, `published` the promulgation that followed it,
    `effective` a 施行 line of its own; `amended` says whether the text was ever amended.
    """

    issuers: tuple[str, ...] = ()
    number: str = ""
    written: date | None = None
    published: date | None = None
    effective: date | None = None
    amended: bool = False


def read_history(lines: Sequence[str]) -> History:
    """Return the history that the lines below a title hold; an empty one where there is none."""
    events: list[tuple[date, str]] = []
    for line in _history_lines(lines):
        parts = _EVENT.split(half_width(line))
        for text, what in zip(parts[1::2], parts[2::2], strict=True):
            day = parse_date(text)
            if day:
                events.append((day, what.strip(" 　（）()，,、；;")))
    issuers: tuple[str, ...] = ()
    number = ""
    adopted: list[date] = []
    promulgated: list[date] = []
    effective: date | None = None
    amended = False
    for day, what in events:
        plain = _QUOTED.sub("", what)
        verbs = _VERB.findall(plain)
        if not verbs:
            continue
        verb = verbs[-1]
        if verb in {"施行", "实施", "生效"} and len(verbs) == 1:
            effective = day
            continue
        if _PROMULGATION & set(verbs):
            promulgated.append(day)
        if _AMENDMENT & set(verbs):
            amended = amended or bool(adopted or promulgated)
            adopted.append(day)
        elif "通过" in verbs:
            adopted.append(day)
        issuers = issuers or _issuers(plain)
        number = number or _order_number(plain)
    written = max(adopted, default=max(promulgated, default=None))
    published = max((day for day in promulgated if not written or day >= written), default=None)
    others = [day for day, what in events if day != effective and _VERB.search(what)]
    return History(
        issuers, number, written, published or max(others, default=None), effective, amended
    )


def _history_lines(lines: Sequence[str]) -> list[str]:
    history: list[str] = []
    for line in lines[:_LINES]:
        text = line.strip()
        # An event of a history is no sentence; one that begins with a date has its 。.
        sentence = "。" in text.rstrip("。）)") or "：" in text
        if (
            len(text) <= 800
            and _HISTORY_LINE.match(half_width(text))
            and _VERB.search(text)
            and not sentence
        ):
            history.append(text)
        elif history and _END.match(text):
            break
    return history


def _issuers(event: str) -> tuple[str, ...]:
    """Return who adopted or issued a text, from one event of its history."""
    event = re.sub(r"^[经由于]", "", event)
    if "批准" in event and "通过" not in event and "发布" not in event and "公布" not in event:
        return ()
    if "最高人民" in event:
        courts = ("最高人民法院", "最高人民检察院")
        return tuple(court for court in courts if court in event)
    congress = _CONGRESS.search(event)
    if congress:
        return (_congress_name("全国" if congress[2] else congress[1], congress[3]),)
    if "令" in event:
        names = event.split("令")[0].removeprefix("中华人民共和国").split("、")
        names = [name.removeprefix("中华人民共和国").strip() for name in names]
        return tuple(name for name in names if is_organisation(name) and name != "主席")
    if re.match(r"国务院", event):
        return ("国务院",)
    named = _NAMED_CONGRESS.match(event)
    if named:
        return (_congress_name(named[1], named[2]),)
    found = re.match(r"([一-鿿]{2,20}?)(?:公告)?(?:发布|公布|颁布)", event)
    return (found[1],) if found and is_organisation(found[1]) else ()


def _congress_name(place: str, standing: str | None) -> str:
    name = place.removeprefix("中华人民共和国") + "人民代表大会"
    return name + ("常务委员会" if standing else "")


def _order_number(event: str) -> str:
    found = _ORDER.search(event)
    return normalise_number(f"{found[1]}第{found[2]}号") if found else ""
