"""Texts and figures in one form, so that 三万元, ３万元 and 30000元 are the same answer."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "○": 0}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_NUMERAL = "〇零○一二两三四五六七八九十百千万亿"
_UNIT = (
    "元|角|日|天|年|月|个|周岁|岁|倍|%|小时|分钟|分|周|星期|工作日|人|户|项|条|款|次|份|张|米|公里|"
    "平方米|吨|克|级|层|号|期|台|套|家|名|种|类|页|点|成|楼"
)
# A numeral is read as a number where a unit or 第 says so: 统一, 一般 and 万一 are words, and so are
# the scale of a table (单位：万元) and 十分便捷.
_CHINESE_NUMBER = re.compile(
    f"(?<![\\d.{_NUMERAL}])(?![百千万亿]+[元人户]|十分(?!钟|之))(?:(?<=第)[{_NUMERAL}]+|[〇零○一二三四五六七八九]{{4}}(?=年)"
    f"|[{_NUMERAL}]*[十百千][{_NUMERAL}]*(?=[以至到])|[{_NUMERAL}]+(?=余?(?:{_UNIT})))"
)
_PERCENT = re.compile(f"百分之([{_NUMERAL}]+(?:点[{_NUMERAL}]+)?|\\d+(?:\\.\\d+)?)")
# 2026年1-3月 and 2026-1-3月 are months; 2026年1月5-8日 begins on a day.
_DAY = re.compile(
    r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*(?:日|号(?!楼)|(?=[-~–—至到]\s*\d{1,2}\s*日))"
    r"|(\d{4})\s*([-./])\s*(\d{1,2})\s*\5\s*(\d{1,2})(?!\d|\s*月)\s*日?"
)
_MONTH_DAY = re.compile(r"(?<!\d)0?(\d{1,2})\s*月\s*0?(\d{1,2})\s*日")
_SCALE = r"(?:万亿|千万|百万|万|亿|千(?![克米瓦卡帕伏焦])|百(?![分货]))"
# 2万5千, 1亿2000万 and 2万5000 are one number each; so is 2万5, which ends in thousands, but 2万3次
# holds two.
_SCALED = re.compile(
    rf"\d+(?:\.\d+)?\s*{_SCALE}(?:\d+{_SCALE})*"
    rf"(?:\d{{2,}}(?![.\d年])|\d(?![.\d])(?!(?!元)(?:{_UNIT})))?(?P<more>(?=\d))?"
)
_SCALED_PART = re.compile(rf"(\d+(?:\.\d+)?)\s*({_SCALE})?")
_SCALES = {
    "百": 100, "千": 1000, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8, "万亿": 10**12,
}  # fmt: skip
_DOCUMENT_NUMBER = re.compile(
    r"([一-龥]{1,12})\s*[\[(【〔]\s*(\d{4})\s*[\])】〕]\s*第?\s*0*(\d+)\s*号"
)
_MARKER = re.compile(r"\[S?\d{1,3}\]")
_WARNING = re.compile(r"（注意：[^\n]*）")  # it ends its line; titles in it have brackets too
_FIGURE = re.compile(r"[一-龥]{1,12}〔\d{4}〕\d+号|(?:\d{4}年)?\d{1,2}月\d{1,2}日|\d+(?:\.\d+)*%?")


def without_marks(answer: str) -> str:
    """Return an answer's own words: citation markers and warnings beside quotes left out."""
    return _MARKER.sub("", _WARNING.sub("", answer))


def half_width_digits(text: str) -> str:
    """Return a text whose full-width digits are half-width; everything else stays."""
    return text.translate({0xFF10 + n: str(n) for n in range(10)})


def canonical(text: str) -> str:
    """Return a text with one form of widths, numerals, amounts, days and document numbers."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("％", "%")
    plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", plain)
    plain = _PERCENT.sub(lambda m: f"{_percent(m[1])}%", plain)
    plain = _SCALED.sub(lambda m: _scaled(m[0]) + (" " if m["more"] is not None else ""), plain)
    plain = _CHINESE_NUMBER.sub(lambda m: _number(m[0]), plain)
    plain = _DAY.sub(lambda m: _day(m[1] or m[4], m[2] or m[6], m[3] or m[7]), plain)
    plain = _MONTH_DAY.sub(lambda m: f"{int(m[1])}月{int(m[2])}日", plain)
    return _DOCUMENT_NUMBER.sub(lambda m: f"{m[1]}〔{m[2]}〕{m[3]}号", plain)


def characters(text: str) -> str:
    """Return the letters, digits and Han characters of a text in canonical form, in order."""
    return "".join(c for c in canonical(text) if c.isalnum() or c == "%")


def figures(text: str) -> frozenset[str]:
    """Return the numbers, days, amounts and document numbers (文号) of a text, in canonical form."""
    return frozenset(match[0] for match in _FIGURE.finditer(canonical(text)))


def holds_figure(canonical_text: str, figure: str) -> bool:
    """Say whether a figure stands in a text, both canonical: 5 is not found in 15 or in 5.5."""
    start = canonical_text.find(figure)
    while start >= 0:
        before = canonical_text[:start][-2:]
        after = canonical_text[start + len(figure) :][:2]
        if not _number_goes_on(before[::-1], figure[0]) and not _number_goes_on(after, figure[-1]):
            return True
        start = canonical_text.find(figure, start + 1)
    return False


def _number_goes_on(outside: str, edge: str) -> bool:
    """Say whether the digits at the edge of a figure go on outside it, directly or past a point."""
    if not edge.isdigit() or not outside:
        return False
    return outside[0].isdigit() or (outside[0] == "." and outside[1:2].isdigit())


def _number(numeral: str) -> str:
    """Return the digits of a Chinese numeral; a row of plain digits (二〇二〇) is read as one."""
    if not any(c in _SMALL or c in _LARGE for c in numeral):
        return "".join(str(_DIGITS[c]) for c in numeral)
    total = section = digit = 0
    for c in numeral:
        if c in _DIGITS:
            digit = _DIGITS[c]
        elif c in _SMALL:
            section += (digit or (1 if c == "十" else 0) or 1) * _SMALL[c]
            digit = 0
        else:
            total = (total + section + digit or 1) * _LARGE[c]
            section = digit = 0
    return str(total + section + digit)


def _scaled(number: str) -> str:
    """Return the digits of a number with scales: 2万5千 → 25000, and 2万5 as well."""
    total, last = 0.0, 1
    for part, name in _SCALED_PART.findall(number):
        without = last // 10 if len(part) == 1 else 1
        last = _SCALES[name] if name else without
        total += float(part) * last
    return _decimal(total)


def _day(year: str, month: str, day: str) -> str:
    return f"{year}年{int(month)}月{int(day)}日"


def _percent(number: str) -> str:
    if number[0].isdigit():
        return number
    whole, _, part = number.partition("点")
    return _number(whole) + (f".{_number(part)}" if part else "")


def _decimal(value: float) -> str:
    rounded = round(value, 4)
    return str(int(rounded)) if rounded == int(rounded) else f"{rounded:f}".rstrip("0")
