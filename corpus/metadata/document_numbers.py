"""Document numbers (文号): their forms, one normal writing, and which of them is a text's own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.metadata.dates import half_width

_YEAR = r"[〔\[［（(【﹝]\s*(?:19|20)\d{2}\s*[〕\]］）)】﹞]"
_BRACKETED = rf"[一-鿿]{{1,14}}\s*{_YEAR}\s*第?\s*\d{{1,5}}(?:-\d{{1,3}})?\s*号"
_COUNT = r"[\d一二三四五六七八九十百〇零]{1,5}"
# A bracket that closes what stands before the number is not of it: （国务院令第504号）.
_ORDINAL = rf"第?\s*{_COUNT}\s*号"
_ORDER = rf"[一-鿿、]{{0,24}}令\s*(?:[（(]\s*{_ORDINAL}\s*[）)]|{_ORDINAL})"
_OF_YEAR = rf"(?:(?:19|20)\d{{2}}\s*年?\s*)?第\s*{_COUNT}\s*号"
_ANNOUNCEMENT = rf"[一-鿿、]{{0,24}}(?:公告|通告|通报)\s*(?:[（(]\s*{_OF_YEAR}\s*[）)]|{_OF_YEAR})"
NUMBER = rf"(?:{_BRACKETED}|{_ORDER}|{_ANNOUNCEMENT})"
"""A regular expression for one document number, without groups."""

_WHOLE = re.compile(NUMBER)
_OWN_LINE = re.compile(
    rf"[（(]?\s*(?:(?:发文字号|文\s*号|文件编号)\s*[:：]\s*)?({NUMBER})\s*[）)]?"
    r"(?:\s*[一-鿿]{2,6}\s*[:：].{0,40})?"
)
_BARE_ORDER = re.compile(rf"(?:第\s*{_COUNT}\s*号|{_YEAR}\s*第?\s*\d{{1,5}}\s*号)")
_ORDER_HEAD = re.compile(r"[一-鿿、]{2,30}(?:令|公告|通告)")
# Recognised scans mix the pairs: 〔2026] is one of them.
_BRACKETS = re.compile(r"[〔\[［（(【﹝]((?:19|20)\d{2})[〕\]］）)】﹞]")


def normalise_number(text: str) -> str:
    """Return a number in one writing: no spaces, ASCII digits, the year in 〔〕."""
    plain = re.sub(r"\s+", "", half_width(text))
    plain = _BRACKETS.sub(r"〔\1〕", plain)
    plain = re.sub(r"(〕)第(?=\d)", r"\1", plain)
    return re.sub(r"[（(](第[^）)]*号)[）)]", r"\1", plain)


def whole_number(text: str) -> str:
    """Return the normal writing of a text that is one document number, else an empty string."""
    found = _WHOLE.fullmatch(half_width(text.strip()))
    return normalise_number(found[0]) if found else ""


def own_number(lines: Sequence[str]) -> str:
    """Return the number that stands alone on a line at the head of a text, or an empty string.

    A number inside a sentence belongs to another document that the text quotes. An order or an
    announcement may carry its number on the line below its name (国务院令 / 第104号).
    """
    for position, line in enumerate(lines):
        if len(line) > 60 or "号" not in line:
            continue
        plain = half_width(line.strip())
        found = _OWN_LINE.fullmatch(plain)
        if found:
            return normalise_number(found[1])
        bare = plain.strip("（）() ")
        if position and _BARE_ORDER.fullmatch(bare):
            above = lines[position - 1].strip()
            if _ORDER_HEAD.fullmatch(above):
                return normalise_number(above + bare)
    return ""
