"""Say the numbers that Word writes before paragraphs: 一、 and （二） are often not in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from corpus.numerals import int_to_chinese
from corpus.parsing.xml import attribute, child, local_name

_CHINESE = frozenset(
    [
        "chineseCounting",
        "chineseCountingThousand",
        "ideographDigital",
        "japaneseCounting",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
        "chineseLegalSimplified",
    ]
)
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_DEEPEST_LEVEL = 8


@dataclass(frozen=True, slots=True)
class NumberLevel:
    """How one level of a list is numbered; `text` has %1 where the number of level 1 stands."""

    style: str
    text: str
    start: int


@dataclass(slots=True)
class Numbering:
    """The lists of one document and how far each has counted."""

    lists: dict[str, dict[int, NumberLevel]]
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)

    def label(self, list_id: str, level: int) -> str:
        """Count one paragraph and return what stands before it; empty for bullets."""
        levels = self.lists.get(list_id, {})
        if level not in levels:
            return ""
        key = (list_id, level)
        self._counts[key] = self._counts.get(key, levels[level].start - 1) + 1
        for deeper in range(level + 1, _DEEPEST_LEVEL + 1):
            self._counts.pop((list_id, deeper), None)
        if levels[level].style in ("bullet", "none"):
            return ""

        def number(found: re.Match[str]) -> str:
            at = int(found.group(1)) - 1
            if at not in levels:
                return ""
            return format_number(
                self._counts.get((list_id, at), levels[at].start), levels[at].style
            )

        return re.sub(r"%([1-9])", number, levels[level].text)


def read_numbering(root: etree._Element | None) -> Numbering:
    """Return the lists that numbering.xml defines; none when there is no such part."""
    if root is None:
        return Numbering({})
    abstract = {
        attribute(element, "abstractNumId"): _levels(element)
        for element in root
        if local_name(element) == "abstractNum"
    }
    lists: dict[str, dict[int, NumberLevel]] = {}
    for element in root:
        if local_name(element) != "num":
            continue
        levels = dict(abstract.get(attribute(child(element, "abstractNumId"), "val"), {}))
        for override in element:
            if local_name(override) == "lvlOverride":
                levels |= _levels(override)
        lists[attribute(element, "numId")] = levels
    return Numbering(lists)


def _levels(element: etree._Element) -> dict[int, NumberLevel]:
    levels: dict[int, NumberLevel] = {}
    for level in element:
        index = attribute(level, "ilvl")
        if local_name(level) == "lvl" and index.isdigit():
            start = attribute(child(level, "start"), "val")
            levels[int(index)] = NumberLevel(
                attribute(child(level, "numFmt"), "val") or "decimal",
                attribute(child(level, "lvlText"), "val"),
                int(start) if start.isdigit() else 1,
            )
    return levels


def format_number(number: int, style: str) -> str:
    """Return a list number as its style writes it; decimal for a style not known here."""
    if style in _CHINESE:
        return int_to_chinese(number)
    if style == "decimalEnclosedCircle" and 1 <= number <= len(_CIRCLED):
        return _CIRCLED[number - 1]
    if style in ("lowerLetter", "upperLetter") and 1 <= number <= 26:
        letter = chr(ord("a") + number - 1)
        return letter.upper() if style == "upperLetter" else letter
    if style in ("lowerRoman", "upperRoman") and 1 <= number < 40:
        roman = _roman(number)
        return roman.upper() if style == "upperRoman" else roman
    return str(number)


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text
