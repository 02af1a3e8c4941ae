"""P: punctuation in Chinese text (GB/T 15834-2011)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.drafting.elements import Role
from assistant.drafting.reading import Line, ReadDocument
from assistant.drafting.rules.engine import Edit, Hit, Level, Registry, replacing

RULES = Registry()
_STANDARD = "GB/T 15834-2011"
_FULL = {",": "，", ".": "。", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）"}
_HAN = r"[一-龥《》“”（）〔〕]"
_HALF = re.compile(rf"(?<={_HAN})[,;:?!]|(?<=[一-龥》”）])\.(?!\d|[A-Za-z])|[,;:?!](?=[一-龥《“])")
_UNIT = re.compile(
    r"\d+(?:\.\d+)? ?([%％‰℃百千万亿元个年月日岁人天周户家名项次倍度米吨亩]|小时|分钟|公里|平方|[:：]\d\d)"
)
_LINES = (Role.BODY, Role.ATTACHMENT_BODY, Role.ADDRESSEES, Role.COPIES, Role.PEOPLE)


def _read(document: ReadDocument) -> list[Line]:
    return document.of(*_LINES)


@RULES.rule("P01", Level.ORDER, _STANDARD)
def full_width(document: ReadDocument) -> Iterator[Hit]:
    """Use full-width marks in Chinese text."""
    for line in _read(document):
        for match in _HALF.finditer(line.text):
            if line.role is Role.ADDRESSEES and match.end() == len(line.text):
                continue  # F03 speaks of the addressees' colon
            if line.role is Role.COPIES and match.end() == len(line.text):
                continue  # F05 of their end
            if re.match(r"^(?:\d{1,2}|[一二三四五六七八九十]{1,3})$", line.text[: match.start()]):
                continue  # F08 speaks of the numbering
            right = _FULL[match[0]]
            yield replacing(
                line, match.start(), match.end(), right, "中文里应使用全角标点", f"改为“{right}”"
            )
        yield from _brackets(line)
        yield from _quotes(line)


def _brackets(line: Line) -> Iterator[Hit]:
    for match in re.finditer(r"\(([^()]*)\)", line.text):
        if not re.search(r"[一-龥]", match[1]) and not re.search(
            r"[一-龥]$", line.text[: match.start()]
        ):
            continue
        if (
            re.match(r"^[(（](?:[一二三四五六七八九十]+|\d{1,2})[)）]$", match[0])
            and match.start() == 0
        ):
            continue  # F08 speaks of the numbering
        if re.fullmatch(r"(?:19|20)?\d{2}", match[1]) and re.match(
            r"\s*第?\d+\s*号", line.text[match.end() :]
        ):
            continue  # F01 speaks of numbers of documents
        edits = (
            Edit(line.number, match.start(), match.start() + 1, "（"),
            Edit(line.number, match.end() - 1, match.end(), "）"),
        )
        yield Hit(line.number, match[0], "中文里应使用全角括号", f"改为“（{match[1]}）”", edits)


def _quotes(line: Line) -> Iterator[Hit]:
    places = [match.start() for match in re.finditer('"', line.text)]
    if places and len(places) % 2 == 0 and re.search(r"[一-龥]", line.text):
        edits = tuple(
            Edit(line.number, at, at + 1, "“”"[place % 2]) for place, at in enumerate(places)
        )
        yield Hit(line.number, '"', "中文里应使用弯引号", "改为“ ”", edits)


@RULES.rule("P02", Level.PRACTICE, _STANDARD)
def no_comma_between_titles(document: ReadDocument) -> Iterator[Hit]:
    """Put no 、 between adjacent titles in 《》 or items in “”."""
    for line in _read(document):
        for match in re.finditer(r"(?<=[》”])、(?=[《“])", line.text):
            yield replacing(
                line,
                match.start(),
                match.end(),
                "",
                "并列的书名号、引号之间不用顿号",
                "删去顿号",
            )


@RULES.rule("P03", Level.ORDER, _STANDARD)
def ellipsis_and_ranges(document: ReadDocument) -> Iterator[Hit]:
    """Write …… with six dots, ranges with ～ or —, 等 without 、 before it."""
    for line in _read(document):
        for match in re.finditer(r"(?<!…)…(?!…)|(?<!\.)\.{3,6}(?!\.)|。{2,}", line.text):
            right = "……"
            yield replacing(line, match.start(), match.end(), right, "省略号为六个点", "改为“……”")
        for match in re.finditer(r"、(?=等(?!级|次|候|待|同|于|额))", line.text):
            yield replacing(line, match.start(), match.end(), "", "“等”前不用顿号", "删去顿号")
        for match in re.finditer(r"等等?……|……等等?", line.text):
            yield replacing(
                line, match.start(), match.end(), "等", "“等”与省略号不并用", "只保留“等”"
            )
        for match in re.finditer(r"(?<=\d)(?:~|-{1,2}|－)(?=\d)", line.text):
            years = _between_years(line.text, match)
            if _is_code(line.text, match.start()) or not (years or _is_range(line.text, match)):
                continue
            right = "—" if years else "～"
            yield replacing(
                line,
                match.start(),
                match.end(),
                right,
                "数值、年份范围用“～”或“—”",
                f"改为“{right}”",
            )


def _between_years(text: str, mark: re.Match[str]) -> bool:
    left = re.search(r"(?<!\d)(?:19|20)\d{2}$", text[: mark.start()])
    right = re.match(r"(?:19|20)\d{2}(?!\d|[.．]\d|元|[万亿])", text[mark.end() :])
    return bool(left and right)


def _is_range(text: str, mark: re.Match[str]) -> bool:
    """Say whether a mark joins the ends of a range; a hyphen does so only after 第 or before a unit.

    In 400-800-8820, 人民路88-3号 and 〔2026〕12-1号 it joins the parts of one name; 2026-5月 is a day.
    """
    if mark[0] not in ("-", "－"):
        return True
    if re.search(r"第\d+$", text[: mark.start()]):
        return not re.match(r"\d+号", text[mark.end() :])
    unit = _UNIT.match(text, mark.end())
    if unit is None:
        return False
    return unit[1] != "月" or not re.search(r"(?:19|20)\d{2}$", text[: mark.start()])


def _is_code(text: str, place: int) -> bool:
    """Say whether a hyphen joins the parts of a telephone number, a standard or a date.

    A second hyphen (400-800-8820) is never that of a range.
    """
    start = max(text.rfind(mark, 0, place) for mark in " ，。：；（、") + 1
    word = re.match(r"[\dA-Za-z/\s.\-－~]+", text[start:])
    token = (
        re.split(r"[一-龥，。；（）、]", text[start:])[0] if word else text[place - 12 : place + 12]
    )
    before = text[max(0, place - 14) : place]
    after = re.match(r"[~\-－]\d+", text[place:])
    digits = re.search(r"\d+$", before)
    is_phone = bool(digits and len(digits[0]) in (3, 4) and after and len(after[0]) >= 8)
    is_standard = bool(re.search(r"[A-Z][\dA-Z/]*\s*[\d.]*$", before))
    is_chain = bool(re.search(r"\d[-－]\d+[-－]\d|\d[-－]\d+$", before)) or bool(
        re.match(r"[-－]\d+[-－]\d", text[place:])
    )
    is_date = bool(re.search(r"(?:19|20)\d{2}-\d{1,2}-\d{1,2}", token))
    return is_phone or is_standard or is_chain or is_date


@RULES.rule("P04", Level.PRACTICE, f"{_STANDARD} 附录B")
def ordinals(document: ReadDocument) -> Iterator[Hit]:
    """Write 第一， and 首先，; put nothing after ①."""
    for line in _read(document):
        for match in re.finditer(
            r"(?:(?<=^)|(?<=[。；：]))(第[一二三四五六七八九十]|首先|其次|再次|最后)、", line.text
        ):
            at = match.end() - 1
            yield replacing(
                line, at, match.end(), "，", "“第一”“首先”后用逗号", f"改为“{match[1]}，”"
            )
        for match in re.finditer(r"(?<=[①-⑳])[、.．，]", line.text):
            yield replacing(line, match.start(), match.end(), "", "“①”后不加标点", "删去标点")


@RULES.rule("P05", Level.PRACTICE, f"{_STANDARD}；GB/T 9704-2012 7.2.5")
def brackets(document: ReadDocument) -> Iterator[Hit]:
    """Keep 〔〕 for numbers of documents; do not put brackets of one form inside each other."""
    for line in document.running:
        for match in re.finditer(r"〔([^〔〕]*)〕", line.text):
            if re.fullmatch(r"(?:19|20)?\d{2}", match[1].strip()):
                continue
            edits = (
                Edit(line.number, match.start(), match.start() + 1, "（"),
                Edit(line.number, match.end() - 1, match.end(), "）"),
            )
            yield Hit(line.number, match[0], "六角括号只用于发文字号", "改为圆括号", edits)
        for match in re.finditer(r"（[^（）]*（[^（）]*）[^（）]*）", line.text):
            if not re.search(r"《[^》]*（[^）]*）[^》]*》", match[0]):
                yield Hit(line.number, match[0], "圆括号内不再套圆括号", "改写，或内层改用其他形式")
