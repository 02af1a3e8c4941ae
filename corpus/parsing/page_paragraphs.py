"""The lines of pages → paragraphs: lines a margin broke are joined, over page breaks too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from corpus.documents import BlockKind
from corpus.parsing.lines import Line
from corpus.parsing.normalise import normalise_line
from corpus.parsing.page_lines import Page, Piece, joined_text
from corpus.parsing.wrapping import Margins, PlacedLine, continues, find_margins

# The kinds a title of an official document ends with.
_TITLE_END = re.compile(
    r"(?:通知|办法|意见|决定|公告|通告|公报|报告|请示|批复|议案|函|纪要|命令|令|条例|规定|细则|规则|方案|规划"
    r"|计划|措施|指南|指引|答复|复函|解读|问答|清单|目录|要点|制度|标准|预案|说明|草案|建议|提案)"
    r"(?:[（(【].{1,14}[）)】])?$"
)
_NOT_TITLE = re.compile(r"(?:文件|号|[）)：:。；，])$|^[（(]|\d日")
_MOST_TITLE_LINES = 5
# Another font size starts another paragraph; boxes of recognised lines vary by their characters.
_LARGER = 1.15
_LARGER_BOX = 1.7
_REACHED_MARGIN = 0.8
_LINES_TO_PARAGRAPH_GAP = 1.7


@dataclass(frozen=True, slots=True)
class PlacedRows:
    """The rows of a table that stand on a page at a height; they stay as they are."""

    page: int
    top: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line in columns, with the page it stands on."""

    piece: Piece
    line: PlacedLine
    page: Page


def page_paragraphs(pages: Sequence[Page], tables: Sequence[PlacedRows] = ()) -> list[Line]:
    """Return the paragraphs of the pages in reading order, with tables at their height.

    A paragraph that runs over a page break is one line, on the page where it starts.
    """
    heights = [piece.height for page in pages for piece in page.pieces for _ in piece.text]
    unit = (median(heights) if heights else 1.0) / 2 or 1.0
    placed = [_place(piece, page, unit) for page in pages for piece in page.pieces]
    if not placed:
        return [
            line for rows in sorted(tables, key=lambda r: (r.page, r.top)) for line in rows.lines
        ]
    leading = _usual_leading(placed)
    margins = _page_margins(placed, pages[0].width / unit)
    lines: list[Line] = []
    rows = sorted(tables, key=lambda r: (r.page, r.top))
    title, rest = _split_title(placed, margins)
    lines += title
    group: list[_Placed] = []
    for item in rest:
        due = [r for r in rows if (r.page, r.top) < (item.page.number, item.piece.top)]
        rows = rows[len(due) :]
        if group and (due or not _goes_on(group[-1], item, margins, leading)):
            lines.append(_paragraph(group))
            group = []
        lines += [line for r in due for line in r.lines]
        group.append(item)
    if group:
        lines.append(_paragraph(group))
    return lines + [line for r in rows for line in r.lines]


def _place(piece: Piece, page: Page, unit: float) -> _Placed:
    indent = len(piece.text) - len(piece.text.lstrip("\u3000 "))
    left = piece.left / unit + indent
    return _Placed(piece, PlacedLine(piece.text.strip(), left, piece.right / unit), page)


def _page_margins(placed: Sequence[_Placed], page_width: float) -> Margins:
    """Return the margins of the text block.

    On a page of short lines none reaches the right margin: it is then as wide as the left one.
    """
    margins = find_margins([item.line for item in placed])
    symmetric = page_width - margins.left
    if margins.right >= _REACHED_MARGIN * symmetric:
        return margins
    return replace(margins, right=symmetric)


def _usual_leading(placed: Sequence[_Placed]) -> float:
    steps = [
        below.piece.top - above.piece.top
        for above, below in pairwise(placed)
        if above.page is below.page and below.piece.top > above.piece.top
    ]
    return median(steps) if steps else 0.0


def _goes_on(above: _Placed, below: _Placed, margins: Margins, leading: float) -> bool:
    """Tell whether a line continues the paragraph of the line before it."""
    if not _same_size(above, below):
        return False
    same_page = above.page is below.page
    step = below.piece.top - above.piece.top
    if same_page and leading and step > leading * _LINES_TO_PARAGRAPH_GAP:
        return False
    return continues(above.line, below.line, margins)


def _paragraph(group: Sequence[_Placed]) -> Line:
    return Line(joined_text([item.piece for item in group]), page=group[0].page.number)


def _split_title(
    placed: Sequence[_Placed], margins: Margins
) -> tuple[list[Line], Sequence[_Placed]]:
    """Take the lines up to the end of the title off the front, when the first page has one.

    Lines above it (the red head, the document number) stay lines of their own.
    """
    front = [item for item in placed if item.page is placed[0].page][:12]
    for start, item in enumerate(front):
        if not _is_centred(item, margins) or _rules_out_title(item):
            if _is_full(item, margins):
                break
            continue
        for end in range(start, min(start + _MOST_TITLE_LINES, len(front))):
            if not _is_centred(front[end], margins) or not _same_size(item, front[end]):
                break
            if _TITLE_END.search(_text(front[end])):
                above = [_paragraph([before]) for before in front[:start]]
                title = _paragraph(front[start : end + 1])
                return (
                    [*above, Line(title.text, BlockKind.TITLE, 1, title.page)],
                    placed[end + 1 :],
                )
            if _rules_out_title(front[end]):
                break
    return [], placed


def _rules_out_title(item: _Placed) -> bool:
    text = _text(item)
    return _NOT_TITLE.search(text) is not None and (
        text.startswith("（") or _TITLE_END.search(text) is None
    )


def _text(item: _Placed) -> str:
    return normalise_line(item.piece.text)


def _is_centred(item: _Placed, margins: Margins) -> bool:
    left = item.line.left - margins.left
    right = margins.right - item.line.right
    return abs(left - right) <= 4 and (left > 2 or item.piece.height > 0)


def _is_full(item: _Placed, margins: Margins) -> bool:
    return item.line.right >= margins.right - 2 and item.line.left <= margins.left + 5


def _same_size(first: _Placed, second: _Placed) -> bool:
    sizes = sorted((first.piece.height, second.piece.height))
    known = first.piece.size > 0 and second.piece.size > 0
    return sizes[1] <= (_LARGER if known else _LARGER_BOX) * max(sizes[0], 0.01)
