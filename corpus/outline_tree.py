"""A normalised text → the tree of its blocks: chapters, articles, numbered blocks, questions, annexes.

A line that opens with numbering or that the file marks as a heading starts a block; blocks nest by
depth (see `outline`). What continues a block, and the signature at the end, open none of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from corpus.documents import Block, BlockKind
from corpus.outline import (
    Depth,
    Mark,
    inline_breaks,
    is_annex,
    is_issued_title,
    read_lead,
    read_mark,
)

_LONGEST_ITEM = 20  # lines; a list goes on within so many

LONG_LINE = 250  # characters; a longer line is searched for numbered blocks inside it

_CLOSING_DATE = re.compile(
    r"(?:19|20)\d{2}年\d{1,2}月\d{1,2}日"
    r"|[二〇零一三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or a numbered part of a long one, with its mark and whether it is a heading."""

    start: int
    end: int  # past the newline that follows, if any
    text: str  # without the newline
    block: Block
    mark: Mark | None
    heading: bool


@dataclass(slots=True)
class Node:
    """A block of the outline: its own lines, then the blocks inside it.

    `rank` is its depth and, where the file marks it as a heading, the level the file gives it.
    """

    rank: tuple[int, int]
    label: str
    title: str
    mark: Mark | None
    lines: list[Line] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)

    @property
    def start(self) -> int:
        """The offset where it begins."""
        return self.lines[0].start if self.lines else self.children[0].start

    @property
    def end(self) -> int:
        """The offset past its last inner block."""
        return self.children[-1].end if self.children else self.lines[-1].end

    @property
    def own_end(self) -> int:
        """The offset past its own lines."""
        return self.lines[-1].end if self.lines else self.start


def read_outline(text: str, blocks: Sequence[Block]) -> Node | None:
    """Return the root of the blocks of a normalised text, in order; None where it has no line.

    The lines of all nodes tile the text.
    """
    lines = _read_lines(text, blocks)
    return _build(lines) if lines else None


def _read_lines(text: str, blocks: Sequence[Block]) -> list[Line]:
    lines: list[Line] = []
    quoted_leads = sum(
        1 for b in blocks if b.end - b.start > 30 and read_lead(text[b.start : b.end][:30])
    )
    previous = ""
    for index, block in enumerate(blocks):
        stop = blocks[index + 1].start if index + 1 < len(blocks) else len(text)
        line = text[block.start : block.end]
        cuts = [0]
        if block.kind is BlockKind.PARAGRAPH and len(line) > LONG_LINE:
            cuts += inline_breaks(line)
        for cut, following in zip(cuts, [*cuts[1:], len(line)], strict=True):
            piece = line[cut:following]
            mark = None
            if block.kind is not BlockKind.TABLE_ROW:
                mark = read_mark(piece, previous=previous)
                # Three of a kind make a list; one quoted opening is only a sentence.
                if mark is None and quoted_leads >= 3 and len(piece) > 30:
                    mark = read_lead(piece)
            last = following == len(line)
            lines.append(
                Line(
                    start=block.start + cut if cut or index else 0,
                    end=stop if last else block.start + following,
                    text=piece.strip(),
                    block=block,
                    mark=mark,
                    heading=_is_heading(piece, block, mark),
                )
            )
            previous = piece.rstrip()
    return lines


def _is_heading(line: str, block: Block, mark: Mark | None) -> bool:
    if block.kind is BlockKind.TABLE_ROW:
        return False
    if block.kind in (BlockKind.HEADING, BlockKind.TITLE):
        return len(line) <= 80
    if mark and mark.depth in (Depth.BOOK, Depth.SUBBOOK, Depth.CHAPTER, Depth.SECTION):
        return True
    if is_annex(line):
        return True
    return bool(mark) and len(line) <= 45 and line[-1:] not in "。；：！，、.;:"


def _build(lines: Sequence[Line]) -> Node:
    """Nest the lines: a mark closes every open block that is not shallower than itself."""
    root = Node(rank=(-1, 0), label="", title="", mark=None)
    stack = [root]
    tail = _closing_start(lines)
    for index, line in enumerate(lines):
        if index == tail:
            del stack[1:]
            closing = Node(rank=(0, 0), label="落款", title="", mark=None, lines=[line])
            root.children.append(closing)
            stack.append(closing)
            continue
        if tail is not None and index > tail:
            stack[-1].lines.append(line)
            continue
        issued = _opens_document(lines, index) and _after_body(stack)
        opening = index == 0 and not _is_first_sheet(lines)
        node = _open_issued(line) if issued else _open(line, opening=opening, stack=stack)
        if node is None:
            node = _open_paragraph(lines, index, stack)
        if node is None:
            if stack[-1] is root and root.children:
                root.children.append(Node((0, 0), "", "", None, [line]))
                stack.append(root.children[-1])
            else:
                stack[-1].lines.append(line)
            continue
        while len(stack) > 1 and not _encloses(stack[-1], node):
            stack.pop()
        stack[-1].children.append(node)
        stack.append(node)
    return root


