"""版头 of the four forms: mark, number, signers and the red lines above the text."""

from __future__ import annotations

from typing import Any

from assistant.drafting.document import Direction, Form, OfficialDocument
from assistant.drafting.layout.measures import (
    BODY_WIDTH,
    CHARACTER,
    INK_LINE,
    LETTER_FOOT_LINE_MM,
    LETTER_LINE_GAP_MM,
    LETTER_MARK_TOP_MM,
    LETTER_NUMBER_GAP_MM,
    LINE,
    MARK_BELOW_BODY_TOP_MM,
    RED,
    RED_LINE_GAP_PT,
    TOP,
    mm,
)
from assistant.drafting.layout.styles import KAITI
from assistant.drafting.layout.widths import width
from assistant.drafting.layout.xml import element, font, page_line, paragraph, run, spacer

LARGEST_MARK, LARGEST_LETTER_MARK = 62, 40  # points; the size is free, 22 mm high at most by habit
LETTER_THICK_PT, LETTER_THIN_PT, LETTER_BETWEEN_MM = 2.25, 0.75, 0.9
SIGNERS_A_LINE = 2  # §7.2.6
_PAGE_HEIGHT_MM = 297.0


def head(document: OfficialDocument) -> list[Any]:
    """Return the paragraphs above the title."""
    match document.form:
        case Form.LETTER:
            return _letter_head(document)
        case Form.ORDER:
            return _order_head(document)
        case _:
            return _file_head(document)


def letter_frame(document: OfficialDocument) -> list[Any]:
    """Return what a letter has outside its text area: the mark and both double lines (§10.1).

    They go into the header of the first page, placed from the edge of the page.
    """
    size = mark_size(document.mark, LARGEST_LETTER_MARK)
    line = round(size * 20 * INK_LINE)
    mark = element(
        '<w:p><w:pPr><w:pStyle w:val="GwMark"/>'
        f'<w:framePr w:w="{mm(170)}" w:h="{line}" w:hRule="exact" w:wrap="around" '
        f'w:vAnchor="page" w:hAnchor="page" w:xAlign="center" w:y="{mm(LETTER_MARK_TOP_MM)}"/>'
        f'<w:spacing w:line="{line}" w:lineRule="exact"/></w:pPr>'
        f"{_mark_run(document.mark, size)}</w:p>"
    )
    first = letter_first_line_mm(document)
    foot = _PAGE_HEIGHT_MM - LETTER_FOOT_LINE_MM
    lines = (
        page_line(first, LETTER_THICK_PT, 101)
        + page_line(first + LETTER_BETWEEN_MM, LETTER_THIN_PT, 102)
        + page_line(foot - LETTER_BETWEEN_MM, LETTER_THIN_PT, 103)
        + page_line(foot, LETTER_THICK_PT, 104)
    )
    return [mark, element(f'<w:p><w:pPr><w:pStyle w:val="GwLabel"/></w:pPr>{lines}</w:p>')]


def letter_first_line_mm(document: OfficialDocument) -> float:
    """Return where the upper double line of a letter begins, from the edge of the page."""
    size = mark_size(document.mark, LARGEST_LETTER_MARK)
    ink = size * 0.94 / 72 * 25.4  # a character of this size, ink to ink
    return LETTER_MARK_TOP_MM + ink + LETTER_LINE_GAP_MM


def mark_size(text: str, largest: int) -> float:
    """Return the type size in points in which a mark fits one line of the text area."""
    fitting = BODY_WIDTH / 20 / max(width(text), 1.0)
    return float(min(largest, int(fitting * 2) / 2))


def red_rule() -> str:
    """Return the border that is the red line under 发文字号 (§7.2.7)."""
    return (
        f'<w:pBdr><w:bottom w:val="single" w:sz="{8}" w:space="{RED_LINE_GAP_PT}" '
        f'w:color="{RED}"/></w:pBdr>'
    )


