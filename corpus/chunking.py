"""Text → clauses: 条, 款, 项 of laws, numbered blocks of policies, questions, table rows; lossless.

The chunks of a document, joined, are its text. A block of the outline (see `outline_tree`) becomes
one chunk with its continuation lines; an article, a question with its answer, or a list with the
sentence that introduces it stays whole while it is short, and is otherwise split at its own items,
each of which remembers that sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from corpus.documents import Block, BlockKind, Chunk, chunk_id
from corpus.numerals import int_to_chinese
from corpus.outline import Depth
from corpus.outline_tree import Line, Node, read_outline

# Lengths in characters. A statute article has 130 on average and 95 % have fewer
# than 400; a static embedding blurs beyond that, and a person reads one screen.
WHOLE_ARTICLE = 600
WHOLE_LIST = 450
WHOLE_ANSWER = 600
PIECE = 350
TITLE_ALONE = 80
CONTENTS = 2_000  # the longest table of contents of a law stays whole

_SENTENCE_END = re.compile(r"[。！？；!?;](?:[”’）》\"])*|\n")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block stands: the blocks around it, their headings and labels, and the list lead."""

    around: tuple[int, ...] = ()
    path: tuple[str, ...] = ()
    locator: str = ""
    article: str = ""
    lead: str = ""
    paragraphs: int = 0  # 款 of the article above this block


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    place: _Place
    bare: bool = False  # a heading line alone: it opens the chunk of the first clause below it


@dataclass(frozen=True, slots=True)
class _Part:
    """A line or some of its sentences; `number` counts the lines of its block from one."""

    start: int
    end: int
    row: bool  # of a table
    number: int


def chunk(document_id: str, text: str, blocks: Sequence[Block]) -> list[Chunk]:
    """Split a normalised text into clauses, in order; `"".join(c.text for c in chunks) == text`."""
    root = read_outline(text, blocks)
    if root is None:
        return []
    spans = _attach_headings(list(_emit(root)))
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
            page=_page_at(blocks, span.start),
        )
        for span in spans
    ]


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each sentence; together they cover the text."""
    bounds = [0, *(match.end() for match in _SENTENCE_END.finditer(text))]
    if bounds[-1] != len(text):
        bounds.append(len(text))
    return [(a, b) for a, b in pairwise(bounds) if b > a]


def _emit(root: Node) -> Iterator[_Span]:
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


def _emit_node(node: Node, outer: _Place) -> Iterator[_Span]:
    place = _enter(outer, node)
    if _is_bare_heading(node):
        yield _Span(node.start, node.own_end, place, bare=True)
    elif _stays_whole(node) and node.rank[0] != Depth.PARAGRAPH:
        yield _Span(node.start, node.end, place)
        return
    else:
        yield from _pieces(node.lines, place)
    lead = _lead_of(node)
    inner = replace(place, lead=lead) if lead else place
    paragraphs = place.paragraphs + len(node.lines)
    if node.rank[0] == Depth.PARAGRAPH or _has_paragraphs(node):
        inner = replace(inner, locator=f"{place.locator}第{int_to_chinese(paragraphs)}款")
    for child in node.children:
        yield from _emit_node(child, replace(inner, paragraphs=paragraphs))
        if child.rank[0] == Depth.PARAGRAPH:
            paragraphs += len(child.lines)


def _enter(outer: _Place, node: Node) -> _Place:
    """Return the place of a block inside `outer`."""
    if node.rank[0] == Depth.PARAGRAPH:
        return replace(outer, around=(*outer.around, id(node)), locator=outer.article, lead="")
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


def _has_paragraphs(node: Node) -> bool:
    """Tell whether an article has several 款 above its items, not one broken or below a heading."""
    ended = [line.text.endswith("。") for line in node.lines[:-1]]
    return node.rank[0] == Depth.ARTICLE and bool(ended) and all(ended)


def _issued_title(outer: _Place) -> str:
    match = re.match(r"《[^》]+》", outer.locator)
    return match[0] if match else ""


def _append(locator: str, label: str, *, numbered: bool = False) -> str:
    """Join two parts of a locator; headings that carry no number are set off by a space."""
    if not locator or not label or numbered:
        return locator + label
    return f"{locator} {label}"


def _is_bare_heading(node: Node) -> bool:
    return len(node.lines) == 1 and node.lines[0].heading


def _lead_of(node: Node) -> str:
    """Return the sentence that introduces the items of a block, or an empty string."""
    text = node.lines[-1].text if node.lines else ""
    if not text.endswith(("：", ":")):
        return ""
    start = max(text.rfind(mark, 0, -1) for mark in "。；") + 1
    return text[start:]


def _stays_whole(node: Node) -> bool:
    length = node.end - node.start
    if node.mark and node.mark.depth is Depth.ARTICLE:
        return length <= WHOLE_ARTICLE
    if node.mark and node.mark.depth is Depth.QUESTION:
        return length <= WHOLE_ANSWER
    if node.children and _lead_of(node):
        return length <= WHOLE_LIST
    return not node.children and length <= WHOLE_LIST and not _has_table(node.lines)


def _has_table(lines: Sequence[Line]) -> bool:
    return sum(line.block.kind is BlockKind.TABLE_ROW for line in lines) > 1


def _pieces(lines: Sequence[Line], place: _Place) -> Iterator[_Span]:
    """Split a block's own lines into chunks: paragraphs and rows grouped, long ones by sentence."""
    group: list[_Part] = []
    for part in _parts(lines):
        full = group and part.end - group[0].start > PIECE
        # A heading line stays with what it announces; a table is not mixed with the text before it
        # unless that is only its caption.
        turned = group and part.row != group[-1].row and group[-1].end - group[0].start > 60
        if full or turned:
            yield _piece(group, place, lines)
            group = []
        group.append(part)
    if group:
        yield _piece(group, place, lines)


