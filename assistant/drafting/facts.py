"""Facts of a draft: a YAML file read, checked against its kind, and an empty one to fill in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from assistant.drafting.document import Attachment, Block, Table
from assistant.drafting.errors import FactsError
from assistant.drafting.kinds import Field, FieldType, Kind
from assistant.drafting.secrecy import marked_line
from assistant.drafting.yaml_lines import LinedYaml, read_yaml
from corpus.metadata.dates import parse_date
from corpus.metadata.document_numbers import normalise_number

_YES = {"是", "true", "yes", "对", "1"}
_NO = {"否", "false", "no", "不", "0"}


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one draft, in the words of the kind's fields.

    `values` holds text, lists of text or of {标题, 内容}, and booleans; dates are written
    2026年11月20日. `attachments` and `proposal` are kept apart because they are documents.
    """

    values: Mapping[str, Any]
    attachments: tuple[Attachment, ...] = ()
    proposal: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """Return every fact as one text, against which figures and names are held."""
        parts = [_flat(value) for value in self.values.values()]
        parts += [attachment.title for attachment in self.attachments]
        return "\n".join([*parts, self.proposal])


def read_facts(path: Path, kind: Kind) -> Facts:
    """Read a facts file.

    Raises:
        FactsError: It is broken or holds what the kind does not know; file and line are named.
    """
    try:
        source = read_yaml(path)
    except ValueError as error:
        raise FactsError(str(error)) from error
    if source.data is None:
        raise FactsError(
            f"{path.name} 是空的；空白事实文件：python -m assistant draft {kind.name} --template"
        )
    if not isinstance(source.data, dict):
        raise FactsError(f"{path.name} 第 1 行：事实文件应为“字段: 内容”的形式")
    return check_facts(source, kind, folder=path.parent)


def facts_from(data: Mapping[str, Any], kind: Kind, *, folder: Path | None = None) -> Facts:
    """Check facts that come from a form or from an earlier version."""
    return check_facts(LinedYaml("填写的内容", dict(data), {}), kind, folder=folder)


def check_facts(source: LinedYaml, kind: Kind, *, folder: Path | None) -> Facts:
    """Check facts against the fields of a kind; give them the one writing that templates expect.

    Raises:
        FactsError: A field is unknown, or its value is not what the field takes.
    """
    values: dict[str, Any] = {}
    attachments: tuple[Attachment, ...] = ()
    proposal = ""
    names = [entry.name for entry in kind.fields]
    for name, value in source.data.items():
        described = kind.field_named(name)
        where = f"{source.name} 第 {source.line(name)} 行" if source.lines else source.name
        if described is None:
            near = get_close_matches(str(name), names, n=1)
            hint = f"，是不是 {near[0]!r}" if near else ""
            raise FactsError(
                f"{where}：{kind.name}没有字段 {name!r}{hint}；"
                f"查看字段：python -m assistant draft {kind.name} --template"
            )
        if value in (None, "", [], {}):
            continue
        if described.type is FieldType.ATTACHMENTS:
            attachments = _attachments(value, where)
        elif described.type is FieldType.PROPOSAL:
            proposal = _proposal(str(value), folder, where)
            values[name] = str(value)
        else:
            values[name] = _checked(described, value, where)
    _refuse_secrets(values, attachments, proposal, source)
    return Facts(values, attachments, proposal, dict(source.data))


def missing_fields(kind: Kind, facts: Facts) -> list[Field]:
    """Return the required fields that have no fact, in the order of the kind."""
    return [
        entry
        for entry in kind.fields
        if entry.required
        and entry.name not in facts.values
        and not (entry.type is FieldType.ATTACHMENTS and facts.attachments)
    ]


def ask_missing(
    kind: Kind,
    facts: Facts,
    ask: Callable[[str], str],
    say: Callable[[str], None],
    *,
    folder: Path | None = None,
) -> Facts:
    """Ask a person for the required facts that are missing; an empty reply leaves a gap marked.

    A value that does not fit its field is asked for again.
    """
    given = dict(facts.raw)
    for entry in missing_fields(kind, facts):
        while True:
            reply = ask(
                f"{entry.name}（{entry.help}例：{example_text(entry)}；回车跳过）："
            ).strip()
            if not reply:
                break
            parts = re.split(r"[；;]", reply)
            several = entry.type in (FieldType.ITEMS, FieldType.NAMES)
            answer: Any = [part.strip() for part in parts if part.strip()] if several else reply
            try:
                facts_from({entry.name: answer}, kind)
            except FactsError as error:
                say(str(error))
                continue
            given[entry.name] = answer
            break
    return facts_from(given, kind, folder=folder)


def empty_facts(kind: Kind) -> str:
    """Return an empty facts file of a kind with its explanations and examples as comments."""
    lines = [
        f"# {kind.name}：{kind.summary}",
        "# 冒号后填写；不知道的留空，成稿里会标成【待补：…】，系统不会替您编。",
        "",
    ]
    for required, heading in ((True, "# —— 必填 ——"), (False, "# —— 选填 ——")):
        lines.append(heading)
        for entry in kind.fields:
            if entry.required is not required:
                continue
            lines.append(f"# {entry.help}")
            if entry.choices:
                lines.append(f"# 可填：{'、'.join(entry.choices)}")
            shown = example_yaml(entry).splitlines()
            lines += [f"# 例：{shown[0]}", *[f"#     {line}" for line in shown[1:]]]
            lines += [f"{entry.name}:", ""]
    return "\n".join(lines)


