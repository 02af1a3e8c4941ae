"""What stands before every staff route: login, form token and origin, sizes, errors as sentences."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.datastructures import FormData

from assistant.staff.desk import StaffDesk
from assistant.staff.errors import ConflictError, MissingError, RefusedError
from assistant.staff.frame import render_refusal
from assistant.staff.sessions import Session
from assistant.web.gate import largest_body
from corpus.errors import CorpusError

COOKIE = "staff_session"
LOGIN = "/staff/login"
API = "/staff/api/"
_HEADERS = {"Cache-Control": "no-store", "Vary": "Cookie"}
_SAFE = frozenset({"GET", "HEAD"})
_log = logging.getLogger(__name__)
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def guarded(desk: StaffDesk) -> type[APIRoute]:
    """Return the class of routes that let only people in who are logged in.

    Only the login page itself is open. A handler finds who asks in `request.state.session` and
    what was sent in `request.state.form`.
    """

    class StaffRoute(APIRoute):
        """A route behind the login."""

        def get_route_handler(self) -> Handler:
            """Return the handler with everything that comes before and after it."""
            handle = super().get_route_handler()

            async def checked(request: Request) -> Response:
                try:
                    response = await _checked(request, desk, handle)
                except HTTPException as error:
                    response = _refuse(request, error.status_code, str(error.detail))
                except CorpusError as error:
                    if request.state.session is None:
                        # Strangers are not told where things lie on this machine.
                        _log.error("%s", error)
                        response = _refuse(request, 503, "服务暂时不可用，请稍后再试。")
                    else:
                        response = _refuse(request, _status(error), str(error))
                except Exception:
                    _log.exception("a staff page failed")
                    response = _refuse(request, 500, "系统出错，没有完成；请重试，或联系管理员。")
                response.headers.update(_HEADERS)
                return response

            return checked

    return StaffRoute


async def _checked(request: Request, desk: StaffDesk, handle: Handler) -> Response:
    request.state.session = None
    token = request.cookies.get(COOKIE, "")
    if request.url.path != LOGIN:
        session = await run_in_threadpool(desk.sessions.find, token)
        if session is None:
            return _turned_away(request)
        request.state.session = session
    if request.method in _SAFE:
        return await handle(request)
    if not _same_origin(request):
        raise HTTPException(403, "这个请求不是从本站页面发出的，没有执行。")
    limit = largest_body(request.url.path, request.headers.get("content-type", ""))
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > limit:
        raise HTTPException(413, f"内容太大：不能超过 {limit // 1024} KiB。")
    async with request.form(max_files=1, max_fields=200, max_part_size=limit) as form:
        if request.state.session is not None and not _has_token(form, request.state.session):
            raise HTTPException(403, "表单已过期，没有执行；请返回、刷新页面后再提交。")
        request.state.form = form
        return await handle(request)


def _turned_away(request: Request) -> Response:
    if request.url.path.startswith(API):
        return JSONResponse({"error": "请先登录。"}, 401)
    response = RedirectResponse(LOGIN, 303)
    if COOKIE in request.cookies:
        response.delete_cookie(COOKIE, path="/staff")
    return response


def _same_origin(request: Request) -> bool:
    """Say whether a page of ours sent it: browsers name the origin of every POST."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")


def _has_token(form: FormData, session: Session) -> bool:
    given = str(form.get("token") or "")
    return hmac.compare_digest(given.encode(), session.form_token.encode())


def _status(error: CorpusError) -> int:
    match error:
        case MissingError():
            return 404
        case RefusedError():
            return 403
        case ConflictError():
            return 409
        case _:
            return 400


def _refuse(request: Request, status: int, message: str) -> Response:
    if request.url.path.startswith(API):
        return JSONResponse({"error": message}, status)
    return HTMLResponse(render_refusal(request.state.session, message), status)
