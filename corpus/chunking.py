"""Text → clauses: 条, 款, 项 of laws, numbered blocks of policies, questions, table rows; lossless.

The chunks of a document, joined, are its text. A line that opens with numbering starts a block;
blocks nest by depth (see `outline`). A block becomes one chunk with its continuation lines; an
article, a question with its answer, or a list with the sentence that introduces it stays whole
while it is short, and is otherwise split at its own items, each of which remembers that sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from corpus.documents import Block, BlockKind, Chunk, chunk_id
from corpus.outline import (
    Depth,
    Mark,
    inline_breaks,
    int_to_chinese,
    is_annex,
    is_issued_title,
    read_lead,
    read_mark,
)

# Lengths in characters. A statute article has 130 on average and 95 % have fewer
# than 400; a static embedding blurs beyond that, and a person reads one screen.
WHOLE_ARTICLE = 600
WHOLE_LIST = 450
WHOLE_ANSWER = 600
PIECE = 350
TITLE_ALONE = 80
LONG_LINE = 250  # a line longer than this is searched for numbered blocks inside it

_SENTENCE_END = re.compile(r"[。！？；!?;](?:[”’）》\"])*|\n")
_CLOSING_DATE = re.compile(
    r"(?:19|20)\d{2}年\d{1,2}月\d{1,2}日"
    r"|[二〇零一三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int  # past the newline that follows, if any
    text: str  # without the newline
    block: Block
    mark: Mark | None
    heading: bool


@dataclass(slots=True)
class _Node:
    """A block of the outline: its own lines, then the blocks inside it."""

    rank: tuple[int, int]
    label: str
    title: str
    mark: Mark | None
    lines: list[_Line] = field(default_factory=list)
    children: list[_Node] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.lines[0].start if self.lines else self.children[0].start

    @property
    def end(self) -> int:
        return self.children[-1].end if self.children else self.lines[-1].end

    @property
    def own_end(self) -> int:
        return self.lines[-1].end if self.lines else self.start

    def walk(self) -> Iterator[_Node]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block stands: the blocks around it, their headings and labels, and the list lead."""

    around: tuple[int, ...] = ()
    path: tuple[str, ...] = ()
    locator: str = ""
    article: str = ""
    lead: str = ""


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    place: _Place
    bare: bool = False  # a heading line alone: it opens the chunk of the first clause below it


