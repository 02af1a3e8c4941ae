"""What an answer says as HTML: verbatim quotes as blocks, rows of tables as tables, figures in bold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from assistant.citations import Citation
from assistant.conversation import Answer, Basis
from assistant.web.markup import element
from assistant.web.texts import Texts

# What stands open; more is one press away. A phone shows about three quotes or 300 characters.
OPEN_QUOTES = 3
OPEN_LENGTH = 300
_MARKER = re.compile(r"\[(\d{1,2})\]")
_HOTLINES = re.compile(r"(?<!\d)(12345|12356|12110|110|119|120|122)(?!\d)")
_NOT_CALLED = ("12345", "12110")  # not urgent; for text messages
# Amounts, shares, times and ages: what people look for first.
_FIGURE = re.compile(
    r"(?:\d{4}年)?\d{1,2}月\d{1,2}日|\d[\d,.]*\s*(?:[十百千万亿]*元(?:/[日月年])?|%|％|个工作日|工作日|个小时|小时|周岁|个月|平方米|日(?!常)|天|年(?!\d)|月(?!\d)|岁|倍|次|份)"
)
_PAIR = re.compile(r"([^：；。]{1,24})：(.*)", re.DOTALL)
_FEWEST_ROWS = 2  # of one form, that make a table; a single row is a list of its cells

Link = Callable[[Citation], str]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table as it was read from a document: its columns and their cells."""

    columns: tuple[str, ...]
    cells: tuple[str, ...]


def render_said(answer: Answer, texts: Texts, link: Link) -> str:
    """Return the text of an answer as HTML; of many quotes the best stand open, the rest folded.

    Args:
        answer: what is shown.
        texts: the texts of the interface.
        link: makes the numbered link to a citation.
    """
    known = {citation.number: citation for citation in answer.citations}
    blocks = list(_quotes(answer)) if answer.basis is Basis.EXTRACTIVE and known else []
    if not blocks:
        return "".join(_lines(answer.text, known, link))
    opening = answer.text[: blocks[0].start]
    shown, folded, length = "", "", 0
    for place, block in enumerate(blocks):
        until = blocks[place + 1].start if place + 1 < len(blocks) else len(answer.text)
        after = "".join(_lines(answer.text[block.end : until], known, link))
        html = _quote(block.citation, link) + after
        length += len(block.citation.quote)
        if place and (place >= OPEN_QUOTES or length > OPEN_LENGTH):
            folded += html
        else:
            shown += html
    if folded:
        count = folded.count('class="quoted"')
        summary = element("summary", escape(texts.fill("more_quotes", count=count)))
        folded = element("details", summary + folded, class_="more-quotes")
    return "".join(_lines(opening, known, link)) + shown + folded


def emphasise(text: str) -> str:
    """Return a text as HTML with its amounts, times and ages in bold."""
    parts: list[str] = []
    position = 0
    for found in _FIGURE.finditer(text):
        parts += [escape(text[position : found.start()]), element("b", escape(found[0]))]
        position = found.end()
    return "".join(parts) + escape(text[position:])


def with_phones(text: str) -> str:
    """Return a text as HTML with hotlines that can be called by a press."""
    return _HOTLINES.sub(r'<a class="phone" href="tel:\1">\1</a>', escape(text))


def urgent_numbers(text: str) -> list[str]:
    """Return the numbers that a text says to call at once, in its order."""
    numbers = [found[0] for found in _HOTLINES.finditer(text) if found[0] not in _NOT_CALLED]
    return list(dict.fromkeys(numbers))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a quote with its marker stands in the text of an answer."""

    citation: Citation
    start: int
    end: int


def _quotes(answer: Answer) -> Iterator[_Place]:
    """Yield the quotes in order; nothing at all where one is not found as it is cited."""
    found = []
    position = 0
    for citation in answer.citations:
        said = f"{citation.quote}[{citation.number}]"
        start = answer.text.find(said, position)
        if start < 0:
            return
        position = start + len(said)
        found.append(_Place(citation, start, position))
    yield from found


def _quote(citation: Citation, link: Link) -> str:
    lines = [line.strip() for line in citation.quote.split("\n") if line.strip()]
    parts = []
    for first, group in groupby(lines, key=_first_column):
        these = list(group)
        rows = [row for line in these if (row := _row(line))]
        if first and len(rows) >= _FEWEST_ROWS:
            parts.append(_table(rows))
        elif first:
            parts += [_cells(row) for row in rows]
        else:
            parts += [element("p", emphasise(line)) for line in these]
    marker = link(citation)
    last = parts[-1] if parts else ""
    if last.endswith("</p>"):
        parts[-1] = last.removesuffix("</p>") + marker + "</p>"
    else:
        parts.append(element("p", marker, class_="marker-line"))
    return element("blockquote", "".join(parts), class_="quoted", lang="zh-CN")


def _first_column(line: str) -> str:
    """Return the name of a row's first column: rows that share it are of one table."""
    row = _row(line)
    return row.columns[0] if row else ""


def _row(line: str) -> Row | None:
    """Read “列名：值；列名：值” back as a row; None for a sentence."""
    columns: list[str] = []
    cells: list[str] = []
    for part in line.rstrip("；").split("；"):
        pair = _PAIR.fullmatch(part.strip())
        if pair is None or pair[2].endswith("。"):
            return None
        columns.append(pair[1])
        cells.append(pair[2])
    return Row(tuple(columns), tuple(cells)) if len(columns) > 1 else None


def _table(rows: Sequence[Row]) -> str:
    """Return rows as a table; a cell that a row leaves out stays empty."""
    columns = list(dict.fromkeys(name for row in rows for name in row.columns))
    head = "".join(element("th", escape(name), scope="col") for name in columns)
    body = ""
    for row in rows:
        cells = dict(zip(row.columns, row.cells, strict=True))
        body += element(
            "tr",
            "".join(
                element("td", emphasise(cells.get(name, "")), data_label=name) for name in columns
            ),
        )
    table = element("thead", element("tr", head)) + element("tbody", body)
    return element("table", table, class_="rows")


def _cells(row: Row) -> str:
    cells = zip(row.columns, row.cells, strict=True)
    return element(
        "dl",
        "".join(
            element("dt", escape(name)) + element("dd", emphasise(cell)) for name, cell in cells
        ),
        class_="row",
    )


def _lines(text: str, known: dict[int, Citation], link: Link) -> Iterator[str]:
    for line in text.split("\n"):
        if not line.strip():
            continue
        cited = bool(known) and _MARKER.search(line) is not None
        content = _with_sources(line, known, link) if cited else with_phones(line)
        yield element("p", content, class_="said", lang=_language(line))


def _language(line: str) -> str | None:
    """Return the language of a line where it is Chinese; an English page says its own."""
    han = len(re.findall(r"[一-龥]", line))
    return "zh-CN" if han * 2 > len(re.findall(r"[^\W\d_]", line)) else None


def _with_sources(text: str, known: dict[int, Citation], link: Link) -> str:
    parts: list[str] = []
    position = 0
    for marker in _MARKER.finditer(text):
        citation = known.get(int(marker[1]))
        if citation is None:
            continue
        parts += [emphasise(text[position : marker.start()]), link(citation)]
        position = marker.end()
    return "".join(parts) + emphasise(text[position:])
