"""主体: title, addressees, text with its levels, attachments, signature and date."""

from __future__ import annotations

from typing import Any

from docx.oxml.ns import qn

from assistant.drafting.document import (
    Block,
    Form,
    OfficialDocument,
    Table,
    heading_end,
    heading_level,
)
from assistant.drafting.layout.measures import BODY_WIDTH, CHARACTER, LINE
from assistant.drafting.layout.styles import FANGSONG, HEITI
from assistant.drafting.layout.widths import break_title, set_width, width
from assistant.drafting.layout.xml import element, font, paragraph, run, spacer

SEAL_ROOM = 2  # blank lines over a sealed signature: the seal's top within one line of the text
LINE_LENGTH = 28  # characters of a line, §5.2.3
SUBTITLE_LINE = 26  # characters: one less at either side than a full line
WIDE_TABLE = 8  # columns from which a table is set on a landscape page
CELL_MARGIN = 57  # twips (1 mm) between the text of a cell and its edge
_SMALL = ((12, 15), (9, 18), (6, 21))  # columns over this many → half-points of type


def title(text: str) -> list[Any]:
    """Return the title in balanced lines, and the blank line under it."""
    return [paragraph("GwTitle", run("\n".join(break_title(text)))), spacer(LINE)]


def subtitle(text: str) -> list[Any]:
    """Return the note under the title of a resolution in balanced lines, and a blank line."""
    lines = break_title(text, SUBTITLE_LINE)
    return [paragraph("GwSubtitle", run("\n".join(lines))), spacer(LINE)]


def text_block(block: Block) -> Any:
    """Return a paragraph in the style of its level, or a table."""
    if isinstance(block, Table):
        return table(block)
    level = heading_level(block)
    if level == 0:
        return paragraph("GwBody", run(block))
    end = heading_end(block)
    style = f"GwLevel{level}"
    if 0 < end < len(block):
        # （一）标题。正文: the text that follows the heading goes back to the body's typeface.
        return paragraph(style, run(block[:end]) + run(block[end:], font(FANGSONG)))
    return paragraph(style, run(block))


def people(entries: tuple[tuple[str, str], ...]) -> list[Any]:
    """Return the lists of minutes: label in 黑体, names in 仿宋, wrapped under the first (§10.3)."""
    lines: list[Any] = [spacer(LINE)] if entries else []
    for label, names in entries:
        indent = f'<w:ind w:left="{5 * CHARACTER}" w:hanging="{3 * CHARACTER}"/>'
        lines.append(paragraph("GwPeople", run(f"{label}：", font(HEITI)) + run(names), indent))
    return lines


def attachment_note(document: OfficialDocument) -> list[Any]:
    """Return 附件说明: one blank line under the text, wrapped lines under the name (§7.3.4)."""
    names = [attachment.title for attachment in document.attachments]
    if not names:
        return []
    lines: list[Any] = [spacer(LINE)]
    if len(names) == 1:
        indent = f'<w:ind w:left="{5 * CHARACTER}" w:hanging="{3 * CHARACTER}"/>'
        return [*lines, paragraph("GwAttachmentNote", run(f"附件：{names[0]}"), indent)]
    number_width = round(CHARACTER * (1.5 if len(names) > 9 else 1.2))
    left = 5 * CHARACTER + number_width
    for place, name in enumerate(names, start=1):
        label = "附件：" if place == 1 else ""
        hanging = number_width + (3 * CHARACTER if place == 1 else 0)
        lines.append(
            paragraph(
                "GwAttachmentNote",
                run(f"{label}{place}.\t{name}"),
                f'<w:tabs><w:tab w:val="left" w:pos="{left}"/></w:tabs>'
                f'<w:ind w:left="{left}" w:hanging="{hanging}"/>',
            )
        )
    return lines


