"""The search page: the form with its filters, and clauses found with the words marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape

from assistant.filtering import Filters
from assistant.retrieval import Passage
from assistant.web.markup import attributes, document_path, element, mark_words, status_badge
from assistant.web.texts import Texts
from corpus.documents import Document, Status
from corpus.tokens import without_asking, words

LONGEST_QUERY = 200  # characters of a search
SNIPPET = 150  # characters around the first hit: about three lines
LONGEST_LIST = 200  # entries of a list to choose from


@dataclass(frozen=True, slots=True)
class Choices:
    """What a search can be narrowed to in this corpus, most frequent first (years: newest)."""

    issuers: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What the form holds, as it was understood: words, filters, and the day whose law is asked for.

    `as_of` is None for today.
    """

    query: str = ""
    filters: Filters = field(default_factory=Filters)
    as_of: date | None = None
    misunderstood: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """Documents that pass the filters, newest first, each with its validity; `count` is of all."""

    documents: Sequence[tuple[Document, Status]]
    count: int


Found = Sequence[Passage] | Listed


def read_request(
    query: str, *, issuer: str = "", year: str = "", kind: str = "", status: str = "",
    region: str = "", as_of: str = "",
) -> SearchRequest:  # fmt: skip
    """Return what a form or an address asks for; what is not understood is left out and said."""
    misunderstood = False
    number: int | None = None
    validity: Status | None = None
    if year.strip():
        if year.strip().isascii() and year.strip().isdigit() and len(year.strip()) == 4:
            number = int(year)
        else:
            misunderstood = True
    if status.strip():
        try:
            validity = Status(status.strip())
        except ValueError:
            misunderstood = True
    day: date | None = None
    if as_of.strip():
        try:
            day = date.fromisoformat(as_of.strip())
        except ValueError:
            misunderstood = True
    filters = Filters(issuer.strip(), number, validity, kind.strip(), region.strip())
    return SearchRequest(query.strip(), filters, day, misunderstood)


def find_choices(documents: Iterable[Document]) -> Choices:
    """Return what the documents can be narrowed to."""
    everything = [document.metadata for document in documents]
    days = [m.written or m.published or m.effective for m in everything]
    return Choices(
        issuers=_frequent(issuer for m in everything for issuer in m.issuer.split("、")),
        years=tuple(sorted({day.year for day in days if day}, reverse=True))[:LONGEST_LIST],
        kinds=_frequent(m.kind for m in everything),
        regions=_frequent(m.region for m in everything),
    )


def _frequent(names: Iterable[str]) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for name in names:
        if name.strip():
            counts[name.strip()] = counts.get(name.strip(), 0) + 1
    return tuple(sorted(counts, key=lambda name: (-counts[name], name))[:LONGEST_LIST])


def render_search(
    request: SearchRequest,
    found: Found | None,
    choices: Choices,
    texts: Texts,
) -> str:
    """Return the content of the search page; `found=None` before anything was asked."""
    return (
        element("h1", escape(texts["search_title"]))
        + _form(request, choices, texts)
        + _results(request, found, texts)
    )


def hit_words(query: str) -> list[str]:
    """Return the words of a query that are worth marking in a result."""
    return [word for word in words(without_asking(query)) if len(word) > 1 or word.isdigit()]


