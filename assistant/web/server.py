"""Run the web application until it is interrupted."""

from __future__ import annotations

import errno
import socket
import threading
from functools import partial
from pathlib import Path

import uvicorn

from assistant.services import open_services
from assistant.staff.desk import StaffDesk
from assistant.web.desk import Desk
from assistant.web.limits import RateLimiter
from corpus.console import advise, say
from corpus.documents import Access
from corpus.errors import CorpusError, UsageError
from ui import web_application

GRACE = 5  # seconds that running answers get when the server is stopped


def serve(
    folder: Path,
    *,
    access: Access,
    embeddings: str | None,
    model: str | None,
    host: str,
    port: int,
    per_minute: int,
) -> int:
    """Serve until interrupted; return 0.

    Raises:
        UsageError: The address cannot be listened on.
    """
    desk = Desk(
        partial(open_services, folder, access=access, embeddings=embeddings, model=model),
        folder,
        internal=access is Access.INTERNAL,
        limiter=RateLimiter(per_minute),
    )
    staff = StaffDesk(
        folder,
        partial(open_services, folder, access=Access.INTERNAL, embeddings=embeddings, model="none"),
        model=lambda: desk.services.model if desk.generated else None,
    )
    listening = _listen(host, port)
    config = uvicorn.Config(
        web_application(desk, staff),
        log_level="warning",
        access_log=False,  # addresses and questions of people are nobody's business
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        lifespan="on",
    )
    server = uvicorn.Server(config)
    shown = f"[{host}]" if ":" in host else "127.0.0.1" if host == "0.0.0.0" else host
    try:
        documents = len(desk.documents())
        say(f"已打开 {documents} 份文件。")
        # What a first visitor would wait for is made ready while they open the page.
        threading.Thread(target=desk.topics, daemon=True).start()
    except CorpusError as error:
        advise(f"注意：{error}（网页先以“服务暂不可用”启动，导入后自动恢复）", error=True)
    say(f"网页：http://{shown}:{port}/    停止：按 Ctrl-C")
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # the server has ended already; it passes the signal on
    finally:
        listening.close()
    say("网页已停止。")
    return 0


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens: a port in use is told before anything is loaded.

    Raises:
        UsageError: The port is in use or the address is not of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        why = "已被占用" if error.errno == errno.EADDRINUSE else f"不能监听（{error.strerror}）"
        raise UsageError(
            f"{host}:{port} {why}；换一个端口，例如：python -m assistant serve --port {port + 1}"
        ) from error
    return listening
