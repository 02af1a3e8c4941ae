"""Search for a basis in public and internal documents: the panel, its results, a passage."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from assistant.retrieval import Passage
from assistant.staff.frame import render_staff_page
from assistant.staff.preview import passage_path
from assistant.staff.sessions import Session
from assistant.web.documents import Span, View
from assistant.web.markup import attributes, element, mark_span, mark_words, status_badge
from corpus.documents import Access
from corpus.tokens import without_asking, words

LONGEST_QUERY = 200
RESULTS = 10
SNIPPET = 180


def basis_panel() -> str:
    """Return the panel beside a form; without scripts its results open as a page."""
    return element(
        "aside",
        element("h2", "查依据", id="basis-heading")
        + _form("", "basis-query")
        + element("div", "", id="basis-results", aria_live="polite"),
        class_="panel",
        aria_labelledby="basis-heading",
    )


def render_basis(query: str, found: Sequence[Passage] | None, session: Session) -> str:
    """Return the page of a search, with results where something was asked."""
    shown = "" if found is None else render_found(query, found)
    return render_staff_page(
        "查依据",
        element("h1", "查依据")
        + element("p", "在公开和内部文件里检索条款；征求意见稿和失效文件会标出。", class_="hint")
        + _form(query, "query")
        + shown,
        session,
        "/staff/basis",
    )


def render_found(query: str, found: Sequence[Passage]) -> str:
    """Return clauses with their document, place, validity and level of access."""
    if not found:
        return element("p", "没有找到相符的条款。换几个词，或用文号、标题来查。")
    marked = words(without_asking(query))
    return element("ol", "".join(_result(p, marked) for p in found), class_="results")


def _form(query: str, key: str) -> str:
    line = (
        f"<input{attributes(type='search', id=key, name='q', value=query, maxlength=LONGEST_QUERY)}>"
        + element("button", "检索", type="submit", class_="tool")
    )
    return element(
        "form",
        element("label", "关键词、标题或文号", for_=key)
        + element("div", line, class_="search-line"),
        method="get",
        action="/staff/basis",
        role="search",
        class_="basis-form",
    )


def _result(passage: Passage, marked: Sequence[str]) -> str:
    metadata, chunk = passage.document.metadata, passage.chunk
    number = f"（{metadata.document_number}）" if metadata.document_number else ""
    href = passage_path(passage.document.id, chunk.start, chunk.end)
    internal = (
        element("span", "内部", class_="badge badge-internal")
        if passage.document.access is Access.INTERNAL
        else ""
    )
    name = metadata.document_number or f"《{metadata.title}》"
    text = chunk.text if len(chunk.text) <= SNIPPET else chunk.text[:SNIPPET] + "……"
    use = element(
        "button",
        "写入“依据”",
        type="button",
        class_="tool use-basis",
        hidden=True,  # shown by the script where there is a form to write into
        data_basis=f"{name}{chunk.locator}" if chunk.locator.startswith("第") else name,
    )
    return element(
        "li",
        element(
            "p",
            element("a", escape(f"《{metadata.title or '无标题'}》"), href=href, target="_blank")
            + escape(number)
            + status_badge(passage.status)
            + internal,
        )
        + element("p", escape(chunk.locator), class_="source-facts")
        + element("p", mark_words(text, marked))
        + use,
    )


def render_passage_page(view: View, span: Span | None, session: Session) -> str:
    """Return a document with a passage of it marked."""
    metadata = view.document.metadata
    internal = (
        element("span", "内部", class_="badge badge-internal")
        if view.document.access is Access.INTERNAL
        else ""
    )
    facts = "　".join(
        str(part)
        for part in (metadata.document_number, metadata.issuer, metadata.published)
        if part
    )
    by = view.successor.metadata if view.successor else None
    ended = (
        element("p", escape(f"已由《{by.title}》代替，请改引该文件。"), class_="warning")
        if by
        else ""
    )
    if view.current:
        ended += element(
            "p", "这是较早收录的版本，内容后来有更改，请改引现在的版本。", class_="warning"
        )
    text = mark_span(view.text, 0, span.start, span.end, "passage") if span else escape(view.text)
    return render_staff_page(
        view.title or "文件",
        element("h1", escape(view.title or "无标题"))
        + element("p", status_badge(view.status) + internal)
        + element("p", escape(facts), class_="source-facts")
        + ended
        + element("article", text, class_="document stored-text"),
        session,
    )
