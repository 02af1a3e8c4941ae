"""The HTTP interface: ask, stream, search, documents, feedback and health, and the pages."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.concurrency import iterate_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.answer import answer, stream
from assistant.conversation import Event, Role, Turn
from assistant.filtering import Filters
from assistant.retrieval import Passage
from assistant.screening import MAX_QUESTION
from assistant.web.desk import Desk
from assistant.web.feedback import Feedback, Verdict, store_feedback
from assistant.web.page import Frame, render_message
from assistant.web.routes import pages, static_files
from assistant.web.texts import Language, language_of, load_texts
from corpus.documents import Status
from corpus.errors import CorpusError, UsageError

LONGEST_TURN = 4_000  # characters of one earlier message
MOST_TURNS = 20


class EarlierTurn(BaseModel):
    """One earlier message; the server keeps none, so the client sends them along."""

    model_config = ConfigDict(extra="forbid")
    role: Role
    text: str = Field(max_length=LONGEST_TURN)


class AskRequest(BaseModel):
    """A question, the earlier turns, and the day whose law is asked for."""

    model_config = ConfigDict(extra="forbid")
    question: str = Field(min_length=1, max_length=MAX_QUESTION)
    history: list[EarlierTurn] = Field(default=[], max_length=MOST_TURNS)
    as_of: date | None = None


class FeedbackRequest(BaseModel):
    """What a person thinks of an answer; personal data is masked before it is kept."""

    model_config = ConfigDict(extra="forbid")
    verdict: Verdict
    question: str = Field(max_length=MAX_QUESTION)
    status: str = Field(default="", max_length=40)
    sources: str = Field(default="", max_length=2_000)
    reasons: list[str] = Field(default=[], max_length=10)
    comment: str = Field(default="", max_length=300)


def create_app(desk: Desk) -> FastAPI:
    """Return the application: routes of the interface and pages, without the chat page."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()

    app = FastAPI(
        title="政务服务助手接口",
        summary="带出处的政策问答、检索与原文",
        # The ready-made documentation pages load scripts from other hosts.
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
    )
    _add_errors(app, desk)
    _add_questions(app, desk)
    _add_documents(app, desk)
    app.include_router(static_files())
    for language in Language:
        app.include_router(pages(desk, language))

    @app.get("/api/{path:path}", include_in_schema=False)
    def missing(path: str) -> None:
        raise HTTPException(404)

    return app


