"""The routes of the staff pages; all but the login stand behind the guard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from assistant.drafting.checking import check_read
from assistant.drafting.draft import compare
from assistant.drafting.errors import DocumentFileError, FactsError
from assistant.drafting.facts import Facts
from assistant.drafting.kinds import Kind, find_kind, load_kinds
from assistant.drafting.workbench import Drafted
from assistant.retrieval import Filters, Passage
from assistant.staff.basis_page import (
    LONGEST_QUERY,
    RESULTS,
    render_basis,
    render_found,
    render_passage_page,
)
from assistant.staff.check_page import render_check
from assistant.staff.desk import StaffDesk, by_hand
from assistant.staff.draft_page import render_draft
from assistant.staff.drafts import Case
from assistant.staff.errors import MissingError, RefusedError, StaffError
from assistant.staff.form_page import KEEP, form_values, new_path, render_form
from assistant.staff.forms import read_form
from assistant.staff.guard import COOKIE, LOGIN, guarded
from assistant.staff.lists import (
    render_comparison,
    render_kinds,
    render_list,
    render_log,
    render_login,
)
from assistant.staff.sessions import LONGEST_SECONDS, Session
from assistant.staff.uploads import read_upload
from assistant.staff.workflow import WRITERS, Role, Step
from assistant.web.documents import Span
from assistant.web.gate import LARGEST_UPLOAD
from corpus.errors import CorpusError

_MEDIA = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".md": "text/markdown; charset=utf-8",
    ".pdf": "application/pdf",
}
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
    _add_forms(router, desk)
    _add_draft(router, desk)
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
        name, password = _text(request, "name"), _text(request, "password")
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
        return HTMLResponse(render_list(desk.drafts.all(), _session(request)))

    @router.get("/log")
    def log(request: Request) -> Response:
        session = _session(request)
        if session.user.role is not Role.MANAGER:
            raise RefusedError("全部日志只给“管理”角色看；每份文稿的经过在它自己的页面下方")
        return HTMLResponse(render_log(desk.drafts.log(), session))


def _add_forms(router: APIRouter, desk: StaffDesk) -> None:
    @router.get("/drafts/new")
    def new(request: Request, kind: str = "") -> Response:
        session = _writer(request)
        if not kind:
            return HTMLResponse(render_kinds(load_kinds().values(), session))
        chosen = find_kind(kind)
        page = render_form(
            chosen, {}, session, action=new_path(chosen), heading=f"新建：{chosen.name}"
        )
        return HTMLResponse(page)

    @router.post("/drafts/new")
    def create(request: Request, kind: str = "") -> Response:
        session, chosen = _writer(request), find_kind(kind)
        try:
            drafted = desk.write(chosen, read_form(_texts(request), chosen))
        except CorpusError as error:
            page = render_form(
                chosen,
                _texts(request),
                session,
                action=new_path(chosen),
                heading=f"新建：{chosen.name}",
                message=str(error),
            )
            return HTMLResponse(page, 400)
        key = desk.drafts.create(drafted.draft, drafted.document.title, session.user)
        return _to(key)

    @router.get("/drafts/{key}/edit")
    def edit(request: Request, key: str) -> Response:
        session, case = _writer(request), desk.drafts.find(key)
        kind = find_kind(case.kind)
        values = form_values(kind, case.latest.facts)
        return HTMLResponse(_edit_form(kind, {**values, KEEP: "1"}, case, session))

    @router.post("/drafts/{key}/edit")
    def save(request: Request, key: str) -> Response:
        session, case = _writer(request), desk.drafts.find(key)
        kind, based_on = find_kind(case.kind), _number(request, "based_on")
        try:
            facts = read_form(_texts(request), kind)
            draft = desk.revise(case, kind, facts, keep_by_hand=bool(_text(request, KEEP)))
            title = desk.title(draft, kind, facts)
            desk.drafts.save(key, draft, title, session.user, based_on=based_on)
        except (FactsError, StaffError) as error:
            page = _edit_form(kind, _texts(request), case, session, str(error))
            return HTMLResponse(page, 400 if isinstance(error, FactsError) else 409)
        return _to(key)


def _edit_form(
    kind: Kind, values: dict[str, str], case: Case, session: Session, message: str = ""
) -> str:
    return render_form(
        kind,
        values,
        session,
        action=f"/staff/drafts/{case.id}/edit",
        heading=f"修改事实：{case.title}",
        message=message,
        based_on=case.progress.version,
        by_hand=tuple(section.name for section in by_hand(case.latest)),
    )


def _add_draft(router: APIRouter, desk: StaffDesk) -> None:
    @router.get("/drafts/{key}")
    def draft(request: Request, key: str) -> Response:
        case = desk.drafts.find(key)
        document = desk.read(case)[2]
        page = render_draft(
            case,
            document,
            desk.findings(case),
            desk.drafts.log(key),
            _session(request),
            internal=desk.internal_basis(case.latest),
        )
        return HTMLResponse(page)

    @router.post("/drafts/{key}/sections")
    def section(request: Request, key: str) -> Response:
        session, case = _writer(request), desk.drafts.find(key)
        name, based_on = _text(request, "section"), _number(request, "based_on")
        facts: Facts = desk.read(case)[1]
        if "text" in request.state.form:
            written = desk.rewrite_by_hand(case, name, _text(request, "text"), session.user)
            desk.drafts.save(key, written, case.title, session.user, based_on=based_on)
        else:
            drafted = desk.write(find_kind(case.kind), facts, case.history, name)
            _save(desk, case, drafted, session, based_on)
        return _to(key)

    @router.get("/drafts/{key}/compare")
    def compared(request: Request, key: str, older: str = "", newer: str = "") -> Response:
        case = desk.drafts.find(key)
        first, second = (case.history.version(_whole(number)) for number in (older, newer))
        page = render_comparison(
            case, first.version, second.version, compare(first, second), _session(request)
        )
        return HTMLResponse(page)

    @router.post("/drafts/{key}/state")
    def state(request: Request, key: str) -> Response:
        word = _text(request, "step")
        if word not in list(Step):
            raise StaffError(f"没有操作 {word[:20]!r}")
        user = _session(request).user
        desk.drafts.step(
            key, Step(word), user, version=_number(request, "version"), note=_text(request, "note")
        )
        return _to(key)

    @router.post("/drafts/{key}/export")
    def export(request: Request, key: str) -> Response:
        case, suffix = desk.drafts.find(key), _text(request, "format")
        if suffix not in _MEDIA:
            raise StaffError(f"不能导出 {suffix[:20]!r}；可用：{'、'.join(_MEDIA)}")
        final = _text(request, "final") == "1"
        user = (_writer(request) if final else _session(request)).user
        exported = desk.export(case, suffix, user, final=final)
        name = quote(f"{case.title[:80]}（第{case.progress.version}版）{suffix}")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(exported.data, media_type=_MEDIA[suffix], headers=headers)


def _add_basis(router: APIRouter, desk: StaffDesk) -> None:
    def find(query: str) -> list[Passage] | None:
        query = query.strip()[:LONGEST_QUERY]
        if not query:
            return None
        return desk.corpus.search(query, Filters(), as_of=date.today(), limit=RESULTS)

    @router.get("/basis")
    def basis(request: Request, q: str = "") -> Response:
        return HTMLResponse(render_basis(q[:LONGEST_QUERY], find(q), _session(request)))

    @router.get("/api/basis")
    def basis_part(q: str = "") -> dict[str, Any]:
        return {"html": render_found(q, find(q) or [])}

    @router.get("/documents/{document_id}")
    def document(request: Request, document_id: str, start: str = "", end: str = "") -> Response:
        try:
            view = desk.corpus.view(document_id, date.today())
        except CorpusError:
            raise MissingError("没有这份文件，或资料库打不开") from None
        span = Span(_whole(start), _whole(end)).within(view.text) if start and end else None
        return HTMLResponse(render_passage_page(view, span, _session(request)))


def _add_check(router: APIRouter, desk: StaffDesk) -> None:
    @router.get("/check")
    def check_page(request: Request) -> Response:
        return HTMLResponse(render_check(_session(request)))

    @router.post("/check")
    def check(request: Request) -> Response:
        session, upload = _session(request), request.state.form.get("file")
        if not isinstance(upload, UploadFile) or not upload.filename:
            return HTMLResponse(render_check(session, message="没有选择文件。"), 400)
        data = upload.file.read(LARGEST_UPLOAD + 1)
        name = PurePath(upload.filename.replace("\\", "/")).name[:120]
        try:
            document = read_upload(data, name)
        except DocumentFileError as error:
            return HTMLResponse(render_check(session, message=f"{error}。"), 400)
        try:
            services = desk.services()
        except CorpusError:
            services = None  # the corpus is out; the text itself can still be checked
        findings = check_read(document, services=services, as_of=date.today())
        page = render_check(
            session,
            name=name,
            document=document,
            findings=findings,
            citations=services is not None,
        )
        return HTMLResponse(page)


def _save(desk: StaffDesk, case: Case, drafted: Drafted, session: Session, based_on: int) -> None:
    desk.drafts.save(
        case.id, drafted.draft, drafted.document.title, session.user, based_on=based_on
    )


def _to(key: str) -> Response:
    return RedirectResponse(f"/staff/drafts/{key}", 303)


def _session(request: Request) -> Session:
    session: Session = request.state.session
    return session


def _writer(request: Request) -> Session:
    session = _session(request)
    if session.user.role not in WRITERS:
        raise RefusedError(f"角色“{session.user.role}”不起草公文；请用起草、审核或签发人员的账号")
    return session


def _texts(request: Request) -> dict[str, str]:
    return {k: v for k, v in request.state.form.items() if isinstance(v, str)}


def _text(request: Request, name: str) -> str:
    return (
        _texts(request).get(name, "").strip()
        if name != "password"
        else _texts(request).get(name, "")
    )


def _number(request: Request, name: str) -> int:
    return _whole(_text(request, name))


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise StaffError(f"应为版本或位置的数字，不是 {text[:20]!r}")
    return int(text)
