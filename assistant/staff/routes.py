"""The routes of the staff pages; all but the login stand behind the guard."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import PurePath
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from assistant.drafting.errors import DocumentFileError
from assistant.drafting.fixing import edits_of, fix_data
from assistant.drafting.rules.engine import Finding
from assistant.filtering import Filters
from assistant.retrieval import Passage
from assistant.staff.asked import session_of, text_of, texts_of, whole_number
from assistant.staff.basis_page import (
    LONGEST_QUERY,
    RESULTS,
    render_basis,
    render_found,
    render_passage_page,
)
from assistant.staff.check_page import MEND, render_check
from assistant.staff.desk import StaffDesk
from assistant.staff.draft_routes import add_draft, add_forms, download
from assistant.staff.errors import MissingError, RefusedError
from assistant.staff.guard import COOKIE, LOGIN, guarded
from assistant.staff.lists import (
    render_list,
    render_log,
    render_login,
)
from assistant.staff.sessions import LONGEST_SECONDS
from assistant.staff.uploads import file_name, read_upload
from assistant.staff.workflow import Role
from assistant.web.documents import Span
from assistant.web.gate import LARGEST_UPLOAD
from corpus.errors import CorpusError

_WRONG = "用户名或密码不对，或账号已停用、已暂时锁定。连续输错 5 次锁 15 分钟；忘记密码请找本单位管理员。"


def staff_pages(desk: StaffDesk) -> APIRouter:
    """Return the staff pages; they close the desk when the application ends."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()

    router = APIRouter(
        route_class=guarded(desk), include_in_schema=False, lifespan=lifespan, prefix="/staff"
    )
    _add_login(router, desk)
    _add_lists(router, desk)
    add_forms(router, desk)
    add_draft(router, desk)
    _add_basis(router, desk)
    _add_check(router, desk)

    # Also what does not exist is told only to those who are logged in.
    @router.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    def missing(path: str) -> Response:
        raise HTTPException(404, "没有这个页面。")

    return router


def _add_login(router: APIRouter, desk: StaffDesk) -> None:
    @router.get("/login")
    def login_page() -> Response:
        return HTMLResponse(render_login())

    @router.post("/login")
    def login(request: Request) -> Response:
        name, password = text_of(request, "name"), texts_of(request).get("password", "")
        client = request.client.host if request.client else ""
        if not desk.logins.allow(client):
            return HTMLResponse(render_login("尝试太频繁，请过一分钟再试。", name[:40]), 429)
        user = desk.accounts.check(name, password)
        if user is None:
            return HTMLResponse(render_login(_WRONG, name[:40]), 401)
        before = request.cookies.get(COOKIE, "")
        if before:
            desk.sessions.end(before)
        response = RedirectResponse("/staff", 303)
        response.set_cookie(
            COOKIE,
            desk.sessions.open(user),
            max_age=LONGEST_SECONDS,
            path="/staff",
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    @router.post("/logout")
    def logout(request: Request) -> Response:
        desk.sessions.end(request.cookies.get(COOKIE, ""))
        response = RedirectResponse(LOGIN, 303)
        response.delete_cookie(COOKIE, path="/staff")
        return response


def _add_lists(router: APIRouter, desk: StaffDesk) -> None:
    @router.get("")
    def listed(request: Request) -> Response:
        return HTMLResponse(render_list(desk.drafts.all(), session_of(request)))

    @router.get("/log")
    def log(request: Request) -> Response:
        session = session_of(request)
        if session.user.role is not Role.MANAGER:
            raise RefusedError("全部日志只给“管理”角色看；每份文稿的经过在它自己的页面下方")
        return HTMLResponse(render_log(desk.drafts.log(), session))


def _add_basis(router: APIRouter, desk: StaffDesk) -> None:
    def find(query: str) -> list[Passage] | None:
        query = query.strip()[:LONGEST_QUERY]
        if not query:
            return None
        return desk.corpus.search(query, Filters(), as_of=date.today(), limit=RESULTS)

    @router.get("/basis")
    def basis(request: Request, q: str = "") -> Response:
        return HTMLResponse(render_basis(q[:LONGEST_QUERY], find(q), session_of(request)))

    @router.get("/api/basis")
    def basis_part(q: str = "") -> dict[str, Any]:
        return {"html": render_found(q, find(q) or [])}

    @router.get("/documents/{document_id}")
    def document(request: Request, document_id: str, start: str = "", end: str = "") -> Response:
        try:
            view = desk.corpus.view(document_id, date.today())
        except CorpusError:
            raise MissingError("没有这份文件，或资料库打不开") from None
        span = (
            Span(whole_number(start), whole_number(end)).within(view.text)
            if start and end
            else None
        )
        return HTMLResponse(render_passage_page(view, span, session_of(request)))


def _add_check(router: APIRouter, desk: StaffDesk) -> None:
    @router.get("/check")
    def check_page(request: Request) -> Response:
        return HTMLResponse(render_check(session_of(request)))

    @router.post("/check")
    def check(request: Request) -> Response:
        session, upload = session_of(request), request.state.form.get("file")
        if not isinstance(upload, UploadFile) or not upload.filename:
            return HTMLResponse(render_check(session, message="没有选择文件。"), 400)
        data = upload.file.read(LARGEST_UPLOAD + 1)
        name = file_name(upload.filename)
        try:
            document = read_upload(data, name)
        except DocumentFileError as error:
            return HTMLResponse(render_check(session, message=f"{error}。"), 400)
        findings, citations = desk.check(document)
        message = ""
        if text_of(request, MEND):
            if edits_of(findings):
                return _mended(data, name, findings)
            message = "这份文件没有能机械改正的地方，没有副本可下载；检查结果在下面。"
        page = render_check(
            session,
            name=name,
            document=document,
            findings=findings,
            message=message,
            citations=citations,
        )
        return HTMLResponse(page)


def _mended(data: bytes, name: str, findings: Sequence[Finding]) -> Response:
    """Return a copy of an uploaded file with what is mechanical mended; neither is kept here."""
    path = PurePath(name)
    suffix = path.suffix.lower()
    return download(fix_data(data, suffix, findings), f"{path.stem}（已改）", suffix)