def signature(document: OfficialDocument) -> list[Any]:
    """Return signature and date: sealed, unsealed or signed by hand (§7.3.5)."""
    if document.form is Form.MINUTES or document.subtitle:
        return []  # minutes sign nothing; a text that a meeting passed is dated by its note
    if document.form is Form.ORDER:
        return _signed_by_hand(document)
    if not document.date and not document.issuers:
        return []
    if len(document.issuers) > 1:
        return _joint(document)
    name, day = document.issuers[0] if document.issuers else "", document.date
    name_width, day_width = set_width(name), set_width(day)
    if document.sealed:
        over = 4 + day_width / 2 - name_width / 2
        day_indent = 4.0 if over >= 0 else 4 - over
        lines = [spacer(LINE) for _ in range(SEAL_ROOM)]
        return [
            *lines,
            _right("GwSignature", name, max(over, 0)),
            _right("GwDate", day, day_indent),
        ]
    # From the left, so that the date begins two characters after the name however wide its figures.
    begins = LINE_LENGTH - 2 - max(name_width, day_width + 2)
    return [
        spacer(LINE),
        _left("GwSignature", name, begins),
        _left("GwDate", day, begins + 2),
    ]


def text_blocks(blocks: tuple[Block, ...]) -> list[Any]:
    """Return the text; a heading or a lead-in does not stay behind at the foot of a page."""
    elements = [text_block(block) for block in blocks]
    for (place, block), following in zip(enumerate(blocks), blocks[1:], strict=False):
        if not isinstance(block, str) or not isinstance(following, str):
            continue
        level, below = heading_level(block), heading_level(following)
        heads = heading_end(block) == len(block) and (below == 0 or below > level)
        # The first page must show text (§7.3.3): its first paragraph may break where it will.
        if heads or (place and block.endswith("：")):
            keep_with_next(elements[place : place + 1])
    return elements


def keep_with_next(elements: list[Any]) -> None:
    """Hold paragraphs on the page of what follows: a signature never stands alone on a page.

    The standard has no 此页无正文 any more; at least the last paragraph goes with the signature.
    """
    for entry in elements:
        for properties in entry.iter(qn("w:pPr")):
            if properties.find(qn("w:keepNext")) is None:
                properties.insert(1, element("<w:keepNext/>"))


def note(text: str) -> list[Any]:
    """Return 附注 under the date (§7.3.6), each in a line of its own."""
    return [paragraph("GwNote", run(line)) for line in text.splitlines()]


def attachments(document: OfficialDocument) -> list[list[Any]]:
    """Return each printed attachment on its own page: mark, title on line three, content (§7.3.7)."""
    printed: list[list[Any]] = []
    several = len(document.attachments) > 1
    for place, attachment in enumerate(document.attachments, start=1):
        if not attachment.blocks:
            continue
        mark = f"附件{place}" if several else "附件"
        lines: list[Any] = [
            paragraph("GwAttachmentMark", run(mark)),
            spacer(LINE),
            paragraph("GwAttachmentTitle", run("\n".join(break_title(attachment.title)))),
            spacer(LINE),
        ]
        lines += [text_block(block) for block in attachment.blocks]
        if isinstance(attachment.blocks[-1], Table):
            lines.append(spacer(20))  # Word wants a paragraph after a table
        printed.append(lines)
    return printed


def is_wide(document: OfficialDocument, place: int) -> bool:
    """Say whether the printed attachment at a place holds a table for a landscape page."""
    printed = [attachment for attachment in document.attachments if attachment.blocks]
    return any(
        isinstance(block, Table) and block.columns > WIDE_TABLE for block in printed[place].blocks
    )


def table(block: Table, room: int = BODY_WIDTH) -> Any:
    """Return a table over the whole width, its first row repeated on every page."""
    columns = block.columns
    if columns > WIDE_TABLE:
        room = 12756
    size = next((half for over, half in _SMALL if columns > over), 24)
    widths = _column_widths(block, room, size)
    grid = "".join(f'<w:gridCol w:w="{value}"/>' for value in widths)
    rows = "".join(_row(row, widths, size, head=place == 0) for place, row in enumerate(block.rows))
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return element(
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
        f'<w:left w:w="{CELL_MARGIN}" w:type="dxa"/><w:right w:w="{CELL_MARGIN}" w:type="dxa"/>'
        "</w:tblCellMar></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
    )


