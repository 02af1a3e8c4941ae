"""N: numbers and times in running text (GB/T 15835-2011 and practice)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.drafting.reading import ReadDocument
from assistant.drafting.rules.engine import Edit, Hit, Level, Registry, replacing
from assistant.drafting.rules.words import replacements, words

RULES = Registry()
_STANDARD = "GB/T 15835-2011"
_SCALES = "万亿%％"


@RULES.rule("N01", Level.PRACTICE, f"{_STANDARD}；公文写作惯例")
def years(document: ReadDocument) -> Iterator[Hit]:
    """Write years in full; say when instead of 今年 or 近日."""
    for line in document.running:
        for match in re.finditer(
            # 经过10年初步建成, 近10年以来 and 用10年度过 tell how long, not when.
            r"(?<![\d.近满经历过超达约这需用])(\d{2})年"
            r"(?=\d{1,2}月|度(?!过)|底|初(?!步)|末|上半年|下半年)"
            r"|(?<=[自从])(\d{2})年(?=以来)",
            line.text,
        ):
            year = match[1] or match[2]
            # 满80年底 is no year; a year of two digits is near our own.
            if not 0 <= int(year) <= 49:
                continue
            right = f"20{year}年"
            yield replacing(line, match.start(), match.end(), right, "年份应写全", f"改为“{right}”")
        for word in words("vague_times"):
            for match in re.finditer(rf"(?<![\d月]){word}", line.text):
                if _quoted(line.text, match.start()):
                    continue
                yield Hit(
                    line.number, match[0], "时间应写明年月日，不用相对说法", "写明具体年份或日期"
                )


@RULES.rule("N02", Level.ORDER, _STANDARD)
def values(document: ReadDocument) -> Iterator[Hit]:
    """Repeat % and scale in a range, write 0.5, half-width digits, 日 in dates."""
    for line in document.running:
        for match in re.finditer(
            r"(?<![\d.])(\d+(?:\.\d+)?)([～~—-])(\d+(?:\.\d+)?)([%％万亿])", line.text
        ):
            right = f"{match[1]}{match[4]}～{match[3]}{match[4]}"
            yield replacing(
                line,
                match.start(),
                match.end(),
                right,
                "范围两端都要写出单位或百分号",
                f"改为“{right}”",
            )
        for match in re.finditer(r"(?<![\dA-Za-z.])\.(?=\d)", line.text):  # No.7 has no zero
            yield replacing(line, match.start(), match.end(), "0.", "小数点前的0不能省", "改为“0.”")
        for match in re.finditer(r"[０-９]+(?:．[０-９]+)?", line.text):
            right = match[0].translate(str.maketrans("０１２３４５６７８９．", "0123456789."))
            yield replacing(
                line, match.start(), match.end(), right, "阿拉伯数字应为半角", f"改为“{right}”"
            )
        for match in re.finditer(r"(?<=\d月)(\d{1,2})号", line.text):
            at = match.end() - 1
            edit = Edit(line.number, at, match.end(), "日")
            yield Hit(line.number, match[0], "日期用“日”不用“号”", f"改为“{match[1]}日”", (edit,))


@RULES.rule("N03", Level.PRACTICE, _STANDARD)
def forms(document: ReadDocument) -> Iterator[Hit]:
    """Keep one form of date in a document; write fixed words and rough numbers in Chinese."""
    written: dict[str, tuple[int, str]] = {}
    for line in document.running:
        for name, pattern in (
            ("年月日", r"(?:19|20)\d{2}年\d{1,2}月\d{1,2}日"),
            ("连接号", r"(?<!\d)(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)"),
            ("汉字", r"二[〇○零][一二三四五六七八九〇○零]{2}年[一二三四五六七八九十]+月"),
        ):
            found = re.search(pattern, line.text)
            if found:
                written.setdefault(name, (line.number, found[0]))
        for wrong, right in replacements("fixed_chinese").items():
            place = line.text.find(wrong)
            if place >= 0:
                yield replacing(
                    line,
                    place,
                    place + len(wrong),
                    right,
                    "固定词语中的数字用汉字",
                    f"改为“{right}”",
                )
        for match in re.finditer(r"(?<!\d)(\d)[、,，](\d)(?=[天个年次名人户家])", line.text):
            if int(match[2]) - int(match[1]) == 1:
                yield Hit(line.number, match[0], "概数用汉字，中间不加顿号", "写成“三四天”的样子")
        for match in re.finditer(r"(?<!\d)10几(?=[个天名人户家年])", line.text):
            yield replacing(line, match.start(), match.end(), "十几", "概数用汉字", "改为“十几”")
    if len(written) > 1:
        name, (number, shown) = list(written.items())[-1]
        yield Hit(number, shown, "同一文件里日期写法不一致", "统一写成 2026年5月8日 的样子")


def _quoted(text: str, place: int) -> bool:
    return text.count("“", 0, place) > text.count("”", 0, place)