def _mark_run(text: str, size: float) -> str:
    half = round(size * 2)
    return run(text, f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>')


def _mark(text: str, largest: int) -> Any:
    size = mark_size(text, largest)
    line = round(size * 20 * INK_LINE)
    return paragraph(
        "GwMark", _mark_run(text, size), f'<w:spacing w:line="{line}" w:lineRule="exact"/>'
    )


def _space_above_mark(document: OfficialDocument) -> list[Any]:
    """Return copy number and urgency, and the room left until the mark's upper edge."""
    room = mm(MARK_BELOW_BODY_TOP_MM[document.form])
    shown = [
        (style, text)
        for style, text in (
            ("GwCopyNumber", document.copy_number),
            ("GwUrgency", document.urgency),
        )
        if text
    ]
    # Over an order there are 20 mm, a little less than two lines.
    line = min(LINE, room // (len(shown) + 1)) if shown else LINE
    spacing = f'<w:spacing w:line="{line}" w:lineRule="exact"/>'
    lines = [paragraph(style, run(text), spacing) for style, text in shown]
    return [*lines, spacer(room - line * len(shown))]


def _file_head(document: OfficialDocument) -> list[Any]:
    lines = _space_above_mark(document)
    lines += (
        _joint_mark(document) if len(document.issuers) > 1 else [_mark(document.mark, LARGEST_MARK)]
    )
    lines += [spacer(LINE)] if not document.number else [spacer(LINE), spacer(LINE)]
    if document.form is Form.MINUTES:
        lines.append(_minutes_line(document))
    elif document.direction is Direction.UP and document.signers:
        lines += _number_and_signers(document)
    else:
        lines.append(paragraph("GwNumber", run(document.number), red_rule()))
    return [*lines, spacer(LINE), spacer(LINE)]


def _joint_mark(document: OfficialDocument) -> list[Any]:
    """Return the marks of joint issuers, the host first, with 文件 beside them (§7.2.4)."""
    tail = "文件" if document.mark.endswith("文件") else ""
    longest = max(width(name) for name in document.issuers)
    room = BODY_WIDTH / 20 - 12
    largest = min(LARGEST_MARK * 0.75, room / (longest + width(tail) + 0.5))
    size = int(largest * 2) / 2
    line = round(size * 20 * INK_LINE)
    spacing = f'<w:spacing w:line="{line}" w:lineRule="exact"/>'
    names = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="GwMark"/>{spacing}<w:jc w:val="distribute"/></w:pPr>'
        f"{_mark_run(name, size)}</w:p>"
        for name in document.issuers
    )
    left = round(size * 20 * (longest + 0.3))
    right = round(size * 20 * (width(tail) + 0.3)) if tail else 0
    cells = f'<w:tc><w:tcPr><w:tcW w:w="{left}" w:type="dxa"/></w:tcPr>{names}</w:tc>' + (
        f'<w:tc><w:tcPr><w:tcW w:w="{right}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="GwMark"/>{spacing}</w:pPr>'
        f"{_mark_run(tail, size)}</w:p></w:tc>"
        if tail
        else ""
    )
    grid = f'<w:gridCol w:w="{left}"/>' + (f'<w:gridCol w:w="{right}"/>' if tail else "")
    return [
        element(
            '<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:jc w:val="center"/>'
            '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/>'
            '<w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid><w:tr>{cells}</w:tr></w:tbl>"
        )
    ]


def _number_and_signers(document: OfficialDocument) -> list[Any]:
    """Return 发文字号 at the left and 签发人 at the right, two names a line (§7.2.5, §7.2.6)."""
    rows = [
        document.signers[start : start + SIGNERS_A_LINE]
        for start in range(0, len(document.signers), SIGNERS_A_LINE)
    ]
    widest = max(sum(width(name) for name in row) + len(row) - 1 for row in rows)
    names_at = BODY_WIDTH - round(CHARACTER * (widest + 1))
    label_at = names_at - 4 * CHARACTER
    # Tabs, not indents: the red line under the paragraph must be as wide as the text area.
    places = "".join(
        f'<w:tab w:val="left" w:pos="{place}"/>' for place in (CHARACTER, label_at, names_at)
    )
    indent = '<w:ind w:left="0" w:firstLine="0"/><w:jc w:val="left"/>'
    lines = []
    for place, row in enumerate(rows):
        last = place == len(rows) - 1
        label = "\t签发人：" if place == 0 else "\t\t"
        runs = (
            run("\t" + (document.number if last else ""))
            + run(label)
            + run("　".join(row), font(KAITI))
        )
        ruled = red_rule() if last else ""
        lines.append(paragraph("GwNumber", runs, f"{ruled}<w:tabs>{places}</w:tabs>{indent}"))
    return lines


def _minutes_line(document: OfficialDocument) -> Any:
    """Return the line of minutes above the red rule: number or issuer, and the day."""
    left = document.number or document.issuers[0]
    tabs = (
        f'<w:tabs><w:tab w:val="left" w:pos="{CHARACTER}"/>'
        f'<w:tab w:val="right" w:pos="{BODY_WIDTH - CHARACTER}"/></w:tabs>'
    )
    indent = '<w:ind w:left="0" w:firstLine="0"/><w:jc w:val="left"/>'
    return paragraph("GwNumber", run(f"\t{left}\t{document.date}"), red_rule() + tabs + indent)


def _letter_head(document: OfficialDocument) -> list[Any]:
    """Return what a letter has under its upper double line: marks left, number right (§10.1)."""
    below = letter_first_line_mm(document) + LETTER_BETWEEN_MM + 0.3 + LETTER_NUMBER_GAP_MM
    # The ink of a 3号 character begins about 3.5 mm below the top of its line of 28.95 pt.
    room = mm(below - 3.5) - TOP
    tabs = f'<w:tabs><w:tab w:val="right" w:pos="{BODY_WIDTH}"/></w:tabs>'
    lines = [spacer(max(room, 20))]
    flush = tabs + '<w:ind w:left="0" w:firstLine="0"/><w:jc w:val="left"/>'
    # 份号 and 紧急程度 stand flush left in this order, a line each; the number beside the first.
    left = [text for text in (document.copy_number, document.urgency) if text] or [""]
    lines.append(paragraph("GwNumber", run(left[0]) + run("\t" + document.number), flush))
    lines += [paragraph("GwUrgency", run(text), flush) for text in left[1:]]
    if document.signers:
        lines.append(
            paragraph(
                "GwNumber",
                run("\t签发人：") + run("　".join(document.signers), font(KAITI)),
                tabs + '<w:ind w:left="0" w:firstLine="0"/><w:jc w:val="left"/>',
            )
        )
    if document.category or document.openness:
        shown = "　".join(
            part
            for part in (
                f"办理类别：{document.category}" if document.category else "",
                f"公开属性：{document.openness}" if document.openness else "",
            )
            if part
        )
        lines.append(paragraph("GwCategory", run(shown)))
    return [*lines, spacer(LINE)]


def _order_head(document: OfficialDocument) -> list[Any]:
    """Return mark and number of an order: 20 mm, two blank lines, number, two blank lines (§10.2)."""
    return [
        *_space_above_mark(document),
        _mark(document.mark, LARGEST_MARK),
        spacer(LINE),
        spacer(LINE),
        paragraph("GwNumber", run(document.number)),
        spacer(LINE),
        spacer(LINE),
    ]
