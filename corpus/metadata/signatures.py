"""The signature (署名 and 成文日期) of a text and the day of issue in its imprint (版记)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from corpus.metadata.dates import DATE, date_line, half_width, parse_date
from corpus.metadata.document_numbers import NUMBER
from corpus.metadata.issuers import organisations

_SIGNED_ON_ONE_LINE = re.compile(rf"(.{{3,90}}?)\s*({DATE})")
_IMPRINT = re.compile(rf".{{0,60}}?({DATE})\s*印\s*发.{{0,4}}")
_BYLINES = (
    re.compile(
        rf"[（(]?(?:{NUMBER}[，,]\s*)?(?P<who>.{{0,80}}?)\s*(?P<day>{DATE})\s*"
        r"(?P<verb>印发|发布|公布|更新|编写|制定)?(?:[，,].{0,40})?[）)]?"
    ),
    re.compile(rf"[（(]?(?P<day>{DATE})\s*(?P<who>.{{2,60}}?)\s*(?P<verb>印发|制定)[）)]?"),
)
_ASIDE = re.compile(r"[（(].{2,40}[）)]|.{0,6}(?:联系人|联系电话|附件).{0,80}")
_LINES_ABOVE = 6
"""Joint notices are signed by up to a dozen bodies, two or three on a line."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed a text and on which day.

    `issued` is the day of 印发, in the imprint or under the title; `published` a day of 发布 that
    stands under the title.
    """

    issuers: tuple[str, ...] = ()
    written: date | None = None
    issued: date | None = None
    published: date | None = None


_DELIVERED = re.compile(rf"[-—–\s]*({DATE}).{{0,16}}在.{{4,40}}(?:会议|大会)(?:上|的).{{0,12}}")


def delivery_day(head: Sequence[str]) -> date | None:
    """Return the day on which a report was given, from the line under its title, or None."""
    for line in head:
        found = _DELIVERED.fullmatch(half_width(line.strip())) if "在" in line else None
        if found:
            return parse_date(found[1])
    return None


def read_signature(lines: Sequence[str]) -> Signature:
    """Return the first signature of a text, and its imprint.

    The first, because a notice is signed before the text that it issues. A date on a line of its
    own is a signature when a body stands above it; failing that, the last such date of the text
    counts as its day of writing.
    """
    last: date | None = None
    issued = _issued(lines)
    for position, line in enumerate(lines):
        text = line.strip()
        # Every form below holds 日 or an ISO date near the end of a short line.
        if not 8 <= len(text) <= 120 or not (text[-1] in "日）)" or text[-1].isdigit()):
            continue
        day = date_line(text)
        if day:
            names = _above(lines, position)
            if names:
                return Signature(names, day, issued)
            # 2024-03-04 is how pages write their own dates; a text signs with 年月日.
            if position > 2 and "年" in text:
                last = day
            continue
        found = _SIGNED_ON_ONE_LINE.fullmatch(half_width(text))
        if found and position > 2:
            names = organisations(found[1].strip())
            if names:
                return Signature(_above(lines, position) + names, parse_date(found[2]), issued)
    return Signature((), last, issued)


def read_byline(head: Sequence[str]) -> Signature:
    """Return what a line under the title says of issuer and date; an empty signature without one.

    Its forms: 某局2025年1月10日发布, （2020年6月15日某办公室印发）, （某政〔2026〕19号，…印发）.
    """
    for line in head:
        text = half_width(line.strip())
        if not 10 <= len(text) <= 120 or "年" not in text or "。" in text:
            continue
        for form in _BYLINES:
            found = form.fullmatch(text)
            if not found:
                continue
            who, verb = found["who"].strip("，, "), found["verb"] or ""
            names = organisations(who)
            day = parse_date(found["day"])
            # A date alone is no byline, and a name alone would be any sentence.
            if not day or (who and not names) or not (who or verb):
                continue
            if verb in {"发布", "公布"}:
                return Signature(names, None, None, day)
            return Signature(names, day, day if verb == "印发" else None)
    return Signature()


def _above(lines: Sequence[str], position: int) -> tuple[str, ...]:
    names: tuple[str, ...] = ()
    for line in reversed(lines[max(1, position - _LINES_ABOVE) : position]):
        found = organisations(line.strip())
        if not found and not names and _ASIDE.fullmatch(line.strip()):
            continue
        if not found:
            break
        names = found + names
    return names


def _issued(lines: Sequence[str]) -> date | None:
    for line in reversed(lines):
        found = _IMPRINT.fullmatch(half_width(line.strip())) if "印" in line[-6:] else None
        if found:
            return parse_date(found[1])
    return None
