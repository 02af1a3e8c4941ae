"""The pages that need no chat: search, documents, terms, static files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, HTMLResponse

from assistant.filtering import Filters
from assistant.web.desk import Desk
from assistant.web.documents import Span, render_document, render_passage
from assistant.web.page import STATIC, Frame, render_message, render_page
from assistant.web.results import (
    LONGEST_QUERY,
    Choices,
    Found,
    Listed,
    read_request,
    render_search,
)
from assistant.web.texts import Language, load_texts
from corpus.errors import CorpusError, UsageError

RESULTS = 20
LISTED = 50  # documents, where nothing but the filters is asked
_STATIC_FILES = frozenset(path.name for path in STATIC.iterdir() if path.is_file())


def pages(desk: Desk, language: Language) -> APIRouter:
    """Return the routes of the pages in one language."""
    texts = load_texts(language)
    router = APIRouter(prefix=language.prefix, include_in_schema=False)

    def frame(path: str, title: str) -> Frame:
        return Frame(texts, path, title, generated=desk.generated, internal=desk.internal)

    def message(path: str, title: str, text: str, status: int) -> HTMLResponse:
        return HTMLResponse(render_message(frame(path, title), text), status)

    @router.get("/search")
    def search(
        q: str = "",
        issuer: str = "",
        year: str = "",
        kind: str = "",
        status: str = "",
        region: str = "",
        as_of: str = "",
    ) -> HTMLResponse:
        asked = read_request(
            q[:LONGEST_QUERY],
            issuer=issuer,
            year=year,
            kind=kind,
            status=status,
            region=region,
            as_of=as_of,
        )
        try:
            day = asked.as_of or date.today()
            found: Found | None = None
            if asked.query:
                found = desk.search(asked.query, asked.filters, as_of=day, limit=RESULTS)
            elif asked.filters != Filters():
                found = Listed(*desk.listed(asked.filters, as_of=day, limit=LISTED))
            choices = desk.choices()
        except CorpusError:
            content = render_search(asked, None, Choices(), texts)
            return HTMLResponse(render_page(frame("/search", texts["search_title"]), content), 503)
        content = render_search(asked, found, choices, texts)
        return HTMLResponse(render_page(frame("/search", texts["search_title"]), content))

    @router.get("/documents/{document_id}")
    def document(document_id: str, start: str = "", end: str = "") -> HTMLResponse:
        path = f"/documents/{document_id}"
        try:
            view = desk.view(document_id, date.today())
        except UsageError:
            return message(path, texts["missing_title"], texts["document_missing"], 404)
        except CorpusError:
            return message(path, texts["name"], texts["outage"], 503)
        span = _span(start, end, view.text)
        title = view.title or texts["untitled"]
        return HTMLResponse(render_page(frame(path, title), render_document(view, span, texts)))

    @router.get("/documents/{document_id}/passage")
    def passage(document_id: str, start: str = "", end: str = "") -> HTMLResponse:
        try:
            view = desk.view(document_id, date.today())
        except CorpusError:
            raise HTTPException(404, texts["document_missing"]) from None
        return HTMLResponse(render_passage(view, _span(start, end, view.text), texts))

    @router.get("/terms")
    def terms() -> HTMLResponse:
        content = (STATIC.parent / f"terms.{language}.html").read_text("utf-8")
        return HTMLResponse(render_page(frame("/terms", texts["page_terms"]), content))

    return router


def static_files() -> APIRouter:
    """Return the route of our styles, scripts and icon; nothing else of this machine is served."""
    router = APIRouter(include_in_schema=False)

    @router.get("/static-web/{name}")
    def static(name: str) -> FileResponse:
        if name not in _STATIC_FILES:
            raise HTTPException(404, "没有这个文件。")
        # The address carries the file's digest, so a copy is right for ever.
        return FileResponse(
            STATIC / Path(name).name, headers={"Cache-Control": "public, max-age=31536000"}
        )

    return router


def _span(start: str, end: str, text: str) -> Span | None:
    """Return the span that an address names, None where it names none of this text."""
    if not (start.isascii() and end.isascii() and start.isdigit() and end.isdigit()):
        return None
    return Span(int(start[:9]), int(end[:9])).within(text)