def snippet(text: str, marked: Sequence[str]) -> str:
    """Return the part of a text around its first hit as HTML, hits marked."""
    flat = " ".join(text.split())
    lowered = flat.lower()
    places = [place for word in marked if (place := lowered.find(word.lower())) >= 0]
    start = max(min(places, default=0) - SNIPPET // 4, 0)
    if start < SNIPPET // 4:
        start = 0
    part = flat[start : start + SNIPPET]
    before = "……" if start else ""
    after = "……" if start + SNIPPET < len(flat) else ""
    return before + mark_words(part, marked) + after


def _form(request: SearchRequest, choices: Choices, texts: Texts) -> str:
    filters = request.filters
    query = (
        element("label", escape(texts["search_label"]), for_="q")
        + element(
            "div",
            _input("q", request.query, "search", longest=LONGEST_QUERY)
            + element("button", escape(texts["search"]), type="submit", class_="primary"),
            class_="search-line",
        )
        + element("p", escape(texts["search_hint"]), class_="hint", id="q-hint")
    )
    fields = (
        _listed("issuer", filters.issuer, choices.issuers, texts)
        + _select("year", str(filters.year or ""), [str(y) for y in choices.years], texts)
        + _select("kind", filters.kind, choices.kinds, texts)
        + _select(
            "status",
            str(filters.status or ""),
            [str(s) for s in Status],
            texts,
            {str(s): texts[f"validity_{s.name.lower()}"] for s in Status},
        )
        + _listed("region", filters.region, choices.regions, texts)
        + element(
            "div",
            element("label", escape(texts["as_of"]), for_="as_of")
            + _input("as_of", str(request.as_of or ""), "date"),
            class_="field",
        )
    )
    return element(
        "form",
        query
        + element(
            "details",
            element("summary", escape(texts["filters"])) + element("div", fields, class_="filters"),
            class_="filter-box",
            open=True,
            data_used=filters != Filters() or request.as_of is not None,
        ),
        method="get",
        action=texts.path("/search"),
        role="search",
        class_="search-form",
    )


def _input(
    name: str, value: str, kind: str, *, longest: int | None = None, from_list: str = ""
) -> str:
    described = "q-hint" if name == "q" else None
    return (
        "<input"
        + attributes(
            id=name,
            name=name,
            type=kind,
            value=value,
            maxlength=longest,
            autocomplete="off",
            aria_describedby=described,
            list=from_list or None,
        )
        + ">"
    )


def _listed(name: str, value: str, entries: Sequence[str], texts: Texts) -> str:
    options = "".join(element("option", "", value=entry) for entry in entries)
    return element(
        "div",
        element("label", escape(texts[name]), for_=name)
        + _input(name, value, "text", longest=60, from_list=f"{name}-list")
        + element("datalist", options, id=f"{name}-list"),
        class_="field",
    )


def _select(
    name: str,
    value: str,
    entries: Sequence[str],
    texts: Texts,
    labels: Mapping[str, str] | None = None,
) -> str:
    known = list(entries) if not value or value in entries else [value, *entries]
    options = element("option", escape(texts["any"]), value="") + "".join(
        element(
            "option", escape((labels or {}).get(entry, entry)), value=entry, selected=entry == value
        )
        for entry in known
    )
    return element(
        "div",
        element("label", escape(texts[name]), for_=name)
        + element("select", options, id=name, name=name),
        class_="field",
    )


def _results(request: SearchRequest, found: Found | None, texts: Texts) -> str:
    warning = (
        element("p", escape(texts["bad_filter"]), class_="warning") if request.misunderstood else ""
    )
    if found is None:
        return warning + element("p", escape(texts["results_start"]), class_="hint")
    if isinstance(found, Listed):
        entries = [_document(document, status, texts) for document, status in found.documents]
        told = texts.fill("documents_count", count=found.count, shown=len(entries))
    else:
        marked = hit_words(request.query)
        entries = [_result(passage, marked, texts) for passage in found]
        told = texts.fill("results_count", count=len(entries))
    if not entries:
        return warning + element("p", escape(texts["results_none"]), role="status")
    count = element("p", escape(told), role="status", class_="count")
    items = "".join(element("li", entry) for entry in entries)
    return warning + count + element("ol", items, class_="results", lang="zh-CN")


def _document(document: Document, status: Status, texts: Texts) -> str:
    metadata = document.metadata
    day = metadata.published or metadata.written or metadata.effective
    facts = " · ".join(filter(None, (metadata.issuer, str(day or ""))))
    href = texts.path(document_path(document.id))
    return _title(document, status, href, texts) + element(
        "p", escape(facts), class_="source-facts"
    )


def _title(document: Document, status: Status, href: str, texts: Texts) -> str:
    metadata = document.metadata
    number = f"（{metadata.document_number}）" if metadata.document_number else ""
    return element(
        "h2",
        element("a", escape(metadata.title or texts["untitled"]), href=href)
        + escape(number)
        + status_badge(status, texts[f"validity_{status.name.lower()}"]),
    )


def _result(passage: Passage, marked: Sequence[str], texts: Texts) -> str:
    metadata, chunk = passage.document.metadata, passage.chunk
    href = texts.path(document_path(passage.document.id, chunk.start, chunk.end))
    day = metadata.published or metadata.written
    path = " › ".join(filter(None, (*chunk.heading_path[:-1], chunk.locator)))
    facts = " · ".join(filter(None, (path, metadata.issuer, str(day or ""))))
    return (
        _title(passage.document, passage.status, href, texts)
        + element("p", snippet(chunk.text, marked), class_="snippet")
        + element("p", escape(facts), class_="source-facts")
    )
