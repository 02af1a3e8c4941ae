"""Kinds of documents: one YAML file each under prompts/draft, read and checked with its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from assistant.drafting.document import Direction, Form
from assistant.drafting.errors import KindError
from assistant.drafting.rules.all_rules import NAMES as RULE_NAMES
from assistant.drafting.templates import TemplateError, variables
from assistant.drafting.yaml_lines import LinedYaml, read_yaml

Word = TypeVar("Word", Form, Direction)
KINDS_FOLDER = Path(__file__).parent.parent.parent / "prompts" / "draft"
COMMON_FILE = "_fields.yaml"
# What the program itself offers to a template, beside the fields.
GIVEN_BY_PROGRAM = frozenset({"依据", "依据原文", "依据名称", "上述规定", "答复正文", "称呼"})


class FieldType(StrEnum):
    """What a person writes into a field."""

    LINE = "单行"
    TEXT = "段落"
    ITEMS = "条目"
    DATE = "日期"
    NUMBER = "文号"
    NAMES = "名单"
    CHOICE = "选择"
    YES_NO = "是否"
    ATTACHMENTS = "附件"
    PROPOSAL = "提案"


@dataclass(frozen=True, slots=True)
class Field:
    """A fact that a draft rests on: what it is called, how it is explained, whether it must be."""

    name: str
    help: str
    example: Any
    type: FieldType
    required: bool
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionSpec:
    """A part of the text: the template that stands without a model, the task that a model gets."""

    name: str
    template: str
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document as its file describes it.

    `document_kind` is the 文种 that ends the title; `checks` names the rules that apply, `title`
    and `mark` are templates; `basis_question` is the search for the legal basis, empty where none
    is looked for; one that a person names is cited all the same.
    """

    name: str
    document_kind: str
    summary: str
    version: int
    form: Form
    direction: Direction
    title: str
    mark: str
    fields: tuple[Field, ...]
    sections: tuple[SectionSpec, ...]
    checks: tuple[str, ...]
    basis_question: str = ""
    sealed: bool = True
    file: str = ""
    _by_name: Mapping[str, Field] = field(default_factory=dict)

    def field_named(self, name: str) -> Field | None:
        """Return a field, or None where this kind has none of that name."""
        return self._by_name.get(name)


_NEEDED = (
    "version",
    "name",
    "document_kind",
    "summary",
    "form",
    "direction",
    "title",
    "required",
    "sections",
    "checks",
)
_KEYS = {*_NEEDED, "mark", "optional", "fields", "basis_question", "sealed", "notes"}
_FIELD_KEYS = {"help", "example", "type", "choices", "everywhere"}
_SECTION_KEYS = {"name", "template", "prompt"}


def load_kinds(folder: Path = KINDS_FOLDER) -> dict[str, Kind]:
    """Return every kind of a folder by name, in order of file names.

    Raises:
        KindError: A file is broken, or two files share a name.
    """
    kinds: dict[str, Kind] = {}
    for path in sorted(folder.glob("[!_]*.yaml")):
        kind = load_kind(path)
        if kind.name in kinds:
            raise KindError(f"{path.name} 与 {kinds[kind.name].file} 的 name 都是 {kind.name!r}")
        kinds[kind.name] = kind
    if not kinds:
        raise KindError(f"{str(folder)!r} 里没有文种文件（*.yaml）")
    return kinds


def find_kind(name: str, folder: Path = KINDS_FOLDER) -> Kind:
    """Return the kind of a name; only its own file is judged.

    Raises:
        KindError: There is none of that name, or its file is broken.
    """
    path = folder / f"{name}.yaml"
    if not name.startswith("_") and path.name == f"{name}.yaml" and path.is_file():
        return load_kind(path)
    kinds = load_kinds(folder)
    if name in kinds:
        return kinds[name]
    near = get_close_matches(name, kinds, n=3, cutoff=0.3)
    hint = f"；您是不是要：{'、'.join(near)}" if near else ""
    raise KindError(f"没有文种 {name!r}{hint}；查看全部：python -m assistant draft --list")


def load_kind(path: Path) -> Kind:
    """Read and check one kind file.

    Raises:
        KindError: It is broken; the message names the file and the line.
    """
    source = _read(path)
    common = _read(path.parent / COMMON_FILE)
    data = source.data
    if not isinstance(data, dict):
        raise KindError(f"{path.name} 第 1 行：文种文件应为“名称: 内容”的形式")
    _check_keys(source, data, _KEYS, ())
    for key in _NEEDED:
        if data.get(key) in (None, "", []):
            raise KindError(f"{path.name} 第 1 行起：缺少 {key!r}")
    fields = _fields(source, common)
    names = {entry.name for entry in fields} | GIVEN_BY_PROGRAM
    sections = _sections(source, names)
    for key in ("title", "mark", "basis_question"):
        _check_template(source, str(data.get(key) or ""), names, key)
    return Kind(
        name=str(data["name"]),
        document_kind=str(data["document_kind"]),
        summary=str(data["summary"]),
        version=_whole(source, "version"),
        form=_choice(source, "form", Form),
        direction=_choice(source, "direction", Direction),
        title=str(data["title"]),
        mark=str(data.get("mark") or "{发文机关}文件"),
        fields=fields,
        sections=sections,
        checks=_checks(source),
        basis_question=str(data.get("basis_question") or ""),
        sealed=bool(data.get("sealed", True)),
        file=path.name,
        _by_name={entry.name: entry for entry in fields},
    )


def _read(path: Path) -> LinedYaml:
    try:
        return read_yaml(path)
    except ValueError as error:
        raise KindError(str(error)) from error


