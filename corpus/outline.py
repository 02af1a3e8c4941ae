"""Numbering of Chinese laws and policy documents: what mark a line opens with, and how deep it is.

Laws (立法法 art. 65): 编, 分编, 章, 节, 条, then unnumbered 款, （一）项, 1.目. Policy documents
(GB/T 9704-2012 §7.3.3): 一、 （一） 1. （1）. Guides and question lists add 问：/答： and headings
that the file itself marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from corpus.numerals import CHINESE_NUMBER, chinese_to_int


class Depth(IntEnum):
    """How deep a mark stands; a smaller number encloses a larger one."""

    PART = 1  # an annex, or the title of the document that a notice issues
    BOOK = 2  # 编
    SUBBOOK = 3  # 分编
    CHAPTER = 4  # 章
    SECTION = 5  # 节
    HEADING = 6  # a heading that only the file marks
    ARTICLE = 7  # 条
    PARAGRAPH = 8  # 款 below a list of the article
    FIRST = 10  # 一、
    SECOND = 11  # （一）
    THIRD = 12  # 1.
    FOURTH = 13  # （1）
    FIFTH = 14  # ①
    QUESTION = 15  # 问：
    LEAD = 16  # “人工智能+医疗”，


@dataclass(frozen=True, slots=True)
class Mark:
    """The numbering that a line opens with: its depth, its label as printed, the text after it.

    `ordinal` is the number as an integer (0 where the mark has none).
    """

    depth: Depth
    label: str
    ordinal: int
    rest: str


_LAW = re.compile(
    rf"第\s*(?P<number>{CHINESE_NUMBER}|\d+)\s*(?P<unit>分编|[编章节条])"
    rf"(?P<of>之{CHINESE_NUMBER})?(?!的|款|项|规定|第|、|，|,|和|或|及|至)"
)
_REFERRING = ("依照", "按照", "根据", "违反", "适用", "本办法", "本法", "本条例", "本规定")
_LAW_DEPTH = {
    "编": Depth.BOOK,
    "分编": Depth.SUBBOOK,
    "章": Depth.CHAPTER,
    "节": Depth.SECTION,
    "条": Depth.ARTICLE,
}
_POLICY: tuple[tuple[Depth, re.Pattern[str]], ...] = (
    (Depth.FIRST, re.compile(rf"({CHINESE_NUMBER})、")),
    (Depth.SECOND, re.compile(rf"[（(]({CHINESE_NUMBER})[）)]、?")),
    (Depth.THIRD, re.compile(r"(\d{1,3})(?:[.．](?!\d)|、)")),
    (Depth.FOURTH, re.compile(r"[（(](\d{1,3})[）)]、?")),
    (Depth.FIFTH, re.compile(r"([①-⑳])、?")),
)
# Numbers of one noun, as 一、二级医疗机构 or 三、四级残疾: they rise, which 一、一线人员 does not.
_NUMBERS_OF_NOUN = re.compile(
    rf"({CHINESE_NUMBER}|\d{{1,2}})(?:、(?:{CHINESE_NUMBER}|\d{{1,2}}))*[级线类等档期批季孩胎层楼产]"
)
_QUESTION = re.compile(r"(?:问(?:题)?\s*(\d{1,3})?|[Qq]\s*(\d{1,3})?)\s*[：:.．、]\s*")
_ANNEX = re.compile(
    r"附\s*(?:件|录|表|则)?\s*(\d{1,2}|[一二三四五六七八九十]{1,3})?\s*(?:[：:.．、]\s*|\s|$)"
)
_LEAD = re.compile(r"“([^”]{2,20})”(?=[，：,:])")
# The title of the document that a notice issues stands alone on a line, in full.
_ISSUED_TITLE = re.compile(
    r"[^。；，：！？、（）《》“”]{4,45}"
    r"(?:条例|办法|细则|规定|规则|规程|方案|意见|制度|指引|指南|规范|措施|标准|清单|预案|要点|规划|计划)"
    r"(?:（(?:试行|暂行|草案|征求意见稿|示例|示例文件|[^（）]{0,12}版|[^（）]{0,12}修订)）)*"
)


def read_mark(line: str, *, previous: str = "") -> Mark | None:
    """Return the mark that a line opens with, or None for running text.

    `previous` is the line before it: a reference broken over two lines (“…依照” / “第三条的规定”)
    is not a new article.
    """
    match = _LAW.match(line)
    if match:
        if match["unit"] == "条" and previous.endswith(
            ("依照", "按照", "根据", "违反", "本办法", "本法", "本条例")
        ):
            return None
        depth = _LAW_DEPTH[match["unit"]]
        rest = line[match.end() :].strip()
        if depth is not Depth.ARTICLE and (len(rest) > 40 or rest.endswith(("。", "；"))):
            return None
        label = re.sub(r"\s", "", match[0])
        return Mark(depth, label, chinese_to_int(match["number"]), rest)
    question = _QUESTION.match(line)
    if question:
        number = question[1] or question[2]
        rest = line[question.end() :]
        label = f"问题{number}" if number else f"“{rest[:30]}”"
        return Mark(Depth.QUESTION, label, int(number or 0), rest)
    for depth, pattern in _POLICY:
        match = pattern.match(line)
        if match:
            rest = line[match.end() :].strip()
            if not rest:
                return None
            numeral = match[1]
            ordinal = (
                ord(numeral) - ord("①") + 1 if "①" <= numeral <= "⑳" else chinese_to_int(numeral)
            )
            if match[0] == f"{numeral}、" and _is_number_of_noun(numeral, rest):
                return None
            return Mark(depth, match[0], ordinal, rest)
    return None


def _is_number_of_noun(numeral: str, rest: str) -> bool:
    listed = _NUMBERS_OF_NOUN.match(rest)
    return (
        listed is not None
        and listed[1].isdigit() == numeral.isdigit()
        and chinese_to_int(listed[1]) > chinese_to_int(numeral)
    )


def is_annex(line: str) -> bool:
    """Say whether a line opens an annex (附件1, 附录：…), not the list of annexes in a text."""
    match = _ANNEX.match(line)
    return bool(
        match and len(line) <= 40 and line[:2] != "附则" and not line.endswith(("。", "；"))
    )


def is_issued_title(line: str) -> bool:
    """Say whether a line is the title of a document, standing alone."""
    return bool(_ISSUED_TITLE.fullmatch(line))


def read_lead(line: str) -> Mark | None:
    """Return the quoted words that open an unnumbered block (“人工智能+医疗”，…)."""
    match = _LEAD.match(line)
    return Mark(Depth.LEAD, match[0], 0, line[match.end() :]) if match else None


# A mark and the words after it that tell it from a sentence: a line may be millions long.
_LONGEST_MARK = 100
# Where a long line hides several numbered blocks: after a sentence end or a space.
_INLINE = re.compile(
    rf"(?<=[。；！？”）\s])\s*(?=(?:第{CHINESE_NUMBER}条(?:\s|　)|{CHINESE_NUMBER}、|"
    rf"（{CHINESE_NUMBER}）|\({CHINESE_NUMBER}\)|\d{{1,2}}[.．](?!\d)|（\d{{1,2}}）|问：|Q\d*[：:]))"
)


def inline_breaks(line: str) -> list[int]:
    """Return the offsets where numbered blocks begin inside a line, in order, each by its sequence.

    Only a mark that continues a sequence counts: its number is one, or follows the last of its
    depth. A text that cites “（三）” in passing is therefore left whole.
    """
    breaks: list[int] = []
    last: dict[Depth, int] = {}
    opening = read_mark(line)
    if opening:
        last[opening.depth] = opening.ordinal
    for match in _INLINE.finditer(line):
        mark = read_mark(line[match.end() : match.end() + _LONGEST_MARK])
        if mark is None or match.end() == 0:
            continue
        expected = last.get(mark.depth, 0) + 1
        if mark.depth is not Depth.QUESTION and mark.ordinal not in (1, expected):
            continue
        last = {depth: number for depth, number in last.items() if depth <= mark.depth}
        last[mark.depth] = mark.ordinal
        breaks.append(match.end())
    return breaks
