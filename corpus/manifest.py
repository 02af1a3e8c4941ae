"""The manifest beside the files: what a person states about them, over what was read.

`manifest.yaml` (or `.yml`) maps a file name to fields; `manifest.csv` has a header with the column
`file` and one row a file. Fields are those of `Metadata`, plus `access`; CSV headers may be in
Chinese (标题, 文号, 成文日期 …). A field that is left out, or an empty cell, overrides nothing.
"""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

import yaml

from corpus.documents import Access, Level, Metadata, Status
from corpus.errors import UsageError

FILE_NAMES = ("manifest.yaml", "manifest.yml", "manifest.csv")
"""The names under which a manifest is looked for."""
_CSV_ENCODINGS = ("utf-8-sig", "gb18030")
_COLUMNS = {
    "文件": "file",
    "文件名": "file",
    "标题": "title",
    "发文机关": "issuer",
    "文号": "document_number",
    "发文字号": "document_number",
    "索引号": "index_number",
    "文种": "kind",
    "成文日期": "written",
    "发布日期": "published",
    "施行日期": "effective",
    "失效日期": "expires",
    "效力状态": "status",
    "地区": "region",
    "层级": "level",
    "替代": "replaces",
    "来源": "source_url",
    "来源网址": "source_url",
    "访问级别": "access",
}


@dataclass(frozen=True, slots=True)
class Override:
    """What a manifest states about one file: field name → value, and who may see it."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    access: Access | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """One file's raw values, and the place of the entry for messages."""

    file: str
    values: Mapping[str, object]
    place: str


def load_manifest(folder: Path) -> Mapping[str, Override]:
    """Return file name → override from the manifest of a folder; empty where there is none.

    File names are as in the manifest, relative to the folder, with forward slashes.

    Raises:
        UsageError: naming the manifest, the line and the field, for a broken file, two manifests,
            an unknown field, a wrong value, a file named twice or one outside the folder.
    """
    found = [path for name in FILE_NAMES if (path := folder / name).is_file()]
    if not found:
        return {}
    if len(found) > 1:
        names = "、".join(path.name for path in found)
        raise UsageError(f"文件夹 {str(folder)!r} 里有多份清单：{names}；请只保留一份")
    path = found[0]
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise UsageError(
            f"清单 {str(path)!r} 无法读取（{problem.strerror}）；请检查读取权限"
        ) from problem
    entries = _csv_entries(data, path) if path.suffix == ".csv" else _yaml_entries(data, path)
    overrides: dict[str, Override] = {}
    for entry in entries:
        name = _file_name(entry)
        if name in overrides:
            raise UsageError(f"{entry.place}：{name!r} 写了两次；请只保留一处")
        overrides[name] = _override(entry)
    return overrides


def apply_override(metadata: Metadata, override: Override) -> Metadata:
    """Return the metadata with the fields that the override states; the others stay."""
    return dataclasses.replace(metadata, **override.fields)


def _place(path: Path, line: int) -> str:
    return f"清单 {str(path)!r} 第 {line} 行"


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError("应是文字")


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(_text(value).replace("/", "-"))
    except ValueError:
        raise ValueError("应是日期，如 2025-09-12") from None


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(_text(item) for item in value)
    return tuple(
        part.strip() for part in _text(value).replace("；", ";").split(";") if part.strip()
    )


def _one_of(choices: type[StrEnum]) -> Callable[[object], StrEnum]:
    def read(value: object) -> StrEnum:
        try:
            return choices(_text(value))
        except ValueError:
            allowed = "、".join(choice.value for choice in choices)
            raise ValueError(f"应是 {allowed} 之一") from None

    return read


_READERS: Mapping[str, Callable[[object], object]] = MappingProxyType(
    {
        "title": _text,
        "issuer": _text,
        "document_number": _text,
        "index_number": _text,
        "kind": _text,
        "written": _date,
        "published": _date,
        "effective": _date,
        "expires": _date,
        "status": _one_of(Status),
        "region": _text,
        "level": _one_of(Level),
        "replaces": _texts,
        "source_url": _text,
        "access": _one_of(Access),
    }
)


