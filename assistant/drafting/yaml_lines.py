"""YAML files read with the line of every entry, so that an error can name its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class LinedYaml:
    """The data of a YAML file and the 1-based line on which each entry begins."""

    name: str
    data: Any
    lines: Mapping[Place, int]

    def line(self, *path: str | int) -> int:
        """Return the line of an entry, or of the nearest entry around it."""
        for length in range(len(path), -1, -1):
            found = self.lines.get(path[:length])
            if found:
                return found
        return 1


def read_yaml(path: Path) -> LinedYaml:
    """Read a YAML file with plain values: dates and times stay the text that was typed.

    Raises:
        ValueError: It cannot be read; the message is a sentence naming file and line.
    """
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise ValueError(f"没有文件 {path.name!r}；请检查路径") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"读不出 {path.name!r}，它应是 UTF-8 文本：{error}") from error
    try:
        node = yaml.compose(text, Loader=_TextLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ValueError(
            f"{path.name} 第 {line} 行不是正确的 YAML（{error.problem}）；"
            "请检查缩进、冒号后的空格和引号"
        ) from error
    except yaml.YAMLError as error:
        raise ValueError(f"{path.name} 含有 YAML 不允许的字符：{error}") from error
    lines: dict[Place, int] = {}
    data = _value(node, (), lines, path.name) if node else None
    return LinedYaml(path.name, data, lines)


class _TextLoader(yaml.SafeLoader):
    """A safe loader that leaves dates as text; 2026-03-05 must come back as it was typed."""


_TYPED = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:float")
_TextLoader.yaml_implicit_resolvers = {
    first: [entry for entry in entries if entry[0] not in _TYPED]
    for first, entries in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _value(node: yaml.Node, path: Place, lines: dict[Place, int], name: str) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in result:
                raise ValueError(f"{name} 第 {line} 行重复写了 {key!r}；请只保留一处")
            result[key] = _value(value_node, (*path, key), lines, name)
            lines[(*path, key)] = line
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, place), lines, name) for place, item in enumerate(node.value)]
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    tag, text = node.tag, str(node.value)
    if tag.endswith(":null"):
        return None
    if tag.endswith(":bool"):
        return text.lower() in ("true", "yes", "on")
    if tag.endswith(":int") and text.isdigit() and (text == "0" or text[0] != "0"):
        return int(text)
    return text
