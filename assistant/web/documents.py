"""A document as a page, or the passage of it that a citation names, with the span marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from assistant.web.markup import (
    document_path,
    element,
    mark_span,
    named_title,
    safe_url,
    status_badge,
)
from assistant.web.texts import Texts
from corpus.documents import Chunk, Document, Status

LONGEST_CONTENTS = 80  # headings listed; more would bury the text
_DEEPEST_HEADING = 5


@dataclass(frozen=True, slots=True)
class View:
    """A document as it is on a day: its text and clauses, its validity, what took its place.

    `current` is the version read since then where this is an earlier one.
    """

    document: Document
    text: str
    chunks: tuple[Chunk, ...]
    status: Status
    successor: Document | None = None
    current: Document | None = None

    @property
    def title(self) -> str:
        """The title, empty where the document has none."""
        return self.document.metadata.title


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a document's text, `text[start:end]`."""

    start: int
    end: int

    def within(self, text: str) -> Span | None:
        """Return the span if the text has it and it is not empty."""
        return self if 0 <= self.start < self.end <= len(text) else None


def render_document(view: View, span: Span | None, texts: Texts) -> str:
    """Return the content of a document's page, a span of it marked."""
    title = view.title or texts["untitled"]
    headings = _headings(view.chunks)
    jump = element("a", escape(texts["to_passage"]), href="#passage", class_="tool") if span else ""
    download = element(
        "a",
        escape(texts["download"]),
        href=f"/api/documents/{view.document.id}/original",
        download=True,
        class_="tool",
    )
    return (
        element("h1", escape(title), lang="zh-CN")
        + _validity(view, texts)
        + element("p", jump + download, class_="buttons")
        + _facts(view, texts)
        + _contents(view, headings, texts)
        + element(
            "article",
            "".join(_lines(view, headings, span)),
            class_="document",
            lang="zh-CN",
            aria_label=title,
        )
    )


def render_passage(view: View, span: Span | None, texts: Texts) -> str:
    """Return a passage with the clauses around it, for the drawer."""
    title = view.title or texts["untitled"]
    where = (span.start, span.end) if span else (None, None)
    path = document_path(view.document.id, *where)
    links = element("a", escape(texts["open_document"]), href=texts.path(path)) + element(
        "a",
        escape(texts["download"]),
        href=f"/api/documents/{view.document.id}/original",
        download=True,
    )
    return (
        element("h3", escape(named_title(title)), lang="zh-CN")
        + _validity(view, texts)
        + element("div", _around(view, span, texts), class_="passage", lang="zh-CN")
        + element("p", links, class_="source-links")
        + _facts(view, texts)
    )


def _validity(view: View, texts: Texts) -> str:
    status = texts[f"validity_{view.status.name.lower()}"]
    badge = element("p", status_badge(view.status, status))
    if view.current:
        link = element(
            "a", escape(texts["current_version"]), href=texts.path(document_path(view.current.id))
        )
        badge += element("p", escape(texts["earlier_version"]) + link, class_="warning")
    if view.status is Status.IN_FORCE:
        return badge
    if view.successor is None:
        warning = escape(texts.fill("not_a_basis", status=status))
        return badge + element("p", warning, class_="warning")
    link = element(
        "a",
        escape(f"《{view.successor.metadata.title}》"),
        href=texts.path(document_path(view.successor.id)),
        lang="zh-CN",
    )
    warning = escape(texts.fill("ended_by", status=status))
    return badge + element("p", warning + link, class_="warning")


def _facts(view: View, texts: Texts) -> str:
    metadata = view.document.metadata
    rows = [
        ("document_number", metadata.document_number),
        ("issuer", metadata.issuer),
        ("kind", metadata.kind),
        ("region", metadata.region),
        ("written", metadata.written),
        ("published", metadata.published),
        ("effective", metadata.effective),
        ("expires", metadata.expires),
        ("index_number", metadata.index_number),
    ]
    items = "".join(
        element("dt", escape(texts[key])) + element("dd", escape(str(value)), lang="zh-CN")
        for key, value in rows
        if value
    )
    url = safe_url(metadata.source_url)
    if url:
        link = element("a", escape(url), href=url, rel="noopener noreferrer nofollow")
        items += element("dt", escape(texts["source"])) + element("dd", link)
    return element("dl", items, class_="facts") if items else ""


def _headings(chunks: Sequence[Chunk]) -> dict[str, int]:
    """Return the depth (0 = outermost) of every heading that clauses stand under."""
    found: dict[str, int] = {}
    for chunk in chunks:
        for depth, heading in enumerate(chunk.heading_path):
            found.setdefault(heading.strip(), depth)
    return found


def _contents(view: View, headings: Mapping[str, int], texts: Texts) -> str:
    items = [
        element("a", escape(line.strip()), href=f"#p{start}")
        for start, line in _offsets(view.text)
        if headings.get(line.strip()) == 0
    ]
    if not 3 <= len(items) <= LONGEST_CONTENTS:
        return ""
    return element(
        "details",
        element("summary", escape(texts["contents"]))
        + element("ol", "".join(element("li", item) for item in items), lang="zh-CN"),
        class_="contents",
    )


def _offsets(text: str) -> Iterator[tuple[int, str]]:
    position = 0
    for line in text.split("\n"):
        yield position, line
        position += len(line) + 1


def _lines(view: View, headings: Mapping[str, int], span: Span | None) -> Iterator[str]:
    marked = False
    for start, line in _offsets(view.text):
        if not line.strip():
            continue
        tag_id = None
        if span and not marked and span.start < start + len(line) and span.end > start:
            tag_id, marked = "passage", True
        content = mark_span(line, start, span.start, span.end, tag_id) if span else escape(line)
        depth = headings.get(line.strip())
        if depth is not None:
            yield element(f"h{min(depth + 2, _DEEPEST_HEADING)}", content, id=f"p{start}")
        elif line.strip() == view.title:
            yield element("p", content, class_="document-title")
        else:
            yield element("p", content)


def _around(view: View, span: Span | None, texts: Texts) -> str:
    """Return the clauses that hold a span, the one before and the one after, dimmed."""
    if span is None:
        return element("p", escape(view.text[:400]))
    touched = [
        place
        for place, chunk in enumerate(view.chunks)
        if chunk.start < span.end and chunk.end > span.start
    ]
    if not touched:
        return element("p", mark_span(view.text[span.start : span.end], span.start, *_ends(span)))
    first, last = touched[0], touched[-1]
    parts = []
    for place in range(max(first - 1, 0), min(last + 2, len(view.chunks))):
        chunk = view.chunks[place]
        inside = first <= place <= last
        path = " › ".join(filter(None, (*chunk.heading_path[:-1], chunk.locator)))
        said = view.text[chunk.start : chunk.end].lstrip().startswith(path)
        where = element("p", escape(path), class_="where") if inside and path and not said else ""
        if inside and chunk.lead and chunk.lead not in view.text[chunk.start : chunk.end]:
            where += element("p", escape(chunk.lead), class_="lead")
        body = "".join(
            element("p", mark_span(line, chunk.start + offset, *_ends(span)))
            for offset, line in _offsets(view.text[chunk.start : chunk.end])
            if line.strip()
        )
        parts.append(
            element("div", where + body, class_="clause" if inside else "clause neighbour")
        )
    return "".join(parts)


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end
