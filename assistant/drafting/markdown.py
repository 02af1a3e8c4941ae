"""An official document as Markdown: elements in order, AIGC front matter, the label at the end."""

from __future__ import annotations

import json
import re

import yaml

from assistant.drafting.document import (
    Block,
    Direction,
    Form,
    OfficialDocument,
    Table,
    heading_level,
)

_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.S)


def write_markdown(document: OfficialDocument, *, label: str, metadata: str = "") -> str:
    """Return the document as Markdown: one paragraph an element, headings by level."""
    lines: list[str] = []

    def add(text: str) -> None:
        if text:
            lines.extend([text, ""])

    add(document.copy_number)
    add(document.urgency)
    add(document.mark)
    if document.form is not Form.MINUTES:
        add(document.number)
    if document.signers and (document.direction is Direction.UP or document.category):
        add(f"签发人：{'　'.join(document.signers)}")
    add(f"办理类别：{document.category}" if document.category else "")
    add(f"公开属性：{document.openness}" if document.openness else "")
    add(f"# {document.title}")
    add(document.subtitle)
    add(document.addressees)
    for block in document.body:
        add(_block(block))
    for name, people in document.people:
        add(f"{name}：{people}")
    for line in attachment_lines(document):
        add(line)
    if document.form is Form.ORDER:
        add(f"{document.sign_post}　　{document.sign_name}")
    elif document.form is not Form.MINUTES:
        add("　".join(document.issuers))
    add(document.date)
    for note in document.note.splitlines():
        add(note)
    for place, attachment in enumerate(document.attachments, start=1):
        if attachment.blocks:
            add(f"附件{place}" if len(document.attachments) > 1 else "附件")
            add(f"# {attachment.title}")
            for block in attachment.blocks:
                add(_block(block))
    add(f"抄送：{document.copies_to}" if document.copies_to else "")
    printed = f"{document.print_date}印发" if document.print_date else ""
    add("　　".join(part for part in (document.printer, printed) if part))
    if label:
        add(f"> {label}")
    return (_front_matter(metadata) if metadata else "") + "\n".join(lines).rstrip("\n") + "\n"


def attachment_lines(document: OfficialDocument) -> list[str]:
    """Return the lines of 附件说明: 附件：1.名称, 2.名称."""
    names = [attachment.title for attachment in document.attachments]
    if len(names) == 1:
        return [f"附件：{names[0]}"]
    return [("附件：" if n == 1 else "") + f"{n}.{name}" for n, name in enumerate(names, start=1)]


def read_front_matter(text: str) -> tuple[str, str]:
    """Return the AIGC metadata of a Markdown text as JSON (empty without), and the text after it."""
    found = _FRONT.match(text)
    if not found:
        return "", text
    body = text[found.end() :]
    if "AIGC:" not in found[1]:
        return "", body

    data = yaml.safe_load(found[1])
    values = data.get("AIGC") if isinstance(data, dict) else None
    return (json.dumps(values, separators=(",", ":")) if isinstance(values, dict) else ""), body


def _front_matter(metadata: str) -> str:
    values = json.loads(metadata)
    rows = "\n".join(f"  {key}: {json.dumps(value)}" for key, value in values.items())
    return f"---\nAIGC:\n{rows}\n---\n\n"


def _block(block: Block) -> str:
    if isinstance(block, Table):
        return _table(block)
    level = heading_level(block)
    if level in (1, 2) and not block.rstrip().endswith(("。", "；", "：")):
        return f"{'#' * (level + 1)} {block}"
    # A line that begins with 1. would become a list of its own, numbered anew.
    return re.sub(r"^(\d+)\.", r"\1\\.", block)


def _table(table: Table) -> str:
    def row(cells: tuple[str, ...]) -> str:
        filled = [*cells, *[""] * (table.columns - len(cells))]
        return (
            "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in filled) + " |"
        )

    if not table.rows:
        return ""
    return "\n".join(
        [
            row(table.rows[0]),
            "|" + " --- |" * table.columns,
            *(row(cells) for cells in table.rows[1:]),
        ]
    )
