"""`check`: a document held against the rules of official documents, and what is mechanical mended."""

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
        "check", help="检查 .docx、.md、.txt 公文的格式、行文、标点、数字和引用"
    )
    command.add_argument("file", type=Path, metavar="文件", help=".docx、.md 或 .txt")
    command.add_argument("--kind", default="", metavar="文种", help="文种；不写就从标题判断")
    command.add_argument(
        "--facts", type=Path, metavar="文件", help="事实文件：核对正文数字、日期、名称有无来源"
    )
    command.add_argument("--fix", action="store_true", help="改正能机械改正的，另存为 *.fixed.*")
    command.add_argument("--out", type=Path, metavar="文件", help="--fix 的结果写到这里")
    command.add_argument(
        "--access", default="public", metavar="级别", help="核对引用的范围：public 或 internal"
    )
    command.add_argument(
        "--as-of",
        type=parse_day,
        metavar="日期",
        default=date.today(),
        help="按哪一天的效力核对引用",
    )
    command.add_argument("--json", action="store_true", help="以 JSON 输出，供程序读取")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    # Word and its templates load only for the command that needs them.
    from assistant.drafting.check_command import run_check

    return run_check(options)
