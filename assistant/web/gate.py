"""What stands between the network and the pages: headers, size limits, and which paths exist."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 256 * 1024  # bytes: a question with the longest history a browser keeps
LARGEST_UPLOAD = 10 * 1024 * 1024  # bytes: a document that staff send
# Where a form of staff may carry a file: to be checked, or a proposal to be answered.
_UPLOADS = re.compile(r"/staff/(?:check|drafts/new|drafts/[\w-]+/edit)")
_PREFIX = r"(?:/en)?"
# Of the chat framework's own routes only those its page needs: no upload, no proxy, no files of
# this machine, no description of functions to call, no run history.
_FRAMEWORK = re.compile(
    _PREFIX
    + r"/(?:|config|theme\.css|assets/[\w.-]+|static/[\w./-]+|svelte/[\w./-]+|manifest\.json"
    r"|gradio_api/(?:queue/join|queue/data|cancel|heartbeat/\w+|startup-events|theme\.css|app_id))/?"
)
_OURS = re.compile(
    _PREFIX + r"/(?:search|terms|documents/[^/]+(?:/passage)?)|/(?:health|favicon\.ico)"
    r"|/static-web/[\w.-]+|/api/[\w./-]+|/staff(?:/[\w./-]*)?"
)
_CHAT_PAGES = re.compile(_PREFIX + r"/?")
_STRICT = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
# The chat framework runs inline scripts and compiles templates; everything still comes from here.
_CHAT = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


_TOO_LARGE_PAGE = (
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>内容太大</title></head><body>'
    f"<h1>内容太大</h1><p>文件不能超过 {LARGEST_UPLOAD // 1024 // 1024} MB，不带文件的表单不能超过 "
    f"{LARGEST_BODY // 1024} KiB。请按浏览器的“后退”，换一份没有图片的副本，或者分开提交；填好的内容还在。</p>"
    "</body></html>"
)


def largest_body(path: str, content_type: str) -> int:
    """Return how many bytes a request may send: a form with a file more than any other."""
    carries_file = content_type.lower().startswith("multipart/form-data")
    # What goes with an upload in its form is allowed for beside it.
    return LARGEST_BODY + (LARGEST_UPLOAD if carries_file and _UPLOADS.fullmatch(path) else 0)


class Gate:
    """ASGI middleware: refuses paths that are not ours and bodies that are too large.

    `frame_chat` turns the framework's page (HTML, path) into ours.
    """

    def __init__(self, app: Application, *, frame_chat: Callable[[str, str], str]) -> None:
        """Stand before an application."""
        self.app = app
        self.frame_chat = frame_chat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        path = scope["path"]
        if not (_OURS.fullmatch(path) or _FRAMEWORK.fullmatch(path)):
            # Left to the application, which has no such page either and says so properly.
            scope = {**scope, "path": "/api/missing", "raw_path": b"/api/missing"}
        content_type = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
        largest = largest_body(path, content_type)
        if _announced_length(scope, largest) > largest:
            await _refuse_body(_with_headers(send, _STRICT), path)
            return
        chat = _CHAT_PAGES.fullmatch(path) is not None
        if chat:
            send = _FramedPage(path, self.frame_chat, send)
        try:
            await self.app(
                scope, _limited(receive, largest), _with_headers(send, _CHAT if chat else _STRICT)
            )
        except asyncio.CancelledError:
            # The server is ending and cuts off what still runs; that is no error to report.
            return


def _announced_length(scope: Scope, largest: int) -> int:
    given = dict(scope["headers"]).get(b"content-length", b"0")
    return int(given) if given.isdigit() else largest + 1


async def _refuse_body(send: Send, path: str) -> None:
    page = path.startswith("/staff")  # a person is there, and not a program
    body = (_TOO_LARGE_PAGE if page else '{"error": "内容太长。"}').encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8" if page else b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _with_headers(send: Send, policy: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [pair for pair in message["headers"] if pair[0].lower() != b"server"]
            headers += [*_HEADERS, (b"content-security-policy", policy.encode())]
            message = {**message, "headers": headers}
        await send(message)

    return sending


def _limited(receive: Receive, largest: int) -> Receive:
    """Cut a request off when a body of no announced length grows too large."""
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > largest:
                return {"type": "http.disconnect"}
        return message

    return receiving


class _FramedPage:
    """Collects the framework's page and sends it on in our frame."""

    def __init__(self, path: str, frame: Callable[[str, str], str], send: Send) -> None:
        self.path, self.frame, self.send = path, frame, send
        self.start: Message = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        if message["type"] != "http.response.body":
            await self.send(message)
            return
        self.body += message.get("body", b"")
        if message.get("more_body"):
            return
        headers = list(self.start["headers"])
        is_page = any(k == b"content-type" and v.startswith(b"text/html") for k, v in headers)
        if is_page and self.start["status"] == 200 and self.body:
            # Framing asks the corpus; it must not hold up everybody else.
            framed = await asyncio.to_thread(self.frame, self.body.decode(), self.path)
            self.body = framed.encode()
            length = str(len(self.body)).encode()
            headers = [(k, v) for k, v in headers if k != b"content-length"]
            headers.append((b"content-length", length))
        await self.send({**self.start, "headers": headers})
        await self.send({"type": "http.response.body", "body": self.body})