def chunk(document_id: str, text: str, blocks: Sequence[Block]) -> list[Chunk]:
    """Split a normalised text into clauses, in order; `"".join(c.text for c in chunks) == text`."""
    lines = _read_lines(text, blocks)
    if not lines:
        return []
    spans = _attach_headings(list(_emit(_build(lines))))
    pages = [(line.start, line.block.page) for line in lines]
    return [
        Chunk(
            id=chunk_id(document_id, span.start, span.end, text[span.start : span.end]),
            document_id=document_id,
            start=span.start,
            end=span.end,
            text=text[span.start : span.end],
            heading_path=span.place.path,
            locator=span.place.locator,
            lead=span.place.lead,
            page=_page_at(pages, span.start),
        )
        for span in spans
    ]


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each sentence; together they cover the text."""
    bounds = [0, *(match.end() for match in _SENTENCE_END.finditer(text))]
    if bounds[-1] != len(text):
        bounds.append(len(text))
    return [(a, b) for a, b in pairwise(bounds) if b > a]


# ---------------------------------------------------------------- lines


def _read_lines(text: str, blocks: Sequence[Block]) -> list[_Line]:
    lines: list[_Line] = []
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
                _Line(
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


# ---------------------------------------------------------------- outline


def _build(lines: Sequence[_Line]) -> _Node:
    """Nest the lines: a mark closes every open block that is not shallower than itself."""
    root = _Node(rank=(-1, 0), label="", title="", mark=None)
    stack = [root]
    tail = _closing_start(lines)
    for index, line in enumerate(lines):
        if index == tail:
            del stack[1:]
            closing = _Node(rank=(0, 0), label="落款", title="", mark=None, lines=[line])
            root.children.append(closing)
            stack.append(closing)
            continue
        if tail is not None and index > tail:
            stack[-1].lines.append(line)
            continue
        issued = _opens_document(lines, index) and _after_body(stack)
        node = _open_issued(line) if issued else _open(line, first=index == 0, stack=stack)
        if node is None:
            if stack[-1] is root and root.children:
                root.children.append(_Node((0, 0), "", "", None, [line]))
                stack.append(root.children[-1])
            else:
                stack[-1].lines.append(line)
            continue
        while len(stack) > 1 and not _encloses(stack[-1], node):
            stack.pop()
        stack[-1].children.append(node)
        stack.append(node)
    return root


def _open(line: _Line, *, first: bool, stack: Sequence[_Node]) -> _Node | None:
    """Return the block that a line opens, or None when it continues the open one."""
    if first or (line.block.kind is BlockKind.TITLE and not stack[0].children):
        return None  # the title belongs to the opening of the document
    level = line.block.level if line.block.kind is BlockKind.HEADING else 0
    if line.block.kind is not BlockKind.TABLE_ROW and is_annex(line.text):
        return _Node((Depth.PART, level), line.text.rstrip("：: "), line.text, None, [line])
    mark = line.mark
    if mark is not None:
        in_question = any(node.mark and node.mark.depth is Depth.QUESTION for node in stack[1:])
        if mark.depth is Depth.QUESTION or not (in_question and not line.heading):
            title = line.text if line.heading else _run_in_heading(mark, line.text)
            return _Node((mark.depth, level), mark.label, title, mark, [line])
        return None
    if line.heading and line.block.kind in (BlockKind.HEADING, BlockKind.TITLE):
        return _Node((Depth.HEADING, level or 1), line.text, line.text, None, [line])
    return None


def _open_issued(line: _Line) -> _Node:
    title = replace(line, heading=True)
    return _Node((Depth.PART, 0), f"《{line.text}》", line.text, None, [title])


def _opens_document(lines: Sequence[_Line], index: int) -> bool:
    """Say whether a line is the title of a document whose first numbered block follows soon."""
    line = lines[index]
    if line.mark or line.block.kind is not BlockKind.PARAGRAPH or not is_issued_title(line.text):
        return False
    opening = (Depth.BOOK, Depth.CHAPTER, Depth.ARTICLE, Depth.FIRST)
    following = (other.mark for other in lines[index + 1 : index + 5])
    return any(mark and mark.ordinal == 1 and mark.depth in opening for mark in following)


def _after_body(stack: Sequence[_Node]) -> bool:
    """Say whether text stands above: a title line then opens the document that a notice issues."""
    return bool(stack[0].children) or sum(len(line.text) for line in stack[0].lines) > 60


def _encloses(outer: _Node, inner: _Node) -> bool:
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


def _closing_start(lines: Sequence[_Line]) -> int | None:
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


def _is_signature(line: _Line) -> bool:
    return (
        line.mark is None
        and not line.heading
        and line.block.kind is not BlockKind.TABLE_ROW
        and 3 <= len(line.text) <= 40
        and not re.search(r"[。；：，！？]", line.text)
    )


# ---------------------------------------------------------------- emission


def _emit(root: _Node) -> Iterator[_Span]:
    """Walk the outline and yield the spans of the chunks; they tile the text."""
    outer = _Place(around=(id(root),))
    items = all(child.rank[0] >= Depth.SECOND for child in root.children)
    if root.lines and items and _lead_of(root) and root.end - root.start <= WHOLE_ARTICLE:
        yield _Span(root.start, root.end, _Place())  # one list and the sentence before it
        return
    if root.lines:
        length = root.lines[-1].end - root.start
        place = replace(outer, locator="开头" if root.children else "")
        titles = not any(re.search(r"[。；：，]", line.text) for line in root.lines)
        if root.children and titles and length <= TITLE_ALONE:
            # A title answers nothing by itself: it opens the chunk of the first clause.
            yield _Span(root.start, root.lines[-1].end, place, bare=True)
        else:
            yield from _pieces(root.lines, place)
    for child in root.children:
        yield from _emit_node(child, outer)


def _emit_node(node: _Node, outer: _Place) -> Iterator[_Span]:
    place = _enter(outer, node)
    if _is_bare_heading(node):
        yield _Span(node.start, node.own_end, place, bare=True)
    elif _stays_whole(node):
        yield _Span(node.start, node.end, place)
        return
    else:
        yield from _pieces(node.lines, place)
    lead = _lead_of(node)
    inner = replace(place, lead=lead) if lead else place
    for child in node.children:
        yield from _emit_node(child, inner)


def _enter(outer: _Place, node: _Node) -> _Place:
    """Return the place of a block inside `outer`."""
    path = (*outer.path, node.title) if node.title else outer.path
    article = outer.article
    mark = node.mark
    if mark and mark.depth in (Depth.BOOK, Depth.SUBBOOK, Depth.CHAPTER, Depth.SECTION):
        locator = outer.locator  # 章 and 节 are not part of how an article is cited
    elif mark and mark.depth is Depth.ARTICLE:
        locator = article = _issued_title(outer) + mark.label
    elif mark and article and mark.depth in (Depth.SECOND, Depth.FOURTH):
        locator = f"{outer.locator}第{mark.label.rstrip('、')}项"
    elif mark and article and mark.depth is Depth.THIRD:
        locator = f"{outer.locator}第{mark.ordinal}目"
    else:
        locator = _append(outer.locator, node.label, numbered=mark is not None)
    return _Place((*outer.around, id(node)), path, locator, article, outer.lead)


def _issued_title(outer: _Place) -> str:
    match = re.match(r"《[^》]+》", outer.locator)
    return match[0] if match else ""


def _append(locator: str, label: str, *, numbered: bool = False) -> str:
    """Join two parts of a locator; headings that carry no number are set off by a space."""
    if not locator or not label or numbered:
        return locator + label
    return f"{locator} {label}"


def _is_bare_heading(node: _Node) -> bool:
    return len(node.lines) == 1 and node.lines[0].heading


def _lead_of(node: _Node) -> str:
    """Return the sentence that introduces the items of a block, or an empty string."""
    text = node.lines[-1].text if node.lines else ""
    if not text.endswith(("：", ":")):
        return ""
    start = max(text.rfind(mark, 0, -1) for mark in "。；") + 1
    return text[start:]


def _stays_whole(node: _Node) -> bool:
    length = node.end - node.start
    if node.mark and node.mark.depth is Depth.ARTICLE:
        return length <= WHOLE_ARTICLE
    if node.mark and node.mark.depth is Depth.QUESTION:
        return length <= WHOLE_ANSWER
    if node.children and _lead_of(node):
        return length <= WHOLE_LIST
    return not node.children and length <= WHOLE_LIST and not _has_table(node.lines)


def _has_table(lines: Sequence[_Line]) -> bool:
    return sum(line.block.kind is BlockKind.TABLE_ROW for line in lines) > 1


def _pieces(lines: Sequence[_Line], place: _Place) -> Iterator[_Span]:
    """Split a block's own lines into chunks: paragraphs and rows grouped, long ones by sentence."""
    parts: list[tuple[int, int, bool, int]] = []  # start, end, is a table row, paragraph number
    for number, line in enumerate(lines, start=1):
        row = line.block.kind is BlockKind.TABLE_ROW
        cuts = [line.start + cut for cut in _sentence_cuts(line.text)]
        bounds = [line.start, *cuts, line.end]
        parts += [(a, b, row, number) for a, b in pairwise(bounds)]
    group: list[tuple[int, int, bool, int]] = []
    for part in parts:
        full = group and part[1] - group[0][0] > PIECE
        # A heading line stays with what it announces; a table is not mixed with the text before it
        # unless that is only its caption.
        turned = group and part[2] != group[-1][2] and group[-1][1] - group[0][0] > 60
        if full or turned:
            yield _piece(group, place, lines)
            group = []
        group.append(part)
    if group:
        yield _piece(group, place, lines)


