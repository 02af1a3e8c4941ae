"""版记 at the foot of the last page, page numbers, and the AI label above the text area."""

from __future__ import annotations

from typing import Any

from assistant.drafting.document import Form, OfficialDocument
from assistant.drafting.layout.measures import BODY_WIDTH, LEFT, SIZE_4, THICK, THIN, mm
from assistant.drafting.layout.xml import element, field, paragraph, run

CHARACTER_4 = SIZE_4 * 10  # one 4号 character in twips
FOOTER_FROM_EDGE = 1440  # 25.4 mm: sets the dash of the page number 7 mm below the text area
# The box of the number on a page that is turned: as long as the text area is wide, and its line
# 7 mm left of the text area, which begins 35 mm from that edge.
TURNED_LEFT_MM, TURNED_TOP_MM, TURNED_SIZE_MM = 25.2, 28.0, (5.6, 156.0)
HEADER_FROM_EDGE = 680  # 12 mm: the label stands well above the text area


def imprint(document: OfficialDocument) -> list[Any]:
    """Return 版记, a table at the foot of the text area of the page it falls on (§7.4), or nothing.

    A letter's has neither lines nor printer (§10.1).
    """
    rows: list[str] = []
    if document.copies_to:
        hanging = 3 * CHARACTER_4
        indent = (
            f'<w:ind w:left="{CHARACTER_4 + hanging}" w:right="{CHARACTER_4}" '
            f'w:hanging="{hanging}"/>'
        )
        rows.append(_row("GwCopies", indent, run("抄送：" + document.copies_to)))
    printed = f"{document.print_date}印发" if document.print_date else ""
    lined = document.form is not Form.LETTER
    if (document.printer or printed) and lined:
        right = BODY_WIDTH - CHARACTER_4
        places = (
            f'<w:tabs><w:tab w:val="right" w:pos="{right}"/></w:tabs>'
            f'<w:ind w:left="{CHARACTER_4}"/>'
        )
        rows.append(_row("GwPrinter", places, run(f"{document.printer}\t{printed}")))
    if not rows:
        return []
    body = "".join(
        f'<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w="{BODY_WIDTH}" '
        f'w:type="dxa"/>{_edges(place, len(rows)) if lined else ""}</w:tcPr>{row}</w:tc></w:tr>'
        for place, row in enumerate(rows)
    )
    # Placed from the edge of the page: LibreOffice lets a table that is as wide as the text area
    # float only where it is placed so.
    return [
        element(
            '<w:tbl><w:tblPr><w:tblpPr w:leftFromText="0" w:rightFromText="0" '
            f'w:vertAnchor="margin" w:horzAnchor="page" w:tblpX="{LEFT}" '
            'w:tblpYSpec="bottom"/><w:tblOverlap w:val="never"/>'
            f'<w:tblW w:w="{BODY_WIDTH}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
            '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/>'
            "</w:tblCellMar></w:tblPr>"
            f'<w:tblGrid><w:gridCol w:w="{BODY_WIDTH}"/></w:tblGrid>{body}</w:tbl>'
        )
    ]


def _row(style: str, properties: str, runs: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{runs}</w:p>'


def page_number(side: str) -> Any:
    """Return the line “— 1 —” one character in from the outer edge (§7.5): right or left."""
    return element(_number(side))


def turned_number(side: str) -> Any:
    """Return the number of a page that is turned, at the place it has on the other pages (§8).

    What is the foot of a page upright is the left edge of the page turned. A table of one cell: the
    text of a box goes astray in LibreOffice where a section begins on an even page.
    """
    width, height = (mm(side_mm) for side_mm in TURNED_SIZE_MM)
    return element(
        '<w:tbl><w:tblPr><w:tblpPr w:leftFromText="0" w:rightFromText="0" w:vertAnchor="page" '
        f'w:horzAnchor="page" w:tblpX="{mm(TURNED_LEFT_MM)}" w:tblpY="{mm(TURNED_TOP_MM)}"/>'
        f'<w:tblOverlap w:val="never"/><w:tblW w:w="{width}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/>'
        '<w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="{width}"/></w:tblGrid><w:tr><w:trPr><w:cantSplit/>'
        f'<w:trHeight w:val="{height}" w:hRule="exact"/></w:trPr><w:tc><w:tcPr>'
        f'<w:tcW w:w="{width}" w:type="dxa"/><w:textDirection w:val="tbRl"/></w:tcPr>'
        f"{_number(side)}</w:tc></w:tr></w:tbl>"
    )


def _number(side: str) -> str:
    indent = f'<w:ind w:{side}="{CHARACTER_4}" w:firstLine="0"/><w:jc w:val="{side}"/>'
    size = f'<w:sz w:val="{SIZE_4}"/><w:szCs w:val="{SIZE_4}"/>'
    runs = run("— ", size) + field("PAGE", size) + run(" —", size)
    return f'<w:p><w:pPr><w:pStyle w:val="GwPageNumber"/>{indent}</w:pPr>{runs}</w:p>'


def ai_label(text: str) -> Any:
    """Return the visible AI label; an empty line where a final copy carries none."""
    return paragraph("GwLabel", run(text))


def _edges(place: int, rows: int) -> str:
    """Return the lines of one row: thick above the first and below the last, thin between."""
    top = THICK if place == 0 else THIN
    bottom = THICK if place == rows - 1 else THIN
    return (
        "<w:tcBorders>"
        f'<w:top w:val="single" w:sz="{top}" w:space="0" w:color="000000"/>'
        f'<w:bottom w:val="single" w:sz="{bottom}" w:space="0" w:color="000000"/>'
        "</w:tcBorders>"
    )
