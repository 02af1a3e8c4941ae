"""Put lines that a page layout broke back together to paragraphs, from where each line stands.

Works on columns: a Han character is two columns wide, a Latin one is one. The same rule serves
hard-wrapped text files, PDF, OFD and recognised scans; only where the columns come from differs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_SENTENCE_END = ("。", "！", "？", "；", "：", "…", "。”", "！”", "？”", "。）", "；”")
_OUTLINE_MARK = re.compile(
    r"[（(][一二三四五六七八九十百\d]{1,3}[）)]|[一二三四五六七八九十]{1,3}[、.．]"
    r"|\d{1,2}[.．、](?!\d)|第[零〇一二三四五六七八九十百千\d]+[编章节条]|附件\d{0,2}[：:]?|[①-⑳]"
)
_FIRST_TOKEN = re.compile(r"[!-~]+|.", re.S)
# A line may fall short of the margin by the two characters that must not start the next one,
# and by spaces a converter lost.
_SLACK_COLUMNS = 6.0
_INDENT_COLUMNS = 1.5


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line and the columns where it starts and ends; `apart` = a blank line stands above it."""

    text: str
    left: float
    right: float
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Margins:
    """The columns between which a wrapped text runs; `indented` = paragraphs start further in."""

    left: float
    right: float
    indented: bool


def columns(text: str) -> int:
    """Return the width of a text in columns: two for a wide character, one for a narrow one."""
    if text.isascii():
        return len(text)
    # Ambiguous ones (quotes, dashes) are wide in Chinese typesetting.
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def find_margins(lines: Sequence[PlacedLine]) -> Margins:
    """Return the margins of some lines, robust against a few that stand outside."""
    lefts = sorted(line.left for line in lines)
    rights = sorted(line.right for line in lines)
    left = lefts[len(lefts) // 20]
    right = rights[min(len(rights) - 1, len(rights) * 19 // 20)]
    indented = sum(line.left - left >= _INDENT_COLUMNS for line in lines)
    return Margins(left, right, indented=0.05 <= indented / len(lines) <= 0.9)


def is_wrapped(lines: Sequence[PlacedLine], margins: Margins) -> bool:
    """Tell whether a text file is hard-wrapped: many lines end at one margin, inside sentences.

    A paragraph-per-line file has no common margin and its lines end with sentences.
    """
    width = margins.right - margins.left
    # 20 Han characters is narrower than any page, 80 wider than any wrapped text.
    if len(lines) < 4 or not 40 <= width <= 160:
        return False
    if sum(line.right > margins.right + _SLACK_COLUMNS for line in lines) > len(lines) * 0.02:
        return False
    full = [line for line in lines if _is_full(line, margins)]
    inside = sum(not line.text.endswith(_SENTENCE_END) for line in full)
    if len(full) < 3 or inside < len(full) * 0.6:
        return False
    return len(full) >= len(lines) * 0.35 or _only_full_lines_go_on(lines, margins)


def _is_full(line: PlacedLine, margins: Margins) -> bool:
    return line.right >= margins.right - _SLACK_COLUMNS


def _only_full_lines_go_on(lines: Sequence[PlacedLine], margins: Margins) -> bool:
    """Tell whether nearly every line with neither indent nor blank line above follows a full one.

    A letter of many short paragraphs has few full lines; how it sets off paragraphs shows its
    breaks.
    """
    going_on = [
        line
        for line, following in pairwise(lines)
        if not following.apart and following.left - margins.left < _INDENT_COLUMNS
    ]
    full = sum(_is_full(line, margins) for line in going_on)
    return len(going_on) >= 3 and full >= len(going_on) * 0.8


def continues(line: PlacedLine, following: PlacedLine, margins: Margins) -> bool:
    """Tell whether the second line goes on with the paragraph of the first."""
    token = _FIRST_TOKEN.match(following.text)
    room = columns(token.group()) if token else 0
    if line.right + max(room - 2, 0) < margins.right - _SLACK_COLUMNS:
        return False
    if following.left - margins.left >= _INDENT_COLUMNS:
        return False
    if margins.indented:
        return True
    return not line.text.endswith(_SENTENCE_END) and not _OUTLINE_MARK.match(following.text)


def join_texts(first: str, second: str) -> str:
    """Join two pieces of one line; Latin words keep the space that the line break stood for."""
    if first[-1:].isascii() and first[-1:].isalnum() and second[:1].isascii():
        return f"{first} {second}" if second[:1].isalnum() else first + second
    return first + second
