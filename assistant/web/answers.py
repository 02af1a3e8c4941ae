"""An answer as HTML: text with numbered sources, the way on, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from html import escape
from urllib.parse import urlencode

from assistant.citations import Citation
from assistant.conversation import Answer, Basis, Sentence
from assistant.replies import AnswerStatus
from assistant.web.handouts import plain_text, sheet, work_order
from assistant.web.markup import attributes, document_path, element, named_title, status_badge
from assistant.web.quotes import render_said, urgent_numbers, with_phones
from assistant.web.texts import Language, Texts

LONGEST_HEADING = 24  # characters of a heading shown beside its number
LONGEST_SEARCH = 60
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
    extracted: Answer, sentences: Sequence[Sentence], message: str, turn: str, texts: Texts
) -> str:
    """Return an answer whose plain-language version is still being written.

    The checked sentences stand first, the excerpts they rest on below. Each has sources of its own:
    a model's sentences number them by first use, so that [1] is one clause there and another here.
    """
    draft = ""
    if sentences:
        written = replace(
            extracted,
            text="".join(sentence.text for sentence in sentences),
            citations=tuple(c for sentence in sentences for c in sentence.citations),
            basis=Basis.MODEL,
        )
        draft = (
            element("h3", escape(texts["draft_title"]))
            + _said(written, texts)
            + _sources(written, f"{turn}-draft", texts)
            + element("h3", escape(texts["excerpt_title"]))
        )
    return (
        element("p", escape(message), class_="waiting")
        + draft
        + _said(extracted, texts)
        + _sources(extracted, turn, texts)
    )


def render_answer(answer: Answer, question: str, turn: str, texts: Texts, *, day: str) -> str:
    """Return a finished answer with its sources, next step and tools.

    Args:
        answer: what was found, in the language of the page.
        question: what the person wrote, personal data masked.
        turn: the id of the turn.
        texts: the texts of the interface.
        day: the day the answer was given, as printed on what a person takes away.
    """
    notices = "".join(element("p", escape(n), class_="answer-notice") for n in answer.notices)
    asked_back = answer.status is AnswerStatus.CLARIFY
    suggestions = _suggestions(answer, texts)
    return (
        _labels(answer, texts)
        + ("" if answer.citations else notices)
        + element("div", _said(answer, texts), class_="said-all")
        + (notices if answer.citations else "")
        + (suggestions if asked_back else "")
        + _sources(answer, turn, texts)
        + _next_step(answer, question, texts)
        + ("" if asked_back else suggestions)
        + _tools(answer, texts)
        + _handouts(answer, question, texts, day)
    )


def _labels(answer: Answer, texts: Texts) -> str:
    status = element(
        "span",
        escape(texts[f"status_{answer.status}"]),
        class_=f"answer-status answer-{answer.status}",
    )
    basis = element("span", escape(texts[f"basis_{answer.basis}"]), class_="answer-basis")
    labels = element("p", status + basis, class_="answer-labels")
    if answer.status is not AnswerStatus.EMERGENCY:
        return labels
    calls = "".join(
        element("a", escape(texts.fill("call", number=number)), class_="call", href=f"tel:{number}")
        for number in urgent_numbers(answer.text)
    )
    return labels + element("p", calls, class_="calls")


def _said(answer: Answer, texts: Texts) -> str:
    return render_said(answer, texts, partial(_marker, texts=texts))


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
    """Return the documents quoted, each once, with the places in it by their numbers."""
    if not answer.citations:
        return ""
    by_document: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_document.setdefault(citation.document_id, []).append(citation)
    items = "".join(_source(places, texts) for places in by_document.values())
    heading = element("h3", escape(texts["sources"]), id=f"{turn}-sources")
    return element(
        "section",
        heading + element("ul", items, class_="sources"),
        class_="answer-sources",
        aria_labelledby=f"{turn}-sources",
    )


def _source(citations: Sequence[Citation], texts: Texts) -> str:
    first = citations[0]
    number = f"（{first.document_number}）" if first.document_number else ""
    title = element(
        "span",
        escape(named_title(first.title or texts["untitled"]) + number),
        class_="source-title",
    )
    badge = status_badge(first.status, texts[f"validity_{first.status.name.lower()}"])
    facts = " · ".join(filter(None, (first.issuer, first.published)))
    by = ""
    if first.ended_by:
        line = texts.fill("replaced_by", title=first.ended_by)
        by = element("p", escape(line), class_="source-ended")
    places = "".join(element("li", _place(citation, texts)) for citation in citations)
    original = element(
        "a",
        escape(texts["download"]),
        href=f"/api/documents/{first.document_id}/original",
        download=True,
        class_="source-original",
    )
    return element(
        "li",
        element("p", element("span", title, lang="zh-CN") + badge)
        + element(
            "p",
            (element("span", escape(facts), lang="zh-CN") if facts else "") + original,
            class_="source-facts",
        )
        + by
        + element("ul", places, class_="places"),
    )


def _place(citation: Citation, texts: Texts) -> str:
    """Return the link to a place in a document: its number, where it stands, its page."""
    part, _, within = citation.locator.partition(" ")
    where = part.rstrip("、")
    if where and citation.heading.startswith(where):
        long = len(citation.heading) > LONGEST_HEADING
        where = citation.heading[: LONGEST_HEADING - 2] + "……" if long else citation.heading
    where = " ".join(filter(None, (where, within)))
    shown = [element("span", escape(where), lang="zh-CN")] if where else []
    if citation.page:
        shown.append(escape(texts.fill("page_number", page=citation.page)))
    number = element("span", str(citation.number), class_="source-number")
    return element(
        "a",
        number + " ".join([*shown, element("span", escape(texts["read_passage"]), class_="read")]),
        **_passage_link(citation, texts),
    )


def _next_step(answer: Answer, question: str, texts: Texts) -> str:
    heading = element("strong", escape(texts["next_step"]))
    search = ""
    if answer.status is AnswerStatus.NO_EVIDENCE and question.strip():
        address = f"{texts.path('/search')}?{urlencode({'q': question[:LONGEST_SEARCH]})}"
        link = element("a", escape(texts["search_instead"]), href=address, class_="search-instead")
        search = element("br") + link
    language = None if texts.language is Language.ENGLISH else "zh-CN"
    return element(
        "p", heading + with_phones(answer.next_step) + search, class_="next-step", lang=language
    )


def _suggestions(answer: Answer, texts: Texts) -> str:
    if not answer.suggestions:
        return ""
    title = "choose_one" if answer.status is AnswerStatus.CLARIFY else "try_asking"
    return element(
        "div",
        element("p", escape(texts[title]), class_="suggest-title")
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


def _tools(answer: Answer, texts: Texts) -> str:
    urgent = answer.status is AnswerStatus.EMERGENCY
    wanted = (
        *(("copy", "print_sheet") if answer.citations else ()),
        "read_aloud",
        *(() if urgent else ("hand_over",)),
    )
    buttons = "".join(_tool(action, texts) for action in wanted)
    votes = element(
        "span",
        _tool("helpful", texts) + _tool("unhelpful", texts),
        role="group",
        aria_label=texts["feedback_group"],
        class_="votes",
    )
    return element(
        "div",
        buttons + votes,
        class_="tools",
        role="group",
        aria_label=texts["answer_tools"],
        data_status=str(answer.status),
        data_sources=" ".join(f"{c.document_id}:{c.start}-{c.end}" for c in answer.citations),
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
