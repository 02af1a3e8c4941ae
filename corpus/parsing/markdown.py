"""Read Markdown with the block rules of markdown-it-py.

markdown-it-py and not unstructured: its Markdown partitioner renders to HTML and classifies every
element, 30 files a second, where thousands of law texts must be read in under a minute. Rules
that misread Chinese official text are off: an indent is a paragraph's, not code; 1. is the
document's own numbering, not a list to renumber; * marks a footnote, not emphasis.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from corpus.documents import BlockKind
from corpus.parsing import web
from corpus.parsing.encodings import decode
from corpus.parsing.lines import Line, OnPage, Reading
from corpus.parsing.plain import paragraphs
from corpus.parsing.tables import table_lines

_PARSER = (
    MarkdownIt("zero").enable(["table", "fence", "hr", "heading", "html_block"]).disable(["inline"])
)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.S)
_PROPERTY = re.compile(r"^([^\s:：#-][^:：]{0,40})[:：]\s*(.+)$", re.M)
_LINE_MARK = re.compile(r"^\s*(?:>\s?)*(?:[-+*]\s+)?(?:\[[ xX]\]\s+)?")
_INLINE = (
    (re.compile(r"!\[([^\[\]\n]{0,300})\]\([^()\n]{0,500}\)"), r"\1"),
    (re.compile(r"\[([^\[\]\n]{1,300})\]\((?:https?:|/|\.|#|mailto:)[^()\n]{0,500}\)"), r"\1"),
    (re.compile(r"<(https?://[^<>\s]{1,500})>"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.{1,300}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"`([^`\n]{1,500})`"), r"\1"),
    (re.compile(r"</?[A-Za-z][^<>\n]{0,200}>"), ""),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])"), r"\1"),
)
_INLINE_MARK = re.compile(r"[\[*_`<\\&]")
_BREAK = re.compile(r"<br\s*/?>", re.I)


def read(data: bytes, on_page: OnPage) -> Reading:
    """Read a Markdown file; `on_page` is not called, Markdown has no pages."""
    text = _without_comments(decode(data)).replace("\r\n", "\n").replace("\r", "\n")
    properties: dict[str, str] = {}
    front = _FRONT_MATTER.match(text)
    if front:
        properties = {key: value.strip("\"' ") for key, value in _PROPERTY.findall(front.group(1))}
        text = text[front.end() :]
    return Reading(tuple(_lines(_PARSER.parse(text))), properties)


def _without_comments(text: str) -> str:
    """Return the text without HTML comments; one that is never closed is text."""
    before, *rest = text.split("<!--")
    kept = [before]
    for piece in rest:
        _, closed, after = piece.partition("-->")
        kept.append(after if closed else f"<!--{piece}")
    return "".join(kept)


def _lines(tokens: Sequence[Token]) -> Iterator[Line]:
    """Yield the lines of the block tokens; the first heading, when it comes first, is the title."""
    position, started = 0, False
    while position < len(tokens):
        token = tokens[position]
        if token.type == "table_open":
            end = _closing(tokens, position)
            yield from _table(tokens[position:end])
            position = end
        elif token.type == "heading_open":
            level = int(token.tag[1:])
            kind = BlockKind.HEADING if started or level > 1 else BlockKind.TITLE
            yield Line(_plain(tokens[position + 1].content), kind, level)
            position += 2
        elif token.type == "inline":
            yield from (Line(text) for text in _paragraph(token.content))
        elif token.type == "fence":
            yield from (Line(text) for text in token.content.split("\n"))
        elif token.type == "html_block":
            yield from web.fragment_lines(token.content)
        started = started or token.type != "hr"
        position += 1


def _closing(tokens: Sequence[Token], opening: int) -> int:
    """Return the index of the token that closes the table opened at `opening`."""
    return next(i for i in range(opening, len(tokens)) if tokens[i].type == "table_close")


def _table(tokens: Sequence[Token]) -> list[Line]:
    grid: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            grid.append([])
        elif token.type == "inline":
            grid[-1].append(_plain(_BREAK.sub(" ", token.content)))
    return table_lines(grid, header_rows=1)


def _paragraph(content: str) -> list[str]:
    """Return the lines of a paragraph: line breaks are the writer's unless they are a margin's."""
    pieces = _BREAK.sub("\n", content)
    if "\n" not in pieces:
        return [_plain(_LINE_MARK.sub("", pieces))]
    marked = "\n".join(_LINE_MARK.sub("", line) for line in pieces.split("\n"))
    return [_plain(line) for line in paragraphs(marked)]


def _plain(content: str) -> str:
    """Return inline Markdown as plain text."""
    if _INLINE_MARK.search(content) is None:
        return content
    text = content
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    return html.unescape(text) if "&" in text else text
