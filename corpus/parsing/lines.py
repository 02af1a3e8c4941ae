"""The lines a reader found in a file, and how they become one normalised text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from corpus.documents import Block, BlockKind, ParsedFile
from corpus.errors import ParseError
from corpus.parsing.normalise import normalise_line

OnPage = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph, heading or table row as the file holds it, not yet normalised.

    `level` is the heading level the file marks (1 = highest, 0 = not a heading); `page` is
    1-based, None for a format without pages.
    """

    text: str
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader took from a file: its lines in reading order and what it says of itself."""

    lines: tuple[Line, ...]
    properties: Mapping[str, str] = field(default_factory=dict)


def assemble(reading: Reading, media_type: str) -> ParsedFile:
    """Normalise the lines and join them to one text; lines that hold nothing are dropped.

    Raises:
        ParseError: no line holds any text.
    """
    texts: list[str] = []
    blocks: list[Block] = []
    position = 0
    for line in reading.lines:
        text = normalise_line(line.text)
        if not text:
            continue
        end = position + len(text)
        blocks.append(Block(position, end, line.kind, line.level, line.page))
        texts.append(text)
        position = end + 1
    if not blocks:
        raise ParseError("没有可读的文字，请确认文件内容不是空白后重新导入。")
    return ParsedFile(
        text="\n".join(texts),
        blocks=tuple(blocks),
        properties=MappingProxyType(clean_properties(reading.properties.items())),
        media_type=media_type,
    )


def clean_properties(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the properties with normalised keys and values; empty ones and repeats are left out.

    The first value of a key wins, because pages repeat a label in related-document lists.
    """
    properties: dict[str, str] = {}
    for key, value in pairs:
        clean_key, clean_value = normalise_line(key).strip("：:"), normalise_line(value)
        if clean_key and clean_value:
            properties.setdefault(clean_key, clean_value)
    return properties