def _sentence_cuts(text: str) -> list[int]:
    """Return where to cut a long paragraph: between sentences, every PIECE characters or sooner."""
    if len(text) <= WHOLE_LIST:
        return []
    cuts: list[int] = []
    start = 0
    for begin, end in split_sentences(text):
        if end - start > PIECE and begin > start:
            cuts.append(begin)
            start = begin
        while end - start > 2 * PIECE:  # no sentence end in sight: noise, or a list on one line
            start += PIECE
            cuts.append(start)
    return cuts


def _piece(
    group: Sequence[tuple[int, int, bool, int]], place: _Place, lines: Sequence[_Line]
) -> _Span:
    first, last = group[0][3], group[-1][3]
    locator = place.locator
    if place.article and locator == place.article:
        # In an article every paragraph is a 款 (立法法 art. 65).
        if len(lines) > 1 and first == last:
            locator = f"{locator}第{int_to_chinese(first)}款"
    elif any(row for _, _, row, _ in group):
        first = next(number for _, _, row, number in group if row)
        table_start = next(
            n for n, line in enumerate(lines) if line.block.kind is BlockKind.TABLE_ROW
        )
        a, b = first - table_start, last - table_start
        rows = f"表格第{a}行" if a == b else f"表格第{a}—{b}行"
        locator = _append(locator, rows)
    elif not locator:
        locator = f"第{first}段" if first == last else f"第{first}—{last}段"
    return _Span(group[0][0], group[-1][1], replace(place, locator=locator))


def _attach_headings(spans: Sequence[_Span]) -> list[_Span]:
    """Join each bare heading to the clause below it; headings without one become a 目录 chunk."""
    joined: list[_Span] = []
    waiting: list[_Span] = []
    for span in spans:
        if span.bare:
            waiting.append(span)
            continue
        split = len(waiting)
        while split and waiting[split - 1].place.around[-1] in span.place.around:
            split -= 1
        if split:
            joined.append(_contents(waiting[:split]))
        start = waiting[split].start if split < len(waiting) else span.start
        joined.append(replace(span, start=start))
        waiting = []
    if waiting:
        joined.append(_contents(waiting))
    return joined


def _contents(headings: Sequence[_Span]) -> _Span:
    place = _Place(locator="目录") if len(headings) > 1 else headings[0].place
    return _Span(headings[0].start, headings[-1].end, place)


def _page_at(pages: Sequence[tuple[int, int | None]], start: int) -> int | None:
    index = bisect_right(pages, start, key=lambda page: page[0]) - 1
    return pages[max(index, 0)][1]
