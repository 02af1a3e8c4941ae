"""An official document → the bytes of a .docx, laid out by GB/T 9704-2012."""

from __future__ import annotations

import io
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from assistant.drafting.document import Form, ImprintPage, OfficialDocument
from assistant.drafting.layout import body, foot, heads
from assistant.drafting.layout.measures import (
    BOTTOM,
    LEFT,
    LINE,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RIGHT,
    TOP,
)
from assistant.drafting.layout.package import Parts, rewrite
from assistant.drafting.layout.styles import add_styles, font_table
from assistant.drafting.layout.xml import element, paragraph, run, spacer

# Lines between text and signature: so many are held on its page with the end of the text; of a
# longer list of attachments the last ones.
MOST_KEPT, LEAST_KEPT = 8, 3


def write_docx(
    document: OfficialDocument,
    *,
    label: str,
    metadata: str = "",
    imprint: ImprintPage = ImprintPage.LAST,
) -> bytes:
    """Return a document as .docx.

    Args:
        document: What is printed.
        label: The visible AI label, set above the text area of every page; empty on a final copy.
        metadata: The AIGC property (seven keys as JSON) for `docProps/custom.xml`; none if empty.
        imprint: Where 版记 stands; only a program that has laid out the pages can tell.
    """
    word = docx.Document()
    add_styles(word)
    _clear(word)
    _describe(word, document)
    story = word.element.body
    final = story[-1]  # the section properties of the last section

    def add(elements: list[Any]) -> None:
        for entry in elements:
            final.addprevious(entry)

    add(heads.head(document))
    if document.form in (Form.FILE, Form.LETTER):
        add(body.title(document.title))
    if document.subtitle:
        add(body.subtitle(document.subtitle))
    if document.addressees:
        add([_addressees(document.addressees)])
    text = body.text_blocks(document.body)
    between = [*body.people(document.people), *body.attachment_note(document)]
    signed, notes = body.signature(document), body.note(document.note)
    held = [*signed, *notes]
    if held and len(between) > MOST_KEPT:
        held = [*between[-LEAST_KEPT:], *held]
    elif held:
        ends_in_text = bool(document.body) and isinstance(document.body[-1], str)
        held = [*(text[-1:] if ends_in_text else []), *between, *held]
    body.keep_with_next(held[:-1])
    add([*text, *between, *signed, *notes])
    _add_attachments(document, add)
    add(_before_imprint(imprint))
    add(foot.imprint(document))
    add([spacer(20)])
    _page(final, landscape=False)
    _headers(word, document, label)
    if imprint is ImprintPage.AFTER_BLANK:
        _without_numbers(word.sections[-1])
    buffer = io.BytesIO()
    word.save(buffer)
    return rewrite(buffer.getvalue(), Parts(font_table=font_table(), aigc=metadata))


def _addressees(text: str) -> Any:
    return paragraph("GwAddressees", run(text))


def _add_attachments(document: OfficialDocument, add: Any) -> None:
    """Add each attachment on a new page; a wide table gets a landscape section of its own."""
    portrait_open = True
    for place, lines in enumerate(body.attachments(document)):
        wide = body.is_wide(document, place)
        if wide and portrait_open:
            add([_section_break(landscape=False)])
            portrait_open = False
        if not wide and portrait_open:
            _break_before(lines[0])
        add(lines)
        if wide:
            # A float alone cannot open the next section: LibreOffice would leave it on this page.
            add([_section_break(landscape=True), spacer(20)])
        else:
            portrait_open = True


def _section_break(*, landscape: bool) -> Any:
    ending = element(
        '<w:p><w:pPr><w:pStyle w:val="GwBlank"/><w:spacing w:line="20" w:lineRule="exact"/>'
        "<w:sectPr/></w:pPr></w:p>"
    )
    _page(ending.find(qn("w:pPr")).find(qn("w:sectPr")), landscape=landscape)
    return ending


def _break_before(first: Any) -> None:
    properties = first.find(qn("w:pPr"))
    properties.insert(1, element("<w:pageBreakBefore/>"))


def _page(section: Any, *, landscape: bool) -> None:
    """Set paper, margins and grid of a section; a landscape page is the portrait one turned."""
    for child in list(section):
        if child.tag in (qn("w:pgSz"), qn("w:pgMar"), qn("w:docGrid"), qn("w:cols")):
            section.remove(child)
    width, height = (PAGE_HEIGHT, PAGE_WIDTH) if landscape else (PAGE_WIDTH, PAGE_HEIGHT)
    margins = (LEFT, TOP, RIGHT, BOTTOM) if landscape else (TOP, RIGHT, BOTTOM, LEFT)
    turned = ' w:orient="landscape"' if landscape else ""
    top, right, bottom, left = margins
    footer = 700 if landscape else foot.FOOTER_FROM_EDGE
    section.append(element(f'<w:pgSz w:w="{width}" w:h="{height}"{turned}/>'))
    section.append(
        element(
            f'<w:pgMar w:top="{top}" w:right="{right}" w:bottom="{bottom}" w:left="{left}" '
            f'w:header="{foot.HEADER_FROM_EDGE}" w:footer="{footer}" w:gutter="0"/>'
        )
    )
    section.append(element(f'<w:docGrid w:type="lines" w:linePitch="{LINE}"/>'))


def _before_imprint(page: ImprintPage) -> list[Any]:
    """Return what brings 版记 to its page: a page break, or a section with a blank page."""
    if page is ImprintPage.LAST:
        return []
    apart = spacer(20)
    _break_before(apart)
    if page is ImprintPage.NEXT:
        return [apart]
    return [_section_break(landscape=False), spacer(20), apart]


def _without_numbers(section: Any) -> None:
    """Take the page numbers off a section: a blank page before 版记, and its own page (§7.5)."""
    for footer in (section.footer, section.even_page_footer):
        _fill(footer, [foot.ai_label("")])


def _headers(word: Any, document: OfficialDocument, label: str) -> None:
    first = word.sections[0]
    letter = document.form is Form.LETTER
    first.different_first_page_header_footer = letter
    _number_pages(word, label)
    if letter:
        # Page 1 of a letter has no number (§10.1); its mark and lines stand outside the text area.
        _fill(first.first_page_header, [foot.ai_label(label), *heads.letter_frame(document)])
        _fill(first.first_page_footer, [foot.ai_label("")])


def _number_pages(word: Any, label: str) -> None:
    """Put label and page number into every section where they change: upright pages and turned ones."""
    turned_before = None
    for section in word.sections:
        turned = section.orientation == WD_ORIENT.LANDSCAPE
        if turned is not turned_before:
            for header, footer, side in (
                (section.header, section.footer, "right"),
                (section.even_page_header, section.even_page_footer, "left"),
            ):
                beside = [foot.turned_number(side)] if turned else []
                _fill(header, [*beside, foot.ai_label(label)])
                _fill(footer, [foot.ai_label("") if turned else foot.page_number(side)])
        turned_before = turned


def _fill(part: Any, elements: list[Any]) -> None:
    part.is_linked_to_previous = False
    container = part._element
    for child in list(container):
        container.remove(child)
    for entry in elements:
        container.append(entry)


def _clear(word: Any) -> None:
    story = word.element.body
    for child in list(story):
        if child.tag != qn("w:sectPr"):
            story.remove(child)


def _describe(word: Any, document: OfficialDocument) -> None:
    properties = word.core_properties
    properties.title = document.title.replace("\n", "")[:250]
    properties.author = "、".join(document.issuers)[:250]
    properties.subject = document.kind
    properties.comments = ""
    properties.language = "zh-CN"
