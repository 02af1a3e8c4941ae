"""A document as it will print: its elements on paper of the proportions of GB/T 9704, as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape

from assistant.drafting.checking import entries
from assistant.drafting.document import Form, OfficialDocument, heading_end, heading_level
from assistant.drafting.draft import Draft
from assistant.drafting.elements import Role
from assistant.drafting.labels import VISIBLE
from assistant.drafting.layout.widths import break_title
from assistant.drafting.reading import Line, arrange
from assistant.drafting.rules.engine import Finding
from assistant.web.markup import element

_CLASSES = {
    Role.COPY_NUMBER: "copy-number",
    Role.URGENCY: "urgency",
    Role.MARK: "mark-line",
    Role.NUMBER: "number",
    Role.SIGNER: "signer",
    Role.CATEGORY: "signer",
    Role.TITLE: "print-title",
    Role.SUBTITLE: "subtitle",
    Role.ADDRESSEES: "addressees",
    Role.SIGNATURE: "signature",
    Role.DATE: "print-date",
    Role.NOTE: "print-body",
    Role.ATTACHMENT_NOTE: "print-body",
    Role.ATTACHMENT_MARK: "attachment-mark",
    Role.ATTACHMENT_TITLE: "print-title",
    Role.COPIES: "imprint",
    Role.PRINTER: "imprint imprint-last",
    Role.PEOPLE: "print-body",
}
LARGEST_MARK = 2.1  # times the text: 小标宋, about 33 pt beside 16 pt
CHARACTERS = 28  # in a line (§5.2.3)
Mark = tuple[int, int, str, str]
"""A part of a line, `text[start:end]`, with the tag that opens and the one that closes it."""


def render_paper(
    document: OfficialDocument, draft: Draft | None = None, findings: Sequence[Finding] = ()
) -> str:
    """Return a document as a sheet of paper; lines carry ids to which findings lead.

    Quoted sentences of the draft lead to the passages they are taken from.
    """
    lines: Sequence[Line] = arrange(entries(document), kind=document.kind).lines
    if document.form is Form.ORDER:
        lines = _signed_by_a_person(lines, f"{document.sign_post}　{document.sign_name}")
    return render_lines(lines, draft, findings, form=document.form, label=VISIBLE)


def _signed_by_a_person(lines: Iterable[Line], signature: str) -> list[Line]:
    """Return the lines of an order: office and name stand where other forms name who issues."""
    kept: list[Line] = []
    for line in lines:
        if line.role is not Role.SIGNATURE:
            kept.append(line)
        elif all(other.role is not Role.SIGNATURE for other in kept):
            kept.append(replace(line, text=signature))
    return kept


def render_lines(
    lines: Iterable[Line],
    draft: Draft | None = None,
    findings: Sequence[Finding] = (),
    *,
    form: Form = Form.FILE,
    label: str = "",
) -> str:
    """Return the lines of a document, each printed as the element it is."""
    lines = list(lines)
    roles = {line.role for line in lines}
    # The red line stands under the mark of a letter, else between the head and the title (§7.2.7).
    ruled = {Form.LETTER: Role.NUMBER, Form.ORDER: None}.get(form, Role.TITLE)
    parts: list[str] = []
    rows: list[str] = []
    for line in lines:
        if line.role is Role.TABLE:
            cells = "".join(element("td", escape(cell)) for cell in line.text.split("\t"))
            rows.append(element("tr", cells, id=f"line-{line.number}"))
            continue
        if rows:
            parts.append(element("table", "".join(rows)))
            rows = []
        if line.role is ruled and Role.MARK in roles:
            parts.append('<hr class="red-line">')
            ruled = None
        if line.role is Role.EMPTY and not line.text.strip():
            continue
        parts.append(_line(line, draft, findings))
    if rows:
        parts.append(element("table", "".join(rows)))
    visible = element("p", escape(label), class_="ai-label") if label else ""
    signed = " paper-signer" if Role.SIGNER in roles and form is Form.FILE else ""
    kind = f"paper paper-{form.name.lower()}{signed}"
    sheet = element("div", visible + "".join(parts), class_=kind)
    return element(
        "div", sheet, class_="paper-frame", role="region", aria_label="成文样式预览", tabindex="0"
    )


def _line(line: Line, draft: Draft | None, findings: Sequence[Finding]) -> str:
    text = line.text
    if line.role in (Role.TITLE, Role.ATTACHMENT_TITLE):
        text = "\n".join(break_title(text.replace("\n", "")))
    marks: list[Mark] = []
    if draft is not None:
        known = {basis.number: basis for basis in draft.basis}
        for span in draft.quoted:
            at, basis = text.find(span.shown), known.get(span.basis)
            if at >= 0 and basis is not None:
                href = passage_path(basis.document_id, basis.start, basis.end)
                name = escape(f"{basis.name}{basis.locator}")
                start = f'<a class="quoted-span" href="{escape(href)}" title="出处：{name}">'
                marks.append((at, at + len(span.shown), start, "</a>"))
    here = [finding for finding in findings if finding.line == line.number]
    for finding in here:
        at = text.find(finding.words) if finding.words else -1
        if at >= 0:
            kind = "found-order" if finding.blocking else "found"
            start = f'<mark class="{kind}">'
            marks.append((at, at + len(finding.words), start, "</mark>"))
    level = heading_level(text) if line.role in (Role.BODY, Role.ATTACHMENT_BODY) else 0
    end = heading_end(text)
    if level and end:
        head = element("span", _marked(text[:end], marks), class_=f"level-{level}")
        content = head + _marked(text[end:], [_moved(mark, end) for mark in marks])
    else:
        content = _marked(text, marks)
    flagged = " flagged" if here else ""
    return element(
        "p",
        # A tab stands between what is set left and what is set right (印发机关, 印发日期).
        content.replace("\n", "<br>").replace("\t", '<span class="gap"></span>'),
        id=f"line-{line.number}",
        class_=_CLASSES.get(line.role, "print-body") + flagged,
        style=f"font-size:{_mark_size(text):.2f}em" if line.role is Role.MARK else None,
    )


def _mark_size(text: str) -> float:
    """Return the size of a mark in characters of the text: large, and never wider than a line."""
    return min(LARGEST_MARK, CHARACTERS / (len(text) * 1.06 or 1))


def passage_path(document_id: str, start: int, end: int) -> str:
    """Return the address of a passage on the staff pages."""
    return f"/staff/documents/{document_id}?start={start}&end={end}#passage"


def _moved(mark: Mark, by: int) -> Mark:
    return mark[0] - by, mark[1] - by, mark[2], mark[3]


def _marked(text: str, marks: Sequence[Mark]) -> str:
    """Return a text as HTML with the marks that fit; of two that overlap the first one stands."""
    parts: list[str] = []
    position = 0
    for start, end, opening, closing in sorted(marks, key=lambda mark: (mark[0], -mark[1])):
        if start < position or end > len(text) or start >= end:
            continue
        parts += [escape(text[position:start]), opening, escape(text[start:end]), closing]
        position = end
    return "".join(parts) + escape(text[position:])