def example_text(entry: Field) -> str:
    """Return the example of a field in one line."""
    return _flat(entry.example).replace("\n", "；")


def example_yaml(entry: Field) -> str:
    """Return the example of a field as it would stand in a facts file."""
    if isinstance(entry.example, (list, dict)):
        text: str = yaml.safe_dump(
            entry.example, allow_unicode=True, sort_keys=False, default_flow_style=False, width=1000
        )
        return text.rstrip()
    return str(entry.example)


def written_date(value: date) -> str:
    """Return a day as documents write it: full, Arabic, no leading zeros (§7.3.5.4)."""
    return f"{value.year}年{value.month}月{value.day}日"


def _checked(entry: Field, value: Any, where: str) -> Any:
    match entry.type:
        case FieldType.DATE:
            day = parse_date(str(value).strip())
            if day is None:
                raise FactsError(f"{where}：{entry.name!r} 应为日期，如 2026-11-20，不是 {value!r}")
            return written_date(day)
        case FieldType.ITEMS | FieldType.NAMES:
            return _items(entry, value, where)
        case FieldType.YES_NO:
            word = str(value).strip().lower()
            if word not in _YES | _NO:
                raise FactsError(f"{where}：{entry.name!r} 应为 是 或 否，不是 {value!r}")
            return word in _YES
        case FieldType.CHOICE if str(value) not in entry.choices:
            raise FactsError(
                f"{where}：{entry.name!r} 应为 {'、'.join(entry.choices)} 之一，不是 {value!r}"
            )
    if isinstance(value, (list, dict)):
        raise FactsError(f"{where}：{entry.name!r} 应为一段文字，不是列表")
    text = str(value).strip()
    if entry.type is FieldType.NUMBER:
        return normalise_number(text)
    return text if entry.type is FieldType.TEXT else " ".join(text.split())


def _refuse_secrets(
    values: Mapping[str, Any],
    attachments: tuple[Attachment, ...],
    proposal: str,
    source: LinedYaml,
) -> None:
    """Refuse facts of which a text, an attachment or the proposal carries a secrecy mark.

    Raises:
        FactsError: The field and the mark are named.
    """
    texts = [(name, _flat(value)) for name, value in values.items()]
    for attachment in attachments:
        blocks = [_flat_block(block) for block in attachment.blocks]
        texts.append(("附件", "\n".join([attachment.title, *blocks])))
    texts.append(("提案", proposal))
    for name, text in texts:
        lines = text.splitlines()
        place = marked_line(lines)
        if place is not None:
            where = f"{source.name} 第 {source.line(name)} 行" if source.lines else source.name
            raise FactsError(
                f"{where}：{name!r} 含密级标志 {lines[place].strip()[:20]!r}；涉密公文不得在本系统处理"
            )


def _flat_block(block: Block) -> str:
    if isinstance(block, Table):
        return "\n".join("\t".join(row) for row in block.rows)
    return block


def _items(entry: Field, value: Any, where: str) -> list[Any]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        raise FactsError(f"{where}：{entry.name!r} 应为列表，每项前面写“- ”")
    for item in value:
        if isinstance(item, dict):
            unknown = set(item) - {"标题", "内容"}
            if unknown or entry.type is FieldType.NAMES:
                raise FactsError(
                    f"{where}：{entry.name!r} 的条目里有 {'、'.join(map(str, item))}；"
                    "每项应为一句话，或“标题”和“内容”；句中冒号请用全角“：”"
                )
        elif isinstance(item, list):
            raise FactsError(f"{where}：{entry.name!r} 的条目里又有列表；请写在“内容”下面")
    return [item if isinstance(item, dict) else str(item).strip() for item in value if item]


def _attachments(value: Any, where: str) -> tuple[Attachment, ...]:
    if isinstance(value, (str, dict)):
        value = [value]
    result = []
    for item in value:
        if isinstance(item, str):
            result.append(Attachment(item.strip()))
            continue
        if not isinstance(item, dict) or set(item) - {"名称", "内容", "表格"} or "名称" not in item:
            raise FactsError(f"{where}：每个附件应有“名称”，可有“内容”和“表格”")
        blocks: list[Block] = []
        content = item.get("内容") or []
        lines = content if isinstance(content, list) else str(content).splitlines()
        blocks += [str(line).strip() for line in lines if str(line).strip()]
        rows = item.get("表格")
        if rows:
            if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
                raise FactsError(f"{where}：附件 {item['名称']!r} 的表格应为一行一个列表")
            blocks.append(
                Table(tuple(tuple("" if c is None else str(c) for c in row) for row in rows))
            )
        result.append(Attachment(str(item["名称"]).strip(), tuple(blocks)))
    return tuple(result)


def _proposal(value: str, folder: Path | None, where: str) -> str:
    """Return the text of a proposal: typed in, or in a file named beside the facts file.

    Without a folder the text is a form's: nothing it says opens a file of this machine.
    """
    text = value.strip()
    is_name = "\n" not in text and len(text) < 200 and re.search(r"\.(?:docx|txt|md)$", text)
    if folder is None or not is_name:
        return text
    from assistant.drafting.reading import read_plain_text  # loads python-docx

    path = folder / text
    if not path.is_file():
        raise FactsError(f"{where}：找不到提案文件 {text!r}")
    return read_plain_text(path)


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(_flat(part) for part in value.values())
    if isinstance(value, list):
        return "\n".join(_flat(part) for part in value)
    return "" if isinstance(value, bool) else str(value)