def _override(entry: _Entry) -> Override:
    fields: dict[str, Any] = {}
    for name, value in entry.values.items():
        if name not in _READERS:
            raise UsageError(
                f"{entry.place}：{entry.file!r} 的字段 {name!r} 不认识；"
                f"可用字段：{'、'.join(_READERS)}"
            )
        if value is None:
            continue
        try:
            fields[name] = _READERS[name](value)
        except ValueError as problem:
            raise UsageError(
                f"{entry.place}：{entry.file!r} 的字段 {name} {problem}，不能是 {value!r}；请改正"
            ) from None
    access = fields.pop("access", None)
    return Override(fields, access)


def _file_name(entry: _Entry) -> str:
    path = PurePosixPath(entry.file.strip().replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or not path.name or ":" in path.parts[0]:
        raise UsageError(
            f"{entry.place}：{entry.file!r} 不是清单所在文件夹里的文件名；请改为相对于该文件夹的文件名"
        )
    return str(path)


def _yaml_entries(data: bytes, path: Path) -> Iterator[_Entry]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"清单 {str(path)!r} 不是 UTF-8 编码；请另存为 UTF-8") from None
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise UsageError(
            f"{_place(path, line)}：不是有效的 YAML（{problem.problem}）；请改正写法"
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        reason = str(problem).splitlines()[0]
        raise UsageError(f"清单 {str(path)!r} 不是有效的 YAML（{reason}）；请改正写法") from None
    if tree is None or content is None:
        return
    if not isinstance(tree, yaml.MappingNode):
        raise UsageError(
            f"{_place(path, 1)}：应逐个列出文件名及其字段；请写作“a.pdf: {{title: …}}”的形式"
        )
    for key, value in tree.value:
        line = key.start_mark.line + 1
        name = key.value
        if not isinstance(name, str) or not isinstance(value, yaml.MappingNode):
            raise UsageError(f"{_place(path, line)}：应是文件名，下面缩进写它的字段；请改正")
        seen: set[str] = set()
        for field_key, _ in value.value:
            if str(field_key.value) in seen:
                place = _place(path, field_key.start_mark.line + 1)
                raise UsageError(
                    f"{place}：{name!r} 的字段 {field_key.value!r} 写了两次；请只保留一处"
                )
            seen.add(str(field_key.value))
        stated = content.get(name)
        if not isinstance(stated, dict):
            raise UsageError(f"{_place(path, line)}：请给文件名 {name!r} 加上引号")
        values = {str(field_name): item for field_name, item in stated.items()}
        yield _Entry(name, values, _place(path, line))


def _csv_entries(data: bytes, path: Path) -> Iterator[_Entry]:
    rows = csv.reader(io.StringIO(_decoded(data, path), newline=""), strict=True)
    try:
        header = [_COLUMNS.get(cell.strip(), cell.strip()) for cell in next(rows, [])]
        if "file" not in header:
            raise UsageError(f"{_place(path, 1)}：表头没有“文件名”（file）一列；请补上")
        doubled = next((name for name in header if name and header.count(name) > 1), None)
        if doubled:
            raise UsageError(f"{_place(path, 1)}：表头中 {doubled!r} 一列有两个；请只保留一个")
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            place = _place(path, rows.line_num)
            if len(row) > len(header):
                raise UsageError(
                    f"{place}：有 {len(row)} 格，表头只有 {len(header)} 格；"
                    "请删去多余的格，内容含逗号时加上引号"
                )
            cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
            name = cells.pop("file", "")
            yield _Entry(name, {key: cell or None for key, cell in cells.items() if key}, place)
    except csv.Error as problem:
        raise UsageError(
            f"{_place(path, rows.line_num)}：不是有效的 CSV（{problem}）；请改正写法"
        ) from None


def _decoded(data: bytes, path: Path) -> str:
    for encoding in _CSV_ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"清单 {str(path)!r} 既不是 UTF-8 也不是 GB18030 编码；请另存为 UTF-8")
