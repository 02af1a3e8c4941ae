"""Dates as official documents write them: 2025年9月12日, 二〇二五年九月十二日, 2025-09-12."""

from __future__ import annotations

import re
from datetime import date, timedelta

_ARABIC = r"[12]\d{3}\s*年\s*[01]?\d\s*月\s*[0-3]?\d\s*日"
_CHINESE = (
    r"[一二][〇○Ｏ零O0一二三四五六七八九]{3}\s*年\s*[一二三四五六七八九十]{1,3}\s*月"
    r"\s*[一二三四五六七八九十廿卅]{1,4}\s*日"
)
_DIGITAL = r"[12]\d{3}[-/.][01]?\d[-/.][0-3]?\d(?!\d)"
DATE = rf"(?:{_ARABIC}|{_CHINESE}|{_DIGITAL})"
"""A regular expression for one date, without groups."""

_LEADING_DATE = re.compile(rf"\s*({DATE})")
_DATE_LINE = re.compile(rf"[（(]?\s*({DATE})\s*[）)]?")
_NUMBERS = re.compile(r"\d+|[〇○Ｏ零O一二三四五六七八九十廿卅]+")
_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {
    "○": 0,
    "Ｏ": 0,
    "零": 0,
    "O": 0,
}
_FULL_WIDTH_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")


def half_width(text: str) -> str:
    """Return the text with full-width digits as ASCII digits; its length does not change."""
    return text.translate(_FULL_WIDTH_DIGITS)


def number(words: str) -> int | None:
    """Return a whole number below 100, or a year digit by digit: 5, 五, 二十三, 二〇二五."""
    words = half_width(words.strip())
    if words.isascii() and words.isdigit():
        return int(words)
    words = words.replace("廿", "二十").replace("卅", "三十")
    if "十" in words:
        tens, _, units = words.partition("十")
        if len(tens) > 1 or len(units) > 1 or not set(tens + units) <= _DIGITS.keys():
            return None
        return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[units] if units else 0)
    if not words or not set(words) <= _DIGITS.keys():
        return None
    return int("".join(str(_DIGITS[character]) for character in words))


def parse_date(text: str) -> date | None:
    """Return the date that a text begins with, or None; 2025年2月30日 is no date."""
    found = _LEADING_DATE.match(half_width(text))
    if not found:
        return None
    parts = [number(part) for part in _NUMBERS.findall(found[1])]
    if len(parts) != 3:
        return None
    year, month, day = (part or 0 for part in parts)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def date_line(line: str) -> date | None:
    """Return the date of a line that holds a date and nothing else, or None."""
    if not 8 <= len(line) <= 24:
        return None
    found = _DATE_LINE.fullmatch(half_width(line.strip()))
    return parse_date(found[1]) if found else None


def years_after(start: date, years: int) -> date:
    """Return the last day of a period of whole years that begins on `start`.

    A period of five years from 2024-03-04 ends with 2029-03-03.
    """
    try:
        return start.replace(year=start.year + years) - timedelta(days=1)
    except ValueError:  # 29 February: the period ends with 28 February
        return date(start.year + years, 2, 28)
