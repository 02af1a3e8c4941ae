"""Facts of a draft as a form shows and returns them: one text a field, in a notation for people.

A list is one entry a line; under an entry, lines that begin with spaces are its 内容. An attachment
is its name; indented lines are its text, lines between | its table, the first row the heading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.drafting.errors import FactsError
from assistant.drafting.facts import Facts, facts_from
from assistant.drafting.kinds import Field, FieldType, Kind

_INDENT = "  "
_INDENTED = re.compile(r"^[ \t　]+\S")
_LISTS = (FieldType.ITEMS, FieldType.NAMES, FieldType.ATTACHMENTS)
_FILE_NAME = re.compile(r"\.(?:docx|txt|md)$", re.IGNORECASE)


def read_form(given: Mapping[str, str], kind: Kind) -> Facts:
    """Return the facts that a form holds; fields that are not of the kind are left out.

    Raises:
        FactsError: A value is not what its field takes.
    """
    raw: dict[str, Any] = {}
    for entry in kind.fields:
        text = given.get(entry.name, "").replace("\r\n", "\n").replace("\r", "\n")
        if not text.strip():
            continue
        raw[entry.name] = _value(entry, text)
    return facts_from(raw, kind)


def show_fact(entry: Field, value: Any) -> str:
    """Return a fact as its field shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if entry.type not in _LISTS:
        return str(value)
    items = value if isinstance(value, list | tuple) else [value]
    return "\n".join(_shown(item) for item in items if item)


def _shown(item: Any) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    lines = [str(item.get("名称") or item.get("标题") or "")]
    content = item.get("内容") or []
    parts = content if isinstance(content, list | tuple) else str(content).splitlines()
    lines += [f"{_INDENT}{part}" for part in parts]
    for row in item.get("表格") or []:
        lines.append(f"{_INDENT}| " + " | ".join("" if c is None else str(c) for c in row) + " |")
    return "\n".join(lines)


def _value(entry: Field, text: str) -> Any:
    match entry.type:
        case FieldType.NAMES:
            return [line.strip() for line in text.split("\n") if line.strip()]
        case FieldType.ITEMS:
            return [_item(head, below) for head, below in _groups(text)]
        case FieldType.ATTACHMENTS:
            return [_attachment(head, below) for head, below in _groups(text)]
        case FieldType.PROPOSAL:
            # A facts file may name a file beside it; a form must not open files of this machine.
            if "\n" not in text.strip() and _FILE_NAME.search(text.strip()):
                raise FactsError(f"{entry.name!r} 应粘贴全文，不能写文件名 {text.strip()!r}")
            return text.strip()
        case _:
            return text.strip()


def _groups(text: str) -> list[tuple[str, list[str]]]:
    groups: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        if _INDENTED.match(line) and groups:
            groups[-1][1].append(line.strip())
        else:
            groups.append((line.strip(), []))
    return groups


def _item(head: str, below: list[str]) -> Any:
    if not below:
        return head
    return {"标题": head, "内容": below[0] if len(below) == 1 else below}


def _attachment(head: str, below: list[str]) -> Any:
    rows = [_cells(line) for line in below if line.startswith("|")]
    content = [line for line in below if not line.startswith("|")]
    attachment: dict[str, Any] = {"名称": head}
    if content:
        attachment["内容"] = content
    if rows:
        attachment["表格"] = rows
    return attachment if len(attachment) > 1 else head


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]
