"""`serve`: web chat, pages and interface in one process on this machine."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from corpus.console import say
from corpus.documents import Access
from corpus.errors import UsageError
from corpus.interrupting import leaving_at_once
from corpus.store import data_folder, parse_access

if TYPE_CHECKING:
    from assistant.commands.common import Commands

HOST = "127.0.0.1"
PORT = 7860


def add(commands: Commands) -> None:
    """Add the command and its options."""
    command = commands.add_parser("serve", help="启动网页问答、政策搜索和接口（一个进程）")
    command.add_argument(
        "--host", default=HOST, metavar="地址", help=f"监听地址（默认 {HOST}，只有本机能访问）"
    )
    command.add_argument(
        "--port", type=int, default=PORT, metavar="端口", help=f"监听端口（默认 {PORT}）"
    )
    command.add_argument(
        "--access", default="public", metavar="级别", help="public（默认）或 internal（内部版）"
    )
    command.add_argument(
        "--model", metavar="模型", help="none（默认，只摘录原文）、GGUF 文件或服务地址"
    )
    command.add_argument(
        "--per-minute",
        type=int,
        default=60,
        metavar="次数",
        help="每个地址每分钟最多请求几次；0 表示不限",
    )
    command.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    access = parse_access(options.access)
    if not 0 < options.port < 65536:
        raise UsageError(f"端口 {options.port} 不对；应为 1 到 65535，例如：--port {PORT}")
    if access is Access.INTERNAL and options.host not in ("127.0.0.1", "localhost", "::1"):
        say(
            "注意：内部版将在网络上可以访问，本程序不做登录；请确认前面有登录和访问控制。",
            error=True,
        )
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    say("正在启动网页……")
    # Imported here: the web framework takes seconds that no other command should pay.
    with leaving_at_once():
        from assistant.web.server import serve

    return serve(
        data_folder(options.data_dir),
        access=access,
        embeddings=options.embeddings,
        model=options.model,
        host=options.host,
        port=options.port,
        per_minute=options.per_minute,
    )