def _add_questions(app: FastAPI, desk: Desk) -> None:
    limited = Depends(_limit(desk))

    @app.post("/api/ask", dependencies=[limited], tags=["ask"], summary="提问，得到带出处的答复")
    def ask(request: AskRequest) -> dict[str, Any]:
        given = answer(
            request.question,
            desk.services,
            as_of=request.as_of or date.today(),
            history=_turns(request),
        )
        return asdict(given)

    @app.post(
        "/api/ask/stream",
        dependencies=[limited],
        tags=["ask"],
        summary="提问，以事件流（SSE）得到答复：queued、extracted、sentence、finished",
        response_class=StreamingResponse,
    )
    def ask_stream(request: AskRequest) -> StreamingResponse:
        cancelled = threading.Event()
        events = stream(
            request.question,
            desk.services,
            as_of=request.as_of or date.today(),
            history=_turns(request),
            cancelled=cancelled,
        )
        return StreamingResponse(
            _server_sent(events, cancelled),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    @app.post(
        "/api/feedback", dependencies=[limited], status_code=201, tags=["ask"], summary="评价答复"
    )
    def feedback(request: FeedbackRequest) -> dict[str, str]:
        store_feedback(desk.folder, Feedback(**request.model_dump()))
        return {"status": "stored"}


def _add_documents(app: FastAPI, desk: Desk) -> None:
    limited = Depends(_limit(desk))

    @app.get(
        "/api/search", dependencies=[limited], tags=["documents"], summary="按字段和正文检索条款"
    )
    def search(
        q: Annotated[str, Query(min_length=1, max_length=200)],
        issuer: Annotated[str, Query(max_length=60)] = "",
        year: Annotated[int | None, Query(ge=1900, le=2200)] = None,
        kind: Annotated[str, Query(max_length=20)] = "",
        status: Status | None = None,
        region: Annotated[str, Query(max_length=60)] = "",
        as_of: date | None = None,
        limit: Annotated[int, Query(ge=1, le=50)] = 10,
    ) -> dict[str, Any]:
        filters = Filters(issuer, year, status, kind, region)
        found = desk.search(q, filters, as_of=as_of or date.today(), limit=limit)
        return {"results": [_result(passage) for passage in found]}

    @app.get("/api/documents/{document_id}", tags=["documents"], summary="一份文件的信息和全文")
    def document(document_id: str, as_of: date | None = None) -> dict[str, Any]:
        view = desk.view(document_id, as_of or date.today())
        return {
            "document_id": view.document.id,
            **{**asdict(view.document.metadata), "status": view.status},
            "version": view.document.version,
            "current": view.document.current,
            "media_type": view.document.media_type,
            "replaced_by": view.successor.id if view.successor else None,
            "text": view.text,
            "clauses": [
                {"locator": chunk.locator, "start": chunk.start, "end": chunk.end}
                for chunk in view.chunks
            ],
        }

    @app.get(
        "/api/documents/{document_id}/original",
        tags=["documents"],
        summary="下载导入时的原始文件",
        response_class=FileResponse,
    )
    def original(document_id: str) -> FileResponse:
        document, path = desk.original(document_id)
        name = (document.metadata.title or "文件")[:80] + path.suffix
        # Always a download, never shown: a page of a stranger must not run under this address.
        return FileResponse(path, media_type="application/octet-stream", filename=name)

    @app.get("/health", tags=["service"], summary="服务是否可用")
    def health() -> JSONResponse:
        state = desk.health()
        body = {"status": "ok" if state.ok else "unavailable", "documents": state.documents}
        return JSONResponse(
            body | {"revision": state.revision, "generated": desk.generated},
            200 if state.ok else 503,
            headers={"Cache-Control": "no-store"},
        )


def _add_errors(app: FastAPI, desk: Desk) -> None:
    """Answer every error with one sentence and a status code, never with a traceback."""

    def reply(request: Request, status: int, message: str) -> Response:
        path = request.url.path
        wants_page = "text/html" in request.headers.get("accept", "")
        if wants_page and not path.startswith("/api/documents"):
            texts = load_texts(language_of(path))
            frame = Frame(texts, "/", texts["name"], internal=desk.internal)
            key = {404: "page_missing", 429: "too_many"}.get(status, "outage")
            shown = message if texts.language is Language.CHINESE else texts[key]
            return HTMLResponse(render_message(frame, shown), status)
        return JSONResponse({"error": message}, status)

    @app.exception_handler(404)
    def missing(request: Request, error: HTTPException) -> Response:
        told = error.detail if error.detail != "Not Found" else "没有这个页面。"
        return reply(request, 404, told)

    @app.exception_handler(UsageError)
    def unusable(request: Request, error: UsageError) -> Response:
        # Without a corpus there is nothing to use either, but that is our fault, not the caller's.
        if not desk.health().ok:
            return reply(request, 503, "服务暂时不可用，请稍后再试，或拨打12345。")
        return reply(request, 404, str(error))

    @app.exception_handler(CorpusError)
    def broken(request: Request, _error: CorpusError) -> Response:
        return reply(request, 503, "服务暂时不可用，请稍后再试，或拨打12345。")

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        places = sorted({".".join(str(p) for p in e["loc"][1:]) for e in error.errors()})
        return reply(request, 422, f"请求有误：{'、'.join(places) or '格式不对'}。")

    @app.exception_handler(429)
    def too_many(request: Request, error: HTTPException) -> Response:
        return reply(request, 429, str(error.detail))

    @app.exception_handler(Exception)
    def unexpected(request: Request, _error: Exception) -> Response:
        return reply(request, 500, "系统暂时无法作答，请稍后再试，或拨打12345。")


def _limit(desk: Desk) -> Callable[[Request], None]:
    def check(request: Request) -> None:
        client = request.client.host if request.client else ""
        if not desk.limiter.allow(client):
            raise HTTPException(429, load_texts(Language.CHINESE)["too_many"])

    return check


def _turns(request: AskRequest) -> tuple[Turn, ...]:
    return tuple(Turn(turn.role, turn.text) for turn in request.history)


async def _server_sent(events: Iterator[Event], cancelled: threading.Event) -> AsyncIterator[str]:
    try:
        async for event in iterate_in_threadpool(events):
            name = type(event).__name__.lower()
            yield f"event: {name}\ndata: {json.dumps(asdict(event), ensure_ascii=False)}\n\n"
    except CorpusError:
        yield 'event: error\ndata: {"error": "系统暂时无法作答，请稍后再试，或拨打12345。"}\n\n'
    finally:
        # The reader has left or has everything: a model must not go on writing for nobody.
        cancelled.set()


def _result(passage: Passage) -> dict[str, Any]:
    metadata, chunk = passage.document.metadata, passage.chunk
    return {
        "document_id": passage.document.id,
        "title": metadata.title,
        "document_number": metadata.document_number,
        "issuer": metadata.issuer,
        "kind": metadata.kind,
        "region": metadata.region,
        "status": passage.status,
        "published": metadata.published or metadata.written,
        "locator": chunk.locator,
        "heading_path": list(chunk.heading_path),
        "text": chunk.text,
        "start": chunk.start,
        "end": chunk.end,
        "score": round(passage.score, 4),
    }
