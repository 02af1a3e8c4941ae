"""Turn a table into rows that can be read alone: every value beside the header it stands under.

A reader gives the table as a grid in which the value of a merged cell is repeated in every place
it covers. A citation then shows 材料名称：居民身份证；份数：1, not a bare row of values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from corpus.documents import BlockKind
from corpus.parsing.lines import Line
from corpus.parsing.normalise import normalise_line
from corpus.parsing.wrapping import join_texts

Grid = Sequence[Sequence[str]]

# The nouns that column headers and row labels of official tables are made of.
_LABEL = re.compile(
    r"^(?:序号|编号|备注|说明|内容|对象|条件|依据|事项|份数|数量|单位|部门|年度|年份|合计|[A-Za-z%（）()]{1,8})$"
    r"|(?:名称|名|项目|内容|标准|份数|形式|材料|要求|时限|期限|依据|对象|条件|备注|说明|类型|类别|种类"
    r"|部门|机关|机构|单位|主体|日期|时间|地点|地址|电话|金额|数量|方式|方法|环节|步骤|流程|编号|编码"
    r"|号码|职务|级别|等级|等次|比例|指标|问题|答案|范围|来源|渠道|结果|程序|情况|措施|责任|事项|人数"
    r"|费用|收费|价格|分值|得分|人员|次数|层级|深度|网址|链接|邮箱|窗口|条文|罪名|规格|型号|代码|病种"
    r"|字号|文号|标题|密级|程度)"
    r"(?:[（(].{1,12}[）)])?$"
)
_ITEM_MARK = re.compile(r"\d{1,2}[.．、)）](?!\d)|[（(][一二三四五六七八九十\d]{1,2}[）)]|[①-⑳]")
_SHORTEST_ITEM = 4
_LABEL_HEADER = re.compile(
    r"(?:项目|事项|要素|栏目|类别|名称)(?:名称)?\|(?:具体|详细)?(?:内容|说明|信息|情况)"
)
_SHORTEST_SPAN = 5
"""Shorter equal neighbours are numbers and ticks, each said under its own header."""
_TOTAL = re.compile(r"[合小总共] ?计")
_LONGEST_HEADER = 24
_LONGEST_LABEL = 16
_NUMERIC = re.compile(r"[\d.,%％元年月日￥¥/\-—~～至 ]+")


def table_lines(
    grid: Grid, *, header_rows: int | None = None, page: int | None = None
) -> list[Line]:
    """Return the lines of a table: a caption as a paragraph, each row as one table row.

    Args:
        grid: rows of cells, merged values repeated; rows may differ in length.
        header_rows: how many header rows the file marks; None where the file does not say.
        page: the 1-based page the table starts on.
    """
    rows = [[normalise_line(cell.replace("\n", " ")) for cell in row] for row in grid]
    rows = [row for row in rows if any(row)]
    captions: list[Line] = []
    while len(rows) > 1 and _is_caption(rows[0]):
        captions.append(Line(next(filter(None, rows[0])), page=page))
        rows = rows[1:]
        header_rows = max(header_rows - 1, 0) if header_rows else header_rows
    rows = _without_empty_columns(rows)
    if not rows:
        return captions
    if _is_label_header(rows[0]) and len(rows) > 1:
        paired = len(_said(rows[0])) == len(rows[0])
        texts = [_labelled(row) if paired or _is_paired(row) else _spread(row) for row in rows[1:]]
        return captions + _rows(texts, page)
    if header_rows is None:
        if _is_label_table(rows):
            return captions + _rows([_labelled(row) for row in rows], page)
        header_rows = _guess_header_rows(rows)
    header_rows = min(header_rows, len(rows) - 1) if len(rows) > 1 else 0
    headers = _merge_headers(rows[:header_rows], len(rows[0]))
    return captions + _rows([_with_headers(row, headers) for row in rows[header_rows:]], page)


def cell_text(pieces: Sequence[str], *, wrapped: bool = False) -> str:
    """Return the lines of one cell as one text.

    Items that stood on lines of their own stay apart; a header broken to fit its column does not.

    Args:
        pieces: the lines of the cell.
        wrapped: whether the lines are broken by the column's width, not by the writer.
    """
    text = ""
    for piece in filter(None, (part.strip() for part in pieces)):
        if not text:
            text = piece
        elif text[-1] in "，。；：、！？（" or not _starts_item(text, piece, wrapped=wrapped):
            text = join_texts(text, piece)
        else:
            text += f"；{piece}"
    return text


def _starts_item(before: str, piece: str, *, wrapped: bool) -> bool:
    if _ITEM_MARK.match(piece):
        return True
    return (
        not wrapped
        and piece[0] not in "（(，。；：、"
        and min(len(before), len(piece)) >= _SHORTEST_ITEM
    )


def _rows(texts: Sequence[str], page: int | None) -> list[Line]:
    return [Line(text, BlockKind.TABLE_ROW, page=page) for text in texts if text]


def _is_caption(row: Sequence[str]) -> bool:
    """Tell whether one merged cell fills the row."""
    return len(row) > 1 and bool(row[0]) and len(set(row)) == 1


def _without_empty_columns(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Make all rows equally long and drop the columns that hold nothing."""
    width = max((len(row) for row in rows), default=0)
    padded = [[*row, *[""] * (width - len(row))] for row in rows]
    used = [index for index in range(width) if any(row[index] for row in padded)]
    return [[row[index] for index in used] for row in padded]