def _column_widths(block: Table, room: int, size: int) -> list[int]:
    """Return the widths of columns in twips: what the longest cell needs, as far as there is room.

    Columns that ask for less than an even share get what they ask; the others share the rest.
    """
    character = size * 10
    wanted = [
        (max([3.0, *(width(row[c]) for row in block.rows if c < len(row))]) + 0.5) * character
        + 2 * CELL_MARGIN
        for c in range(block.columns)
    ]
    left, given = float(room), dict[int, float]()
    for place in sorted(range(len(wanted)), key=lambda c: wanted[c]):
        share = left / (len(wanted) - len(given))
        given[place] = min(wanted[place], share)
        left -= given[place]
    scale = room / sum(given.values())
    return [round(given[place] * scale) for place in range(len(wanted))]


def _row(cells: tuple[str, ...], widths: list[int], size: int, *, head: bool) -> str:
    line = round(size * 10 * 1.35)
    inner = ""
    for place, cell_width in enumerate(widths):
        text = cells[place] if place < len(cells) else ""
        face = font(HEITI) if head else ""
        properties = f'{face}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
        inner += (
            f'<w:tc><w:tcPr><w:tcW w:w="{cell_width}" w:type="dxa"/><w:vAlign w:val="center"/>'
            '</w:tcPr><w:p><w:pPr><w:pStyle w:val="GwTable"/>'
            f'<w:spacing w:before="40" w:after="40" w:line="{line}" w:lineRule="exact"/></w:pPr>'
            f"{run(text, properties)}</w:p></w:tc>"
        )
    repeated = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{inner}</w:tr>"


def _right(style: str, text: str, characters: float) -> Any:
    indent = f'<w:ind w:right="{round(characters * CHARACTER)}" w:firstLine="0"/>'
    return paragraph(style, run(text), f'{indent}<w:jc w:val="right"/>')


def _left(style: str, text: str, characters: float) -> Any:
    indent = f'<w:ind w:left="{round(max(characters, 0) * CHARACTER)}" w:firstLine="0"/>'
    return paragraph(style, run(text), f'{indent}<w:jc w:val="left"/>')


def _signed_by_hand(document: OfficialDocument) -> list[Any]:
    """Return office and name of the person who signs an order, then the date (§7.3.5.3)."""
    return [
        spacer(LINE),
        spacer(LINE),
        _right("GwSignature", f"{document.sign_post}　　{document.sign_name}", 4),
        spacer(LINE),
        _right("GwDate", document.date, 4),
    ]


def _joint(document: OfficialDocument) -> list[Any]:
    """Return joint signatures side by side, the date under the last, room for each seal above."""
    a_row = min(len(document.issuers), 2 if max(map(width, document.issuers)) > 8 else 3)
    cell = BODY_WIDTH // a_row
    rows = [
        document.issuers[start : start + a_row] for start in range(0, len(document.issuers), a_row)
    ]
    markup = ""
    for place, names in enumerate(rows):
        cells = ""
        for column in range(a_row):
            # A last row that is not full stands at the right, where the date belongs.
            at = column - (a_row - len(names))
            name = names[at] if at >= 0 else ""
            is_last = place == len(rows) - 1 and column == a_row - 1
            day = f'<w:p><w:pPr><w:pStyle w:val="GwDate"/><w:jc w:val="center"/></w:pPr>{run(document.date)}</w:p>'
            cells += (
                f'<w:tc><w:tcPr><w:tcW w:w="{cell}" w:type="dxa"/></w:tcPr>'
                f'<w:p><w:pPr><w:pStyle w:val="GwSignature"/><w:jc w:val="center"/></w:pPr>'
                f"{run(name)}</w:p>{day if is_last else ''}</w:tc>"
            )
        height = f'<w:trPr><w:cantSplit/><w:trHeight w:val="{4 * LINE}"/></w:trPr>'
        markup += f"<w:tr>{height if place < len(rows) - 1 else ''}{cells}</w:tr>"
    grid = f'<w:gridCol w:w="{cell}"/>' * a_row
    return [
        *(spacer(LINE) for _ in range(SEAL_ROOM)),
        element(
            f'<w:tbl><w:tblPr><w:tblW w:w="{cell * a_row}" w:type="dxa"/>'
            '<w:tblLayout w:type="fixed"/></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{markup}</w:tbl>"
        ),
    ]
