"""A document held against the rules that apply to its kind, and against the corpus."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from assistant.drafting.document import Direction, Form, OfficialDocument, Table
from assistant.drafting.elements import Role
from assistant.drafting.kinds import Kind
from assistant.drafting.markdown import attachment_lines
from assistant.drafting.reading import ReadDocument, arrange
from assistant.drafting.rules.all_rules import ALL_RULES, CITATIONS
from assistant.drafting.rules.citation_rules import check_citations
from assistant.drafting.rules.engine import Finding, Rule, run
from assistant.services import Services


def check_read(
    document: ReadDocument,
    *,
    services: Services | None = None,
    as_of: date,
    applying: Sequence[str] = (),
) -> list[Finding]:
    """Return every finding over a document in order of its lines.

    Args:
        document: What was read.
        services: The corpus that quoted documents are held against, where there is one.
        as_of: The day on which they must be in force.
        applying: Ids or families (F, G01, …) of the rules that apply; all where empty.
    """
    findings = list(run(chosen(ALL_RULES, applying), document))
    if services is not None and (not applying or CITATIONS in applying):
        findings += check_citations(document, services, as_of=as_of)
    return sorted(findings, key=lambda finding: (finding.line, finding.rule))


def check_document(
    document: OfficialDocument,
    kind: Kind,
    *,
    services: Services | None = None,
    as_of: date,
    sources: Sequence[str] = (),
) -> list[Finding]:
    """Check a document that the program itself made, by the rules its kind names."""
    read = replace(arrange(entries(document), kind=kind.document_kind), sources=tuple(sources))
    return check_read(read, services=services, as_of=as_of, applying=kind.checks)


def chosen(rules: Iterable[Rule], applying: Sequence[str]) -> list[Rule]:
    """Return the rules whose id or family is named; all where none is."""
    return [rule for rule in rules if not applying or rule.id in applying or rule.id[0] in applying]


def entries(document: OfficialDocument) -> list[tuple[str, Role | None]]:
    """Return the elements of a document in printed order, each with what it is."""
    named: list[tuple[str, Role | None]] = [
        (document.copy_number, Role.COPY_NUMBER),
        (document.urgency, Role.URGENCY),
        (document.mark, Role.MARK),
        (document.number, Role.NUMBER),
    ]
    if document.signers and (document.direction is Direction.UP or document.category):
        named.append((f"签发人：{'　'.join(document.signers)}", Role.SIGNER))
    named += [
        (f"{name}：{value}", Role.CATEGORY)
        for name, value in (("办理类别", document.category), ("公开属性", document.openness))
        if value
    ]
    named += [
        (document.title, Role.TITLE),
        (document.subtitle, Role.SUBTITLE),
        (document.addressees, Role.ADDRESSEES),
    ]
    for block in document.body:
        if isinstance(block, Table):
            named += [("\t".join(row), Role.TABLE) for row in block.rows]
        else:
            named.append((block, Role.BODY))
    named += [(f"{label}：{names}", Role.PEOPLE) for label, names in document.people]
    if document.attachments:
        named += [(line, Role.ATTACHMENT_NOTE) for line in attachment_lines(document)]
    if document.form is not Form.MINUTES:
        named += [(name, Role.SIGNATURE) for name in document.issuers]
    named.append((document.date, Role.DATE))
    named += [(note, Role.NOTE) for note in document.note.splitlines()]
    several = len(document.attachments) > 1
    for place, attachment in enumerate(document.attachments, start=1):
        if not attachment.blocks:
            continue
        named.append((f"附件{place}" if several else "附件", Role.ATTACHMENT_MARK))
        named.append((attachment.title, Role.ATTACHMENT_TITLE))
        for block in attachment.blocks:
            if isinstance(block, Table):
                named += [("\t".join(row), Role.TABLE) for row in block.rows]
            else:
                named.append((block, Role.ATTACHMENT_BODY))
    if document.copies_to:
        named.append((f"抄送：{document.copies_to}", Role.COPIES))
    if document.printer or document.print_date:
        printed = f"{document.print_date}印发" if document.print_date else ""
        named.append((f"{document.printer}\t{printed}", Role.PRINTER))
    return [(text, role) for text, role in named if text]
