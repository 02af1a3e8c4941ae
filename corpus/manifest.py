"""The manifest beside the files: what a person states about them, over what was read.

`manifest.yaml` (or `.yml`) maps a file name to fields; `manifest.csv` has a header with the column
`file` and one row a file. Fields are those of `Metadata`, plus `access`; CSV headers may be in
Chinese (标题, 文号, 成文日期 …). A field that is left out, or an empty cell, overrides nothing.
"""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
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
        names = " and ".join(path.name for path in found)
        raise UsageError(f"{folder} holds {names}; keep one of them")
    path = found[0]
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror}") from problem
    entries = _csv_entries(data, path) if path.suffix == ".csv" else _yaml_entries(data, path)
    overrides: dict[str, Override] = {}
    for entry in entries:
        name = _file_name(entry)
        if name in overrides:
            raise UsageError(f"{entry.place}: {name!r} is described twice; keep one entry")
        overrides[name] = _override(entry)
    return overrides


def unknown_files(manifest: Mapping[str, Override], known: Iterable[str]) -> tuple[str, ...]:
    """Return the names in a manifest that are none of the known files, in the manifest's order."""
    names = frozenset(known)
    return tuple(name for name in manifest if name not in names)


def apply_override(metadata: Metadata, override: Override) -> Metadata:
    """Return the metadata with the fields that the override states; the others stay."""
    return dataclasses.replace(metadata, **override.fields)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError("must be text")


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(_text(value).replace("/", "-"))
    except ValueError:
        raise ValueError("must be a date such as 2025-09-12") from None


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
            raise ValueError(f"must be one of {allowed}") from None

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
                f"{entry.place}, entry {entry.file!r}: unknown field {name!r}; "
                f"known are {', '.join(_READERS)}"
            )
        if value is None:
            continue
        try:
            fields[name] = _READERS[name](value)
        except ValueError as problem:
            raise UsageError(
                f"{entry.place}, entry {entry.file!r}: {name} {problem}, not {value!r}"
            ) from None
    access = fields.pop("access", None)
    return Override(fields, access)


def _file_name(entry: _Entry) -> str:
    path = PurePosixPath(entry.file.strip().replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or not path.name or ":" in path.parts[0]:
        raise UsageError(f"{entry.place}: {entry.file!r} is not the name of a file in this folder")
    return str(path)


def _yaml_entries(data: bytes, path: Path) -> Iterator[_Entry]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8; save it as UTF-8") from None
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise UsageError(f"{path}, line {line}: not valid YAML: {problem.problem}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        reason = str(problem).splitlines()[0]
        raise UsageError(f"{path}: not valid YAML: {reason}") from None
    if tree is None or content is None:
        return
    if not isinstance(tree, yaml.MappingNode):
        raise UsageError(f"{path}, line 1: must map file names to fields, as “a.pdf: {{title: …}}”")
    for key, value in tree.value:
        line = key.start_mark.line + 1
        name = key.value
        if not isinstance(name, str) or not isinstance(value, yaml.MappingNode):
            raise UsageError(f"{path}, line {line}: must be a file name with its fields below it")
        seen: set[str] = set()
        for field_key, _ in value.value:
            if str(field_key.value) in seen:
                place = f"{path}, line {field_key.start_mark.line + 1}"
                raise UsageError(f"{place}, entry {name!r}: {field_key.value!r} is given twice")
            seen.add(str(field_key.value))
        stated = content.get(name)
        if not isinstance(stated, dict):
            raise UsageError(f"{path}, line {line}: write the file name {name!r} in quotes")
        values = {str(field_name): item for field_name, item in stated.items()}
        yield _Entry(name, values, f"{path}, line {line}")


def _csv_entries(data: bytes, path: Path) -> Iterator[_Entry]:
    rows = csv.reader(io.StringIO(_decoded(data, path), newline=""), strict=True)
    try:
        header = [_COLUMNS.get(cell.strip(), cell.strip()) for cell in next(rows, [])]
        if "file" not in header:
            raise UsageError(f"{path}, line 1: the header has no column “file”")
        doubled = next((name for name in header if name and header.count(name) > 1), None)
        if doubled:
            raise UsageError(f"{path}, line 1: the column {doubled!r} is there twice")
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            place = f"{path}, line {rows.line_num}"
            if len(row) > len(header):
                raise UsageError(f"{place}: {len(row)} cells, but the header has {len(header)}")
            cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
            name = cells.pop("file", "")
            yield _Entry(name, {key: cell or None for key, cell in cells.items() if key}, place)
    except csv.Error as problem:
        raise UsageError(f"{path}, line {rows.line_num}: not valid CSV: {problem}") from None


def _decoded(data: bytes, path: Path) -> str:
    for encoding in _CSV_ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{path} is neither UTF-8 nor GB18030; save it as UTF-8")