def _open(line: Line, *, opening: bool, stack: Sequence[Node]) -> Node | None:
    """Return the block that a line opens, or None when it continues the open one."""
    if opening or (line.block.kind is BlockKind.TITLE and not stack[0].children):
        return None  # the title belongs to the opening of the document
    level = line.block.level if line.block.kind is BlockKind.HEADING else 0
    if line.block.kind is not BlockKind.TABLE_ROW and is_annex(line.text):
        return Node((Depth.PART, level), line.text.rstrip("：: "), line.text, None, [line])
    mark = line.mark
    if mark is not None:
        in_question = any(node.mark and node.mark.depth is Depth.QUESTION for node in stack[1:])
        if mark.depth is Depth.QUESTION or not (in_question and not line.heading):
            title = line.text if line.heading else _run_in_heading(mark, line.text)
            return Node((mark.depth, level), mark.label, title, mark, [line])
        return None
    if line.heading and line.block.kind in (BlockKind.HEADING, BlockKind.TITLE):
        return Node((Depth.HEADING, level or 1), line.text, line.text, None, [line])
    return None


def _open_paragraph(lines: Sequence[Line], index: int, stack: Sequence[Node]) -> Node | None:
    """Return the 款 that a line opens after a list in an article, or None.

    The last item of a list ends with a full stop, and what follows unmarked is the article's own;
    where the list goes on below, it belongs to the item above.
    """
    line = lines[index]
    article = next((n for n in stack[1:] if n.mark and n.mark.depth is Depth.ARTICLE), None)
    before = stack[-1]
    if article is None or before.mark is None or before.mark.depth <= Depth.ARTICLE:
        return None
    if line.block.kind is not BlockKind.PARAGRAPH or not before.lines[-1].text.endswith("。"):
        return None
    marks = (other.mark for other in lines[index + 1 : index + _LONGEST_ITEM])
    following = next(filter(None, marks), None)
    if following and any(
        node.mark
        and (node.mark.depth, node.mark.ordinal + 1) == (following.depth, following.ordinal)
        for node in stack[stack.index(article) + 1 :]
    ):
        return None
    return Node((Depth.PARAGRAPH, 0), "", "", None, [line])


def _is_first_sheet(lines: Sequence[Line]) -> bool:
    """Say whether the first line heads a table that others of its level follow, as in a workbook.

    Such a line names a part of the document, not the document.
    """
    first = lines[0]
    if first.block.kind is not BlockKind.HEADING:
        return False
    for index, line in enumerate(lines[1:], start=1):
        if line.block.kind is BlockKind.HEADING and line.block.level <= first.block.level:
            return any(row.block.kind is BlockKind.TABLE_ROW for row in lines[1:index])
    return False


def _open_issued(line: Line) -> Node:
    title = replace(line, heading=True)
    return Node((Depth.PART, 0), f"《{line.text}》", line.text, None, [title])


def _opens_document(lines: Sequence[Line], index: int) -> bool:
    """Say whether a line is the title of a document whose first numbered block follows soon."""
    line = lines[index]
    if line.mark or line.block.kind is not BlockKind.PARAGRAPH or not is_issued_title(line.text):
        return False
    opening = (Depth.BOOK, Depth.CHAPTER, Depth.ARTICLE, Depth.FIRST)
    following = (other.mark for other in lines[index + 1 : index + 5])
    return any(mark and mark.ordinal == 1 and mark.depth in opening for mark in following)


def _after_body(stack: Sequence[Node]) -> bool:
    """Say whether text stands above: a title line then opens the document that a notice issues."""
    return bool(stack[0].children) or sum(len(line.text) for line in stack[0].lines) > 60


def _encloses(outer: Node, inner: Node) -> bool:
    """Say whether `inner` stands inside `outer`.

    Where the file marks both as headings, its own levels decide; a file's heading closes plain
    numbered lines; otherwise the depth of the numbering decides.
    """
    if outer.rank[1] and inner.rank[1] and inner.rank[0] != Depth.PART:
        if outer.rank[1] != inner.rank[1]:
            return outer.rank[1] < inner.rank[1]
        return outer.rank[0] < inner.rank[0] and outer.mark is not None
    if inner.rank[1] and not outer.rank[1]:
        return outer.rank[0] < min(inner.rank[0], Depth.ARTICLE)
    return outer.rank[0] < inner.rank[0]


def _run_in_heading(mark: Mark, line: str) -> str:
    """Return the heading that a clause runs on from: “1.加快算力建设。聚焦……” → 1.加快算力建设."""
    if mark.depth in (Depth.ARTICLE,):
        return ""
    if mark.depth is Depth.LEAD:
        return mark.label
    if mark.depth is Depth.QUESTION:
        return mark.rest
    head = re.split(r"[。；：]", mark.rest, maxsplit=1)[0]
    return mark.label + head if len(head) <= 40 else ""


def _closing_start(lines: Sequence[Line]) -> int | None:
    """Return the index of the signature at the end (署名, 日期), or None."""
    for index in range(len(lines) - 1, max(len(lines) - 6, 1), -1):
        line = lines[index]
        if line.block.kind is BlockKind.TABLE_ROW:
            return None
        if _CLOSING_DATE.fullmatch(line.text):
            start = index
            while start > 1 and index - start < 4 and _is_signature(lines[start - 1]):
                start -= 1
            return start
        if len(line.text) > 60:
            return None
    return None


def _is_signature(line: Line) -> bool:
    return (
        line.mark is None
        and not line.heading
        and line.block.kind is not BlockKind.TABLE_ROW
        and 3 <= len(line.text) <= 40
        and not re.search(r"[。；：，！？]", line.text)
    )