def _parts(lines: Sequence[Line]) -> Iterator[_Part]:
    for number, line in enumerate(lines, start=1):
        row = line.block.kind is BlockKind.TABLE_ROW
        cuts = [line.start + cut for cut in _sentence_cuts(line.text)]
        for start, end in pairwise([line.start, *cuts, line.end]):
            yield _Part(start, end, row, number)


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


def _piece(group: Sequence[_Part], place: _Place, lines: Sequence[Line]) -> _Span:
    first, last = group[0].number, group[-1].number
    locator = place.locator
    if place.article and locator == place.article:
        # In an article every paragraph is a 款 (立法法 art. 65).
        if (len(lines) > 1 or place.paragraphs) and first == last:
            locator = f"{locator}第{int_to_chinese(place.paragraphs + first)}款"
    elif any(part.row for part in group):
        first = next(part.number for part in group if part.row)
        table_start = next(
            n for n, line in enumerate(lines) if line.block.kind is BlockKind.TABLE_ROW
        )
        a, b = first - table_start, last - table_start
        rows = f"表格第{a}行" if a == b else f"表格第{a}—{b}行"
        locator = _append(locator, rows)
    elif not locator:
        locator = f"第{first}段" if first == last else f"第{first}—{last}段"
    return _Span(group[0].start, group[-1].end, replace(place, locator=locator))


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
            joined += _contents(waiting[:split])
        start = waiting[split].start if split < len(waiting) else span.start
        joined.append(replace(span, start=start))
        waiting = []
    if waiting:
        joined += _contents(waiting)
    return joined


def _contents(headings: Sequence[_Span]) -> Iterator[_Span]:
    """Yield headings without a clause of their own: a table of contents, in pieces if it is long."""
    if len(headings) == 1:
        yield headings[0]
        return
    first = 0
    for index in range(1, len(headings) + 1):
        if index == len(headings) or headings[index].end - headings[first].start > CONTENTS:
            place = _Place(locator="目录")
            yield _Span(headings[first].start, headings[index - 1].end, place)
            first = index


def _page_at(blocks: Sequence[Block], start: int) -> int | None:
    index = bisect_right(blocks, start, key=lambda block: block.start) - 1
    return blocks[max(index, 0)].page
