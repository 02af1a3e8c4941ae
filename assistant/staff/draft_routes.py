"""The routes of drafts: forms, one draft with its sections, steps and exports."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from assistant.drafting.draft import compare
from assistant.drafting.errors import DraftingError
from assistant.drafting.facts import Facts
from assistant.drafting.kinds import Kind, find_kind, load_kinds
from assistant.drafting.workbench import Drafted
from assistant.staff.asked import (
    number_of,
    session_of,
    text_of,
    texts_of,
    whole_number,
    writer_of,
)
from assistant.staff.desk import StaffDesk, by_hand
from assistant.staff.draft_page import render_draft, render_pages
from assistant.staff.drafts import Case
from assistant.staff.errors import MissingError, StaffError
from assistant.staff.form_page import (
    KEEP,
    UPLOAD,
    form_values,
    new_path,
    render_form,
    upload_field,
)
from assistant.staff.forms import read_form
from assistant.staff.lists import render_comparison, render_kinds
from assistant.staff.sessions import Session
from assistant.staff.uploads import file_name, read_upload
from assistant.staff.workflow import Step
from corpus.errors import CorpusError

_EXPORTS = (".docx", ".md", ".pdf")
_MEDIA = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".md": "text/markdown; charset=utf-8",
    ".pdf": "application/pdf",
    ".txt": "text/plain; charset=utf-8",
}


def add_forms(router: APIRouter, desk: StaffDesk) -> None:
    """Add the routes of forms: a new draft, and the facts of one that is there."""

    @router.get("/drafts/new")
    def new(request: Request, kind: str = "") -> Response:
        session = writer_of(request)
        if not kind:
            return HTMLResponse(render_kinds(load_kinds().values(), session))
        chosen = find_kind(kind)
        page = render_form(
            chosen, {}, session, action=new_path(chosen), heading=f"新建：{chosen.name}"
        )
        return HTMLResponse(page)

    @router.post("/drafts/new")
    def create(request: Request, kind: str = "") -> Response:
        session, chosen = writer_of(request), find_kind(kind)
        try:
            drafted = desk.write(chosen, read_form(_given(request, chosen), chosen))
        except CorpusError as error:
            page = render_form(
                chosen,
                texts_of(request),
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
        session, case = writer_of(request), desk.drafts.find(key)
        kind = find_kind(case.kind)
        values = form_values(kind, case.latest.facts)
        return HTMLResponse(
            _edit_form(kind, {**values, KEEP: "1"}, case, session, case.progress.version)
        )

    @router.post("/drafts/{key}/edit")
    def save(request: Request, key: str) -> Response:
        session, case = writer_of(request), desk.drafts.find(key)
        kind, based_on = find_kind(case.kind), number_of(request, "based_on")
        try:
            facts = read_form(_given(request, kind), kind)
            draft = desk.revise(case, kind, facts, keep_by_hand=bool(text_of(request, KEEP)))
            title = desk.title(draft, kind, facts)
            desk.drafts.save(key, draft, title, session.user, based_on=based_on)
        except (DraftingError, StaffError) as error:
            # What was typed still rests on the version that was opened, not on the newest one.
            page = _edit_form(kind, texts_of(request), case, session, based_on, str(error))
            return HTMLResponse(page, 400 if isinstance(error, DraftingError) else 409)
        return _to(key)


def _given(request: Request, kind: Kind) -> dict[str, str]:
    """Return the texts of a form; a proposal that came as a file is the text of that file.

    Raises:
        DocumentFileError: The file cannot be read.
    """
    texts, field = texts_of(request), upload_field(kind)
    upload = request.state.form.get(UPLOAD)
    if field is not None and isinstance(upload, UploadFile) and upload.filename:
        document = read_upload(upload.file.read(), file_name(upload.filename))
        texts[field.name] = "\n".join(line.text for line in document.lines if line.text)
    return texts


def _edit_form(
    kind: Kind,
    values: dict[str, str],
    case: Case,
    session: Session,
    based_on: int,
    message: str = "",
) -> str:
    return render_form(
        kind,
        values,
        session,
        action=f"/staff/drafts/{case.id}/edit",
        heading=f"修改事实：{case.title}",
        message=message,
        based_on=based_on,
        by_hand=tuple(section.name for section in by_hand(case.latest)),
    )


def add_draft(router: APIRouter, desk: StaffDesk) -> None:
    """Add the routes of one draft: its page, sections, comparison, steps and exports."""

    @router.get("/drafts/{key}")
    def draft(request: Request, key: str) -> Response:
        case = desk.drafts.find(key)
        document = desk.read(case)[2]
        page = render_draft(
            case,
            document,
            desk.findings(case),
            desk.drafts.log(key),
            session_of(request),
            internal=desk.internal_basis(case.latest),
        )
        return HTMLResponse(page)

    @router.get("/drafts/{key}/pages")
    def pages(request: Request, key: str) -> Response:
        case = desk.drafts.find(key)
        return HTMLResponse(render_pages(case, len(desk.pages(case)), session_of(request)))

    @router.get("/drafts/{key}/pages/{number}")
    def page(key: str, number: str) -> Response:
        pictures, place = desk.pages(desk.drafts.find(key)), whole_number(number)
        if not 1 <= place <= len(pictures):
            raise MissingError("没有这一页")
        return Response(pictures[place - 1], media_type="image/png")

    @router.post("/drafts/{key}/sections")
    def section(request: Request, key: str) -> Response:
        session, case = writer_of(request), desk.drafts.find(key)
        name, based_on = text_of(request, "section"), number_of(request, "based_on")
        facts: Facts = desk.read(case)[1]
        if "text" in request.state.form:
            written = desk.rewrite_by_hand(case, name, text_of(request, "text"), session.user)
            desk.drafts.save(key, written, case.title, session.user, based_on=based_on)
        else:
            drafted = desk.write(find_kind(case.kind), facts, case.history, name)
            _save(desk, case, drafted, session, based_on)
        return _to(key)

    @router.get("/drafts/{key}/compare")
    def compared(request: Request, key: str, older: str = "", newer: str = "") -> Response:
        case = desk.drafts.find(key)
        first, second = (case.history.version(whole_number(number)) for number in (older, newer))
        difference = compare(first, second, find_kind(case.kind))
        page = render_comparison(
            case, first.version, second.version, difference, session_of(request)
        )
        return HTMLResponse(page)

    @router.post("/drafts/{key}/state")
    def state(request: Request, key: str) -> Response:
        word = text_of(request, "step")
        if word not in list(Step):
            raise StaffError(f"没有操作 {word[:20]!r}")
        user = session_of(request).user
        desk.drafts.step(
            key,
            Step(word),
            user,
            version=number_of(request, "version"),
            note=text_of(request, "note"),
        )
        return _to(key)

    @router.post("/drafts/{key}/export")
    def export(request: Request, key: str) -> Response:
        case, suffix = desk.drafts.find(key), text_of(request, "format")
        if suffix not in _EXPORTS:
            raise StaffError(f"不能导出 {suffix[:20]!r}；可用：{'、'.join(_EXPORTS)}")
        final = text_of(request, "final") == "1"
        user = (writer_of(request) if final else session_of(request)).user
        exported = desk.export(case, suffix, user, final=final)
        return download(exported.data, f"{case.title[:80]}（第{case.progress.version}版）", suffix)


def download(data: bytes, stem: str, suffix: str) -> Response:
    """Return a file to be kept, under a name of any characters that leads nowhere."""
    name = quote(f"{stem}{suffix}", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(data, media_type=_MEDIA[suffix], headers=headers)


def _save(desk: StaffDesk, case: Case, drafted: Drafted, session: Session, based_on: int) -> None:
    desk.drafts.save(
        case.id, drafted.draft, drafted.document.title, session.user, based_on=based_on
    )


def _to(key: str) -> Response:
    return RedirectResponse(f"/staff/drafts/{key}", 303)
