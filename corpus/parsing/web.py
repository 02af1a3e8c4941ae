"""Read a web page: the article and its labelled facts, without what the site puts around it.

lxml and not unstructured's HTML partitioner: that one keeps navigation (it classifies text, not
layout), loses rowspan and colspan of tables, and reads 4.5 pages a second. Government sites are
built on a few content systems, so the article container is found by its name first and by where
the prose is densest second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree, html

from corpus.documents import BlockKind
from corpus.errors import ParseError
from corpus.parsing.encodings import declared_charset, decode
from corpus.parsing.lines import Line, OnPage, Reading
from corpus.parsing.page_facts import article_title, labelled_facts, meta_properties
from corpus.parsing.page_layout import article_element, prune_article, prune_page
from corpus.parsing.tables import cell_text, table_lines

_BLOCK_TAGS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ucapcontent",
        "ul",
    ]
)
_HEADING = re.compile(r"h([1-6])")
# Real pages nest 20 to 60 deep; a hostile one nests until a recursive reader falls over.
_DEEPEST = 400
# Wider than any table on paper; a page can claim a cell that covers a million columns.
_MOST_COLUMNS = 120
_MOST_ROWS_SPANNED = 1000
_MOST_CELLS = 50_000


def read(data: bytes, on_page: OnPage) -> Reading:
    """Read an HTML page; `on_page` is not called, a web page is one piece.

    Raises:
        ParseError: it holds no text, or is nested deeper than any real page.
    """
    root = parse_html(decode(data, declared_charset(data)))
    properties = meta_properties(root)
    prune_page(root)
    article = article_element(root)
    properties |= {
        key: value for key, value in labelled_facts(root, article).items() if key not in properties
    }
    title = article_title(root, article, properties)
    prune_article(article)
    body = list(element_lines(article))
    lines = [Line(title, BlockKind.TITLE, 1)] if title else []
    if body and title and body[0].text.split() == title.split():
        body = body[1:]
    return Reading((*lines, *body), properties)


def fragment_lines(markup: str) -> list[Line]:
    """Return the lines of a piece of HTML that stands inside another text."""
    if not markup.strip():
        return []
    return list(element_lines(parse_html(markup)))


def parse_html(text: str) -> html.HtmlElement:
    """Parse a page without following anything it points to.

    Raises:
        ParseError: it is empty or nested deeper than any real page.
    """
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    clean = text.replace("\0", "").encode("utf-8", "replace")
    try:
        root = html.document_fromstring(clean, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError) as error:
        raise ParseError("网页没有可读的内容，请在浏览器中打开原网页后重新保存。") from error
    if any(entry.level == etree.ErrorLevels.FATAL for entry in parser.error_log):
        # The parser stops there without saying so: what follows would be lost.
        raise ParseError("网页嵌套过深或有一段超过 10 MB，不像正常网页，请核对来源后重新保存。")
    depth, deepest = 0, 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        raise ParseError("网页的标签嵌套过深，不像正常网页，请核对来源后重新保存。")
    return root


def element_lines(root: html.HtmlElement) -> Iterator[Line]:
    """Yield the lines under an element: one a block element or line break, one a table row."""
    text = ""
    level = 0
    skipped: html.HtmlElement | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if skipped is not None:
            if event == "end" and element is skipped:
                skipped = None
                text = _collapse(element.tail) if element is not root else ""
            continue
        tag = element.tag if isinstance(element.tag, str) else ""
        block = tag in _BLOCK_TAGS or tag == "br"
        if block:
            yield from _line(text, level)
            text = ""
        if event == "start":
            if tag == "table" and _is_data_table(element):
                skipped = element
                yield from table_lines(table_grid(element), header_rows=_header_rows(element))
                continue
            if heading := _HEADING.fullmatch(tag):
                level = int(heading.group(1))
            text += _collapse(element.text)
        else:
            if _HEADING.fullmatch(tag):
                level = 0
            if element is not root:
                text += _collapse(element.tail)
    yield from _line(text, level)


def _line(text: str, level: int) -> Iterator[Line]:
    if text.strip():
        kind = BlockKind.HEADING if level else BlockKind.PARAGRAPH
        yield Line(text, kind, level)


def _collapse(text: str | None) -> str:
    """Return text as a browser shows it: a line break in the source is a space, or nothing."""
    return re.sub(r"[ \t\r\n\f]+", " ", text) if text else ""


def _is_data_table(table: html.HtmlElement) -> bool:
    """Tell a table of data from one that lays out the page: no table or long prose within it."""
    if next(table.iterdescendants("table"), None) is not None:
        return False
    rows = list(table.iter("tr"))
    widest = max((len([c for c in row if c.tag in ("td", "th")]) for row in rows), default=0)
    return widest > 1


def _header_rows(table: html.HtmlElement) -> int | None:
    """Return how many rows at the top are marked as headers, None if none is."""
    rows = list(table.iter("tr"))
    marked = 0
    for row in rows:
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        in_head = row.getparent() is not None and row.getparent().tag == "thead"
        if not cells or not (in_head or all(cell.tag == "th" for cell in cells)):
            break
        marked += 1
    return marked or None


def table_grid(table: html.HtmlElement) -> list[list[str]]:
    """Return the cells of a table with merged values repeated in every place they cover."""
    grid: list[list[str]] = []
    covered = 0
    carried: dict[int, tuple[str, int]] = {}
    for row in table.iter("tr"):
        cells: list[str] = []
        pending = [cell for cell in row if cell.tag in ("td", "th")][::-1]
        while len(cells) < _MOST_COLUMNS and (pending or len(cells) in carried):
            column = len(cells)
            if column in carried:
                text, rows_left = carried.pop(column)
                if rows_left > 1:
                    carried[column] = (text, rows_left - 1)
                cells.append(text)
                continue
            cell = pending.pop()
            text = cell_text([line.text for line in element_lines(cell)])
            rows_spanned = _span(cell, "rowspan", _MOST_ROWS_SPANNED)
            for _ in range(_span(cell, "colspan", _MOST_COLUMNS)):
                if rows_spanned > 1:
                    carried[len(cells)] = (text, rows_spanned - 1)
                cells.append(text)
        grid.append(cells)
        covered += len(cells)
        if covered > _MOST_CELLS:
            raise ParseError("网页里的表格大得异常，请只保存需要的部分后重新导入。")
    return grid


def _span(cell: html.HtmlElement, name: str, most: int) -> int:
    value = (cell.get(name) or "1").strip()
    return min(max(int(value[:6]), 1), most) if value.isascii() and value.isdigit() else 1