def _is_label(cell: str) -> bool:
    return len(cell) <= _LONGEST_LABEL and _LABEL.search(cell.rstrip("：:")) is not None


def _is_label_header(row: Sequence[str]) -> bool:
    """Tell whether a header only says that labels and values follow: 项目 | 内容 (twice)."""
    said = _said(row)
    pairs = [tuple(said[at : at + 2]) for at in range(0, len(said), 2)]
    return len(set(pairs)) == 1 and _LABEL_HEADER.fullmatch("|".join(pairs[0])) is not None


def _is_paired(row: Sequence[str]) -> bool:
    """Tell whether a row under 项目 | 内容 (merged over the rest) holds pairs of its own."""
    labels = [row[at] for at in range(2, len(row), 2) if row[at] != row[at - 1]]
    return len(row) % 2 == 0 and all(map(_is_label, filter(None, labels)))


def _said(row: Sequence[str]) -> list[str]:
    """Return the cells of a row, a value merged over columns once."""
    return [cell for at, cell in enumerate(row) if at == 0 or cell != row[at - 1]]


def _is_label_table(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether each row is label, value (, label, value), as in a service guide."""
    width = len(rows[0]) if rows else 0
    if width not in (2, 4) or len(rows) < 2:
        return False
    labels = [row[0] for row in rows]
    values_that_are_labels = sum(_is_label(row[1]) for row in rows)
    return (
        sum(map(_is_label, labels)) >= 0.6 * len(rows)
        and values_that_are_labels <= 0.2 * len(rows)
        and not _is_label(rows[0][1])
    )


def _labelled(row: Sequence[str]) -> str:
    """Return label：value pairs; a value merged over the rest of the row is said once."""
    parts: list[str] = []
    for index in range(0, len(row) - 1, 2):
        label, value = row[index].rstrip("：:"), row[index + 1]
        if index and (label == row[index - 1] or label == value):
            continue
        parts.append(f"{label}：{value}" if label and value else label or value)
    return _join([part for part in parts if part])


def _spread(row: Sequence[str]) -> str:
    """Return the label with all that stands under its value, each part once."""
    said = [cell for cell in _said(row) if cell]
    label = said[0].rstrip("：:") if row[0] else ""
    values = _join(said[1:] if label else said)
    return f"{label}：{values}" if label and values else label or values


def _guess_header_rows(rows: Sequence[Sequence[str]]) -> int:
    """Return how many rows at the top look like headers."""
    first = rows[0]
    if len(rows) < 2 or not _looks_like_header(first):
        return 0
    if len(first) <= 2 and not all(map(_is_label, filter(None, first))):
        return 0
    spans = any(left == right != "" for left, right in pairwise(first))
    shares = any(above == below != "" for above, below in zip(first, rows[1], strict=True))
    if len(rows) > 2 and (spans or shares) and _looks_like_header(rows[1]):
        return 2
    return 1


def _looks_like_header(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell]
    return (
        len(filled) >= max(1, len(row) - 1)
        and all(len(cell) <= _LONGEST_HEADER and "。" not in cell for cell in filled)
        and not any(_NUMERIC.fullmatch(cell) for cell in filled)
    )


def _merge_headers(header_rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return one header a column; stacked headers are read from the top, each part once."""
    headers: list[str] = []
    for column in range(width):
        parts: list[str] = []
        for row in header_rows:
            part = row[column].rstrip("：:")
            if part and part not in parts:
                parts.append(part)
        headers.append("·".join(parts))
    return headers


def _with_headers(row: Sequence[str], headers: Sequence[str]) -> str:
    """Return header：value pairs; a value over several columns is said once, under their headers.

    A merged cell and equal neighbours look the same here: 法定办结时限、承诺办结时限：20个工作日 is
    true of both.
    """
    parts: list[tuple[list[str], str]] = []
    for index, (cell, header) in enumerate(zip(row, headers, strict=True)):
        if not cell:
            continue
        named = [header] if header and header != cell else []
        if index and cell == row[index - 1] and len(cell) >= _SHORTEST_SPAN:
            names = parts[-1][0]
            # 合计 names the row; a header with another value besides is not the one of this value.
            own = {value for value, name in zip(row, headers, strict=True) if name == header}
            if not _TOTAL.match(cell) and own == {cell}:
                names += [name for name in named if name not in names]
        else:
            parts.append((named, cell))
    return _join([f"{_joint(names)}：{cell}" if names else cell for names, cell in parts])


def _joint(headers: Sequence[str]) -> str:
    """Return headers as one; what stacked headers share above is said once: 标准·城市、农村."""
    above = headers[0].rpartition("·")[0]
    shared = f"{above}·" if above else ""
    return "、".join([headers[0], *(header.removeprefix(shared) for header in headers[1:])])


def _join(parts: Sequence[str]) -> str:
    """Join parts with semicolons, except after one that ends its own sentence."""
    text = ""
    for part in parts:
        clean = part.rstrip("；，、;,")
        text += clean if not text or text[-1] in "。！？" else f"；{clean}"
    return text
