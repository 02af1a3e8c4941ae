"""The small template language of the kind files: {字段}, [[可省略的部分]], one paragraph a line.

{名称}        the fact, once; a required one that is missing prints 【待补：名称】
{名称:一}     a list as numbered paragraphs: 一、 （一） 1. （1） by the style after the colon
{名称:顿}     a list in one line, joined with 、
[[…{名称}…]]  a part that is left out where the fact is not given
{?名称}       at the head of a line: the line stands only where the fact is given
{!名称}       at the head of a line: the line stands only where the fact is not given
{#}           the next number of the first level: 一、 二、 三、
A line with an optional fact that is not given is left out whole. Text of facts is put in once and
never read as a template again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.drafting.document import heading_level
from corpus.numerals import int_to_chinese

_VARIABLE = re.compile(r"\{([^{}:\n]+)(?::([^{}\n]+))?\}")
_CONDITION = re.compile(r"^\{([?!])([^{}:\n]+)\}")
_NEXT = "{#}"
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]")
STYLES = ("一", "（一）", "1", "（1）")
_JOINED = "顿"
PLACEHOLDER = "【待补：{}】"
_STOPS = ("。", "！", "？", "；", "：", "…", "】", "。”", "。）")


class TemplateError(ValueError):
    """A template cannot be read."""


def variables(template: str) -> list[str]:
    """Return the names that a template uses.

    Raises:
        TemplateError: Brackets are not closed, or a list style is unknown.
    """
    if template.count("[[") != template.count("]]"):
        raise TemplateError("[[ 与 ]] 不成对")
    rest = _VARIABLE.sub("", template.replace(_NEXT, ""))
    if "{" in rest or "}" in rest:
        raise TemplateError("{ 与 } 不成对；字段写作 {字段名}")
    names = []
    for name, style in _VARIABLE.findall(template.replace(_NEXT, "")):
        name = name.removeprefix("?").removeprefix("!")
        if style and style not in (*STYLES, _JOINED):
            raise TemplateError(f"列表样式 {style!r} 应为 {'、'.join((*STYLES, _JOINED))} 之一")
        names.append(name)
    return names


def render(
    template: str,
    values: Mapping[str, Any],
    required: frozenset[str],
    *,
    first: int = 1,
    text_of_body: bool = True,
) -> list[str]:
    """Return the paragraphs of a template filled with values.

    The first level is numbered from `first` on, in one sequence through the whole template.
    """
    paragraphs: list[str] = []
    counters: dict[str, int] = {"一": first - 1}
    for raw in template.strip().splitlines():
        line = _without_empty_options(raw.strip(), values)
        condition = _CONDITION.match(line)
        if condition:
            if _given(values, condition[2]) is not (condition[1] == "?"):
                continue
            line = line[condition.end() :]
        if not line:
            continue
        names = [name for name, _ in _VARIABLE.findall(line.replace(_NEXT, ""))]
        if any(not _given(values, name) and name not in required for name in names):
            continue
        if _NEXT in line:
            counters["一"] += 1
            line = line.replace(_NEXT, _label("一", counters["一"]))
        alone = _VARIABLE.fullmatch(line)
        if alone and isinstance(values.get(alone[1]), list) and alone[2] != _JOINED:
            style = alone[2] or "一"
            entries = values[alone[1]]
            if style != "一" and len(entries) == 1 and not isinstance(entries[0], dict):
                paragraphs.append(_sentence(_unnumbered(str(entries[0]))))  # one thing is no list
                continue
            paragraphs += _numbered(entries, style, counters if style == "一" else {})
        else:
            text = _VARIABLE.sub(lambda match: _in_line(match, values), line)
            parts = [part.strip() for part in text.splitlines() if part.strip()]
            # A fact that is a paragraph by itself is a sentence; headings and titles are none.
            if alone and text_of_body:
                parts = [part if heading_level(part) else _sentence(part) for part in parts]
            paragraphs += parts
    return paragraphs


def render_line(template: str, values: Mapping[str, Any], required: frozenset[str]) -> str:
    """Return a template of one line filled with values, an empty text where nothing is left."""
    return "".join(render(template, values, required, text_of_body=False))


def _given(values: Mapping[str, Any], name: str) -> bool:
    return values.get(name) not in (None, "", [], {})


def _without_empty_options(line: str, values: Mapping[str, Any]) -> str:
    def kept(match: re.Match[str]) -> str:
        names = [name for name, _ in _VARIABLE.findall(match[1])]
        return match[1] if all(_given(values, name) for name in names) else ""

    return _OPTIONAL.sub(kept, line)


def _in_line(match: re.Match[str], values: Mapping[str, Any]) -> str:
    """Return a value as it stands in its line: its own stop gives way to one that follows it."""
    text = _value(match[1], match[2], values)
    following = match.string[match.end() : match.end() + 1]
    return text.rstrip("。；，") if following and following in "。；，" else text


def _value(name: str, style: str | None, values: Mapping[str, Any]) -> str:
    if not _given(values, name):
        return PLACEHOLDER.format(name)
    value = values[name]
    if isinstance(value, list):
        return ("、" if style == _JOINED else "；").join(_whole_item(item) for item in value)
    return str(value).strip()


def plain_item(item: Any) -> str:
    """Return an entry of a list in one line."""
    if isinstance(item, dict):
        return str(item.get("标题") or next(iter(item.values()), "")).strip().rstrip("。；")
    return str(item).strip().rstrip("。；")


def _whole_item(item: Any) -> str:
    """Return an entry of a list in one line, what it says under its heading in brackets."""
    content = item.get("内容") if isinstance(item, dict) and item.get("标题") else None
    parts = content if isinstance(content, list) else str(content or "").splitlines()
    said = "；".join(filter(None, (plain_item(part) for part in parts)))
    return f"{plain_item(item)}（{said}）" if said else plain_item(item)


def _numbered(items: list[Any], style: str, counters: dict[str, int]) -> list[str]:
    """Return list entries as numbered paragraphs, nested lists one level deeper."""
    paragraphs: list[str] = []
    for item in items:
        counters[style] = counters.get(style, 0) + 1
        label = _label(style, counters[style])
        if not isinstance(item, dict):
            paragraphs.append(label + _sentence(_unnumbered(str(item))))
            continue
        title = str(item.get("标题") or "").strip()
        content = item.get("内容")
        paragraphs.append(label + _unnumbered(title).rstrip("。") if title else label)
        if isinstance(content, list):
            deeper = STYLES[min(STYLES.index(style) + 1, len(STYLES) - 1)]
            paragraphs += _numbered(content, deeper, {})
        elif content:
            text = [line.strip() for line in str(content).splitlines() if line.strip()]
            if style in STYLES[1:] and len(text) == 1:
                # （一）标题。正文 in one paragraph, as the standard sets the second level.
                paragraphs[-1] += "。" + text[0]
            else:
                paragraphs += text
    return paragraphs


def _sentence(text: str) -> str:
    """Return an entry as a sentence: with a full stop, unless it ends with a stop or a gap."""
    return text if not text or text.endswith(_STOPS) else text + "。"


def _label(style: str, number: int) -> str:
    match style:
        case "一":
            return f"{int_to_chinese(number)}、"
        case "（一）":
            return f"（{int_to_chinese(number)}）"
        case "1":
            return f"{number}."
        case _:
            return f"（{number}）"


def _unnumbered(text: str) -> str:
    """Return a text without the numbering that a person typed in front of it."""
    text = " ".join(text.split()) if "\n" in text else text.strip()
    if heading_level(text):
        return re.sub(r"^(?:[一二三四五六七八九十百]+、|（[^）]{1,3}）|\d{1,2}[.．])\s*", "", text)
    return text
