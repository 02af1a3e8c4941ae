"""An answer as HTML: text with numbered sources, the way on, and what can be done with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from assistant.citations import Citation
from assistant.conversation import Answer, Basis
from assistant.web.handouts import plain_text, sheet, work_order
from assistant.web.markup import attributes, document_path, element, status_badge
from assistant.web.texts import Texts

_MARKER = re.compile(r"\[(\d{1,2})\]")
_HOTLINES = re.compile(r"(?<!\d)(12345|110|119|120|122)(?!\d)")
REASONS = ("wrong", "off_topic", "outdated", "unclear", "incomplete", "no_answer")


def render_turn(turn: str, question: str, body: str, texts: Texts) -> str:
    """Return one turn: the question as a heading, and what answers it below.

    Args:
        turn: an id of letters and digits that names the turn on its page.
        question: what the person wrote.
        body: the answer so far, HTML.
        texts: the texts of the interface.
    """
    heading = element(
        "h2",
        element("span", escape(texts["you_asked"]), class_="asked-label")
        + element("span", escape(question), class_="asked-text"),
        id=f"{turn}-question",
        class_="asked",
    )
    return element(
        "article",
        heading + body,
        class_="turn",
        id=turn,
        data_turn=turn,
        aria_labelledby=f"{turn}-question",
    )


def render_waiting(message: str) -> str:
    """Return what stands where the answer will be."""
    return element("p", escape(message), class_="waiting")


def render_writing(
    extracted: Answer, sentences: Sequence[str], message: str, turn: str, texts: Texts
) -> str:
    """Return an answer whose plain-language version is still being written.

    The checked sentences stand first, the excerpts they rest on below.
    """
    known = {citation.number: citation for citation in extracted.citations}
    draft = ""
    if sentences:
        words = _with_sources("".join(sentences), known, texts)
        draft = element("h3", escape(texts["draft_title"])) + element("p", words, class_="said")
    excerpts = element("h3", escape(texts["excerpt_title"])) if sentences else ""
    return (
        element("p", escape(message), class_="waiting")
        + draft
        + excerpts
        + _said(extracted, texts)
        + _sources(extracted, turn, texts)
    )


def render_answer(answer: Answer, question: str, turn: str, texts: Texts, *, day: str) -> str:
    """Return a finished answer with its sources, next step and tools.

    Args:
        answer: what was found.
        question: what the person wrote, personal data masked.
        turn: the id of the turn.
        texts: the texts of the interface.
        day: the day the answer was given, as printed on what a person takes away.
    """
    notices = "".join(element("p", escape(n), class_="answer-notice") for n in answer.notices)
    return (
        _labels(answer, texts)
        + notices
        + element("div", _said(answer, texts), class_="said-all")
        + _sources(answer, turn, texts)
        + _next_step(answer, texts)
        + _suggestions(answer, texts)
        + _tools(answer, turn, texts)
        + _handouts(answer, question, texts, day)
    )


def _labels(answer: Answer, texts: Texts) -> str:
    status = element(
        "span",
        escape(texts[f"status_{answer.status}"]),
        class_=f"answer-status answer-{answer.status}",
    )
    basis = element("span", escape(texts[f"basis_{answer.basis}"]), class_="answer-basis")
    return element("p", status + basis, class_="answer-labels")


def _said(answer: Answer, texts: Texts) -> str:
    known = {citation.number: citation for citation in answer.citations}
    kind = "quoted" if answer.basis is Basis.EXTRACTIVE else "said"
    lines = [line for line in answer.text.split("\n") if line.strip()]
    parts = []
    for line in lines:
        cited = bool(known) and _MARKER.search(line) is not None
        content = _with_sources(line, known, texts) if cited else _with_phones(line)
        parts.append(element("p", content, class_=kind if cited else "said", lang="zh-CN"))
    return "".join(parts)


def _with_sources(text: str, known: dict[int, Citation], texts: Texts) -> str:
    parts: list[str] = []
    position = 0
    for marker in _MARKER.finditer(text):
        citation = known.get(int(marker[1]))
        if citation is None:
            continue
        parts += [escape(text[position : marker.start()]), _marker(citation, texts)]
        position = marker.end()
    return "".join(parts) + escape(text[position:])


def _with_phones(text: str) -> str:
    return _HOTLINES.sub(r'<a class="phone" href="tel:\1">\1</a>', escape(text))


def _marker(citation: Citation, texts: Texts) -> str:
    label = texts.fill(
        "source_number",
        number=citation.number,
        title=citation.title or texts["untitled"],
        locator=citation.locator,
    )
    return element(
        "a", str(citation.number), class_="cite", aria_label=label, **_passage_link(citation, texts)
    )


def _passage_link(citation: Citation, texts: Texts) -> dict[str, str]:
    path = document_path(citation.document_id, citation.start, citation.end)
    return {"href": texts.path(path), "data_passage": str(citation.number)}


def _sources(answer: Answer, turn: str, texts: Texts) -> str:
    if not answer.citations:
        return ""
    items = "".join(_source(citation, texts) for citation in answer.citations)
    heading = element("h3", escape(texts["sources"]), id=f"{turn}-sources")
    return element(
        "section",
        heading + element("ol", items, class_="sources"),
        class_="answer-sources",
        aria_labelledby=f"{turn}-sources",
    )


def _source(citation: Citation, texts: Texts) -> str:
    title = element(
        "a",
        escape(f"《{citation.title or texts['untitled']}》"),
        class_="source-title",
        **_passage_link(citation, texts),
    )
    number = f"（{citation.document_number}）" if citation.document_number else ""
    place = [citation.locator]
    if citation.page:
        place.append(texts.fill("page_number", page=citation.page))
    facts = [*filter(None, place), *filter(None, (citation.issuer, citation.published))]
    by = ""
    if citation.ended_by:
        line = texts.fill("replaced_by", title=citation.ended_by)
        by = element("p", escape(line), class_="source-ended")
    original = f"/api/documents/{citation.document_id}/original"
    links = element("a", escape(texts["read_passage"]), **_passage_link(citation, texts)) + element(
        "a", escape(texts["download"]), href=original, download=True
    )
    return element(
        "li",
        element("span", str(citation.number), class_="source-number", aria_hidden="true")
        + element(
            "div",
            element("p", title + escape(number) + status_badge(citation.status), lang="zh-CN")
            + element("p", escape(" · ".join(facts)), class_="source-facts", lang="zh-CN")
            + by
            + element("p", links, class_="source-links"),
        ),
        value=citation.number,
    )


def _next_step(answer: Answer, texts: Texts) -> str:
    heading = element("strong", escape(texts["next_step"]))
    return element("p", heading + _with_phones(answer.next_step), class_="next-step", lang="zh-CN")


def _suggestions(answer: Answer, texts: Texts) -> str:
    if not answer.suggestions:
        return ""
    return element(
        "div",
        element("p", escape(texts["try_asking"]), class_="suggest-title")
        + render_questions(answer.suggestions),
        class_="suggest",
    )


def render_questions(questions: Sequence[str]) -> str:
    """Return questions that are asked when one is pressed."""
    items = "".join(
        element(
            "li", element("button", escape(q), type="button", class_="ask-this", data_question=q)
        )
        for q in questions
    )
    return element("ul", items, class_="questions", lang="zh-CN")


def _tools(answer: Answer, turn: str, texts: Texts) -> str:
    buttons = [
        _tool("copy", texts),
        _tool("print_sheet", texts) if answer.citations else "",
        _tool("read_aloud", texts),
        _tool("hand_over", texts),
    ]
    votes = element(
        "span",
        _tool("helpful", texts) + _tool("unhelpful", texts),
        role="group",
        aria_label=texts["feedback_group"],
        class_="votes",
    )
    shown = {
        "status": str(answer.status),
        "sources": " ".join(f"{c.document_id}:{c.start}-{c.end}" for c in answer.citations),
    }
    return element(
        "div",
        "".join(buttons) + votes,
        class_="tools",
        role="group",
        aria_label=texts["answer_tools"],
        data_status=shown["status"],
        data_sources=shown["sources"],
    )


def _tool(action: str, texts: Texts) -> str:
    return f'<button type="button" class="tool"{attributes(data_action=action)}>{escape(texts[action])}</button>'


def _handouts(answer: Answer, question: str, texts: Texts, day: str) -> str:
    """Return what is copied, printed or handed over, kept beside the answer until it is wanted."""
    return (
        element("template", escape(plain_text(answer, question, texts, day)), class_="for-copy")
        + element("template", escape(work_order(answer, question, day)), class_="for-order")
        + (
            element("template", sheet(answer, question, texts, day), class_="for-sheet")
            if answer.citations
            else ""
        )
    )
