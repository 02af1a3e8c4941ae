"""`draft`: an official document from a facts file, its basis cited, laid out by GB/T 9704."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.console import parse_day

if TYPE_CHECKING:
    from assistant.commands.common import Commands


def add(commands: Commands) -> None:
    """Add the command and its options."""
    command = commands.add_parser(
        "draft", help="按事实文件起草公文，引用现行依据，导出 .docx、.pdf 或 .md"
    )
    command.add_argument(
        "kind", nargs="?", metavar="文种", help="例如 通知；查看全部：draft --list"
    )
    command.add_argument("--list", action="store_true", help="列出全部文种")
    command.add_argument("--template", action="store_true", help="输出这个文种的空白事实文件")
    command.add_argument("--facts", type=Path, metavar="文件", help="事实文件（YAML）")
    command.add_argument("--out", type=Path, metavar="文件", help="导出到 .docx、.pdf 或 .md")
    command.add_argument("--section", metavar="部分", help="只重写这一部分，其余部分保持上一版")
    command.add_argument(
        "--compare", nargs=2, type=int, metavar=("旧版", "新版"), help="比较 --out 文件的两个版本"
    )
    command.add_argument(
        "--final", metavar="姓名", help="导出不带显式AI标识的定稿，姓名记入日志；元数据标识保留"
    )
    command.add_argument(
        "--access", default="public", metavar="级别", help="依据检索范围：public 或 internal"
    )
    command.add_argument(
        "--as-of",
        type=parse_day,
        metavar="日期",
        default=date.today(),
        help="按哪一天的效力判断依据",
    )
    command.add_argument(
        "--model", metavar="模型", help="语言模型：none、GGUF 文件或服务地址", default="none"
    )
    command.add_argument("--no-ask", action="store_true", help="缺少必填事实时不询问，标为待补")
    command.add_argument("--json", action="store_true", help="以 JSON 输出，供程序读取")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    # Word and its templates load only for the command that needs them.
    from assistant.drafting.draft_command import run_draft

    return run_draft(options)