def _check_keys(
    source: LinedYaml, data: Mapping[str, Any], allowed: set[str], place: tuple[str | int, ...]
) -> None:
    for key in data:
        if key not in allowed:
            near = get_close_matches(key, allowed, n=1)
            hint = f"，是不是 {near[0]!r}" if near else f"；可用：{'、'.join(sorted(allowed))}"
            raise KindError(
                f"{source.name} 第 {source.line(*place, key)} 行：不认识的项 {key!r}{hint}"
            )


def _list(source: LinedYaml, key: str) -> list[Any]:
    value = source.data.get(key) or []
    if not isinstance(value, list):
        raise KindError(f"{source.name} 第 {source.line(key)} 行：{key!r} 应为列表")
    return value


def _whole(source: LinedYaml, key: str) -> int:
    value = source.data[key]
    if not isinstance(value, int):
        raise KindError(f"{source.name} 第 {source.line(key)} 行：{key!r} 应为整数")
    return value


def _choice(source: LinedYaml, key: str, words: type[Word]) -> Word:
    try:
        return words(str(source.data[key]))
    except ValueError:
        raise KindError(
            f"{source.name} 第 {source.line(key)} 行：{key!r} 应为 {'、'.join(words)} 之一"
        ) from None


def _checks(source: LinedYaml) -> tuple[str, ...]:
    """Return the rules that apply; one that does not exist would pass every document in silence."""
    names = tuple(str(entry) for entry in _list(source, "checks"))
    for place, name in enumerate(names):
        if name not in RULE_NAMES:
            near = get_close_matches(name, RULE_NAMES, n=3)
            hint = f"，是不是 {'、'.join(sorted(near))}" if near else ""
            raise KindError(
                f"{source.name} 第 {source.line('checks', place)} 行：没有规则 {name!r}{hint}"
            )
    return names


def _fields(source: LinedYaml, common: LinedYaml) -> tuple[Field, ...]:
    own = source.data.get("fields") or {}
    if not isinstance(own, dict):
        raise KindError(f"{source.name} 第 {source.line('fields')} 行：'fields' 应为“名称: 说明”")
    for name, entry in own.items():
        _check_field(source, name, entry, ("fields", name))
    shared = common.data if isinstance(common.data, dict) else {}
    for name, entry in shared.items():
        _check_field(common, name, entry, (name,))
    result: list[Field] = []
    listed = {str(name) for key in ("required", "optional") for name in _list(source, key)}
    everywhere = [
        name for name, entry in shared.items() if entry.get("everywhere") and name not in listed
    ]
    for required, key, names in (
        (True, "required", _list(source, "required")),
        (False, "optional", [*_list(source, "optional"), *everywhere]),
    ):
        for place, name in enumerate(names):
            described = {**shared.get(name, {}), **own.get(name, {})}
            if not {"help", "example"} <= set(described):
                raise KindError(
                    f"{source.name} 第 {source.line(key, place)} 行：字段 {name!r} 没有说明；"
                    f"请在 fields 里写出它的 help 和 example"
                )
            if any(entry.name == name for entry in result):
                raise KindError(
                    f"{source.name} 第 {source.line(key, place)} 行：字段 {name!r} 列了两次"
                )
            result.append(
                Field(
                    name=str(name),
                    help=str(described["help"]),
                    example=described["example"],
                    type=FieldType(described.get("type", FieldType.LINE)),
                    required=required,
                    choices=tuple(str(choice) for choice in described.get("choices", [])),
                )
            )
    for name in own:
        if all(entry.name != name for entry in result):
            raise KindError(
                f"{source.name} 第 {source.line('fields', name)} 行：字段 {name!r} 既不在 required "
                "也不在 optional 里"
            )
    return tuple(result)


def _check_field(source: LinedYaml, name: str, entry: Any, place: tuple[str | int, ...]) -> None:
    line = source.line(*place)
    if not isinstance(entry, dict):
        raise KindError(f"{source.name} 第 {line} 行：字段 {name!r} 应有 help 和 example")
    _check_keys(source, entry, _FIELD_KEYS, place)
    if entry.get("type", FieldType.LINE) not in list(FieldType):
        raise KindError(
            f"{source.name} 第 {source.line(*place, 'type')} 行：type 应为 {'、'.join(FieldType)} 之一"
        )
    if entry.get("type") == FieldType.CHOICE and not entry.get("choices"):
        raise KindError(f"{source.name} 第 {line} 行：选择类字段 {name!r} 要写出 choices")


def _sections(source: LinedYaml, names: set[str]) -> tuple[SectionSpec, ...]:
    result: list[SectionSpec] = []
    for place, entry in enumerate(_list(source, "sections")):
        line = source.line("sections", place)
        if not isinstance(entry, dict) or not entry.get("name") or not entry.get("template"):
            raise KindError(f"{source.name} 第 {line} 行：每个部分要有 name 和 template")
        _check_keys(source, entry, _SECTION_KEYS, ("sections", place))
        if any(section.name == entry["name"] for section in result):
            raise KindError(f"{source.name} 第 {line} 行：部分 {entry['name']!r} 写了两次")
        _check_template(source, str(entry["template"]), names, "sections", place, "template")
        result.append(
            SectionSpec(str(entry["name"]), str(entry["template"]), str(entry.get("prompt") or ""))
        )
    return tuple(result)


def _check_template(source: LinedYaml, template: str, names: set[str], *place: str | int) -> None:
    line = source.line(*place)
    try:
        used: Sequence[str] = variables(template)
    except TemplateError as error:
        raise KindError(f"{source.name} 第 {line} 行起的模板：{error}") from error
    for name in used:
        if name not in names:
            near = get_close_matches(name, names, n=1, cutoff=0.4)
            hint = f"，是不是 {near[0]!r}" if near else ""
            raise KindError(f"{source.name} 第 {line} 行起的模板用了没有的字段 {name!r}{hint}")
